#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a container's programs find in /proc, and whom they take for the kernel.

load helpers

setup() {
	setup_bundle
}

teardown() {
	teardown_bundle
}

# Python as the guest: opens with exact flags, many at once.
run_py() {
	requires python3
	with_host_programs
	cat >rootfs/srv/t.py
	run_ct python3 /srv/t.py
}

# --- files of a process ---------------------------------------------------------------------

@test "the files of a process open for itself, another process and a thread" {
	run_sh 'sleep 100 & for dir in /proc/self /proc/$! /proc/thread-self /proc/$$/task/$$; do
		for f in status stat statm maps smaps smaps_rollup cmdline comm environ limits io \
			oom_score oom_score_adj auxv mounts mountinfo cgroup uid_map gid_map \
			setgroups personality net/dev net/tcp fdinfo/0; do
			case $dir/$f in */task/*/mountstats) continue ;; esac
			cat $dir/$f >/dev/null || echo "$dir/$f"
		done
		for d in fd fdinfo ns net; do ls $dir/$d >/dev/null || echo "$dir/$d"; done
		for l in exe cwd root ns/net; do readlink $dir/$l >/dev/null || echo "$dir/$l"; done
	done
	cat /proc/self/mountstats >/dev/null
	ls /proc/self/task /proc/$!/task >/dev/null
	kill $!'
	assert_status 0
	assert_output ""
}

@test "what /proc says of a process is about that process" {
	run_sh 'sleep 100 & pid=$!; sleep 0.3
		tr "\0" " " </proc/$pid/cmdline; echo
		read -r me rest </proc/self/stat; [ "$me" != "$pid" ] && echo "self is not $((pid - pid))"
		sed -n "s/^Pid:\t//p" /proc/$pid/status | grep -qx $pid && echo status
		read -r name </proc/$pid/comm; echo "$name"; kill $pid'
	assert_output $'sleep 100 \nself is not 0\nstatus\nsleep'
}

@test "what is not listed does not exist for open" {
	requires strict
	# Unmasked: an empty file in its place would hide the answer.
	edit '.linux.maskedPaths = []'
	run_sh 'for f in kallsyms kcore keys key-users kmsg kpagecount kpageflags timer_list slabinfo \
			iomem ioports vmallocinfo buddyinfo sys/kernel/perf_event_max_sample_rate \
			self/stack self/syscall self/pagemap self/sched self/numa_maps self/clear_refs \
			self/timens_offsets thread-self/stack 1/stack self/net/ptype self/attr/exec; do
			if (exec 3</proc/$f) 2>/dev/null; then echo "opened $f"; fi
			(exec 3</proc/$f) 2>&1 | grep -qi "no such file" || echo "other error: $f"
		done'
	assert_status 0
	assert_output ""
}

@test "no other way leads to what is not listed" {
	requires strict
	edit '.linux.maskedPaths = [] | .process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])'
	run_py <<-'END'
		import ctypes, errno, os
		os.symlink("/proc/kallsyms", "/tmp/link"); os.symlink("/proc", "/tmp/dir")
		libc = ctypes.CDLL(None, use_errno=True)
		root = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
		held = os.open("/proc/kallsyms", os.O_PATH)
		def openat2(dirfd, path, resolve):
		    how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, resolve)
		    if libc.syscall(437, dirfd, path.encode(), how, ctypes.c_size_t(24)) < 0:
		        raise OSError(ctypes.get_errno(), path)
		ways = [lambda p=p: os.open(p, os.O_RDONLY) for p in (
		    "/tmp/link", "/tmp/dir/kallsyms", "/proc/self/../kallsyms", "/proc/./kallsyms", "//proc//kallsyms",
		    "/proc/self/root/proc/kallsyms", "/proc/1/root/proc/kallsyms", "/proc/self/cwd/../proc/kallsyms",
		    f"/proc/self/fd/{held}", f"/dev/fd/{held}", f"/proc/self/fd/{root}/kallsyms",
		    f"/proc/thread-self/fd/{held}", f"/proc/{os.getpid()}/fd/{held}")]
		ways += [lambda: os.open("kallsyms", os.O_RDONLY, dir_fd=root),
		         lambda: os.open("/proc/kallsyms", os.O_RDONLY | os.O_NOFOLLOW),
		         lambda: os.open("/proc/kallsyms", os.O_RDONLY | os.O_CREAT, 0o600),
		         lambda: openat2(root, "kallsyms", 0x08), lambda: openat2(root, "/kallsyms", 0x10),
		         lambda: openat2(-100, "/proc/kallsyms", 0x04)]
		os.chdir("/proc"); ways += [lambda: os.open("kallsyms", os.O_RDONLY)]
		for i, way in enumerate(ways):
		    try: way(); print(i, "opened")
		    except OSError as e:
		        if e.errno != errno.ENOENT: print(i, e)
		os.chroot("/proc")
		for p in ("/kallsyms", "kallsyms", "/self/stack"):
		    try: os.open(p, os.O_RDONLY); print(p, "opened in a new root")
		    except OSError: pass
		print("tried", len(ways))
	END
	assert_status 0
	assert_output "tried 20"
}

@test "writes to a process's files do what they do natively" {
	run_sh 'echo 500 >/proc/self/oom_score_adj; cat /proc/self/oom_score_adj
		sleep 100 & sleep 0.1
		echo renamed >/proc/$$/comm; cat /proc/$$/comm
		echo 12345 >/proc/$!/oom_score_adj; echo "too much: $?"
		echo 600 >/proc/$!/oom_score_adj && cat /proc/$!/oom_score_adj
		(echo 0 0 1 >/proc/$!/uid_map) 2>&1 | grep -c "not permitted"
		for f in cmdline environ stat maps mounts cgroup; do
			(echo x >/proc/$!/$f) 2>/dev/null && echo "wrote $f"
		done; kill $!'
	assert_has $'500\nrenamed'
	assert_has $'too much: 1\n600\n1'
	refute_has wrote
}

@test "links of /proc/self/fd and /dev/fd can be opened again" {
	run_sh 'echo text >/tmp/f; exec 3</tmp/f; cat /proc/self/fd/3; cat /dev/fd/3; rm /tmp/f
		cat /proc/self/fd/3; echo new >/proc/self/fd/1; readlink /proc/self/fd/3
		exec 4</proc/self/mounts; wc -l </dev/fd/4 | grep -vx 0 >/dev/null && echo mounts
		cat </proc/self/cgroup >/dev/stdout 2>/dev/stderr | grep -c :'
	assert_output $'text\ntext\ntext\nnew\n/tmp/f (deleted)\nmounts\n'"${lines[6]:-}"
	[ "${lines[6]}" -ge 1 ]
}

# --- mounts -----------------------------------------------------------------------------------

@test "mountinfo has the container's mount points, and no path of the host" {
	mkdir -p "$T/volume of mine/sub" rootfs/vol rootfs/sub
	edit '.mounts += [{ destination: "/vol", source: $s, type: "bind", options: ["bind"] },
		{ destination: "/sub", source: ($s + "/sub"), type: "bind", options: ["bind", "ro"] }]' \
		--arg s "$T/volume of mine"
	start_ct sleep 1000
	rt exec "$ID" cat /proc/self/mountinfo >"$T/inside"
	rt exec "$ID" cat /proc/1/mounts >"$T/mounts"
	rt exec "$ID" cat /proc/self/mountstats >"$T/stats"
	assert_eq "$(cut -d ' ' -f 1-3,5,6 "$T/inside")" \
		"$(cut -d ' ' -f 1-3,5,6 "/proc/$(cat "$T/pid")/mountinfo")"
	assert_eq "$(cut -d ' ' -f 2 "$T/mounts")" "$(cut -d ' ' -f 5 "$T/inside")"
	assert_eq "$(grep -c '^device ' "$T/stats")" "$(wc -l <"$T/mounts")"
	[ "$SENTRY" = strict ] || return 0
	run cat "$T/inside" "$T/mounts" "$T/stats"
	refute_has "$T"
	refute_has "volume"
	refute_has "/dev/vd"
	grep -q ' / /vol rw' "$T/inside"
	[ "$(awk '$5 == "/vol"' "$T/inside" | grep -c ' - ')" = 1 ]
}

@test "mounts are those below the root of the process that is asked about" {
	mkdir -p rootfs/jail/proc rootfs/jail/bin rootfs/jail/data
	cp rootfs/bin/busybox rootfs/jail/bin/
	edit '.mounts += [{ destination: "/jail/data", source: "tmpfs", type: "tmpfs" },
		{ destination: "/jail/proc", source: "proc", type: "proc" }]
		| .process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])'
	run_sh 'chroot /jail /bin/busybox sleep 100 & sleep 0.2
		cut -d " " -f 2 /proc/$!/mounts
		chroot /jail /bin/busybox cut -d " " -f 2 /proc/self/mounts
		cut -d " " -f 2 /proc/self/mounts | grep jail; kill $!'
	assert_output $'/data\n/proc\n/data\n/proc\n/jail/data\n/jail/proc'
}

@test "findmnt, mount, df and mountpoint read the table" {
	with_host_programs
	run_sh 'findmnt -n -o TARGET,FSTYPE /proc && findmnt -n -o TARGET -T /proc/self/status &&
		mount | grep -c "^proc on /proc type proc (rw" && df /dev | tail -n 1 | grep -o "/dev$" &&
		df >/dev/null && mountpoint -q /dev/pts && ! mountpoint -q /srv && lsblk >/dev/null; echo $?'
	assert_has $'/proc  proc\n/proc\n1\n/dev\n'
}

# As systemd, glib and libmount watch mounts.
@test "poll, select and epoll tell that mounts have changed, and what is read then is new" {
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	run_py <<-'END'
		import os, select, subprocess, threading
		info, mounts, other = (os.open("/proc/self/" + f, os.O_RDONLY) for f in ("mountinfo", "mounts", "mountinfo"))
		def whole(fd): os.lseek(fd, 0, 0); return b"".join(iter(lambda: os.read(fd, 4096), b""))
		def mount(): subprocess.run(["/bin/busybox", "mount", "-t", "tmpfs", "none", "/mnt"])
		os.mkdir("/mnt")
		ep = select.epoll(); ep.register(mounts, select.EPOLLPRI | select.EPOLLERR)
		po = select.poll(); po.register(info, select.POLLPRI)
		print(ep.poll(0), po.poll(0), select.select([other], [], [other], 0) == ([other], [], []))
		before = whole(info)
		thread = threading.Timer(0.3, mount); thread.start()
		print(po.poll() == [(info, select.POLLPRI | select.POLLERR)], ep.poll() == [(mounts, select.EPOLLPRI | select.EPOLLERR)])
		print(select.select([], [], [other])[2] == [other], select.select([], [], [other], 0)[2])
		thread.join()
		print(ep.poll(0), po.poll(0))
		print(whole(info).count(b" /mnt ") - before.count(b" /mnt "), whole(mounts).count(b"none /mnt tmpfs"))
		again = os.open(f"/proc/self/fd/{info}", os.O_RDONLY)
		print(whole(again) == whole(info))
		child = subprocess.Popen(["sleep", "1000"])
		of_child = os.open(f"/proc/{child.pid}/mounts", os.O_RDONLY)
		child.kill(); child.wait()
		print(whole(of_child) == whole(mounts))
		many = [os.open("/proc/self/mounts", os.O_RDONLY) for _ in range(300)]
		print({whole(fd) == whole(mounts) for fd in many})
	END
	assert_status 0
	assert_output $'[] [] True\nTrue True\nTrue []\n[] []\n1 1\nTrue\nTrue\n{True}'
}

@test "no change of mounts is lost while others read" {
	mkdir rootfs/mnt
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	run_py <<-'END'
		import ctypes, os, select, threading
		libc = ctypes.CDLL(None)
		info, over = os.open("/proc/self/mountinfo", os.O_RDONLY), False
		def reader(read):
		    while not over: read()
		readers = [threading.Thread(target=reader, args=[read]) for read in (
		    lambda: open("/sys/class/net/lo/mtu").read(), lambda: os.pread(info, 4096, 0))]
		for r in readers: r.start()
		po = select.poll(); po.register(info, select.POLLPRI)
		told = 0
		for n in range(300):
		    change = threading.Timer(0.001, lambda: libc.umount2(b"/mnt", 2) if n % 2 else
		                             libc.mount(b"none", b"/mnt", b"tmpfs", 0, None))
		    change.start()
		    told += po.poll(5000) != []
		    change.join()
		    if told <= n: break
		over = True
		for r in readers: r.join()
		print(told)
	END
	assert_status 0
	assert_output 300
}

@test "findmnt --poll shows what is mounted" {
	with_host_programs
	mkdir rootfs/mnt
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	run_sh 'findmnt -n --poll=mount --first-only -o ACTION,TARGET >/srv/seen & watcher=$!
		while kill -0 $watcher 2>/dev/null; do mount -t tmpfs none /mnt; sleep 0.1; umount /mnt; done
		cat /srv/seen'
	assert_status 0
	assert_has "mount"
	assert_has "/mnt"
}

@test "a text in place of a file can be read again and never changed" {
	run_py <<-'END'
		import os, mmap
		fd = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
		def whole(fd): return b"".join(iter(lambda: os.read(fd, 1 << 20), b""))
		a = whole(fd); os.lseek(fd, 0, 0); b = b""
		while True:
		    s = os.read(fd, 7)
		    if not s: break
		    b += s
		print(a == b, os.get_inheritable(fd), os.read(fd, 1) == b"")
		other = os.open("/proc/self/mountinfo", os.O_RDONLY); print(whole(other) == a)
		for path in ("/proc/self/mountinfo", f"/proc/self/fd/{fd}"):
		    try: os.write(os.open(path, os.O_RDWR), b"x"); print("written")
		    except OSError: pass
		try: os.ftruncate(fd, 0); print("truncated")
		except OSError: pass
		print(open("/proc/self/mountinfo", "rb").read() == a)
	END
	assert_output $'True False True\nTrue\nTrue'
}

@test "cgroup is the root of a namespace of its own" {
	requires strict
	run_sh 'sleep 100 & cat /proc/self/cgroup /proc/1/cgroup /proc/$!/cgroup; kill $!'
	assert_output $'0::/\n0::/\n0::/'
}

# --- the host ---------------------------------------------------------------------------------

# The bundle's path is what a mount or an overlay would tell; the rest are kernel addresses.
@test "nothing readable below /proc has a path of the host or a kernel address" {
	requires strict
	mkdir -p "$T/a volume" rootfs/vol
	edit '.mounts += [{ destination: "/vol", source: $s, type: "bind", options: ["bind"] }]' --arg s "$T/a volume"
	run_sh 'find /proc -path "/proc/[0-9]*/task/*" -prune -o -type f ! -name mem ! -name environ -print |
		while read -r f; do cat "$f" 2>/dev/null; done >/srv/all
		for f in /proc/1/task/1/[!em]* /proc/1/task/1/m[!e]*; do cat "$f" 2>/dev/null; done >>/srv/all; wc -c </srv/all'
	assert_status 0
	[ "$output" -gt 10000 ]
	# The addresses of the vsyscall page, and -1, are the same for all.
	run grep -aoE "$T|$ID.*|a.volume|ffff[89a-f][0-9a-f]{11}" rootfs/srv/all
	assert_eq "$(grep -vxE 'ffffffffff60[01]000|f{16}' <<<"$output")" ""
}

@test "ps, top, pgrep, free and lsof find the container's processes" {
	requires ps lsof
	with_host_programs
	run_sh 'sleep 1234 & sleep 0.3; /usr/bin/ps -o tty,stat,args= -p $! | grep -c "sleep 1234"
		/usr/bin/pgrep -x sleep | grep -cx $!; /usr/bin/top -b -n 1 | grep -c " sleep *$"
		exec 5</etc/passwd; lsof -p $$ 2>/dev/null | grep -c "/etc/passwd"
		pidof sleep >/dev/null && echo pidof; /usr/bin/free >/dev/null && /usr/bin/uptime >/dev/null && echo system; kill $!'
	assert_output $'1\n1\n1\n1\npidof\nsystem'
}

@test "strace -p and gdb -p attach" {
	requires strace gdb
	with_host_programs
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	run_sh 'sleep 1234 & strace -o /srv/trace -p $! 2>/dev/null & sleep 1; kill $!; wait $! 2>/dev/null
		[ -e /srv/trace ] && echo traced
		gdb -nx -batch -p $(pgrep -x sleep) -ex "info proc" -ex detach 2>/dev/null | grep -c "^cmdline = .sleep 1234"
		pkill -x sleep'
	assert_output $'traced\n1'
}

# --- programs that look at everything -------------------------------------------------------

@test "psutil finds interfaces, connections, file systems and processes" {
	/usr/bin/python3 -c 'import psutil' || skip "needs python3-psutil"
	run_py <<-'END'
		import os, psutil, socket, time
		tcp = socket.create_server(("127.0.0.1", 0))
		six = socket.create_server(("::1", 0), family=socket.AF_INET6)
		client = socket.create_connection(tcp.getsockname())
		for c in sorted((c.status, c.family.name, c.pid) for c in psutil.net_connections("tcp") if c.pid):
		    print(*c)
		print(psutil.net_if_stats()["lo"].mtu, psutil.net_io_counters(pernic=True)["lo"].packets_sent > 0)
		print("/" in [p.mountpoint for p in psutil.disk_partitions(all=True)], psutil.sensors_battery())
		print(psutil.cpu_count() == len(os.sched_getaffinity(0)), psutil.virtual_memory().total > 0)
		print(*[(p.pid, p.info["name"]) for p in psutil.process_iter(["name"])])
		me = psutil.Process()
		me.as_dict()
		print(me.cwd(), me.num_threads(), len(me.connections()), abs(me.create_time() - time.time()) < 1000)
	END
	assert_status 0
	assert_output $'ESTABLISHED AF_INET 1\nLISTEN AF_INET 1\nLISTEN AF_INET6 1
65536 True\nTrue None\nTrue True\n(1, \'python3\')\n/ 1 3 True'
}

@test "ss, netstat, lsof and nstat find sockets, ifconfig and route the network" {
	requires ss netstat lsof nstat
	cat >rootfs/srv/look.sh <<-'END'
		PATH=/usr/sbin:/usr/bin:/sbin:/bin
		ss -Htlnp 2>/dev/null | awk '{ print $1, $4, $6 }'
		ss -Hxlp 2>/dev/null | awk '{ print $1, $5, $9 }'
		netstat -tlnp | awk '/LISTEN/ { print $1, $4, $7 }'
		netstat -s | grep -c "^Tcp:"
		netstat -rn | grep -c "^Destination"
		netstat -i | awk '$1 == "lo" { print $2 }'
		lsof -nP -i TCP -F n | grep ^n
		nstat -asz | grep -c ^TcpActiveOpens
		ifconfig lo | grep -c "127.0.0.1"
		route -n | grep -c ^Destination
		arp -an
	END
	run_py <<-'END'
		import socket, subprocess
		tcp = socket.create_server(("127.0.0.1", 8080))
		local = socket.socket(socket.AF_UNIX); local.bind("/tmp/local"); local.listen()
		subprocess.run(["/usr/bin/bash", "/srv/look.sh"])
	END
	assert_status 0
	assert_output $'LISTEN 127.0.0.1:8080 users:(("python3",pid=1,fd=3))
u_str /tmp/local users:(("python3",pid=1,fd=4))
tcp 127.0.0.1:8080 1/python3\n1\n1\n65536\nn127.0.0.1:8080\n1\n1\n1'
}

@test "an interface has all of its files in /sys" {
	with_host_programs
	run_sh 'cd /sys/class/net/lo && cat address mtu ifindex name_assign_type ifalias carrier_changes uevent
		for f in statistics/*; do [ "$(cat $f)" -ge 0 ] && echo; done | wc -l'
	assert_output $'00:00:00:00:00:00\n65536\n1\n'"$(
		cat /sys/class/net/lo/name_assign_type)"$'\n0\nINTERFACE=lo\nIFINDEX=1\n'"$(
		find /sys/class/net/lo/statistics/ -type f | wc -l)"
}

@test "sysctl reads what programs ask for" {
	requires sysctl
	with_host_programs
	run_sh 'PATH=/usr/sbin:$PATH; sysctl -n net.core.somaxconn net.ipv4.ip_forward >/dev/null &&
		sysctl -n kernel.arch kernel.core_pattern kernel.tainted kernel.printk fs.lease-break-time \
			fs.epoll.max_user_watches vm.dirty_ratio vm.zone_reclaim_mode vm.mmap_rnd_bits >/dev/null && echo all
		cat /proc/sys/kernel/pid_max'
	assert_status 0
	assert_eq "${lines[0]}" all
	# A pid namespace has a limit of its own since Linux 6.14: not the one of the sentry's.
	[ "$SENTRY" != strict ] || assert_eq "${lines[1]}" 4194304
}

@test "lsns finds the namespaces" {
	with_host_programs
	run_sh 'lsns -n -o TYPE,PID | sort'
	assert_status 0
	assert_has $'mnt      1\nnet      1\npid      1'
}

# --- the kernel ---------------------------------------------------------------------------------

@test "uname, /proc/version and osrelease agree, and are not the host's" {
	requires sentry
	run_sh 'r=$(uname -r); echo "$r"; uname -v; uname -m; cat /proc/version
		[ "$(cat /proc/sys/kernel/osrelease)" = "$r" ] && [ "$(cat /proc/sys/kernel/version)" = "$(uname -v)" ] && echo same'
	if [ "$SENTRY" = strict ]; then
		assert_output $'6.1.0\n#1 SMP PREEMPT_DYNAMIC\nx86_64\nLinux version 6.1.0 #1 SMP PREEMPT_DYNAMIC\nsame'
	else
		assert_has $'6.1.0\n#1 SMP PREEMPT_DYNAMIC\nx86_64'
	fi
}

@test "the release is the option's, and the annotation's before that" {
	requires sentry
	with_host_programs
	set_args sh -c 'uname -r; setarch --uname-2.6 uname -r'
	run rt --release 6.6.30-lts run "$ID"
	assert_output $'6.6.30-lts\n2.6.66-lts'
	edit '.annotations["dev.picket.release"] = "5.10.0"'
	run rt --release 6.6.30-lts run "$ID"
	assert_output $'5.10.0\n2.6.70'
	edit '.annotations["dev.picket.release"] = "new"'
	run rt run "$ID"
	assert_failure
	assert_has "dev.picket.release"
}

@test "the host name can be changed with CAP_SYS_ADMIN, inside only" {
	local host
	host=$(hostname)
	edit '.hostname = "before"'
	run_sh 'hostname after 2>/dev/null; hostname'
	assert_output before
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	run_sh 'hostname after && hostname && cat /proc/sys/kernel/hostname
		hostname 0123456789012345678901234567890123456789012345678901234567890123456789 2>/dev/null; hostname'
	assert_output $'after\nafter\nafter'
	assert_eq "$(hostname)" "$host"
}

@test "the kernel's log is empty" {
	requires sentry
	with_host_programs
	run_sh 'busybox dmesg; echo $?; busybox dmesg -c 2>/dev/null || echo refused'
	assert_output $'0\nrefused'
}
