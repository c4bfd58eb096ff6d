#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of a container, verb by verb: states, exit statuses, formats.

load helpers

setup() {
	setup_bundle
}

teardown() {
	teardown_bundle
}

@test "run hands on output and exit status, and leaves nothing" {
	run_sh 'echo out; exit 7'
	assert_status 7
	assert_output out
	assert_nothing_left
}

@test "run gives 128 and the signal where the program died of one" {
	# The init of a pid namespace cannot kill itself.
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	run_sh 'kill -KILL $$'
	assert_status 137
}

@test "run reads standard input and keeps stdout and stderr apart" {
	set_args sh -c 'cat; echo err >&2'
	echo in | rt run "$ID" >"$T/o" 2>"$T/e"
	assert_eq "$(cat "$T/o")" in
	assert_eq "$(cat "$T/e")" err
}

@test "run --detach returns at once and writes the pid file without a newline" {
	set_args sleep 1000
	rt run --detach --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null
	[ "$(wc -l <"$T/pid")" -eq 0 ]
	assert_eq "$(rt state "$ID" | jq -r .pid)" "$(cat "$T/pid")"
	wait_for_status running "$ID"
}

@test "run --keep leaves a stopped container behind" {
	set_args true
	if ! is_picket; then skip "runc 1.1.5 has it, but not everywhere"; fi
	rt run --keep "$ID"
	wait_for_status stopped "$ID"
	rt delete "$ID"
	assert_nothing_left
}

@test "create waits, start lets go, the program's state follows" {
	create_ct
	wait_for_status created "$ID"
	rt start "$ID"
	wait_for_status running "$ID"
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	rt delete "$ID"
	assert_nothing_left
}

@test "the init is reparented to the caller's subreaper, none in between survives" {
	create_ct
	pid=$(cat "$T/pid")
	parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
	name=$(cat "/proc/$parent/comm")
	[[ $name != picket* ]] && [[ $name != runc* ]]
}

@test "start: not twice, not after the end" {
	start_ct
	run rt start "$ID"
	assert_failure
	assert_has "cannot start an already running container"
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	run rt start "$ID"
	assert_failure
	assert_has "cannot start a container that has stopped"
}

@test "state has the fields and the order that callers know" {
	start_ct
	run rt state "$ID"
	assert_status 0
	assert_eq "$(jq -r 'keys_unsorted | join(" ")' <<<"$output" | sed 's/ annotations//')" \
		"ociVersion id pid status bundle rootfs created owner"
	assert_eq "$(jq -r .id <<<"$output")" "$ID"
	assert_eq "$(jq -r .bundle <<<"$output")" "$BUNDLE"
	assert_eq "$(jq -r .rootfs <<<"$output")" "$BUNDLE/rootfs"
	assert_eq "$(jq -r .status <<<"$output")" running
	[[ $(jq -r .created <<<"$output") =~ ^20[0-9-]+T[0-9:.]+Z$ ]]
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	assert_eq "$(rt state "$ID" | jq -r .pid)" 0
}

@test "state carries the annotations" {
	edit '.annotations = { "org.example.a": "b" }'
	create_ct
	assert_eq "$(rt state "$ID" | jq -r '.annotations["org.example.a"]')" b
}

@test "kill takes names, numbers and either case" {
	start_ct sh -c 'trap "echo usr1" USR1; trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	wait_until grep -q ready "$T/out"
	rt kill "$ID" USR1
	wait_until grep -q usr1 "$T/out"
	rt kill "$ID" 10
	rt kill "$ID" SIGUSR1
	rt kill "$ID" usr1
	rt kill "$ID"
	wait_for_status stopped "$ID"
}

@test "kill says that a stopped container is not running" {
	start_ct true
	wait_for_status stopped "$ID"
	run rt kill "$ID" TERM
	assert_failure
	assert_has "container not running"
}

@test "kill of a created container is allowed" {
	create_ct
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
}

@test "kill --all reaches every process of a container without a pid namespace" {
	edit '.linux.namespaces |= map(select(.type != "pid"))'
	start_ct sh -c 'sleep 1001 & sleep 1002 & wait'
	wait_until sh -c "[ \$(cat $(cgdir pids)/cgroup.procs | wc -l) = 3 ]"
	rt kill --all "$ID" KILL
	wait_for_status stopped "$ID"
	rt delete "$ID"
	assert_nothing_left
}

@test "delete refuses a running container; --force kills it" {
	start_ct
	run rt delete "$ID"
	assert_failure
	assert_has "cannot delete container $ID that is not stopped: running"
	rt delete --force "$ID"
	assert_nothing_left
}

@test "delete of a created container needs no force" {
	create_ct
	rt delete "$ID"
	assert_nothing_left
}

@test "delete of a missing container fails, with --force it does not" {
	run rt delete "no-such-$ID"
	assert_failure
	assert_has "does not exist"
	run rt delete --force "no-such-$ID"
	assert_status 0
}

@test "delete removes cgroups that the container made below its own" {
	requires cgroup_v1
	start_ct
	mkdir "/sys/fs/cgroup/memory/picket-test/$ID/sub"
	rt delete --force "$ID"
	assert_nothing_left
}

@test "list: table, json and ids" {
	run rt list
	start_ct
	run rt list
	assert_status 0
	echo "$output"
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER ]]
	[[ ${lines[1]} =~ ^$ID\ +[0-9]+\ +running\ +$BUNDLE\ +20[^\ ]+\ +root ]]
	assert_eq "$(rt list -q)" "$ID"
	run rt list --format json
	echo "$output"
	assert_eq "$(wc -l <<<"$output")" 1
	[[ $output == '[{"ociVersion":"'*'","id":"'$ID'","pid":'*',"status":"running",'* ]]
	rt delete -f "$ID"
	run rt list --format json
	assert_has null
}

# limit FILE: of this test's cgroup, v1's name or v2's.
limit() {
	cat "$(cgdir "${1%%.*}")/$1"
}

@test "update: limits by options" {
	start_ct
	rt update --memory 64M --memory-swap 64M --pids-limit 20 "$ID"
	assert_eq "$(limit pids.max)" 20
	if [ -d /sys/fs/cgroup/memory ]; then
		assert_eq "$(limit memory.limit_in_bytes)" 67108864
		rt update --cpu-share 512 --cpu-quota 50000 --cpu-period 100000 "$ID"
		assert_eq "$(limit cpu.shares) $(limit cpu.cfs_quota_us)" "512 50000"
	else
		assert_eq "$(limit memory.max)" 67108864
		rt update --cpu-share 512 --cpu-quota 50000 --cpu-period 100000 "$ID"
		assert_eq "$(limit cpu.max)" "50000 100000"
	fi
	assert_eq "$(limit pids.max)" 20
}

@test "update: limits as JSON, from a file and from stdin" {
	start_ct
	echo '{ "pids": { "limit": 30 } }' >"$T/limits"
	rt update --resources "$T/limits" "$ID"
	assert_eq "$(limit pids.max)" 30
	rt update -r - "$ID" <<<'{ "pids": { "limit": 31 } }'
	assert_eq "$(limit pids.max)" 31
}

@test "update: what it cannot do is an error, and changes nothing" {
	requires picket
	start_ct
	rt update --pids-limit 20 "$ID"
	run rt update --pids-limit 30 --memory 1x "$ID"
	assert_status 1
	assert_has 'invalid value "1x" for flag -memory: expected a size such as 64M'
	run rt update -r - "$ID" <<<'{ "pids": { "limit": "many" } }'
	assert_status 1
	assert_has "stdin: .pids.limit"
	run rt update -r "$T/none" "$ID"
	assert_status 1
	assert_has "read resources from '$T/none': No such file"
	assert_eq "$(limit pids.max)" 20
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	run rt update --pids-limit 30 "$ID"
	assert_status 1
	assert_has "container not running"
}

@test "events --stats: one line of what the container uses" {
	start_ct
	rt update --pids-limit 20 "$ID"
	run rt events --stats "$ID"
	assert_status 0
	assert_eq "${#lines[@]}" 1
	[[ $output == '{"type":"stats","id":"'$ID'","data":{'* ]]
	assert_eq "$(jq -c '.data.pids' <<<"$output")" '{"current":1,"limit":20}'
	[ "$(jq .data.cpu.usage.total <<<"$output")" -gt 0 ]
	[ "$(jq .data.memory.usage.usage <<<"$output")" -gt 0 ]
}

@test "events: statistics at each interval, out of memory, until the end" {
	start_ct
	rt update --memory 20M --memory-swap 20M "$ID"
	rt events --interval 100ms "$ID" >"$T/events" 2>"$T/err" 3>&- &
	pid=$!
	wait_until sh -c "[ \$(grep -c stats '$T/events') -ge 3 ]"
	rt exec "$ID" sh -c 'x=$(head -c 60000000 /dev/zero | tr "\0" x)' || true
	wait_until grep -q '^{"type":"oom","id":"'"$ID"'"' "$T/events"
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	run rt events --stats "$ID"
	assert_status 1
	assert_has "is not running"
	rt delete "$ID"
	wait "$pid"
}

@test "ps: json pids and the table of ps -ef" {
	start_ct sh -c 'sleep 1001 & wait'
	wait_until sh -c "[ \$(cat $(cgdir pids)/cgroup.procs | wc -l) = 2 ]"
	run rt ps --format json "$ID"
	assert_status 0
	[[ $output =~ ^\[[0-9]+,[0-9]+\]$ ]]
	run rt ps "$ID"
	assert_status 0
	[[ ${lines[0]} =~ ^UID\ +PID ]]
	assert_has "sleep 1001"
	run rt ps "$ID" -o pid,comm
	[[ ${lines[0]} =~ PID\ +COMMAND ]]
}

@test "pause stops every process, resume lets them go on" {
	start_ct sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/tick; sleep 0.02; done'
	wait_until [ -s rootfs/tick ]
	rt pause "$ID"
	wait_for_status paused "$ID"
	sleep 0.1
	a=$(cat rootfs/tick)
	sleep 0.3
	assert_eq "$(cat rootfs/tick)" "$a"
	run rt pause "$ID"
	assert_failure
	rt resume "$ID"
	wait_for_status running "$ID"
	sleep 0.3
	[ "$(cat rootfs/tick)" != "$a" ]
	run rt resume "$ID"
	assert_failure
}

@test "delete --force ends a paused container" {
	start_ct
	rt pause "$ID"
	rt delete --force "$ID"
	assert_nothing_left
}

@test "exec runs in the container's namespaces, root and cgroup" {
	start_ct
	run rt exec "$ID" sh -c 'echo $$ >/from-exec; hostname; cat /proc/1/comm'
	assert_status 0
	assert_eq "${lines[1]}" sleep
	[ -s rootfs/from-exec ]
	for ns in mnt pid net ipc uts; do
		want=$(readlink "/proc/$(cat "$T/pid")/ns/$ns")
		assert_eq "$(rt exec "$ID" readlink "/proc/self/ns/$ns")" "$want"
	done
	run rt exec "$ID" sh -c 'exit 9'
	assert_status 9
	run rt exec "$ID" sh -c 'kill -9 $$'
	assert_status 137
}

@test "a time namespace has the offsets of config.json, in the first process too" {
	with_host_programs
	requires python3
	edit '.process.env |= map(sub("^PATH=.*"; "PATH=/usr/bin:/usr/sbin:/bin")) |
		.linux.namespaces += [{ type: "time" }] |
		.linux.timeOffsets = { boottime: { secs: 5000000 }, monotonic: { secs: 3000000, nanosecs: 5 } }'
	local ask='import time, threading
t = threading.Thread(target=lambda: print(int(time.clock_gettime(time.CLOCK_BOOTTIME)),
    int(time.clock_gettime(time.CLOCK_MONOTONIC)), open("/proc/uptime").read().split(".")[0]))
t.start()
t.join()'
	local up i
	up=$(cut -d. -f1 /proc/uptime)
	for i in identity mapped; do
		run_ct python3 -c "$ask"
		assert_status 0
		read -r boot monotonic file <<<"$output"
		[ $((boot - up)) -ge 5000000 ] && [ $((boot - up)) -lt 5001000 ]
		[ "$monotonic" -ge 3000000 ] && [ "$monotonic" -lt 5000000 ]
		[ $((file - up)) -ge 5000000 ] && [ $((file - up)) -lt 5001000 ]
		chown -R 200000:200000 rootfs
		edit '.linux.namespaces += [{ type: "user" }]
			| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }]
			| .linux.gidMappings = .linux.uidMappings'
	done
}

@test "exec: stdin, environment, cwd, user, groups, capabilities" {
	start_ct
	assert_eq "$(echo text | rt exec "$ID" cat)" text
	assert_eq "$(rt exec -e A=1 -e B='x y' "$ID" sh -c 'echo $A$B')" "1x y"
	assert_eq "$(rt exec --cwd /srv "$ID" pwd)" /srv
	assert_eq "$(rt exec --user 1000:1001 "$ID" id | cut -d' ' -f1,2)" "uid=1000(user) gid=1001"
	assert_eq "$(rt exec --user 1000 -g 5 -g 6 "$ID" id -G)" "0 5 6"
	run rt exec --cap CAP_NET_ADMIN "$ID" grep CapEff /proc/self/status
	assert_output "CapEff:	0000000020001420"
}

@test "exec --process uses the given process and nothing of config.json" {
	start_ct
	cat >"$T/p.json" <<-'END'
		{ "cwd": "/srv", "args": ["sh", "-c", "pwd; echo $ONE; id -u; echo [$TERM]"],
		  "env": ["PATH=/bin", "ONE=1"], "user": { "uid": 1000, "gid": 1000 } }
	END
	run rt exec --process "$T/p.json" "$ID"
	assert_status 0
	assert_output $'/srv\n1\n1000\n[]'
}

@test "exec --detach writes the pid file and returns" {
	start_ct
	rt exec --detach --pid-file "$T/epid" "$ID" sleep 1234 >"$T/out2" 2>&1 </dev/null
	pid=$(cat "$T/epid")
	assert_eq "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "sleep 1234 "
	[ "$(wc -l <"$T/epid")" -eq 0 ]
}

@test "exec of what is not there fails with the texts engines look for" {
	start_ct
	run rt exec "$ID" no-such-program
	assert_failure
	assert_has "executable file not found in \$PATH"
	run rt exec "$ID" /etc/passwd
	assert_failure
	assert_has "permission denied"
	[ ! -e "$T/epid2" ]
	run rt exec --detach --pid-file "$T/epid2" "$ID" no-such-program
	assert_failure
	[ ! -e "$T/epid2" ]
}

@test "exec refuses stopped and paused containers" {
	start_ct
	rt pause "$ID"
	run rt exec "$ID" true
	assert_failure
	assert_has "cannot exec in a paused container (use --ignore-paused to override)"
	rt resume "$ID"
	rt kill "$ID" KILL
	wait_for_status stopped "$ID"
	run rt exec "$ID" true
	assert_failure
	assert_has "cannot exec in a stopped container"
}

@test "exec into a created container works" {
	create_ct
	run rt exec "$ID" echo early
	assert_status 0
	assert_output early
}

@test "ten containers at once do not disturb each other" {
	set_args sh -c 'echo $HOSTNAME >/dev/null; exit 5'
	for i in 1 2 3 4 5 6 7 8 9 10; do
		mkdir "$T/b$i"
		jq --arg p "$BUNDLE/rootfs" --arg c "/picket-test/$ID-$i" \
			'.root.path = $p | .linux.cgroupsPath = $c' config.json >"$T/b$i/config.json"
		(
			r=0
			rt run -b "$T/b$i" "$ID-$i" >"$T/b$i/out" 2>&1 </dev/null || r=$?
			echo $r >"$T/b$i/status"
		) 3>&- &
	done
	wait
	for i in 1 2 3 4 5 6 7 8 9 10; do
		assert_eq "$(cat "$T/b$i/status") $(cat "$T/b$i/out")" "5 "
	done
	assert_nothing_left
}

@test "create fails for a program that is not there, not executable, a directory" {
	set_args no-such-program
	run rt create "$ID"
	assert_failure
	assert_has "executable file not found in \$PATH"
	assert_nothing_left
	set_args /etc/passwd
	run rt create "$ID"
	assert_failure
	assert_has "permission denied"
	assert_nothing_left
	set_args /no/such
	run rt create "$ID"
	assert_failure
	assert_has "no such file or directory"
	assert_nothing_left
}

@test "signals reach the program of a foreground run" {
	set_args sh -c 'trap "echo got; exit 4" TERM; echo ready; while :; do sleep 0.1; done'
	PICKET_TEST_ID=$ID "$PICKET" ${SENTRY:+--sentry=$SENTRY} --root "$ROOT" run "$ID" \
		>"$T/out" 2>&1 </dev/null 3>&- &
	pid=$!
	wait_until grep -q ready "$T/out"
	kill -TERM $pid
	r=0
	wait $pid || r=$?
	assert_eq "$r $(tail -n 1 "$T/out")" "4 got"
	assert_nothing_left
}

@test "descriptors beyond the preserved ones do not reach the program" {
	run_sh 'ls /proc/self/fd | wc -l' 7</etc/passwd
	assert_output 4
	set_args sh -c 'cat <&3; ls /proc/self/fd | wc -l'
	echo kept >"$T/f"
	run rt run --preserve-fds 1 "$ID" 3<"$T/f" 8</etc/passwd
	assert_output $'kept\n5'
}

# Its root is the host's root in an identity map: of a descriptor that lies on the host's /dev
# it could change mode and owner.
@test "standard descriptors on /dev/null are the container's own /dev/null" {
	local before
	before=$(stat -c '%a %u' /dev/null)
	set_args sh -c 'for n in 0 1 2; do chmod 600 /proc/self/fd/$n; chown 1 /proc/self/fd/$n; done
		head -c 1 | wc -c >/stdin; echo lost; echo lost >&2'
	rt run "$ID" </dev/null >/dev/null 2>/dev/null
	assert_eq "$(stat -c '%a %u' /dev/null)" "$before"
	assert_eq "$(cat rootfs/stdin)" 0
	start_ct
	rt exec "$ID" sh -c 'chmod 600 /proc/self/fd/0' </dev/null || true
	assert_eq "$(stat -c '%a %u' /dev/null)" "$before"
	rt exec "$ID" sh -c 'rm -f /dev/null && ln -s /etc/passwd /dev/null' </etc/hostname || true
	rt exec "$ID" sh -c 'chmod 600 /proc/self/fd/0; chmod 600 /dev/null' </dev/null || true
	assert_eq "$(stat -c '%a %u' /dev/null)" "$before"
}

@test "spec writes runc's shape, and not over an existing file" {
	run rt spec
	assert_failure
	assert_has "exists. Remove it first"
	mkdir "$T/s"
	rt spec -b "$T/s"
	jq -e '.ociVersion and .process.terminal and .process.noNewPrivileges
		and .root.readonly and .hostname and (.mounts | length == 7)
		and (.process.args == ["sh"]) and (.linux.maskedPaths | length > 5)' "$T/s/config.json"
	rm "$T/s/config.json"
	rt spec -b "$T/s" --rootless
	jq -e '(.linux.namespaces | map(.type) | index("user")) and .linux.uidMappings
		and (.linux.resources == null)' "$T/s/config.json"
}

@test "features is one JSON object on stdout, nothing on stderr" {
	requires picket
	rt features >"$T/o" 2>"$T/e"
	[ ! -s "$T/e" ]
	jq -e '.ociVersionMin == "1.0.0" and (.hooks | length == 6)
		and (.mountOptions | index("rro")) and (.linux.namespaces | index("user"))
		and .linux.seccomp.enabled and (.linux.cgroup | has("v1"))
		and .linux.mountExtensions.idmap.enabled != null' "$T/o"
}

@test "--version names the version and the specification" {
	run "$PICKET" --version
	assert_status 0
	[[ ${lines[0]} =~ \ version\ [0-9] ]]
	assert_has "spec: 1."
}

@test "--help, -h and help of a verb succeed" {
	"$PICKET" --help >/dev/null
	"$PICKET" -h >/dev/null
	"$PICKET" create --help >/dev/null
}

@test "options may be written with one dash and with =" {
	requires picket
	set_args true
	PICKET_TEST_ID=$ID "$PICKET" -root="$ROOT" ${SENTRY:+-sentry $SENTRY} run -bundle="$BUNDLE" "$ID"
}

@test "--timings prints the phases of a start" {
	requires picket
	set_args true
	run rt --timings run "$ID"
	assert_status 0
	[ "${#lines[@]}" -ge 3 ]
}

@test "the pidfd socket gets a pidfd of the init" {
	requires picket python3
	set_args sleep 1000
	cat >"$T/recv.py" <<-'END'
		import array, os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1]); s.listen(1)
		c, _ = s.accept()
		fds = array.array("i")
		_, anc, _, _ = c.recvmsg(64, socket.CMSG_LEN(4))
		fds.frombytes(anc[0][2])
		print([l for l in open("/proc/self/fdinfo/%d" % fds[0]) if l.startswith("Pid:")][0].split()[1])
	END
	python3 "$T/recv.py" "$T/sock" >"$T/got" 3>&- &
	wait_until test -S "$T/sock"
	rt create --pidfd-socket "$T/sock" --pid-file "$T/pid" "$ID" </dev/null >"$T/out" 2>&1
	wait
	assert_eq "$(cat "$T/got")" "$(cat "$T/pid")"
}
