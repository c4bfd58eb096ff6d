#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input: one clear line that says what, where and what was expected, and nothing left.

load helpers

setup() {
	setup_bundle
}

teardown() {
	teardown_bundle
}

# fails_with TEXT...: `run` of the bundle fails and leaves nothing; picket says TEXTs, in
# one line (other runtimes are less exact).
fails_with() {
	local text
	run rt run "$ID"
	assert_failure
	assert_nothing_left
	is_picket || return 0
	for text; do
		assert_has "$text"
	done
	assert_one_line
}

# wrong FILTER PATH: the change makes config.json wrong, the message names the JSON path.
wrong() {
	cp config.json "$T/good.json"
	edit "$1"
	is_picket || set -- "$1" ""
	run rt run "$ID"
	assert_failure
	assert_has "$2"
	! is_picket || assert_one_line
	assert_nothing_left
	cp "$T/good.json" config.json
}

@test "no config.json" {
	rm config.json
	fails_with "JSON specification file config.json not found"
}

@test "an empty, a cut and a broken config.json" {
	requires picket
	: >config.json
	fails_with config.json
	rt spec -b "$T" && head -c 500 "$T/config.json" >config.json
	fails_with config.json
	echo '{ "ociVersion": "1.0.0", }' >config.json
	fails_with config.json
	echo '[]' >config.json
	fails_with config.json
	printf '\377\376\000' >config.json
	fails_with config.json
	head -c 200000 /dev/zero | tr '\0' '[' >config.json
	fails_with config.json
}

@test "wrong types are named by their JSON path" {
	requires picket
	wrong '.process.args = "sh"' ".process.args"
	wrong '.process.args = ["sh", 1]' ".process.args[1]"
	wrong '.process.user.uid = "root"' ".process.user.uid"
	wrong '.process.user.uid = -1' ".process.user.uid"
	wrong '.process.user.uid = 4294967296' ".process.user.uid"
	wrong '.process.terminal = 1' ".process.terminal"
	wrong '.process.env = {}' ".process.env"
	wrong '.root = []' ".root"
	wrong '.root.path = 5' ".root.path"
	wrong '.root.readonly = "yes"' ".root.readonly"
	wrong '.mounts = {}' ".mounts"
	wrong '.mounts[2].options = "ro"' ".mounts[2].options"
	wrong '.mounts[1].options[0] = null' ".mounts[1].options[0]"
	wrong '.linux.namespaces[0] = "pid"' ".linux.namespaces[0]"
	wrong '.linux.resources.memory = { limit: "1g" }' ".linux.resources.memory.limit"
	wrong '.linux.resources.pids = { limit: 1.5 }' ".linux.resources.pids.limit"
	wrong '.hooks = { prestart: {} }' ".hooks.prestart"
	wrong '.hooks = { prestart: [{ path: 1 }] }' ".hooks.prestart[0].path"
	wrong '.annotations = { a: 1 }' ".annotations"
	wrong '.process.rlimits = [{ type: "RLIMIT_CORE", soft: "x", hard: 1 }]' ".process.rlimits[0].soft"
	wrong '.linux.maskedPaths = [1]' ".linux.maskedPaths[0]"
	wrong '.linux.seccomp = { defaultAction: 3 }' ".linux.seccomp.defaultAction"
	wrong '.process.capabilities.bounding = "ALL"' ".process.capabilities.bounding"
}

@test "values that are not allowed" {
	wrong '.process.args = []' args
	wrong '.process.cwd = "relative"' cwd
	wrong '.process.rlimits = [{ type: "RLIMIT_NO", soft: 1, hard: 1 }]' RLIMIT_NO
	wrong '.linux.namespaces += [{ type: "pid" }]' namespaces
	wrong '.linux.namespaces += [{ type: "nothing" }]' nothing
	wrong '.linux.seccomp = { defaultAction: "SCMP_ACT_MAYBE" }' SCMP_ACT_MAYBE
	wrong '.linux.resources.devices = [{ allow: true, type: "z" }]' devices
}

@test "values that only picket is strict about" {
	requires picket
	wrong '.ociVersion = "2.0.0"' ociVersion
	wrong 'del(.ociVersion)' ociVersion
	wrong '.process.env = ["NOEQUALS"]' NOEQUALS
	wrong '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard: 1 },
		{ type: "RLIMIT_CORE", soft: 0, hard: 1 }]' RLIMIT_CORE
	wrong '.hostname = "x" | .linux.namespaces |= map(select(.type != "uts"))' hostname
	wrong '.process.scheduler = { policy: "SCHED_SOMEHOW" }' SCHED_SOMEHOW
}

@test "no root file system" {
	rm -r rootfs
	fails_with rootfs
	echo file >rootfs
	fails_with rootfs
	rm rootfs
	ln -s "$T/nowhere" rootfs
	fails_with rootfs
	edit 'del(.root)'
	fails_with root
}

@test "a bundle that is not there" {
	run rt run -b "$T/none" "$ID"
	assert_failure
	assert_has none
	assert_nothing_left
}

@test "unknown verbs, flags and missing arguments" {
	run "$PICKET" no-such-verb
	assert_failure
	assert_has no-such-verb
	run "$PICKET" --no-such-flag list
	assert_failure
	assert_has no-such-flag
	run rt run --no-such-flag "$ID"
	assert_failure
	assert_has no-such-flag
	run rt create
	assert_failure
	run rt start
	assert_failure
	run rt state
	assert_failure
	run rt run "$ID" surplus
	assert_failure
	run rt create --bundle
	assert_failure
	[[ $output == *"flag needs an argument"* ]] || [[ $output == *"requires an argument"* ]]
	run rt kill "$ID" NOSUCHSIGNAL
	assert_failure
}

@test "numbers of options are whole numbers" {
	requires picket
	start_ct
	for n in "" x 1x -1 4294967295 4294967296 99999999999999999999 0x10 " 1"; do
		run rt exec --user "$n" "$ID" id -u
		assert_failure
	done
	for n in x 99 -1 1x; do
		run rt kill "$ID" "$n"
		assert_failure
	done
	run rt exec --preserve-fds x "$ID" true
	assert_failure
	wait_for_status running "$ID"
}

@test "ids that are not ids" {
	for id in "" . .. a/b ../x 'a b' $'a\nb' 'ä' "$(printf '%02000d' 0)"; do
		run rt run "$id"
		assert_failure
	done
	run rt run 'a:b'
	assert_has "invalid container ID format"
	run rt run "../../$ID"
	assert_has "invalid container ID format"
	assert_nothing_left
	[ ! -e "$T/$ID" ]
}

@test "an id that is taken" {
	start_ct
	run rt run "$ID"
	assert_failure
	if is_picket; then assert_has "container with given ID already exists"; fi
	wait_for_status running "$ID"
	run rt exec "$ID" echo unharmed
	assert_output unharmed
	rt delete --force "$ID"
	assert_nothing_left
}

@test "a container that does not exist" {
	for verb in state start pause resume "exec x" ps kill; do
		# shellcheck disable=SC2086 # "exec x": the id comes before the command
		run rt ${verb% x} "no-$ID" ${verb#"${verb% x}"}
		assert_failure
		assert_has "does not exist"
	done
}

@test "a namespace path that is not one" {
	echo x >"$T/file"
	for path in /no/such "$T/file" /dev/null; do
		edit '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "$path"
		fails_with "$path"
	done
	requires picket
	edit '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' \
		--arg p /proc/self/ns/uts
	fails_with /proc/self/ns/uts
	edit '.linux.namespaces |= map(if .type == "network" then .path = "relative" else . end)'
	fails_with relative
}

@test "a mount that cannot be made" {
	edit '.mounts += [{ destination: "/x", source: "/no/such/source", type: "bind", options: ["bind"] }]'
	fails_with /no/such/source
	edit '.mounts[-1] = { destination: "/x", type: "nosuchfs", source: "x" }'
	fails_with nosuchfs
	edit '.mounts[-1] = { destination: "/x", type: "tmpfs", source: "x", options: ["nosuchoption=1"] }'
	fails_with /x
	echo file >rootfs/file
	edit '.mounts[-1] = { destination: "/file/below", type: "tmpfs", source: "x" }'
	fails_with /file
}

@test "a mount over /proc is refused" {
	mkdir "$T/fake"
	edit '.mounts += [{ destination: "/proc/sys/kernel", source: $s, type: "bind", options: ["bind"] }]' \
		--arg s "$T/fake"
	fails_with /proc
}

@test "a root whose /proc is a link" {
	rmdir rootfs/proc
	ln -s /srv rootfs/proc
	fails_with proc
}

@test "a cgroup that cannot be made" {
	requires cgroup_v1
	edit '.linux.cgroupsPath = "/picket-test/" + $n' --arg n "$ID"$'\n'x
	fails_with "Invalid argument"
}

@test "cgroup limits that the kernel refuses" {
	requires cgroup_v1
	edit '.linux.resources.cpu = { cpus: "4095" }'
	fails_with cpuset
}

@test "a hook that fails" {
	for kind in prestart createRuntime createContainer; do
		edit '.hooks = { ($k): [{ path: "/bin/sh", args: ["sh", "-c", "echo the reason >&2; exit 3"] }] }' \
			--arg k "$kind"
		fails_with hook
		! is_picket || assert_has "$kind"
	done
	edit '.hooks = { startContainer: [{ path: "/bin/sh", args: ["sh", "-c", "exit 3"] }] }'
	fails_with hook
}

@test "a hook that is not there" {
	edit '.hooks = { createRuntime: [{ path: "/no/such/hook" }] }'
	fails_with /no/such/hook
}

@test "a hook that hangs is ended at its timeout" {
	is_picket || skip "runc 1.1.5 waits for the hook's children"
	edit '.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", "sleep 1000"], timeout: 1 }] }'
	SECONDS=0
	run rt run "$ID"
	assert_failure
	[ $SECONDS -lt 8 ]
	! is_picket || assert_nothing_left
}

@test "a console socket that is not there, or none" {
	edit '.process.terminal = true'
	run rt create --console-socket "$T/nothing" "$ID"
	assert_failure
	assert_has "$T/nothing"
	assert_nothing_left
	run rt create "$ID"
	assert_failure
	assert_has "cannot allocate tty if"
	assert_nothing_left
	edit '.process.terminal = false'
	run rt create --console-socket "$T/nothing" "$ID"
	assert_failure
	assert_nothing_left
}

@test "a pid file that cannot be written" {
	run rt create --pid-file "$T/no/dir/pid" "$ID" </dev/null
	assert_failure
	assert_has "$T/no/dir"
	assert_nothing_left
}

@test "a state root that cannot be made" {
	run "$PICKET" --root /proc/nothing list
	run "$PICKET" --root /proc/nothing run "$ID"
	assert_failure
	assert_has /proc/nothing
	echo file >"$T/file"
	run "$PICKET" --root "$T/file" run "$ID"
	assert_failure
	assert_has "$T/file"
}

@test "a read-only bundle works" {
	mkdir "$T/ro"
	mount --bind "$BUNDLE" "$T/ro"
	mount -o remount,bind,ro "$T/ro"
	edit '.mounts |= map(select(.destination | IN("/proc", "/dev", "/dev/shm", "/sys", "/dev/pts")))'
	run rt run -b "$T/ro" "$ID"
	umount "$T/ro"
	assert_status 0
}

@test "a CLI killed in mid-create leaves nothing that delete --force does not take" {
	edit '.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", "sleep 3"] }] }'
	PICKET_TEST_ID=$ID "$PICKET" ${SENTRY:+--sentry=$SENTRY} --root "$ROOT" create "$ID" \
		>"$T/out" 2>&1 </dev/null 3>&- &
	pid=$!
	sleep 0.5
	kill -KILL $pid
	wait $pid || true
	sleep 0.2
	rt delete --force "$ID"
	sleep 3
	! is_picket || assert_nothing_left
}

@test "a CLI killed at any moment of create" {
	requires picket
	edit '.process.args = ["sleep", "1000"]'
	for ms in 001 002 004 006 008 010 012 015 020 030; do
		PICKET_TEST_ID=$ID "$PICKET" ${SENTRY:+--sentry=$SENTRY} --root "$ROOT" create "$ID" \
			>"$T/out" 2>&1 </dev/null 3>&- &
		pid=$!
		sleep "0.$ms"
		kill -KILL $pid 2>/dev/null || true
		wait $pid || true
		rt delete --force "$ID"
		assert_nothing_left
	done
}

@test "a broken state file is one error, and delete --force takes it away" {
	requires picket
	start_ct
	pid=$(cat "$T/pid")
	echo '{ "id": ' >"$ROOT/$ID/state.json"
	run rt state "$ID"
	assert_failure
	assert_one_line
	run rt list
	assert_status 0
	kill -KILL "$pid"
	rt delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "--log gets the error as one JSON object" {
	edit '.process.args = ["no-such-program"]'
	run rt --log "$T/log" --log-format json run "$ID"
	assert_failure
	jq -e '.level == "error" and (.msg | contains("executable file not found in $PATH"))
		and (.time | fromdateiso8601? // true)' "$T/log"
	! is_picket || assert_eq "$(wc -l <"$T/log")" 1
	edit '.process.args = ["true"]'
	! is_picket || {
		rt --log "$T/log2" --log-format json run "$ID"
		[ ! -s "$T/log2" ]
	}
}

@test "a sentry mode that is none" {
	requires picket
	run "$PICKET" --sentry=loose --root "$ROOT" run "$ID"
	assert_failure
	assert_has loose
	assert_nothing_left
}

@test "a field that is not supported is named" {
	requires picket
	cp config.json "$T/c"
	edit '.linux.intelRdt = { closID: "x", l3CacheSchema: "L3:0=f" }'
	fails_with intelRdt
	cp "$T/c" config.json
	edit '.vm = { kernel: { path: "/x" } }'
	run rt run "$ID"
	[ "$status" -eq 0 ] || assert_has vm
}

@test "a profile or a label where the kernel has no such module" {
	requires picket
	[ ! -e /sys/kernel/security/apparmor ] || skip "has AppArmor"
	[ ! -e /sys/fs/selinux/status ] || skip "has SELinux"
	edit '.process.apparmorProfile = "some"'
	fails_with "apparmor profile 'some'" "not supported by this kernel"
	edit '.process.apparmorProfile = "unconfined"'
	run_ct true
	assert_status 0
	edit 'del(.process.apparmorProfile) | .process.selinuxLabel = "u:r:t:s0"'
	fails_with "u:r:t:s0" "selinux is disabled"
}
