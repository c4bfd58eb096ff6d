#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a program meets behind the sentry, and what happens when the sentry fails.  What is
# not about the sentry itself must be the same without it.

load helpers
bats_require_minimum_version 1.5.0

setup() {
	requires picket
	setup_bundle
}

teardown() {
	teardown_bundle
}

# Calls by number, from python: prints the result or the error's name.
with_python() {
	requires python3
	with_host_programs
	cat >rootfs/srv/call.py <<-'END'
		import ctypes, errno, sys
		libc = ctypes.CDLL(None, use_errno=True)
		def call(nr, *args):
		    r = libc.syscall(nr, *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
		    return errno.errorcode[ctypes.get_errno()] if r == -1 else r
	END
	edit '.process.cwd = "/srv"'
}

@test "/proc/self and its links mean the guest" {
	run_sh 'cat /proc/self/comm; readlink /proc/self/exe; [ "$(readlink /proc/self)" = "$(sh -c "echo \$PPID")" ] || true
		cat </dev/fd/0; echo out >/dev/stdout; echo err >/proc/self/fd/2; ls /proc/self/task | wc -l
		cat /proc/self/cmdline | tr "\0" " "; cat /proc/self/status | grep ^Name' <<<"stdin"
	assert_status 0
	assert_output $'cat\n/bin/busybox\nstdin\nout\nerr\n1\ncat /proc/self/cmdline Name:\tcat'
}

@test "descriptors of /proc/self/fd can be opened again" {
	run_sh 'exec 5>/tmp/f; echo a >/proc/self/fd/5; echo b >>/dev/fd/5; cat /tmp/f; ls -l /proc/self/fd/5 | grep -c /tmp/f'
	assert_status 0
	assert_has 1
}

@test "the sentry is not visible and cannot be signalled" {
	requires sentry
	run_sh 'for p in /proc/[0-9]*; do cat $p/comm; done; kill -KILL -1; echo survived'
	refute_has picket-sentry
	assert_has survived
}

@test "an ordinary user inside has no more rights than without the sentry" {
	edit '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities = {}'
	echo secret >rootfs/srv/secret
	chmod 600 rootfs/srv/secret
	mkdir -m 700 rootfs/srv/closed
	mkdir -m 1777 rootfs/srv/shared
	touch rootfs/srv/shared/roots
	run_sh 'cd /srv; cat secret; echo x >secret; ls closed; touch closed/x; mkdir /new; rm -f shared/roots; chmod 777 secret
		chown 1000 secret; mv secret s2; ln secret shared/hard; : >shared/mine; stat -c "%u %g" shared/mine; id -u'
	refute_has $'secret\n'
	[ -e rootfs/srv/secret ] && [ -e rootfs/srv/shared/roots ] && [ ! -e rootfs/new ]
	assert_eq "$(stat -c %a rootfs/srv/secret)" 600
	assert_has $'1000 1000\n1000'
}

@test "setuid by the program changes what it may open" {
	with_python
	echo secret >rootfs/srv/secret
	chmod 600 rootfs/srv/secret
	edit '.process.capabilities |= map_values(. + ["CAP_SETUID", "CAP_SETGID"])'
	run_ct python3 -c 'import os
print(open("secret").read().strip())
os.setgroups([]); os.setgid(1000); os.setuid(1000)
try: open("secret")
except PermissionError: print("refused")
os.mkdir("/tmp/d"); print(os.stat("/tmp/d").st_uid)'
	assert_status 0
	assert_output $'secret\nrefused\n1000'
}

@test "umask, working directory and chroot are the caller's" {
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])'
	mkdir rootfs/srv/root
	cp rootfs/bin/busybox rootfs/srv/root/busybox
	run_sh 'umask 027; mkdir /tmp/d; : >/tmp/d/f; stat -c %a /tmp/d /tmp/d/f; cd /tmp/d; : >rel; ls /tmp/d
		mv /tmp/d /tmp/e; : >moved; ls /tmp/e; chroot /srv/root /busybox sh -c "echo in >/made; /busybox ls /"'
	assert_status 0
	assert_output $'750\n640\nf\nrel\nf\nmoved\nrel\nbusybox\nmade'
	[ -e rootfs/srv/root/made ] && [ ! -e rootfs/made ]
}

@test "links do not lead out of the root" {
	ln -s /../../../../../etc/hostname rootfs/srv/up
	ln -s ../../../../../../../../../../etc/passwd rootfs/srv/rel
	run_sh 'cat /srv/rel; cat /srv/../../../../etc/passwd; cat /proc/self/root/etc/passwd; cd /proc/self/cwd && pwd -P'
	assert_status 0
	assert_eq "$(grep -c '^user:x:1000' <<<"$output")" 3
}

@test "dangerous calls are refused" {
	requires sentry
	with_python
	run_ct python3 -c 'from call import call
for name, nr, args in (("io_uring_setup", 425, (1, 0)), ("bpf", 321, (0, 0, 0)), ("userfaultfd", 323, (0,)),
    ("kexec_load", 246, (0, 0, 0, 0)), ("init_module", 175, (0, 0, 0)), ("open_by_handle_at", 304, (0, 0, 0)),
    ("mount", 165, (b"x", b"/tmp", b"tmpfs", 0, 0)), ("unshare", 272, (0x10000000,)), ("unshare files", 272, (0x400,)), ("io_setup", 206, (1, 0)), ("perf_event_open", 298, (0, 0, 0, 0, 0)),
    ("clone3", 435, (0, 0)), ("vmsplice", 278, (0, 0, 0, 0)), ("kcmp", 312, (1, 1, 0, 0, 0)), ("pidfd_getfd", 438, (0, 0, 0)),
    ("keyctl", 250, (0, 0)), ("reboot", 169, (0, 0, 0)), ("swapon", 167, (b"x", 0)),
    ("socket vsock", 41, (40, 1, 0)), ("socket packet", 41, (17, 3, 0)), ("socket alg", 41, (38, 5, 0))):
    print(name, call(nr, *args))'
	assert_status 0
	for line in "io_uring_setup ENOSYS" "clone3 ENOSYS" "vmsplice ENOSYS" "kcmp ENOSYS" "pidfd_getfd EPERM"; do
		assert_has "$line"
	done
	echo "$output"
	run ! grep -E " [0-9]+$" <<<"$output"
}

@test "bad pointers and paths give the kernel's errors" {
	with_python
	run_ct python3 -c 'from call import call
import os
AT = -100
for nr, args in ((257, (AT, 1, 0)), (257, (AT, 0, 0)), (83, (1, 0)), (82, (1, b"x")), (82, (b"x", 1)), (88, (b"x", 1)), (76, (1, 0)),
    (90, (1, 0)), (92, (1, 0, 0)), (437, (AT, b"x", 1, 24)), (63, (1,)), (99, (1,)),
    (257, (AT, b"a" * 5000, 0)), (257, (AT, b"a" * 300, 0)), (83, (b"a" * 300, 0)), (257, (AT, b"", 0)),
    (257, (77, b"x", 0)), (257, (AT, b"/none/x", 0)), (257, (AT, b"/etc/passwd/x", 0)), (257, (AT, b"/etc", 1)),
    (87, (b"/none",)), (84, (b"/etc/passwd",)), (42, (77, 0, 0)), (49, (77, 0, 0)), (41, (999, 1, 0))):
    print(nr, call(nr, *args))
os.symlink("loop", "loop"); print("loop", call(257, AT, b"loop", 0))'
	assert_status 0
	assert_output $'257 EFAULT\n257 EFAULT\n83 EFAULT\n82 EFAULT\n82 EFAULT\n88 EFAULT\n76 EFAULT
90 EFAULT\n92 EFAULT\n437 EFAULT\n63 EFAULT\n99 EFAULT
257 ENAMETOOLONG\n257 ENAMETOOLONG\n83 ENAMETOOLONG\n257 ENOENT
257 EBADF\n257 ENOENT\n257 ENOTDIR\n257 EISDIR
87 ENOENT\n84 ENOTDIR\n42 EBADF\n49 EBADF\n41 EAFNOSUPPORT\nloop ELOOP'
}

@test "a sentry that is killed takes its container with it, and state says so" {
	requires sentry
	start_ct
	kill -KILL "$(sentry_pid)"
	wait_for_status stopped "$ID"
	rt delete "$ID"
	assert_nothing_left
}

@test "a sentry that is killed ends a foreground run with an error" {
	requires sentry
	set_args sleep 1000
	PICKET_TEST_ID=$ID "$PICKET" --sentry="$SENTRY" --root "$ROOT" run "$ID" >"$T/out" 2>&1 </dev/null 3>&- &
	pid=$!
	wait_for_status running "$ID"
	kill -KILL "$(sentry_pid)"
	r=0
	wait $pid || r=$?
	[ $r -ne 0 ]
	assert_nothing_left
}

@test "the sentry has no capability over the host and a filter of its own" {
	requires sentry
	start_ct
	p=/proc/$(sentry_pid)
	grep -q '^Seccomp:	2' "$p/status"
	grep -q '^NoNewPrivs:	1' "$p/status"
	[ "$(readlink "$p/ns/user")" != "$(readlink /proc/self/ns/user)" ]
	assert_eq "$(readlink "$p/ns/pid")" "$(readlink /proc/self/ns/pid)"
	[ "$(readlink "$p/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
}

# A stop reaches the threads one after the other.
is_stopped() {
	! grep -L '^State:	T' "/proc/$1"/task/*/status | grep -q .
}

# Seen with a sentry that is stopped: what needs it waits.  (Built-in commands only.)
@test "files by path are the sentry's in strict, the kernel's in balanced" {
	requires sentry
	start_ct sh -c 'while [ ! -e /go ]; do :; done; echo written >/out'
	kill -STOP "$(sentry_pid)"
	wait_until is_stopped "$(sentry_pid)"
	touch rootfs/go
	if [ "$SENTRY" = balanced ]; then
		wait_until grep -q written rootfs/out
	else
		sleep 1
		[ ! -e rootfs/out ]
	fi
	kill -CONT "$(sentry_pid)"
	wait_for_status stopped "$ID"
	assert_eq "$(cat rootfs/out)" written
}

# There a path may lead to the sentry's own files: it has to look at each.
@test "balanced becomes strict where the pid namespace is the host's" {
	requires sentry
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	rt run -d "$ID" </dev/null >"$T/out" 2>&1
	assert_eq "$(jq -r .sentry "$ROOT/$ID/state.json")" strict
	rt delete -f "$ID"
	edit '.linux.namespaces += [{ type: "pid", path: "/proc/self/ns/pid" }]'
	rt run -d "$ID" </dev/null >"$T/out" 2>&1
	assert_eq "$(jq -r .sentry "$ROOT/$ID/state.json")" strict
}

@test "an idle container costs the sentry no wake-up" {
	requires sentry
	start_ct
	p=/proc/$(sentry_pid)
	sleep 0.3
	a=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "$p"/task/*/status)
	sleep 2
	assert_eq "$(awk '/ctxt_switches/ { n += $2 } END { print n }' "$p"/task/*/status)" "$a"
}

@test "the annotation tightens the mode and never loosens it" {
	edit '.annotations = { "dev.picket.sentry": "off" } | .process.args = ["sleep", "1000"]'
	rt run -d "$ID" </dev/null >"$T/out" 2>&1
	case $SENTRY in
	off) [ "$(sentry_pid)" = 0 ] ;;
	*) [ "$(sentry_pid)" -gt 0 ] ;;
	esac
	rt delete -f "$ID"
	edit '.annotations = { "dev.picket.sentry": "strict" }'
	rt run -d "$ID" </dev/null >"$T/out" 2>&1
	[ "$(sentry_pid)" -gt 0 ]
}

@test "exec joins the same sentry" {
	requires sentry
	start_ct
	a=$(sentry_pid)
	for i in 1 2 3 4 5; do
		assert_eq "$(rt exec "$ID" sh -c "echo $i >/f; cat /f; grep -c 'Seccomp:.2' /proc/self/status" | paste -sd' ')" "$i 1"
	done
	assert_eq "$(sentry_pid)" "$a"
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	wait_until sh -c "! kill -0 $a"
}

@test "a program with signals arriving all the time loses no file call" {
	with_python
	run_ct python3 -c 'import os, signal
signal.signal(signal.SIGALRM, lambda *a: None)
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for i in range(2000):
    f = os.open("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY); os.close(f); os.rename("f", "g"); os.unlink("g")
print("done")'
	assert_status 0
	assert_output "done"
}

@test "a thousand processes at once are served" {
	run_sh 'for i in $(seq 300); do (cat /etc/passwd >/dev/null; : >/tmp/$i) & done; wait; ls /tmp | wc -l'
	assert_status 0
	assert_output 300
}

@test "blocking opens do not block others" {
	run_sh 'mkfifo /tmp/p; cat /tmp/p & for i in $(seq 20); do (exec 3</tmp/p) & done; cat /etc/group >/dev/null && echo served
		sleep 0.2; echo through >/tmp/p; sleep 0.2; kill $(jobs -p) 2>/dev/null; true'
	assert_status 0
	assert_has served
}

@test "a config.json with SCMP_ACT_NOTIFY is refused beside a sentry" {
	requires sentry
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/none",
		syscalls: [{ names: ["getcwd"], action: "SCMP_ACT_NOTIFY" }] }'
	run_ct true
	assert_failure
	assert_has SCMP_ACT_NOTIFY
	assert_nothing_left
}

@test "what the profile denies stays denied" {
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{ names: ["mkdir", "mkdirat", "nanosleep", "clock_nanosleep"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }'
	run_sh 'mkdir /x; sleep 1; ls -d /x'
	refute_has $'/x\n'
	[ ! -e rootfs/x ]
}

@test "uname and hostname are the container's" {
	edit '.hostname = "guard"'
	run_sh 'uname -n; uname -s; uname -m'
	assert_output $'guard\nLinux\nx86_64'
}

@test "picket-sentry run: a command without a container" {
	requires sentry
	run "$(dirname "$PICKET")/picket-sentry" run -- sh -c 'echo hello >f; cat f; exit 3'
	assert_status 3
	assert_output hello
}

@test "picket-sentry --syscalls: every call once, as a table and as JSON" {
	requires sentry
	local sentry=${PICKET%/*}/picket-sentry
	run "$sentry" --syscalls --mode "$SENTRY"
	assert_status 0
	[ "${#lines[@]}" -gt 330 ]
	[ -z "$(awk '{ print $2 }' <<<"$output" | sort | uniq -d)" ]
	assert_eq "$("$sentry" --syscalls --mode "$SENTRY" --format json | jq -r '.[] | "\(.number)\t\(.name)\t\(.class)"')" \
		"$(cut -f 1-3 <<<"$output")"
	run "$sentry" --syscalls --format json
	assert_eq "$(jq -r '.[] | select(.name == "kexec_load") | .class + " " + .errno' <<<"$output")" "deny EPERM"
	assert_eq "$(jq -r '.[] | select(.name == "socketpair") | .rules[0]' <<<"$output")" "allow if EQ(0, AF_UNIX)"
	run "$sentry" --syscalls --format xml
	assert_status 125
}

# The filters that the kernel has, not the list: what is native there must be so here.
@test "debug surface: no call is native that the list does not name" {
	start_ct
	rt debug --format json surface "$ID" >"$T/surface"
	if [ "$SENTRY" = off ]; then
		assert_eq "$(jq '.x86_64 | [.sentry, .errno, .kill, .mixed, ."some-native"] | add | length' "$T/surface")" 0
		[ "$(jq '.i386.native | length' "$T/surface")" -gt 300 ]
		return
	fi
	"${PICKET%/*}/picket-sentry" --syscalls --mode "$SENTRY" --format json >"$T/list"
	assert_eq "$(jq -c '.x86_64.native + .x86_64."some-native" | map(select(startswith("call_") | not)) | sort' "$T/surface")" \
		"$(jq -c --slurpfile s "$T/surface" '($s[0].x86_64 | add) as $known | map(select(.class == "native" or .class == "native-if"
			or (.class != "deny" and any(.rules[]?; startswith("allow")))) | .name | select(IN($known[]))) | sort' "$T/list")"
	assert_eq "$(jq '[.x32, .i386 | .native, ."some-native", .sentry] | add | length' "$T/surface")" 0
	assert_eq "$(rt debug surface "$ID" | awk '$1 == "x86_64" && $4 == "pivot_root" { print $3 }')" errno
	assert_eq "$(rt state "$ID" | jq -r .status)" running
}

@test "debug surface: a profile of config.json shows as well" {
	edit '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["chroot"], action: "SCMP_ACT_ERRNO" },
			{ names: ["msync"], action: "SCMP_ACT_ERRNO", args: [{ index: 2, value: 1, op: "SCMP_CMP_EQ" }] }] }'
	start_ct
	assert_eq "$(rt debug surface "$ID" | awk '$1 == "x86_64" && ($4 == "chroot" || $4 == "msync") { print $4, $3 }')" \
		$'msync some-native\nchroot errno'
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	run rt debug surface "$ID"
	assert_status 1
	assert_has "not running"
}

@test "debug surface takes no signal from the programs that it looks at" {
	start_ct sh -c 'n=0; i=0; trap "n=\$((n + 1))" USR1; while [ $i -lt 6000 ]; do
		kill -USR1 $$; i=$((i + 1)); done; echo $n >/srv/n'
	until [ -e rootfs/srv/n ] && [ -s rootfs/srv/n ]; do
		rt debug surface "$ID" >/dev/null 2>&1 || true
	done
	assert_eq "$(cat rootfs/srv/n)" 6000
}
