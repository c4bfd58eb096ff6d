#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Under a real containerd: ctr, the runc v2 shim, our binary as BinaryName.

load helpers

setup_file() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	requires containerd ctr containerd-shim-runc-v2
	start_containerd <<<'disabled_plugins = ["io.containerd.grpc.v1.cri"]'
}

teardown_file() {
	stop_containerd
}

setup() {
	N=c$BATS_TEST_NUMBER-$ID
	IMAGE=docker.io/test/busybox:latest
}

teardown() {
	ctr task kill -s KILL -a "$N" >/dev/null 2>&1 || true
	ctr task rm -f "$N" >/dev/null 2>&1 || true
	ctr container rm "$N" >/dev/null 2>&1 || true
}

ctr_run() {
	ctr run --runc-binary "$C/runtime" --runtime io.containerd.runc.v2 "$@"
}

@test "ctr run hands on output and exit status" {
	run ctr_run --rm "$IMAGE" "$N" echo hello
	assert_status 0
	assert_output hello
	run ctr_run --rm "$IMAGE" "$N" sh -c 'exit 42'
	assert_status 42
}

@test "ctr run of a missing program names it" {
	run ctr_run --rm "$IMAGE" "$N" no-such-program
	assert_failure
	assert_has "executable file not found in \$PATH"
}

@test "ctr task exec, kill, the exit status" {
	ctr_run -d "$IMAGE" "$N" sleep 1000
	run ctr task exec --exec-id e1 "$N" sh -c 'echo out; exit 9'
	assert_status 9
	assert_has out
	run ctr task ls
	assert_has RUNNING
	ctr task kill -s KILL "$N"
	wait_until sh -c "ctr task ls | grep -q 'STOPPED'"
}

@test "ctr task pause, resume, ps, metrics" {
	ctr_run -d "$IMAGE" "$N" sleep 1000
	ctr task pause "$N"
	run ctr task ls
	assert_has PAUSED
	ctr task resume "$N"
	run ctr task ps "$N"
	assert_status 0
	[ "${#lines[@]}" -eq 2 ]
	run ctr task metrics "$N"
	assert_status 0
	assert_has memory
}

@test "ctr task exec with a terminal" {
	requires script
	ctr_run -d "$IMAGE" "$N" sleep 1000
	run script -qec "ctr task exec -t --exec-id e2 $N tty" /dev/null </dev/null
	assert_has /dev/pts/
}

@test "ctr run: read-only, mounts, environment, limits" {
	echo data >"$BATS_TEST_TMPDIR/f"
	run ctr_run --rm --read-only --env A=b --cwd /srv --memory-limit 64000000 \
		--mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/v,options=rbind:ro" "$IMAGE" "$N" \
		sh -c 'exec 2>&1; cat /v/f; echo $A; pwd; echo x >/x; echo y >/v/y; true'
	assert_status 0
	assert_has $'data\nb\n/srv'
	[ ! -e "$BATS_TEST_TMPDIR/y" ]
}

@test "ctr run with the default seccomp profile" {
	run ctr_run --rm --seccomp "$IMAGE" "$N" sh -c 'echo works; unshare -U true'
	assert_failure
	assert_has works
}

@test "a task that ended is deleted without a trace" {
	ctr_run --rm "$IMAGE" "$N" true
	run ctr task ls -q
	assert_output ""
	[ -z "$(find "$C/run" -path '*runc*' -name "$N" 2>/dev/null)" ]
}
