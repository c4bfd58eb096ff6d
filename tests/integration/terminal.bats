#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: off strict balanced
# Terminals inside: sizes, signals, job control, hang-up; programs that make their own.

load helpers

setup() {
	requires picket cc
	setup_bundle
}

teardown() {
	teardown_bundle
}

# Pushing characters into a terminal's input is refused (newer kernels refuse it, too).
@test "a terminal does for its session what it does without a sentry" {
	requires sentry
	build_guests rootfs/srv tty
	set_args /srv/tty
	SENTRY=off rt run "$ID-off" >"$T/want" 2>&1 </dev/null
	rt run "$ID" >"$T/got" 2>&1 </dev/null
	grep -q "^wait_for(SIGHUP) = 1" "$T/want"
	diff <(grep -v TIOCSTI "$T/want") <(grep -v TIOCSTI "$T/got")
	grep -q "^ioctl(tty, TIOCSTI.* = 1" "$T/got"
}

@test "script(1): a terminal of its own, its size, its exit status" {
	requires script
	with_host_programs
	run_sh 'script -qec "stty rows 33 cols 77; stty size; tty; exit 9" /dev/null </dev/null; echo status $?'
	assert_has "33 77"
	assert_has /dev/pts/
	assert_has "status 9"
}

@test "tmux: windows, typing, job control" {
	requires tmux bash
	with_host_programs
	edit '.process.env += ["TERM=xterm", "LC_ALL=C.UTF-8", "SHELL=/usr/bin/bash", "PS1=> "]'
	# shellcheck disable=SC2016 # for the shell inside
	run_sh 'see() { until tmux capture-pane -p -t s | grep -q "$1"; do sleep 0.05; done; }
		tmux -f /dev/null new-session -d -s s -x 90 -y 30 "bash --norc -i"
		tmux send-keys -t s "stty size" Enter; see "^30 90"
		tmux resize-window -t s -x 70 -y 20
		tmux send-keys -t s "sleep 1000" Enter; sleep 0.3; tmux send-keys -t s C-z; see Stopped
		tmux send-keys -t s fg Enter; sleep 0.3; tmux send-keys -t s C-c
		tmux send-keys -t s "echo status \$?" Enter; see "^status 130"
		tmux send-keys -t s "stty size" Enter; see "^20 70"
		tmux kill-server; echo done'
	assert_status 0
	assert_has "done"
}
