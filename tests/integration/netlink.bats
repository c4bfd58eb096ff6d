#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What programs learn of and do to their network by netlink.  The same in every mode:
# under the sentry, which answers it, as without.

load helpers

setup_file() {
	! command -v cc >/dev/null || build_guests "$BATS_FILE_TMPDIR" netlink
}

setup() {
	setup_bundle
	edit '.process.capabilities |= map_values([])'
}

teardown() {
	teardown_bundle
	[ -z "${NS:-}" ] || ip netns delete "$NS"
}

# The host's programs rather than busybox's.
with_programs() {
	with_host_programs
	edit '.process.env |= map(sub("^PATH=.*"; "PATH=/usr/bin:/usr/sbin:/bin"))'
}

# A network namespace with more than lo in it; edits config.json.
with_network() {
	NS=$ID
	ip netns add "$NS"
	ip -n "$NS" link add pt0 type veth peer pt1
	for dev in pt0 pt1; do
		ip -n "$NS" link set "$dev" addrgenmode none
		ip -n "$NS" link set "$dev" up
	done
	ip -n "$NS" link set lo up
	ip -n "$NS" addr add 192.0.2.7/24 brd + dev pt0
	ip -n "$NS" addr add 2001:db8::7/64 dev pt0 nodad
	ip -n "$NS" route add default via 192.0.2.1
	ip -n "$NS" neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev pt0
	edit '(.linux.namespaces[] | select(.type == "network")).path = $p' --arg p "/run/netns/$NS"
}

allow_net_admin() {
	edit '.process.capabilities |= map_values(["CAP_NET_ADMIN"])'
}

# build_go SOURCE PROGRAM, with Debian's packages.  One at a time: the first compiles the
# standard library for all.
build_go() {
	local cache=${GOCACHE:-$BATS_FILE_TMPDIR/go}
	mkdir -p "$cache"
	CGO_ENABLED=0 GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$cache \
		flock "$cache" go build -o "$2" "$1"
}

guest_program() {
	requires cc
	cp "$BATS_FILE_TMPDIR/netlink" rootfs/bin/
	run_ct netlink "$1"
	assert_status 0
}

# iproute2 is the strictest of readers.  What it shows outside is what it has to show inside.
@test "ip shows devices, addresses, routes, neighbours and rules as they are" {
	requires ip
	with_programs
	with_network
	for what in addr 'addr show dev pt0' '-4 addr' '-6 addr' link 'link show pt0' \
		'link show type veth' route '-6 route' 'route show table local' \
		'route get 192.0.2.99' 'neigh show dev pt0' rule; do
		expected=$(ip -n "$NS" -j $what)
		run_ct ip -j $what
		echo "ip $what"
		assert_output "$expected"
	done
}

@test "busybox's ip shows them too" {
	run_sh 'ip link set lo up 2>/dev/null; ip addr; ip link; ip route; ip neigh; ip rule'
	assert_status 0
	assert_has "inet 127.0.0.1/8"
	assert_has "lookup main"
}

@test "with CAP_NET_ADMIN lo, addresses, routes and neighbours can be changed" {
	requires ip
	allow_net_admin
	with_programs
	run_sh 'set -e
		ip link set lo down; ip link set lo mtu 1400; ip link set lo up
		ip addr add 192.0.2.1/24 dev lo
		ip addr add 2001:db8::1/64 dev lo nodad
		ip route add 198.51.100.0/24 via 192.0.2.9 dev lo mtu 1300
		ip route add 2001:db8:1::/48 dev lo
		ip -o link show lo | grep -o "<.*>.*mtu 1400" | grep -o UP, | head -n1
		ip -o addr show dev lo | grep -o "inet6* [^ ]*db8::1/64\|inet 192[^ ]*"
		ip route; ip -6 route show 2001:db8:1::/48 | grep -o "^[^ ]*"
		ip route del 198.51.100.0/24; ip route
		ip addr del 192.0.2.1/24 dev lo; ip -o -4 addr | grep -o "inet [^ ]*"'
	assert_status 0
	assert_output "UP,
inet 192.0.2.1/24
inet6 2001:db8::1/64
198.51.100.0/24 via 192.0.2.9 dev lo mtu 1300 
2001:db8:1::/48
inet 127.0.0.1/8"
}

@test "without it nothing can be changed" {
	requires ip
	with_programs
	run_sh 'for change in "link set lo mtu 1400" "addr add 192.0.2.1/24 dev lo" \
			"route add 198.51.100.0/24 dev lo" "link add pt1 type dummy" \
			"link delete lo" "rule add from 192.0.2.1"; do
			ip $change
		done'
	assert_eq "$(grep -c 'Operation not permitted' <<<"$output")" 6
}

# The capability is the opener's, not the container's.
@test "a user without CAP_NET_ADMIN changes nothing in a container that has it" {
	requires ip
	allow_net_admin
	with_programs
	edit '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities.ambient = []'
	run_ct ip link set lo mtu 1400
	assert_failure
	assert_has "Operation not permitted"
}

# What makes devices is a large part of the kernel, modules to be loaded included.
@test "no devices are made under the sentry" {
	requires sentry ip
	allow_net_admin
	with_programs
	run_sh 'ip link add pt1 type dummy; ip link add pt2 type veth peer name pt3; ip link'
	refute_has "pt1"
	refute_has "pt2"
	assert_eq "$(grep -c 'Operation not supported' <<<"$output")" 2
}

# In the host's network namespace there is no capability over it.
@test "in the host's network everything can be read and nothing changed" {
	requires ip sentry
	with_programs
	allow_net_admin
	edit 'del(.linux.namespaces[] | select(.type == "network"))
		| .mounts |= map(select(.type != "sysfs"))'
	run_ct ip -o -4 addr
	assert_status 0
	assert_has "inet 127.0.0.1/8"
	run_ct ip link set lo mtu 65000
	assert_failure
	assert_has "Operation not permitted"
}

@test "only NETLINK_ROUTE exists under the sentry" {
	requires sentry python3
	with_programs
	run_ct python3 -c 'import errno, socket
for family, protocol in (socket.AF_NETLINK, 4), (socket.AF_NETLINK, 12), (socket.AF_NETLINK, 15), (17, 0), (40, 0):
    try:
        socket.socket(family, socket.SOCK_RAW, protocol)
        print("made")
    except OSError as e:
        print(errno.errorcode[e.errno])'
	assert_output "EPROTONOSUPPORT
EPROTONOSUPPORT
EPROTONOSUPPORT
EAFNOSUPPORT
EAFNOSUPPORT"
}

# It asks SOCK_DIAG first, and then /proc/net.
@test "ss lists listening sockets" {
	requires ss nc
	with_programs
	allow_net_admin
	run_sh 'ip link set lo up; nc -l -p 2345 127.0.0.1 & sleep 0.5; ss -tln 2>/dev/null; kill $!'
	assert_has ":2345"
}

# Whoever watches reads until it has seen the last change: nothing here waits for a time.
@test "ip monitor shows what changes" {
	requires ip
	allow_net_admin
	with_programs
	run_sh 'seen=/dev/shm/seen; ip link set lo up
		ip monitor link address route neigh >$seen & monitor=$!
		until grep -q "mtu 1300" $seen; do ip link set lo mtu 1301; ip link set lo mtu 1300; done
		ip addr add 192.0.2.1/24 dev lo
		ip route add 198.51.100.0/24 via 192.0.2.9 dev lo
		ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:01 dev lo
		ip addr del 192.0.2.1/24 dev lo
		ip link set lo mtu 1400
		until grep -q "mtu 1400" $seen; do sleep 0.1; done
		kill $monitor; grep -v "lo:\|valid_lft\|link/" $seen'
	assert_has "    inet 192.0.2.1/24 scope global lo"
	assert_has "198.51.100.0/24 via 192.0.2.9 dev lo"
	assert_has "dev lo lladdr 02:00:00:00:00:01 PERMANENT"
	assert_has "Deleted local 192.0.2.1 dev lo table local"
}

@test "a socket gets the events of its groups" {
	requires ip python3
	allow_net_admin
	with_programs
	cat >rootfs/events.py <<-'END'
		import os, socket, struct
		ADD, DROP, SOL_NETLINK = 1, 2, 270
		LINK, ADDR = 1, 5
		def link(): os.system("ip link set lo mtu 1401; ip link set lo mtu 1400")
		def addr(): os.system("ip addr add 192.0.2.1/24 dev lo; ip addr del 192.0.2.1/24 dev lo")
		def sock(groups):
		    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
		    s.bind((0, groups))
		    return s
		def kind(s): return struct.unpack_from("H", s.recv(65536), 4)[0]
		def member(s, option, group):
		    try:
		        s.setsockopt(SOL_NETLINK, option, group)
		        return "ok"
		    except OSError as e:
		        return os.strerror(e.errno)
		os.system("ip link set lo up")
		both, addrs, later = sock(1 | 1 << ADDR - 1), sock(1 << ADDR - 1), sock(0)
		print(both.getsockname()[1], addrs.getsockname()[1], later.getsockname()[1])
		link(); addr()
		print([kind(both) for _ in range(4)], [kind(addrs) for _ in range(2)])
		print(member(later, ADD, LINK), member(later, ADD, ADDR), later.getsockname()[1])
		link(); addr()
		print([kind(later) for _ in range(4)])
		print(member(later, DROP, LINK), later.getsockname()[1])
		link(); addr()
		print([kind(later) for _ in range(2)])
		print(member(later, ADD, 0), member(later, ADD, 9999), member(socket.socket(), ADD, 1))
		later.bind((later.getsockname()[0], 0))
		print(later.getsockname()[1])
	END
	run_ct python3 /events.py
	assert_output "17 16 0
[16, 16, 20, 21] [20, 21]
ok ok 17
[16, 16, 20, 21]
ok 16
[20, 21]
Invalid argument Invalid argument Protocol not available
0"
}

# More than the sentry hands on at once, less than the kernel keeps.
@test "events that wait are not lost when a socket gets other groups" {
	requires ip python3
	allow_net_admin
	with_programs
	cat >rootfs/events.py <<-'END'
		import os, socket, struct, subprocess
		s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
		s.bind((0, 1 << 4))
		with open("/tmp/batch", "w") as f:
		    f.write("addr add 192.0.2.1/24 dev lo\naddr del 192.0.2.1/24 dev lo\n" * 110)
		print(subprocess.call(["ip", "-batch", "/tmp/batch"]))
		s.setsockopt(270, 1, 1)
		os.system("ip link set lo mtu 1400")
		seen = []
		while not 16 in seen:
		    seen.append(struct.unpack_from("H", s.recv(65536), 4)[0])
		print(seen == [20, 21] * 110 + [16], len(seen))
	END
	run_ct python3 /events.py
	assert_output $'0\nTrue 221'
}

@test "names resolve with AI_ADDRCONFIG, which looks at the addresses that there are" {
	requires python3
	with_programs
	echo '127.0.0.1 somewhere' >rootfs/etc/hosts
	run_ct python3 -c 'import socket
print(socket.getaddrinfo("somewhere", 80, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG))'
	assert_status 0
	assert_has "('127.0.0.1', 80)"
	run_ct getent ahosts somewhere
	assert_has "127.0.0.1"
}

@test "Python and Node.js list the interfaces" {
	requires python3 node
	with_programs
	with_network
	run_ct python3 -c 'import socket; print(sorted(name for _, name in socket.if_nameindex()))'
	assert_output "['lo', 'pt0', 'pt1']"
	run_ct node -p 'const all = os.networkInterfaces();
		Object.keys(all).map(n => n + all[n].map(a => " " + a.cidr)).sort().join("\n")'
	assert_has "lo 127.0.0.1/8"
	assert_has "pt0 192.0.2.7/24"
	assert_has "2001:db8::7/64"
}

@test "Go lists the interfaces" {
	requires go
	cat >"$T/list.go" <<-END
		package main
		import ("fmt"; "net")
		func main() {
			all, err := net.Interfaces()
			fmt.Println(len(all), err)
			for _, i := range all {
				addrs, err := i.Addrs()
				fmt.Println(i.Name, i.MTU, addrs, err)
			}
		}
	END
	build_go "$T/list.go" rootfs/bin/list
	run_sh 'list && ifconfig lo up 2>/dev/null; true'
	assert_status 0
	assert_output "1 <nil>
lo 65536 [127.0.0.1/8 ::1/128] <nil>"
}

# It reads in a way of its own, and looks at the sender's family; docker, CNI and Cilium have it.
@test "Go's vishvananda/netlink lists, changes and watches" {
	requires go
	[ -d /usr/share/gocode/src/github.com/vishvananda/netlink ] || skip "needs its source"
	cat >"$T/list.go" <<-'END'
		package main
		import (
			"fmt"
			"time"
			"github.com/vishvananda/netlink"
		)
		func show(what string, n int, err error) { fmt.Println(what, n, err) }
		func main() {
			links, err := netlink.LinkList()
			show("links", len(links), err)
			addrs, err := netlink.AddrList(nil, netlink.FAMILY_V4)
			show("addresses", len(addrs), err)
			all, err := netlink.RouteList(nil, netlink.FAMILY_ALL)
			show("routes", len(all), err)
			rules, err := netlink.RuleList(netlink.FAMILY_V4)
			show("rules", len(rules), err)
			lo, err := netlink.LinkByName("lo")
			show(lo.Attrs().Name, lo.Attrs().MTU, err)
			_, err = netlink.LinkByName("nothing")
			fmt.Println(err)
			seen := make(chan netlink.LinkUpdate)
			fmt.Println(netlink.LinkSubscribe(seen, nil))
			fmt.Println(netlink.LinkSetMTU(lo, 1400))
			show("event", (<-seen).Attrs().MTU, nil)
			addr, _ := netlink.ParseAddr("192.0.2.1/24")
			fmt.Println(netlink.AddrAdd(lo, addr), netlink.AddrAdd(lo, addr), netlink.AddrDel(lo, addr))
			h, _ := netlink.NewHandle(0)
			fmt.Println(h.SetSocketTimeout(time.Minute))
			links, err = h.LinkList()
			show("links", len(links), err)
		}
	END
	build_go "$T/list.go" rootfs/bin/list
	allow_net_admin
	run_ct list
	assert_output "links 1 <nil>
addresses 1 <nil>
routes 0 <nil>
rules 3 <nil>
lo 65536 <nil>
Link not found
<nil>
<nil>
event 1400 <nil>
<nil> file exists <nil>
<nil>
links 1 <nil>"
}

# Python asks a descriptor what it is; its asyncio, and so pyroute2, refuses others.
@test "a netlink socket says what it is, and who sends" {
	requires python3
	with_programs
	cat >rootfs/what.py <<-'END'
		import socket, struct
		SOL, LENGTHS = socket.SOL_SOCKET, (0, 1, 4, 100)
		nl = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 0)
		for s in nl, socket.socket(), socket.socket(socket.AF_UNIX):
		    s = socket.socket(fileno=s.detach())
		    print(int(s.family), int(s.type), s.proto)
		    if s.family == socket.AF_NETLINK: nl = s
		print([nl.getsockopt(SOL, socket.SO_TYPE, n) for n in LENGTHS[1:]])
		def ask(name, flags=0):
		    name = struct.pack("HH", 4 + len(name), 3) + name
		    nl.sendto(struct.pack("IHHII", 32 + len(name), 18, 1 | flags, 7, 0) + bytes(16) + name, (0, 0))
		def receive():
		    data, sender = nl.recvfrom(65536)
		    return struct.unpack_from("HH", data, 4), sender
		ask(b"lo\0\0")
		print(receive()[0][0], end=" ")
		ask(b"lo\0\0", 4)
		print([receive() for _ in range(2)])
		ask(b"nothing\0")
		data, sender = nl.recvfrom(65536)
		print(len(data), struct.unpack_from("HH", data, 4), struct.unpack_from("i", data, 16), data[-8:], sender)
		nl.setsockopt(SOL, socket.SO_RCVTIMEO, struct.pack("ll", 0, 1000))
		try:
		    nl.recvfrom(65536)
		except OSError as e:
		    print(e.strerror)
	END
	run_ct python3 /what.py
	assert_output "16 2 0
2 1 6
1 1 0
[b'\x02', b'\x02\x00\x00\x00', b'\x02\x00\x00\x00']
16 [((16, 0), (0, 0)), ((2, 256), (0, 0))]
64 (2, 0) (-19,) b'nothing\x00' (0, 0)
Resource temporarily unavailable"
}

# A signal ends the wait as it does natively.
@test "who waits for netlink can be interrupted and killed" {
	requires python3
	with_programs
	cat >rootfs/wait.py <<-'END'
		import os, signal, socket
		nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
		def end(*a): raise ZeroDivisionError
		signal.signal(signal.SIGALRM, end)
		signal.setitimer(signal.ITIMER_REAL, 0.1)
		try:
		    nl.recvfrom(65536)
		except ZeroDivisionError:
		    print("interrupted")
		child = os.fork()
		if not child:
		    nl.recvfrom(65536)
		os.kill(child, signal.SIGKILL)
		print(os.waitpid(child, 0)[1])
	END
	run_ct python3 /wait.py
	assert_output $'interrupted\n9'
}

@test "musl and glibc list the addresses" {
	requires musl-gcc cc
	musl-gcc -O1 -static -idirafter /usr/include -idirafter "/usr/include/$(uname -m)-linux-gnu" \
		-o rootfs/bin/musl "$BATS_TEST_DIRNAME/guests/netlink.c"
	# It does not wait for an answer.
	run_sh 'for i in $(seq 50); do musl ifaddrs; done | sort | uniq -c | sed "s/^ *//"'
	assert_output "50 getifaddrs: ok
50 lo 10
50 lo 17
50 lo 2"
	guest_program ifaddrs
	assert_output "getifaddrs: ok
lo 17
lo 2
lo 10"
}

@test "a netlink socket has the names that it should have" {
	guest_program names
	assert_output "bind: ok
name: ok
its port is the pid: 1
bind again: EINVAL
bind another to it: EADDRINUSE
bind another: ok
name: ok
ports differ: 1
bind to a port: ok
name: ok
port: 12345
connect: ok
short bind: EINVAL
other family: EINVAL
short name: ok
family 16, port 0xffffffff, length 12
negative: EINVAL
bad length: EFAULT
bad address: EFAULT
inet: ok
family 2
unix: ok
family 1, length 2
no socket: EBADF
no file: EBADF
type: ESOCKTNOSUPPORT
non-blocking: 1
blocking: 1
close on exec: 1
membership: ok"
}

@test "malformed messages are answered as the kernel does" {
	guest_program messages
	assert_output "empty:
less than a header:
length below the header's:
length above the message's:
family only: data
noop: ack
no request: ack
no such type: EOPNOTSUPP
no such device: ENODEV
a device and an acknowledgement: data ack
an attribute of wrong length: ERANGE
nested rubbish: data
a long tail: data
a change without privilege: EPERM
an unknown change without privilege: EPERM"
}

@test "a thousand sockets at once, and thousands whose answers nobody reads" {
	edit '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 2048, hard: 2048 }]'
	guest_program many
	assert_output "then:"
}

@test "who does not read holds up nobody else" {
	guest_program unread
	assert_output "others:
messages: 1
then:"
}

# Under a sentry capabilities do not reach a namespace that somebody else has made: then low
# ports are opened to all of it.
@test "in a network namespace of somebody else low ports are for those with the capability" {
	requires ip
	with_network
	run_sh 'echo | timeout 1 nc -l -p 80'
	assert_failure
	assert_has "bind: Permission denied"
	run ip netns exec "$NS" cat /proc/sys/net/ipv4/ping_group_range
	assert_output $'1\t0'
	edit '.process.capabilities |= map_values(["CAP_NET_BIND_SERVICE"])'
	run_sh '(until echo | nc 127.0.0.1 80 2>/dev/null; do sleep 0.1; done) & echo bound | nc -l -p 80'
	assert_status 0
	assert_has bound
}
