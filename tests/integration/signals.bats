#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: off strict balanced
# Signals that arrive during calls: none is lost, none makes a call fail or happen twice.

load helpers

setup_file() {
	requires picket cc
	build_guests "$BATS_FILE_TMPDIR" storm notify
}

setup() {
	requires picket
	setup_bundle
	cp "$BATS_FILE_TMPDIR"/{storm,notify} rootfs/bin
	edit '.process.cwd = "/srv"'
}

teardown() {
	teardown_bundle
}

# Without SA_RESTART a mediated call may be told EINTR before the sentry has received it:
# it was not made, and can be made again.  A plain runtime shows none.
@test "signals all the time: files, connections and programs are made once each" {
	run_ct storm
	assert_status 0
	assert_has "0 interrupted"
	[ "$SENTRY" != off ] || [[ $output == *"plain: "*", 0 interrupted"* ]]
	# A blocking connect ends with a signal, even with SA_RESTART where it has a time limit.
	assert_has "full queue, plain: EINTR"
	assert_has "full queue, restart: EINTR"
}

@test "pipelines of a shell, hundreds of them" {
	run_sh 'i=0; while [ $i -lt 300 ]; do [ "$(echo $i | cat | cat)" = $i ] || echo wrong $i
		i=$((i + 1)); done; echo $i'
	assert_status 0
	assert_output 300
}

@test "who waits for a FIFO is interrupted, goes on or is killed as the signal says" {
	for probe in fifo-eintr fifo-restart fifo-kill; do
		run_ct notify $probe
		assert_status 0
	done
}
