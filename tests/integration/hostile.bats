#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that attack: what is checked is what is used, and no argument ends the sentry.
#
#   FLIPS=N     at least N million flips during calls (default: one round)
#   RANDOM_SECONDS=N, RANDOM_SEED=N     of random calls

load helpers

setup_file() {
	requires picket cc
	build_guests "$BATS_FILE_TMPDIR" flips random
}

setup() {
	requires picket
	setup_bundle
	cp "$BATS_FILE_TMPDIR"/{flips,random} rootfs/bin
	mkdir -m 777 rootfs/srv/own
	edit '.process.cwd = "/srv/own" | .process.capabilities |= map_values(. + ["CAP_CHOWN",
		"CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"] | unique)'
}

teardown() {
	teardown_bundle
}

# By a thread, by a process with the same memory, by one with the same address space; each
# call with a pointer.  The test itself is tested by mode off, which is Linux.
@test "arguments that change during a call never yield the other object" {
	run_ct /bin/flips "${FLIPS:-0}"
	assert_status 0
	echo "# $(tail -n 1 <<<"$output")" >&3
	# Each call has met both values.
	[ -z "$(awk '/times the one/ && ($(NF - 7) == 0 || $(NF - 3) == 0)' <<<"$output")" ]
}

@test "nor for a caller in another root directory" {
	run_ct /bin/flips "${FLIPS:-0}" jail
	assert_status 0
}

# Through pipes: it writes to any descriptor that it finds, and changes the mode of the
# host's /dev/null where that is its standard input.
@test "random calls with random arguments end neither the sentry nor the kernel" {
	requires sentry
	local before
	kernel_log() {
		dmesg 2>/dev/null | grep -cE 'BUG: |WARNING: |Oops|picket-sentry.*(segfault|fault)' || true
	}
	before=$(kernel_log)
	edit '.linux.resources.pids.limit = 300'
	set_args /bin/random "${RANDOM_SECONDS:-6}" "${RANDOM_SEED:-1}"
	run bash -o pipefail -c 'true | "$@" 2>&1 | tail -n 1 | tr -cd "[:print:]"' bash \
		"$PICKET" --sentry="$SENTRY" --root "$ROOT" run "$ID"
	assert_status 0
	assert_has " calls"
	assert_eq "$(kernel_log)" "$before"
	assert_nothing_left
}
