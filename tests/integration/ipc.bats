#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Message queues and semaphores, SysV and POSIX: in a container every call has the result
# that it has in a fresh ipc namespace of the host.

load helpers

setup_file() {
	build_guests "$BATS_FILE_TMPDIR" ipcprobe
}

setup() {
	requires cc unshare setpriv
	setup_bundle
	# What the probes use of what the host's root has.
	edit '.process.capabilities |= map_values(. + ["CAP_SETUID", "CAP_SETGID", "CAP_IPC_OWNER",
		"CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_SYS_ADMIN", "CAP_KILL"])'
}

teardown() {
	teardown_bundle
}

# compare GROUP: the probe's output on the host, and in the container
compare() {
	cp "$BATS_FILE_TMPDIR/ipcprobe" rootfs/bin/
	unshare --ipc setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
		"$BATS_FILE_TMPDIR/ipcprobe" "$1" >"$T/want" 2>&1 </dev/null
	set_args /bin/ipcprobe "$1"
	"$PICKET" ${SENTRY:+--sentry="$SENTRY"} --root "$ROOT" run "$ID" >"$T/got" 2>&1 </dev/null
	grep -q "^== $1: end" "$T/want"
	diff "$T/want" "$T/got"
}

@test "SysV message queues answer as the kernel's" {
	compare messages
}

@test "numbers of SysV objects are the kernel's" {
	compare numbers
}

@test "SysV semaphores answer as the kernel's" {
	compare semaphores
}

@test "SEM_UNDO is made when a process ends, before anybody can know that it has" {
	compare undo
}

@test "calls wait, and wake with what they waited for" {
	compare blocking
}

@test "signals end the wait as natively, with and without SA_RESTART" {
	compare signals
}

@test "permissions are those of the caller's user, groups and capabilities" {
	compare permissions
}

@test "POSIX message queues answer as the kernel's" {
	compare posix
}

@test "POSIX message queues have owners, modes and the umask" {
	compare posix-permissions
}

@test "POSIX message queues wait, and work with poll and epoll" {
	compare posix-blocking
}

@test "mq_notify sends its signal once, to one process" {
	compare notify
}

@test "mq_notify sends libc's cookie to its netlink socket" {
	compare notify-thread
}

@test "mq_notify starts threads, by glibc and by musl" {
	requires musl-gcc
	for cc in cc musl-gcc; do
		"$cc" -O1 -static -pthread -o rootfs/bin/mqthread "$BATS_TEST_DIRNAME/guests/mqthread.c"
		run_ct mqthread
		assert_status 0
		assert_output "100 queues, 100 called twice"
	done
}

@test "RLIMIT_MSGQUEUE bounds the queues of a user, and closed ones do not count" {
	compare limits
}

@test "a hundred callers wait, and each gets its own" {
	compare crowd
}

@test "perl's IPC::SysV, IPC::Msg and IPC::Semaphore" {
	requires perl
	with_host_programs
	run_ct perl -e 'use IPC::SysV qw(:all ftok); use IPC::Msg; use IPC::Semaphore;
		my $q = IPC::Msg->new(ftok("/etc", 1), IPC_CREAT | 0600) or die "msg: $!";
		$q->snd(5, "five"); $q->snd(3, "three");
		my $b; print $q->rcv($b, 99, -9), " $b\n"; print $q->stat->qnum, " ", $q->stat->lspid == $$, "\n";
		$q->set(qbytes => 10); print $q->stat->qbytes, "\n"; $q->remove;
		my $s = IPC::Semaphore->new(IPC_PRIVATE, 3, 0600) or die "sem: $!";
		$s->setall(1, 2, 3); print join(",", $s->getall), "\n";
		if (!fork) { $s->op(1, -2, SEM_UNDO); exit }
		wait; print $s->getval(1), "\n";
		if (!fork) { select undef, undef, undef, 0.2; $s->op(0, 1, 0); exit }
		print $s->op(0, -2, 0) && "got it\n"; wait;
		print $s->op(0, -1, IPC_NOWAIT) ? "?" : $!{EAGAIN} && "would wait\n"; $s->remove'
	assert_status 0
	assert_output $'3 three\n1 1\n10\n1,2,3\n2\ngot it\nwould wait'
}

@test "python's sysv_ipc" {
	/usr/bin/python3 -c 'import sysv_ipc' || skip "needs python3-sysv-ipc"
	with_host_programs
	run_ct /usr/bin/python3 -c 'import os, sysv_ipc
q = sysv_ipc.MessageQueue(4711, sysv_ipc.IPC_CREX, max_message_size=100)
q.send(b"low", type=2); q.send(b"other", type=1)
print(q.receive(type=-2), q.current_messages, q.last_receive_pid == os.getpid())
s = sysv_ipc.Semaphore(4712, sysv_ipc.IPC_CREX, initial_value=1)
with s: print(s.value)
s.acquire()
try: s.acquire(timeout=0.1)
except sysv_ipc.BusyError: print("busy")
if os.fork() == 0:
    s.release(); os._exit(0)
s.acquire(timeout=10); print("acquired", s.value)
try: sysv_ipc.Semaphore(4712, sysv_ipc.IPC_CREX)
except sysv_ipc.ExistentialError: print("exists")
s.remove(); q.remove()'
	assert_status 0
	assert_output $'(b\'other\', 1) 1 True\n0\nbusy\nacquired 0\nexists'
}

@test "PHP's sysvmsg and sysvsem" {
	requires php
	with_host_programs
	cp -aL /etc/php rootfs/etc/php
	run_ct php -r '$q = msg_get_queue(99, 0600); msg_send($q, 3, ["a" => 1]);
		msg_receive($q, 0, $type, 1000, $got); echo $type, json_encode($got), msg_stat_queue($q)["msg_qnum"], "\n";
		$s = sem_get(98, 1); var_dump(sem_acquire($s), sem_acquire($s, true), sem_release($s), sem_remove($s), msg_remove_queue($q));'
	assert_status 0
	assert_output $'3{"a":1}0\nbool(true)\nbool(false)\nbool(true)\nbool(true)\nbool(true)'
}

@test "ipcmk makes them, ipcrm removes them" {
	requires ipcmk
	with_host_programs
	run_sh 'ipcmk -Q; ipcmk -S 3 -p 600; ipcrm -q 0 -s 0 && echo removed; ipcrm -q 0; ipcs -l | grep -E "queues system|max size|arrays|per"'
	assert_status 0
	assert_has 'Message queue id: 0'
	assert_has 'Semaphore id: 0'
	assert_has removed
	assert_has 'invalid id (0)'
	assert_has 'max queues system wide = 32000'
	assert_has 'max number of arrays = 32000'
}

# From the kernel's files, where they are: in balanced those are empty.
@test "ipcs lists the container's queues and semaphores" {
	requires ipcmk
	[ "$SENTRY" != balanced ] || skip "/proc/sysvipc is the kernel's"
	with_host_programs
	run_sh 'ipcmk -Q -p 640; ipcmk -S 3 -p 600; ipcs -q; ipcs -s; ipcs -q -i 0 | grep mode'
	assert_status 0
	[[ $output =~ 0x[0-9a-f]+\ 0\ +root\ +640\ +0\ +0 ]]
	[[ $output =~ 0x[0-9a-f]+\ 0\ +root\ +600\ +3 ]]
	assert_has 'mode=0640'
}

# Every process of the container, exec's included, meets the same objects; no other does.
@test "objects belong to the container and end with it" {
	requires perl picket
	with_host_programs
	start_ct sleep 1000
	run rt exec "$ID" perl -e 'print msgget(4242, 01600), " ", semget(4242, 1, 01600)'
	assert_output "0 0"
	run rt exec "$ID" perl -e 'print defined msgget(4242, 0) ? "there" : "none"'
	assert_output there
	run ! grep -qw 4242 /proc/sysvipc/msg
	rt delete --force "$ID"
	start_ct sleep 1000
	run rt exec "$ID" perl -e 'print defined msgget(4242, 0) ? "there" : "none"'
	assert_output none
}

# Nothing of it reaches the kernel: the namespace that the container has stays empty.
@test "the kernel's own queues and semaphores are not touched" {
	requires sentry perl
	with_host_programs
	start_ct perl -e '$| = 1; print msgget(77, 01600), semget(77, 1, 01600); sleep 1000'
	wait_until grep -q . "$T/out"
	assert_eq "$(nsenter --ipc="/proc/$(<"$T/pid")/ns/ipc" sh -c 'cat /proc/sysvipc/msg /proc/sysvipc/sem | wc -l')" 2
}

# They are looked at for signals, less often the longer they wait.
@test "callers that wait cost next to nothing" {
	requires sentry perl
	with_host_programs
	start_ct perl -e 'my $s = semget(77, 1, 01600); for (1 .. 20) { fork or semop $s, pack "sss", 0, -1, 0 } sleep 1000'
	sleep 5
	p=/proc/$(sentry_pid)
	a=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "$p"/task/*/status)
	sleep 2
	b=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "$p"/task/*/status)
	[ $((b - a)) -lt 60 ]
}
