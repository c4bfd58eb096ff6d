#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The sentry itself: what its callers must not notice, and what happens when it ends.
# modes: strict

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	build_guests "$BATS_FILE_TMPDIR" notify
}

setup() {
	requires picket cc
	SENTRY_PROGRAM=${PICKET%/*}/picket-sentry
	T=$BATS_TEST_TMPDIR
	cd "$T" || return
}

teardown() {
	teardown_bundle
}

# One probe under `picket-sentry run`, in this test's directory.
probe() {
	run "$SENTRY_PROGRAM" run -- "$BATS_FILE_TMPDIR/notify" "$1"
	assert_status 0
}

@test "a signal handler interrupts the open of a FIFO" {
	probe fifo-eintr
}

@test "a handler with SA_RESTART does not" {
	probe fifo-restart
}

@test "whoever waits for a FIFO can be killed at once" {
	probe fifo-kill
}

@test "forty callers that wait do not keep others from being served" {
	probe fifo-crowd
}

# An injected descriptor wakes the caller on the sentry's CPU, by its mask.
@test "no caller and no child of it ever sees another CPU mask" {
	probe affinity
}

@test "a storm of signals loses no call and repeats none" {
	probe signals
}

@test "eight threads open at once" {
	probe threads
}

# Receivers change: of an ordinary class, of SCHED_IDLE, pinned and not.
@test "bursts and pauses beside programs that compute at times" {
	probe pulses
}

@test "the limit on descriptors is the caller's" {
	probe emfile
}

@test "run has the command's exit status" {
	run "$SENTRY_PROGRAM" run -- sh -c 'exit 7'
	assert_status 7
	run "$SENTRY_PROGRAM" run -- sh -c 'kill -TERM $$'
	assert_status 143
	run -127 "$SENTRY_PROGRAM" run -- /nonexistent
	assert_status 127
	run "$SENTRY_PROGRAM" run -- /etc
	assert_status 126
}

@test "run works for an ordinary user" {
	requires root setpriv
	run setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$SENTRY_PROGRAM" run -- cat /etc/os-release
	assert_status 0
	assert_has NAME=
	run setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$SENTRY_PROGRAM" run -- cat /etc/shadow
	assert_failure
	assert_has "Permission denied"
}

@test "a trace names the call, its path and its result" {
	run "$SENTRY_PROGRAM" run --trace=openat -- cat /etc/hostname /nonexistent
	assert_has 'openat(AT_FDCWD, "/etc/hostname", O_RDONLY'
	assert_has '"/nonexistent", O_RDONLY, 0) = -1 ENOENT'
	run "$SENTRY_PROGRAM" run --trace=nonsense -- true
	assert_status 125
	assert_has nonsense
}

@test "--syscalls lists every call" {
	run "$SENTRY_PROGRAM" --syscalls
	assert_status 0
	[ "${#lines[@]}" -ge 383 ]
	assert_has openat
}

# What the state says about the sentry: its process, the watchdog is its parent.
@test "a sentry that dies takes its container with it and says why" {
	setup_bundle
	start_ct
	kill -SEGV "$(sentry_pid)"
	wait_for_status stopped "$ID"
	run cat "$ROOT/$ID/sentry.status"
	assert_output "killed by signal 11 (SIGSEGV)"
}

@test "so does its watchdog" {
	setup_bundle
	start_ct
	kill -KILL "$(awk '/^PPid/ { print $2 }' "/proc/$(sentry_pid)/status")"
	wait_for_status stopped "$ID"
}

@test "an idle sentry sleeps, and is small" {
	setup_bundle
	start_ct
	local sentry watchdog before pss
	sentry=$(sentry_pid)
	watchdog=$(awk '/^PPid/ { print $2 }' "/proc/$sentry/status")
	switches() {
		cat "/proc/$sentry"/task/*/status "/proc/$watchdog/status" |
			awk '/ctxt_switches/ { n += $2 } END { print n }'
	}
	sleep 0.5
	before=$(switches)
	sleep 2
	[ "$(switches)" = "$before" ]
	pss=$(awk '/^Pss:/ { n += $2 } END { print n }' "/proc/$sentry/smaps_rollup" \
		"/proc/$watchdog/smaps_rollup")
	echo "PSS of both: $pss KiB"
	[ "$pss" -le 1536 ]
}

@test "the sentry has no capability over the host, no dump, a filter" {
	setup_bundle
	start_ct
	local sentry
	sentry=$(sentry_pid)
	[ "$(readlink "/proc/$sentry/ns/user")" != "$(readlink /proc/self/ns/user)" ]
	[ "$(readlink "/proc/$sentry/ns/mnt")" = "$(readlink "/proc/$(cat "$T/pid")/ns/mnt")" ]
	grep -q '^NoNewPrivs:.1$' "/proc/$sentry/status"
	grep -q '^Seccomp:.2$' "/proc/$sentry/status"
}
