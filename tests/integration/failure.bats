#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: off strict balanced
# Many callers at once, callers at their limits, a sentry that stops, ends or fails.

load helpers

setup_file() {
	requires picket cc
	build_guests "$BATS_FILE_TMPDIR" load
}

setup() {
	requires picket
	setup_bundle
	cp "$BATS_FILE_TMPDIR/load" rootfs/bin/load
	mkdir -m 777 rootfs/srv/own
	edit '.process.cwd = "/srv/own" | .process.capabilities |= map_values(. + ["CAP_SETGID", "CAP_SETUID"])'
}

teardown() {
	teardown_bundle
}

# --- load ----------------------------------------------------------------------------------

@test "200 threads make, read and remove files at once" {
	run_ct load threads
	assert_status 0
}

@test "1000 processes begin at the same moment" {
	run_ct load processes
	assert_status 0
}

@test "a bomb under a limit on processes: forks fail, no other call does" {
	edit '.linux.resources.pids.limit = 100'
	run_ct load bomb
	assert_status 0
	assert_nothing_left
}

@test "at its limit on descriptors a program opens, makes and empties nothing" {
	run_ct load emfile
	assert_status 0
}

@test "out of memory: who took it is killed, others and the sentry go on" {
	edit '.linux.resources.memory.limit = 33554432'
	run_ct load memory
	assert_status 0
}

# --- a sentry that stops or has too little ---------------------------------------------------

# A container that works without end, until rootfs/srv/own/stop is there.
start_worker() {
	start_ct load forever
	wait_until test -e rootfs/srv/own/started
}

end_worker() {
	touch rootfs/srv/own/stop
	wait_for_status stopped "$ID"
	assert_eq "$(find rootfs/srv/own -name 'f3-*')" ""
	assert_eq "$(cat "$T/out")" ""
}

@test "a sentry that is stopped delays calls, and none is lost" {
	requires sentry
	start_worker
	for _ in 1 2 3 4 5; do
		kill -STOP "$(sentry_pid)"
		sleep 0.1
		kill -CONT "$(sentry_pid)"
		sleep 0.05
	done
	end_worker
}

@test "a container that is paused in the middle of calls goes on with them" {
	start_worker
	for _ in $(seq 10); do
		rt pause "$ID"
		rt resume "$ID"
	done
	end_worker
}

@test "a sentry without descriptors refuses calls, and serves again when it has some" {
	requires strict prlimit
	start_ct sh -c 'until [ -e stop ]; do if true </etc/passwd; then r=served; else r=refused; fi
		[ "$r" = "$last" ] || echo $r; last=$r; done 2>/dev/null'
	wait_until grep -q served "$T/out"
	prlimit --pid "$(sentry_pid)" --nofile=3:
	wait_until grep -q refused "$T/out"
	prlimit --pid "$(sentry_pid)" --nofile=1000:
	wait_until sh -c "tail -n 1 '$T/out' | grep -q served"
	touch rootfs/srv/own/stop
	wait_for_status stopped "$ID"
}

# --- a sentry that ends ----------------------------------------------------------------------

# ends_with SIGNAL NAME: how soon the container has ended, and what is said of it.  It is
# a few milliseconds; a busy machine may take longer to run anything at all.
ends_with() {
	requires sentry
	local init begin took
	start_worker
	init=/proc/$(cat "$T/pid")
	begin=$(date +%s%N)
	kill "-$1" "$(sentry_pid)"
	while [ -e "$init/exe" ]; do :; done
	took=$((($(date +%s%N) - begin) / 1000000))
	echo "# the container ended after $took ms" >&3
	[ "$took" -lt 1000 ]
	wait_for_status stopped "$ID"
	wait_until test -s "$ROOT/$ID/sentry.status"
	assert_eq "$(rt state "$ID" | jq -r .sentryStatus)" "killed by signal $2"
	run rt exec "$ID" true
	assert_failure
	assert_has "stopped container; its sentry: killed by signal $2"
	run rt events --stats "$ID"
	assert_failure
	assert_has "is not running; its sentry: killed by signal $2"
	rt delete "$ID"
	assert_nothing_left
}

@test "a sentry that is killed ends the container at once; state, exec and events say why" {
	ends_with KILL "9 (SIGKILL)"
}

@test "so does a sentry that crashes" {
	ends_with SEGV "11 (SIGSEGV)"
}

# --- a sentry whose own calls fail -----------------------------------------------------------

# with_faults CALL:ERRNO:N: a sentry whose every Nth CALL fails, see tests/faults.
with_faults() {
	[ -x "${BUILD:-}/tests/faults/picket-sentry" ] || skip "needs the sentry of make check"
	[ -d "$T/bin" ] || {
		mkdir "$T/bin"
		cp "$PICKET" "$BUILD/tests/faults/picket-sentry" "$T/bin"
		PICKET=$T/bin/picket
	}
	export PICKET_FAULTS=$1
}

# Nobody gets what it must not, and what is left behind is nothing.
@test "calls of the sentry that fail are failures of the guest's, and nothing more" {
	requires sentry
	local fault
	printf mine >rootfs/srv/own/mine
	install -m 600 /dev/null rootfs/srv/own/secret
	# EMFILE, ENOMEM, EINVAL, EINTR; ENOENT; EFAULT, ESRCH, EPERM; ENOMEM, EMFILE, EIO; ...
	for fault in addfd:24:3 addfd:12:3 addfd:22:2 addfd:4:3 valid:2:7 read:14:5 read:3:5 \
		read:1:5 open:12:5 open:24:3 open:5:4 getfd:24:2 pidfd:24:2 groups:1:1 caps:1:3 \
		recv:4:3 recv:2:3; do
		echo "$fault"
		with_faults "$fault"
		run_ct load faults
		assert_status 0
		assert_nothing_left
	done
}

@test "a sentry that cannot receive or start a thread takes no container with it unseen" {
	requires sentry
	with_faults thread:11:1
	run_ct true
	assert_failure
	assert_has "Resource temporarily unavailable"
	assert_nothing_left
	with_faults recv:12:40
	start_ct sh -c 'while /bin/true; do :; done'
	wait_for_status stopped "$ID"
	wait_until test -s "$ROOT/$ID/sentry.status"
	assert_eq "$(rt state "$ID" | jq -r .sentryStatus)" "killed by signal 4 (SIGILL)"
}
