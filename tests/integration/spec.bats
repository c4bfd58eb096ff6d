#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# config.json, field by field: what the program finds is what the configuration says.

load helpers

setup() {
	setup_bundle
}

teardown() {
	teardown_bundle
}

@test "namespaces are new where listed and shared where not" {
	for ns in mnt pid net ipc uts; do
		run_ct readlink "/proc/self/ns/$ns"
		assert_status 0
		[ "$output" != "$(readlink "/proc/self/ns/$ns")" ]
	done
	edit '.linux.namespaces |= map(select(.type != "ipc"))'
	edit '.mounts |= map(select(.type != "mqueue"))'
	run_ct readlink /proc/self/ns/ipc
	assert_output "$(readlink /proc/self/ns/ipc)"
}

@test "namespaces are joined by path" {
	unshare --net --uts --ipc sh -c 'hostname other; exec sleep 1000' 3>&- &
	other=$!
	wait_until sh -c "[ \$(readlink /proc/$other/ns/uts) != \$(readlink /proc/self/ns/uts) ]"
	wait_until nsenter -t $other -u sh -c '[ "$(hostname)" = other ]'
	edit 'del(.hostname) | .linux.namespaces |= map(
		if .type == "network" then .path = "/proc/\($p)/ns/net"
		elif .type == "uts" then .path = "/proc/\($p)/ns/uts" else . end)' --arg p $other
	run_sh 'hostname; readlink /proc/self/ns/net'
	net=$(readlink /proc/$other/ns/net)
	kill $other
	assert_status 0
	assert_output $'other\n'"$net"
}

@test "a pid namespace is joined by path" {
	start_ct
	edit '.linux.namespaces |= map(if .type == "pid" then .path = "/proc/\($p)/ns/pid" else . end)
		| .linux.cgroupsPath += "-b"' --arg p "$(cat "$T/pid")"
	set_args cat /proc/1/comm
	run rt run "$ID-b"
	assert_status 0
	assert_output sleep
}

@test "a user namespace maps ids" {
	chown -R 100000:100000 rootfs
	chmod 755 "$T" "$BUNDLE"
	edit '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]'
	d=$T
	while [ "$d" != / ]; do
		[ "$(stat -c %a "$d" | tail -c 2)" -ge 1 ] || chmod o+x "$d"
		d=${d%/*}
		d=${d:-/}
	done
	run_sh 'id -u; cat /proc/self/uid_map | tr -s " "; touch /made; stat -c %u /made'
	assert_status 0
	assert_output $'0\n 0 100000 65536\n0'
	assert_eq "$(stat -c %u rootfs/made)" 100000
}

@test "hostname and domainname" {
	edit '.hostname = "guard" | .domainname = "post"'
	run_sh 'hostname; cat /proc/sys/kernel/domainname'
	assert_status 0
	is_picket || skip "runc 1.1.5 has no domainname"
	assert_output $'guard\npost'
}

@test "args, env and cwd" {
	edit '.process.env = ["PATH=/bin", "A=one two", "A=last"] | .process.cwd = "/srv"'
	run_sh 'echo $A; pwd; env | grep -c ^A='
	assert_output $'last\n/srv\n1'
	edit '.process.cwd = "/made/here"'
	run_ct pwd
	assert_output /made/here
}

@test "HOME comes from the container's passwd file" {
	edit '.process.user = { uid: 1000, gid: 1000 }'
	run_sh 'echo $HOME'
	assert_output /home
}

@test "user, groups and umask" {
	edit '.process.user = { uid: 1000, gid: 1001, additionalGids: [7, 8], umask: 63 }'
	run_sh 'id -u; id -g; id -G; umask; : >/tmp/f; stat -c "%a %u %g" /tmp/f'
	assert_output $'1000\n1001\n1001 7 8\n0077\n600 1000 1001'
}

@test "capability sets are exactly the given ones" {
	edit '.process.capabilities = { bounding: ["CAP_KILL", "CAP_CHOWN", "CAP_NET_RAW"],
		effective: ["CAP_KILL"], permitted: ["CAP_KILL", "CAP_CHOWN"],
		inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"] }'
	run_ct grep Cap /proc/self/status
	assert_has "CapBnd:	0000000000002021"
	assert_has "CapAmb:	0000000000000020"
	edit '.process.user = { uid: 1000, gid: 1000 }'
	run_ct grep Cap /proc/self/status
	assert_output "CapInh:	0000000000000020
CapPrm:	0000000000000020
CapEff:	0000000000000020
CapBnd:	0000000000002021
CapAmb:	0000000000000020"
}

@test "rlimits" {
	edit '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
		{ type: "RLIMIT_CORE", soft: 0, hard: 0 }]'
	run_sh 'ulimit -Sn; ulimit -Hn; ulimit -c'
	assert_output $'100\n200\n0'
}

@test "no new privileges" {
	edit '.process.noNewPrivileges = true'
	run_ct grep NoNewPrivs /proc/self/status
	assert_output "NoNewPrivs:	1"
}

@test "OOM score" {
	edit '.process.oomScoreAdj = 321'
	run_ct cat /proc/self/oom_score_adj
	assert_output 321
}

@test "a read-only root, with writable mounts in it" {
	edit '.root.readonly = true | .mounts += [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }]'
	run_sh 'echo a >/tmp/f && echo tmp; echo b >/f && echo root'
	assert_has tmp
	refute_has root
	[[ $output == *"Read-only file system"* ]]
}

@test "the default devices are there and work" {
	run_sh 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done
		head -c 4 /dev/zero | wc -c; echo x >/dev/null; for l in fd stdin ptmx; do readlink /dev/$l; done'
	assert_status 0
	assert_output "/dev/null 1:3 666
/dev/zero 1:5 666
/dev/full 1:7 666
/dev/random 1:8 666
/dev/urandom 1:9 666
/dev/tty 5:0 666
4
/proc/self/fd
/proc/self/fd/0
pts/ptmx"
}

@test "a device of the configuration" {
	edit '.linux.devices = [{ path: "/dev/mynull", type: "c", major: 1, minor: 3, fileMode: 438,
			uid: 0, gid: 0 }]
		| .linux.resources.devices += [{ allow: true, type: "c", major: 1, minor: 3, access: "rwm" }]'
	run_sh 'stat -c "%t:%T" /dev/mynull && echo gone >/dev/mynull && echo fine'
	assert_status 0
	assert_output $'1:3\nfine'
}

@test "a device that is not allowed cannot be opened" {
	requires cgroup_v1
	edit '.process.capabilities.bounding += ["CAP_MKNOD"] | .process.capabilities.effective += ["CAP_MKNOD"]
		| .process.capabilities.permitted += ["CAP_MKNOD"]'
	run_sh 'mknod /kmsg c 1 11; head -c 1 /kmsg && echo opened; true'
	refute_has opened
}

@test "bind mounts: of directories and files, read-only, recursive" {
	mkdir -p "$T/src/sub"
	echo data >"$T/src/file"
	mount -t tmpfs none "$T/src/sub"
	echo deep >"$T/src/sub/deep"
	edit '.mounts += [
		{ destination: "/plain", source: $s, type: "bind", options: ["bind"] },
		{ destination: "/rec", source: $s, type: "bind", options: ["rbind", "ro"] },
		{ destination: "/a/b/file", source: ($s + "/file"), type: "bind", options: ["bind", "ro"] }]' \
		--arg s "$T/src"
	run_sh 'cat /plain/file /rec/sub/deep /a/b/file; ls /plain/sub; echo w >/plain/new
		echo w >/rec/no; echo w >/a/b/file; echo $?'
	umount "$T/src/sub"
	assert_has $'data\ndeep\ndata'
	[ -e "$T/src/new" ] && [ ! -e "$T/src/no" ]
	assert_eq "$(cat "$T/src/file")" data
}

@test "mount options reach the mount" {
	edit '.mounts += [{ destination: "/m", type: "tmpfs", source: "tmpfs",
		options: ["nosuid", "nodev", "noexec", "ro", "mode=0711", "size=64k"] }]'
	run_sh 'grep " /m " /proc/mounts; stat -c %a /m'
	assert_has "tmpfs /m tmpfs ro,nosuid,nodev,noexec,relatime,size=64k,mode=711"
	assert_eq "${lines[1]}" 711
}

@test "a later mount covers an earlier one" {
	mkdir "$T/one" "$T/two"
	echo 1 >"$T/one/f"
	echo 2 >"$T/two/f"
	edit '.mounts += [{ destination: "/m", source: $a, options: ["rbind"] },
		{ destination: "/m", source: $b, options: ["rbind"] }]' --arg a "$T/one" --arg b "$T/two"
	run_ct cat /m/f
	assert_output 2
}

@test "the source of a bind is relative to the bundle" {
	mkdir given
	echo here >given/f
	edit '.mounts += [{ destination: "/g", source: "given", type: "bind", options: ["bind"] }]'
	run_ct cat /g/f
	assert_output here
}

@test "a mount's destination cannot leave the root through a link" {
	ln -s /../../../../../../srv rootfs/out
	edit '.mounts += [{ destination: "/out/x", type: "tmpfs", source: "tmpfs" }]'
	run_sh 'grep -c " /srv/x " /proc/mounts'
	assert_output 1
	[ ! -e /srv/x ]
}

@test "propagation of the root and of a mount" {
	edit '.linux.rootfsPropagation = "slave"'
	run_sh "grep ' / / ' /proc/self/mountinfo | head -n 1; true"
	assert_status 0
	mkdir "$T/sh"
	mount --bind "$T/sh" "$T/sh"
	mount --make-shared "$T/sh"
	edit '.mounts += [{ destination: "/sh", source: $s, type: "bind", options: ["rbind", "rslave"] }]
		| .linux.rootfsPropagation = "rslave"' --arg s "$T/sh"
	start_ct
	mkdir "$T/sh/in"
	mount -t tmpfs none "$T/sh/in"
	touch "$T/sh/in/seen"
	run rt exec "$ID" ls /sh/in
	umount "$T/sh/in"
	assert_output seen
	rt delete --force "$ID"
	umount "$T/sh"
}

@test "proc, sysfs, mqueue, devpts, shm and cgroup are mounted" {
	run_sh 'cut -d" " -f2,3 /proc/mounts'
	assert_status 0
	for m in "/proc proc" "/dev tmpfs" "/dev/pts devpts" "/dev/shm tmpfs" "/dev/mqueue mqueue" "/sys sysfs"; do
		assert_has "$m"
	done
	run_sh 'ls /sys/fs/cgroup | grep memory; head -n 1 /proc/self/cgroup'
	assert_status 0
}

@test "the cgroup mount shows the container's own cgroup" {
	requires cgroup_v1
	edit '.linux.resources.memory.limit = 50000000'
	run_ct cat /sys/fs/cgroup/memory/memory.limit_in_bytes
	assert_output 49999872
}

@test "masked and read-only paths" {
	echo secret >rootfs/etc/secret
	mkdir rootfs/srv/dir rootfs/srv/ro
	echo x >rootfs/srv/dir/x
	edit '.linux.maskedPaths += ["/etc/secret", "/srv/dir", "/no/such"]
		| .linux.readonlyPaths += ["/srv/ro", "/no/such"]'
	run_sh 'cat /etc/secret; ls -A /srv/dir; echo w >/srv/ro/f && echo written; echo w >/proc/sys/kernel/hostname && echo sys; cat /proc/kcore | head -c 1; true'
	refute_has secret$'\n'
	refute_has written
	refute_has sys$'\n'
	[ ! -e rootfs/srv/ro/f ]
}

@test "sysctl of a namespace" {
	edit '.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1" }'
	run_ct cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced
	assert_status 0
	assert_output $'1\n1'
}

@test "a sysctl that is not of a namespace is refused" {
	edit '.linux.sysctl = { "vm.swappiness": "10" }'
	run_ct true
	assert_failure
	assert_has vm.swappiness
	assert_nothing_left
}

@test "cgroup limits" {
	requires cgroup_v1
	edit '.linux.resources += { memory: { limit: 50000000, swap: 60000000, reservation: 40000000 },
		cpu: { shares: 512, quota: 50000, period: 100000, cpus: "0" }, pids: { limit: 55 },
		blockIO: { weight: 300 } }'
	[ -e /sys/fs/cgroup/blkio/blkio.weight ] || [ -e /sys/fs/cgroup/blkio/blkio.bfq.weight ] ||
		edit 'del(.linux.resources.blockIO)'
	[ -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ] || edit 'del(.linux.resources.memory.swap)'
	create_ct
	c=picket-test/$ID
	assert_eq "$(cat /sys/fs/cgroup/memory/$c/memory.limit_in_bytes)" 49999872
	assert_eq "$(cat /sys/fs/cgroup/memory/$c/memory.soft_limit_in_bytes)" 39997440
	assert_eq "$(cat /sys/fs/cgroup/cpu/$c/cpu.shares)" 512
	assert_eq "$(cat /sys/fs/cgroup/cpu/$c/cpu.cfs_quota_us)" 50000
	assert_eq "$(cat /sys/fs/cgroup/cpuset/$c/cpuset.cpus)" 0
	assert_eq "$(cat /sys/fs/cgroup/pids/$c/pids.max)" 55
	grep -qx "$(cat "$T/pid")" "/sys/fs/cgroup/pids/$c/cgroup.procs"
}

@test "the pids limit holds" {
	requires cgroup_v1
	edit '.linux.resources.pids.limit = 8'
	run_sh 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; wait'
	[[ $output == *"can't fork"* ]]
}

@test "the memory limit holds" {
	requires cgroup_v1
	edit '.linux.resources.memory.limit = 20000000'
	run_sh 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
	refute_has survived
	assert_nothing_left
}

@test "seccomp: an errno for one call, the rest allowed" {
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["getcwd", "no_such_call"], action: "SCMP_ACT_ERRNO", errnoRet: 2 }] }'
	run_sh '/bin/pwd -P; echo "status $?"'
	assert_has "No such file"
	assert_has "status 1"
}

@test "seccomp: arguments are compared" {
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["kill"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
			args: [{ index: 1, value: 10, op: "SCMP_CMP_EQ" }] }] }'
	run_sh 'trap "echo usr2" USR2; kill -USR2 $$; kill -USR1 $$; echo "status $?"'
	assert_has usr2
	assert_has "Operation not permitted"
	assert_has "status 1"
}

@test "seccomp: killing the process" {
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["sync"], action: "SCMP_ACT_KILL_PROCESS" }] }'
	run_sh 'sync; echo "status $?"'
	assert_has "status 159"
}

@test "hooks run in order, with the state on stdin" {
	log=$T/hooks
	cat >"$T/hook" <<-END
		#!/bin/sh
		state=\$(cat)
		echo "\$1 \$(echo "\$state" | jq -r .status) \$(echo "\$state" | jq -r .id)" >>$log
	END
	chmod 755 "$T/hook"
	edit '.hooks = (["prestart", "createRuntime", "poststart", "poststop"]
		| map({ (.): [{ path: $h, args: ["hook", .], env: ["PATH=/usr/bin:/bin"] }] }) | add)' \
		--arg h "$T/hook"
	run_ct true
	assert_status 0
	assert_eq "$(grep -v poststart "$log" | cut -d' ' -f1 | paste -sd' ')" \
		"prestart createRuntime poststop"
	grep -q "^poststart" "$log"
	grep -q "^poststop stopped $ID" "$log"
	grep -qE "^createRuntime (creating|created) $ID" "$log"
}

@test "hooks in the container's namespaces" {
	printf '#!/bin/sh\necho "$1 $(hostname)" >>/hooks\n' >rootfs/hook
	chmod 755 rootfs/hook
	printf '#!/bin/sh\nreadlink /proc/self/ns/uts >>%s\n' "$T/cc" >"$T/cc-hook"
	chmod 755 "$T/cc-hook"
	edit '.hostname = "guard" | .hooks = {
		createContainer: [{ path: $h, args: ["cc"], env: ["PATH=/usr/bin:/bin"] }],
		startContainer: [{ path: "/hook", args: ["hook", "startContainer"], env: ["PATH=/bin"] }] }' \
		--arg h "$T/cc-hook"
	run_ct readlink /proc/self/ns/uts
	assert_status 0
	assert_eq "$(cat "$T/cc")" "$output"
	assert_eq "$(cat rootfs/hooks)" "startContainer guard"
}

@test "exec runs no hook" {
	edit '.hooks.startContainer = [{ path: "/bin/touch", args: ["touch", "/hooked"] }]'
	start_ct
	rm rootfs/hooked
	rt exec "$ID" true
	[ ! -e rootfs/hooked ]
}

# Receives a console's descriptor, prints what comes out of it.
console_receiver() {
	cat >"$T/console.py" <<-'END'
		import array, os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1]); s.listen(1)
		c, _ = s.accept()
		fds = array.array("i")
		_, anc, _, _ = c.recvmsg(4096, socket.CMSG_LEN(4))
		fds.frombytes(anc[0][2])
		if len(sys.argv) > 2:
		    os.write(fds[0], sys.argv[2].encode())
		while True:
		    try:
		        b = os.read(fds[0], 4096)
		    except OSError:
		        break
		    if not b:
		        break
		    os.write(1, b)
	END
	python3 "$T/console.py" "$T/console" "$@" >"$T/console.out" 2>&1 3>&- &
	wait_until test -S "$T/console"
}

@test "a terminal by console socket" {
	edit '.process.terminal = true | .process.consoleSize = { height: 31, width: 97 }'
	set_args sh -c 'tty; stty size; echo done'
	console_receiver
	rt create --console-socket "$T/console" "$ID" </dev/null >"$T/out" 2>&1
	rt start "$ID"
	wait
	assert_eq "$(tr -d '\r' <"$T/console.out")" $'/dev/pts/0\n31 97\ndone'
}

@test "a terminal in the foreground" {
	requires script
	edit '.process.terminal = true'
	set_args sh -c 'tty && stty size; exit 6'
	make_wrapper "$T/rt"
	run script -qec "stty rows 40 cols 83; '$T/rt' --root '$ROOT' run $ID" /dev/null </dev/null
	assert_status 6
	assert_has /dev/pts/0
	assert_has "40 83"
}

@test "exec with a terminal" {
	start_ct
	console_receiver
	rt exec --detach --tty --console-socket "$T/console" "$ID" sh -c 'tty; echo bye'
	wait
	[[ $(tr '\r\n' '  ' <"$T/console.out") =~ ^/dev/pts/[0-9]+\ +bye\ +$ ]]
}

@test "interactive input through a terminal, with job control" {
	edit '.process.terminal = true'
	set_args sh
	console_receiver $'sleep 1000 &\njobs\nkill %1\nexit 3\n'
	rt create --console-socket "$T/console" --pid-file "$T/pid" "$ID" </dev/null >"$T/out" 2>&1
	rt start "$ID"
	wait
	grep -q 'Running.*sleep 1000' "$T/console.out"
	! grep -q "can't access tty" "$T/console.out"
}

@test "LISTEN_FDS are handed to the program" {
	is_picket || skip "differs between runtimes"
	echo socket >"$T/f"
	set_args sh -c 'echo $LISTEN_FDS $LISTEN_PID; cat <&3'
	make_wrapper "$T/rt"
	run bash -c 'exec 3<"$2"; LISTEN_FDS=1 LISTEN_PID=$BASHPID exec "$1" --root "$3" run "$4"' \
		bash "$T/rt" "$T/f" "$ROOT" "$ID"
	assert_output $'1 1\nsocket'
}

@test "personality" {
	edit '.linux.personality = { domain: "LINUX32" }'
	run_ct uname -m
	is_picket || skip "runc 1.1.5 has no personality"
	assert_output i686
}

@test "an image without /dev, /proc and /sys directories" {
	rmdir rootfs/dev rootfs/proc rootfs/sys
	run_sh 'ls -d /dev/null /proc/self /sys/kernel'
	assert_status 0
}

@test "a container without a mount of /proc" {
	is_picket || skip "runc 1.1.5 wants /proc"
	edit '.mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	run_ct echo bare
	assert_status 0
	assert_output bare
}

@test "unknown fields are ignored" {
	edit '.noSuchField = 1 | .process.noSuch = { a: [1] } | .linux.noSuch = "x"'
	run_ct true
	assert_status 0
}
