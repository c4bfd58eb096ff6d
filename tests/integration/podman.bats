#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Under podman: conmon calls the runtime, podman parses its state and its errors.

load helpers
bats_require_minimum_version 1.5.0

setup_file() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	requires podman conmon
	setup_podman
	busybox_tar | podman_ import --change 'CMD ["sh"]' - busybox >/dev/null 2>&1
}

teardown_file() {
	[ -n "${P:-}" ] || return 0
	podman_ pod rm -f -a >/dev/null 2>&1 || true
	podman_ rm -f -a -t 0 >/dev/null 2>&1 || true
	umount -l "$P/root/overlay" 2>/dev/null || true
}

setup() {
	N=c$BATS_TEST_NUMBER
}

teardown() {
	podman_ rm -f -t 0 "$N" >/dev/null 2>&1 || true
	[ -n "${U:-}" ] || return 0
	pkill -KILL -u "$U" || true	# podman keeps a process for its user namespace
	wait_until userdel "$U"
}

# No network unless a test wants one: neither bridge nor firewall of the host is touched.
prun() {
	run podman_ run --rm --network none --name "$N" "$@"
}

@test "podman run hands on output and exit status" {
	prun busybox echo hello
	assert_status 0
	assert_output hello
	prun busybox sh -c 'exit 42'
	assert_status 42
}

@test "podman's exit statuses: 127 not found, 126 not executable" {
	run -127 podman_ run --rm --network none --name "$N" busybox no-such-program
	prun busybox /etc/passwd
	assert_status 126
}

@test "podman run -i and -t" {
	requires script
	assert_eq "$(printf 'a\nb\n' | podman_ run --rm -i --network none busybox wc -l | tr -d ' ')" 2
	cat >"$BATS_TEST_TMPDIR/t" <<-END
		exec podman --root "$P/root" --runroot "$P/run" --tmpdir "$P/tmp" --storage-driver overlay \
			--cgroup-manager cgroupfs --events-backend file --runtime "$P/runtime" \
			run --rm -it --network none busybox sh -c 'tty; sleep 0.3; exit 3'
	END
	run script -qec "sh $BATS_TEST_TMPDIR/t" /dev/null </dev/null
	assert_status 3
	assert_has /dev/pts/0
}

@test "podman run -d, exec, logs, stop" {
	podman_ run -d --network none --name "$N" busybox \
		sh -c 'echo started; trap "exit 5" TERM; while :; do sleep 0.1; done'
	wait_until sh -c "grep -q started <<<\"\$(cat $P/root/overlay-containers/*/userdata/ctr.log)\"" || true
	run podman_ exec "$N" sh -c 'echo out; exit 9'
	assert_status 9
	assert_output out
	assert_eq "$(echo in | podman_ exec -i "$N" cat)" in
	assert_eq "$(podman_ exec -u 1000 -w /srv -e A=b "$N" sh -c 'id -u; pwd; echo $A' | paste -sd' ')" "1000 /srv b"
	[[ $(podman_ logs "$N") == *started* ]]
	podman_ stop -t 5 "$N" >/dev/null
	assert_eq "$(podman_ inspect -f '{{.State.ExitCode}}' "$N")" 5
}

@test "podman kill, pause, unpause, top" {
	podman_ run -d --network none --name "$N" busybox sleep 1000
	podman_ pause "$N"
	assert_eq "$(podman_ inspect -f '{{.State.Status}}' "$N")" paused
	podman_ unpause "$N"
	run podman_ top "$N" pid comm
	assert_has sleep
	podman_ kill "$N"
	assert_eq "$(podman_ wait "$N")" 137
}

@test "podman run: volumes, tmpfs, read-only, user, limits, capabilities" {
	echo data >"$BATS_TEST_TMPDIR/f"
	prun -v "$BATS_TEST_TMPDIR:/v:ro" --tmpfs /t --read-only --user 1000:1001 --hostname guard busybox \
		sh -c 'exec 2>&1; cat /v/f; id -u; id -g; hostname; echo x >/x; echo y >/t/y && cat /t/y'
	assert_has $'data\n1000\n1001\nguard'
	assert_has y
	prun --cap-drop all --cap-add kill busybox grep CapEff /proc/self/status
	assert_output "CapEff:	0000000000000020"
	prun --memory 64m --pids-limit 50 --ulimit nofile=77:88 --ulimit nproc=500:500 busybox \
		sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max 2>/dev/null ||
			cat memory.max pids.max; ulimit -n'
	assert_output $'67108864\n50\n77'
	prun --security-opt no-new-privileges --init --init-path "$(command -v docker-init)" busybox cat /proc/1/comm
	assert_status 0
}

@test "podman run with the host's network" {
	run podman_ run --rm --network host --name "$N" busybox readlink /proc/self/ns/net
	assert_output "$(readlink /proc/self/ns/net)"
}

@test "a pod: containers share its namespaces" {
	busybox_tar | podman_ import --change 'ENTRYPOINT ["/bin/sleep", "1000"]' - infra >/dev/null 2>&1
	podman_ pod create --name "pod$N" --infra-image localhost/infra --network none \
		--share net,ipc,uts >/dev/null
	podman_ run -d --pod "pod$N" --name "$N" busybox sleep 1000
	want=$(podman_ exec "$N" readlink /proc/self/ns/net)
	run podman_ run --rm --pod "pod$N" busybox readlink /proc/self/ns/net
	podman_ pod rm -f -t 0 "pod$N" >/dev/null
	assert_output "$want"
}

@test "a health check" {
	podman_ run -d --network none --name "$N" --health-cmd 'test -e /ok' --health-interval disable \
		busybox sh -c 'touch /ok; sleep 1000'
	wait_until podman_ exec "$N" test -e /ok
	podman_ healthcheck run "$N"
}

@test "podman diff, commit, cp, restart" {
	podman_ run -d --network none --name "$N" busybox sh -c 'echo made >/made; sleep 1000'
	wait_until podman_ exec "$N" cat /made
	[[ $(podman_ diff "$N") == *"A /made"* ]]
	podman_ cp "$N:/made" "$BATS_TEST_TMPDIR/made"
	assert_eq "$(cat "$BATS_TEST_TMPDIR/made")" made
	podman_ commit "$N" committed >/dev/null 2>&1
	assert_eq "$(podman_ run --rm --network none committed cat /made)" made
	podman_ restart -t 0 "$N"
	podman_ exec "$N" true
}

@test "podman build with RUN steps" {
	d=$BATS_TEST_TMPDIR/ctx
	mkdir "$d"
	printf 'FROM localhost/busybox\nRUN mkdir /a && echo built >/a/f\nUSER 1000\nRUN id -u >/tmp/id\n' >"$d/Dockerfile"
	podman_ build -q --network none --isolation oci -t built "$d"
	prun built cat /a/f /tmp/id
	assert_output $'built\n1000'
}

@test "ten containers leave no cgroup and no state" {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		podman_ run --rm --network none busybox true
	done
	assert_eq "$(podman_ ps -aq | wc -l)" 0
}

# As podman's own user namespace has it: root without rights over the host, /run not its own.
@test "podman of an ordinary user" {
	requires newuidmap useradd
	local h=$BATS_TEST_TMPDIR/home
	make_user "$h"
	local podman=(setpriv --reuid "$U" --regid "$U" --init-groups
		env -i HOME="$h" PATH="$PATH" XDG_RUNTIME_DIR="$h/run"
		podman --storage-driver vfs --cgroup-manager cgroupfs --events-backend file)
	install -d -m 700 -o "$U" -g "$U" "$h" "$h/run" "$h/v"
	make_wrapper "$BATS_TEST_TMPDIR/picket"
	podman+=(--runtime "$BATS_TEST_TMPDIR/picket")
	cd "$h"
	busybox_tar | "${podman[@]}" import --change 'CMD ["sh"]' - busybox >/dev/null 2>&1
	run "${podman[@]}" run --rm --network none -v "$h/v:/v" busybox \
		sh -c 'id -u; touch /v/mine; chown 7 /v; ls -ln / | grep -c " v$"; exit 5'
	assert_status 5
	assert_output 0$'\n'1
	assert_eq "$(stat -c %U v/mine)" "$U"
	run "${podman[@]}" run --rm --network none --user 7 -v "$h/v:/v" busybox touch /v/theirs
	assert_status 0
	"${podman[@]}" run -d --network none --name c busybox sleep 1000
	assert_eq "$("${podman[@]}" exec c sh -c 'id -u; pwd' | paste -sd' ')" "0 /"
	"${podman[@]}" kill c
	assert_eq "$("${podman[@]}" wait c)" 137
	"${podman[@]}" rm c
	assert_eq "$(ls run/picket)" "~seccomp"
	"${podman[@]}" unshare rm -r "$h/.local" "$h/v"
}
