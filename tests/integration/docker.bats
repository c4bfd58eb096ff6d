#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Under a real dockerd, through containerd's runc v2 shim.

load helpers
bats_require_minimum_version 1.5.0

setup_file() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	requires docker dockerd containerd
	start_dockerd
}

teardown_file() {
	stop_dockerd
}

setup() {
	N=c$BATS_TEST_NUMBER
}

teardown() {
	docker rm -f "$N" >/dev/null 2>&1 || true
}

# docker run of busybox, with the test's name, removed afterwards.
drun() {
	run docker run --rm --name "$N" "$@"
}

@test "docker run hands on output and exit status" {
	drun busybox echo hello
	assert_status 0
	assert_output hello
	drun busybox sh -c 'exit 42'
	assert_status 42
}

@test "docker's exit statuses: 127 not found, 126 not executable" {
	run -127 docker run --rm --name "$N" busybox no-such-program
	drun busybox /etc/passwd
	assert_status 126
}

@test "docker run -i reads stdin to its end" {
	assert_eq "$(printf 'a\nb\n' | docker run --rm -i busybox wc -l | tr -d ' ')" 2
}

@test "docker run -t has a terminal of the given size" {
	requires script
	run script -qec "stty rows 40 cols 90; docker run --rm -it --name $N busybox sh -c 'tty; sleep 0.3; stty size'" \
		/dev/null </dev/null
	assert_has /dev/pts/0
	assert_has "40 90"
}

@test "docker run -d, logs, inspect, stop" {
	docker run -d --name "$N" busybox sh -c 'echo started; trap "echo stopping; exit 5" TERM; while :; do sleep 0.1; done'
	wait_until sh -c "docker logs $N | grep started"
	assert_eq "$(docker inspect -f '{{.State.Status}}' "$N")" running
	docker stop -t 5 "$N"
	assert_eq "$(docker inspect -f '{{.State.ExitCode}}' "$N")" 5
	[[ $(docker logs "$N") == *stopping* ]]
}

@test "docker kill" {
	docker run -d --name "$N" busybox sleep 1000
	docker kill "$N"
	assert_eq "$(docker wait "$N")" 137
}

@test "docker run -v: writable, read-only, a file, a named volume" {
	d=$BATS_TEST_TMPDIR
	echo data >"$d/file"
	drun -v "$d:/rw" -v "$d:/ro:ro" -v "$d/file:/f" -v vol:/vol busybox \
		sh -c 'cat /f; echo new >/rw/new; { echo no >/ro/no; } 2>/dev/null; echo $?; echo v >/vol/v; cat /vol/v'
	assert_has $'data\n'
	assert_eq "$(cat "$d/new")" new
	[ ! -e "$d/no" ]
	[ "${lines[-1]}" = v ]
}

# Docker adds the hint where the runtime's error says "not a directory".
@test "docker run -v of a file on a directory and the reverse: the usual hint" {
	drun -v /etc/passwd:/etc busybox true
	assert_status 125
	assert_has "Are you trying to mount a directory onto a file"
	drun -v "$BATS_TEST_TMPDIR:/etc/passwd" busybox true
	assert_status 125
	assert_has "Are you trying to mount a directory onto a file"
}

@test "docker run --tmpfs, --shm-size and --read-only" {
	drun --tmpfs /t:size=1m --read-only busybox sh -c 'echo a >/t/a && cat /t/a; echo b >/b'
	assert_failure
	assert_has a
	assert_has "Read-only file system"
	drun --shm-size 2m busybox df -k /dev/shm
	assert_has 2048
}

@test "docker run --user, -w, -e, --hostname, --add-host" {
	drun --user 1000:1001 --group-add 7 -w /srv/deep -e A='b c' --hostname guard busybox \
		sh -c 'id -u; id -g; id -G; pwd; echo "$A"; hostname; grep -c guard /etc/hosts'
	assert_status 0
	assert_output $'1000\n1001\n1001 7\n/srv/deep\nb c\nguard\n1'
	drun --user user busybox id -un
	assert_output user
}

@test "docker run --network none and bridge" {
	drun --network none busybox sh -c 'ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1'
	assert_output $'lo\n1'
	drun busybox sh -c 'ip addr show eth0 | grep -c "inet 172"; ip route | grep -c default'
	assert_output $'1\n1'
}

@test "two containers reach each other over the bridge" {
	docker run -d --name "$N" busybox sh -c 'mkdir /w; echo page >/w/index.html; exec httpd -f -p 8080 -h /w'
	ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' "$N")
	wait_until docker exec "$N" wget -qO- http://127.0.0.1:8080/
	run docker run --rm busybox wget -qO- "http://$ip:8080/"
	assert_output page
}

@test "docker run --network host and container:X" {
	drun --network host busybox sh -c 'ls /sys/class/net; readlink /proc/self/ns/net'
	assert_status 0
	assert_has docker0
	docker run -d --name "$N" busybox sleep 1000
	want=$(docker exec "$N" readlink /proc/self/ns/net)
	run docker run --rm --network "container:$N" busybox readlink /proc/self/ns/net
	assert_output "$want"
}

@test "docker run --pid, --ipc of another container, and of the host" {
	docker run -d --name "$N" --ipc shareable busybox sleep 1000
	run docker run --rm --pid "container:$N" --ipc "container:$N" busybox cat /proc/1/comm
	assert_output sleep
	run docker run --rm --pid host busybox sh -c 'ls /proc 2>/dev/null | grep -c "^[0-9]"'
	[ "$output" -gt 5 ]
}

@test "docker run --memory, --cpus, --pids-limit, and docker update" {
	requires cgroup_v1
	docker run -d --name "$N" --memory 64m --cpus 0.5 --pids-limit 50 --cpu-shares 300 busybox sleep 1000
	run docker exec "$N" sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes
		cat cpu/cpu.cfs_quota_us pids/pids.max cpu/cpu.shares'
	assert_output $'67108864\n50000\n50\n300'
	docker update --memory 32m --memory-swap 64m --cpus 0.25 --pids-limit 40 --cpu-shares 200 "$N"
	run docker exec "$N" sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes
		cat cpu/cpu.cfs_quota_us pids/pids.max cpu/cpu.shares'
	assert_output $'33554432\n25000\n40\n200'
}

@test "docker run --memory ends a program that takes more, and says so" {
	requires cgroup_v1
	run docker run --name "$N" --memory 20m busybox sh -c 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo survived'
	refute_has survived
	assert_eq "$(docker inspect -f '{{.State.OOMKilled}}' "$N")" true
}

@test "docker run --cap-add, --cap-drop" {
	drun --cap-drop ALL --cap-add KILL busybox grep CapEff /proc/self/status
	assert_output "CapEff:	0000000000000020"
	drun --cap-drop CHOWN busybox chown 1000 /tmp
	assert_failure
}

# Privileged is every capability that this machine has: see make_clamped_wrapper.
@test "docker run and exec --privileged" {
	requires capsh
	make_clamped_wrapper "$D/clamped"
	docker run -d --name "$N" --runtime clamped --privileged busybox sleep 1000
	run docker exec "$N" sh -c 'grep -c "$1" /proc/1/status; [ -e /dev/loop-control ]; echo $?
		mkdir /m; mount -t tmpfs t /m && echo x >/m/x && cat /m/x; umount /m; hostname guard; hostname' \
		sh "CapEff.*$(awk '/CapBnd/ { print $2 }' /proc/self/status | tail -c 9)"
	assert_status 0
	assert_output $'1\n0\nx\nguard'
	docker rm -f "$N"
	docker run -d --name "$N" --runtime clamped busybox sleep 1000
	run docker exec --privileged "$N" sh -c 'ip link set lo down && ip link show lo | grep -c UP'
	assert_output 0
}

@test "docker run --security-opt: no-new-privileges, seccomp" {
	drun --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status
	assert_output "NoNewPrivs:	1"
	drun --security-opt seccomp=unconfined busybox true
	assert_status 0
	jq -n '{ defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }] }' \
		>"$BATS_TEST_TMPDIR/p.json"
	drun --security-opt "seccomp=$BATS_TEST_TMPDIR/p.json" busybox mkdir /x
	assert_failure
	assert_has "Operation not permitted"
}

@test "docker run --ulimit, --init, --sysctl, --device, --oom-score-adj" {
	drun --ulimit nofile=77:88 busybox sh -c 'ulimit -Sn; ulimit -Hn'
	assert_output $'77\n88'
	drun --init busybox cat /proc/1/comm
	[[ $output == docker-init ]] || [[ $output == tini ]]
	drun --sysctl net.ipv4.ip_forward=0 --oom-score-adj 7 busybox cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj
	assert_output $'0\n7'
	drun --device /dev/null:/dev/other busybox sh -c 'echo x >/dev/other && stat -c %t:%T /dev/other'
	assert_output 1:3
}

@test "docker exec: output, status, -u, -w, -e, -d, -i" {
	docker run -d --name "$N" busybox sleep 1000
	run docker exec "$N" sh -c 'echo out; exit 9'
	assert_status 9
	assert_output out
	assert_eq "$(docker exec -u 1000 -w /srv -e A=b "$N" sh -c 'id -u; pwd; echo $A' | paste -sd' ')" "1000 /srv b"
	docker exec -d "$N" sh -c 'echo later >/later'
	wait_until docker exec "$N" grep later /later
	assert_eq "$(echo in | docker exec -i "$N" cat)" in
	run docker exec "$N" no-such-program
	[ "$status" -eq 127 ] || [ "$status" -eq 126 ]
}

@test "docker exec -it has a terminal" {
	requires script
	docker run -d --name "$N" busybox sleep 1000
	run script -qec "docker exec -it $N sh -c 'tty; sleep 0.3; exit 3'" /dev/null </dev/null
	assert_status 3
	assert_has /dev/pts/
}

@test "docker pause, unpause, top, stats" {
	docker run -d --name "$N" busybox sh -c 'while :; do sleep 0.1; done'
	docker pause "$N"
	assert_eq "$(docker inspect -f '{{.State.Paused}}' "$N")" true
	docker unpause "$N"
	run docker top "$N"
	assert_has "while :"
	run docker stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' "$N"
	assert_status 0
	[[ $output =~ ^[0-9.]+[KMG]iB.*\ [1-9] ]]
}

@test "docker cp, commit, diff" {
	docker run -d --name "$N" busybox sh -c 'echo made >/made; sleep 1000'
	wait_until docker exec "$N" cat /made
	docker cp "$N:/made" "$BATS_TEST_TMPDIR/made"
	assert_eq "$(cat "$BATS_TEST_TMPDIR/made")" made
	echo given >"$BATS_TEST_TMPDIR/given"
	docker cp "$BATS_TEST_TMPDIR/given" "$N:/given"
	assert_eq "$(docker exec "$N" cat /given)" given
	[[ $(docker diff "$N") == *"A /made"* ]]
	docker commit "$N" committed >/dev/null
	assert_eq "$(docker run --rm committed cat /made)" made
}

@test "docker restart and restart policies" {
	docker run -d --name "$N" --restart on-failure:2 busybox sh -c 'echo run; exit 1'
	wait_until sh -c "[ \$(docker inspect -f '{{.RestartCount}}' $N) = 2 ]"
	wait_until sh -c "[ \$(docker inspect -f '{{.State.Status}}' $N) = exited ]"
	assert_eq "$(docker logs "$N" | wc -l)" 3
	docker rm -f "$N"
	docker run -d --name "$N" busybox sleep 1000
	docker restart -t 0 "$N"
	assert_eq "$(docker inspect -f '{{.State.Status}}' "$N")" running
	docker exec "$N" true
}

@test "docker build with RUN steps" {
	d=$BATS_TEST_TMPDIR/ctx
	mkdir "$d"
	echo copied >"$d/file"
	printf 'FROM busybox\nCOPY file /file\nRUN mkdir -p /a/b && cp /file /a/b/ && chown 1000 /a/b/file\nUSER 1000\nRUN id -u >/tmp/id\nCMD ["sh", "-c", "cat /a/b/file /tmp/id; stat -c %%u /a/b/file"]\n' \
		>"$d/Dockerfile"
	docker build -q -t built "$d"
	drun built
	assert_output $'copied\n1000\n1000'
}

@test "a health check" {
	docker run -d --name "$N" --health-cmd 'test -e /ok' --health-interval 1s busybox sh -c 'touch /ok; sleep 1000'
	wait_until sh -c "[ \$(docker inspect -f '{{.State.Health.Status}}' $N) = healthy ]"
}

@test "output of a program that writes much is complete" {
	run bash -c 'docker run --rm busybox seq 200000 | md5sum'
	assert_output "$(seq 200000 | md5sum)"
}

@test "ten containers one after another leave nothing in the daemon" {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		docker run --rm busybox true
	done
	assert_eq "$(docker ps -aq | wc -l)" 0
	[ -z "$(find "$D/exec" -path '*runtime-*' -mindepth 3 -type d ! -name '~seccomp')" ]
	[ -z "$(find /sys/fs/cgroup -path "*picket-test-$ID/*" -type d 2>/dev/null)" ]
}
