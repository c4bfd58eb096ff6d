#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: off strict balanced
# picket debug stats and trace: what a sentry does, seen from outside.  uname(2) is the call
# that is the sentry's in every mode.

# shellcheck disable=SC2086 # $READERS is a list
load helpers

setup() {
	requires picket perl
	setup_bundle
	with_host_programs
}

teardown() {
	local pid
	for pid in ${READERS:-}; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	teardown_bundle
}

# unames N: so many calls in the running container, by one process.
unames() {
	rt exec "$ID" perl -MPOSIX=uname -e "uname() for 1..$1"
}

# start_reader FILE [OPTION...]: a trace to FILE; its pid in $READER.  Returns once it is one.
start_reader() {
	local file=$1
	shift
	PICKET_TEST_ID=$ID "$PICKET" --root "$ROOT" debug trace "$ID" --output "$file" "$@" \
		>"$file.err" 2>&1 3>&- &
	READER=$!
	READERS+=" $READER"
	wait_until [ -e "$file" ]
}

count() {
	grep -c "$1" "$2" || true
}

stat_of() {
	rt debug stats "$ID" --format json | jq -r "$1"
}

@test "stats counts the calls of a running container, one by one" {
	requires sentry
	start_ct
	unames 10
	local before
	before=$(stat_of .byCall.uname)
	unames 1234
	assert_eq $(($(stat_of .byCall.uname) - before)) 1234
	[ "$(stat_of .calls)" -gt 1234 ]
	[ "$(stat_of .workers)" -ge 1 ]
	assert_eq "$(stat_of '[.mode, .failed, .workersFailed, .linesDropped] | join(" ")')" "$SENTRY 0 0 0"
	[ "$(stat_of .pssKb)" -gt 100 ]
	[ "$(stat_of .uptimeMs)" -gt 0 ]
	run rt debug stats "$ID"
	assert_status 0
	[[ $output =~ "mode"\ +"$SENTRY" ]]
	[[ $output =~ uname\ +[0-9]+ ]]
}

@test "stats of a created and of a paused container" {
	requires sentry
	create_ct
	assert_eq "$(stat_of .mode)" "$SENTRY"
	rt start "$ID"
	rt pause "$ID"
	assert_eq "$(stat_of .mode)" "$SENTRY"
	rt resume "$ID"
}

@test "trace shows the calls that a container makes, as strace does" {
	requires sentry
	start_ct
	start_reader "$T/trace"
	unames 3
	rt exec "$ID" perl -e 'mkdir "/srv/made", 0750; exec "/bin/busybox", "true"'
	rt delete --force "$ID"
	wait "$READER"
	grep -qE '^\[[0-9]+\] execve\("/bin/busybox", 0x[0-9a-f]+, 0x[0-9a-f]+\) = <continued>$' "$T/trace"
	grep -qE '^\[[0-9]+\] uname\(0x[0-9a-f]+\) = 0$' "$T/trace"
	[ "$SENTRY" = balanced ] ||
		grep -qE '^\[[0-9]+\] mkdir\("/srv/made", 0750\) = 0$' "$T/trace"
	assert_eq "$(cat "$T/trace.err")" ""
	assert_nothing_left
}

@test "a filter shows these calls and no others" {
	requires sentry
	start_ct
	start_reader "$T/trace" --filter uname,execve
	start_reader "$T/file" --filter=file
	unames 5
	rt delete --force "$ID"
	wait $READERS || true
	assert_eq "$(count ' uname(' "$T/trace")" 5
	assert_eq "$(grep -cvE ' (uname|execve)\(' "$T/trace")" 0
	assert_eq "$(count ' uname(' "$T/file")" 0
	[ "$(count ' execve(' "$T/file")" -gt 0 ]
}

@test "a trace goes to stdout, too, and its reader may close that" {
	requires sentry
	start_ct sh -c 'while :; do uname >/dev/null; done'
	run bash -c '"$@" | head -n 3' sh "$PICKET" --root "$ROOT" debug trace --filter uname "$ID"
	assert_status 0
	assert_eq "$(grep -c '^\[[0-9]*\] uname(' <<<"$output")" 3
}

@test "errors: no such container, an ended one, none of a sentry, no such question" {
	run rt debug stats "$ID"
	assert_status 1
	assert_one_line
	assert_has "container does not exist"
	run rt debug trace "$ID"
	assert_has "container does not exist"
	start_ct
	run rt debug nothing "$ID"
	assert_has "expected surface, stats or trace"
	run rt debug stats "$ID" --format yaml
	assert_has "expected table or json"
	run rt debug stats "$ID" more
	assert_status 1
	assert_has "debug: expected"
	if [ "$SENTRY" = off ]; then
		run rt debug stats "$ID"
		assert_has "has no sentry"
		run rt debug trace "$ID"
		assert_has "has no sentry"
	else
		run rt debug trace "$ID" --filter uname,read
		assert_status 1
		assert_one_line
		assert_has "trace 'uname,read': a name that is not a mediated call"
		run rt debug trace "$ID" --filter "$(printf 'uname,%.0s' {1..50})"
		assert_has "characters, 255 are possible"
		run rt debug trace "$ID" --output "$T/none/file"
		assert_has "open '$T/none/file': No such file or directory"
		rt kill "$ID" KILL
		wait_for_status stopped "$ID"
		run rt debug stats "$ID"
		assert_status 1
		assert_one_line
		assert_has "container not running"
		run rt debug trace "$ID"
		assert_has "container not running"
	fi
}

# The directory of the container keeps them out; the sentry would, too.
@test "another user gets neither" {
	requires sentry setpriv
	start_ct
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$(dirname "$T")" "$T" "$ROOT"
	run setpriv --reuid 4242 --regid 4242 --clear-groups "$PICKET" --root "$ROOT" debug stats "$ID"
	assert_failure
	assert_has "ermission denied"
	chmod -R a+rX "$ROOT"
	run setpriv --reuid 4242 --regid 4242 --clear-groups "$PICKET" --root "$ROOT" debug trace "$ID"
	assert_failure
	assert_has "ermission denied"
	chmod 777 "$ROOT/$ID/sentry.sock"
	run setpriv --reuid 4242 --regid 4242 --clear-groups "$PICKET" --root "$ROOT" debug trace "$ID"
	assert_failure
	assert_has "only for the container's owner"
}

@test "root asks the sandbox of an ordinary user, as that user does" {
	requires sentry setpriv
	local user=(setpriv --reuid 4242 --regid 4242 --clear-groups) id
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$(dirname "$T")" "$T"
	mkdir "$T/theirs"
	chown 4242:4242 "$T/theirs"
	PICKET_TEST_ID=$ID "${user[@]}" "$PICKET" --sentry="$SENTRY" --root "$T/theirs" \
		'do' --env PICKET_TEST_ID="$ID" -- sleep 1000 </dev/null >"$T/out" 2>&1 3>&- &
	READERS+=" $!"
	wait_until eval 'id=$(jq -r .id "$T"/theirs/*/state.json)'
	run "$PICKET" --root "$T/theirs" debug stats "$id" --format json
	assert_status 0
	assert_eq "$(jq -r .mode <<<"$output")" "$SENTRY"
	run "${user[@]}" "$PICKET" --root "$T/theirs" debug stats "$id" --format json
	assert_status 0
	[ "$(jq -r .pssKb <<<"$output")" -gt 100 ]
	"$PICKET" --root "$T/theirs" kill "$id" KILL
}

# What a reader does not take is dropped: the guest never waits, and the reader is told.
@test "a reader that does not read: the container goes on, every line is shown or counted" {
	requires sentry
	start_ct
	start_reader "$T/trace" --filter uname
	start_reader "$T/other" --filter uname
	kill -STOP "$READER"
	unames 5000
	[ "$(stat_of .linesDropped)" -gt 1000 ]
	kill -CONT "$READER"
	rt delete --force "$ID"
	wait $READERS || true
	local file shown dropped
	for file in trace other; do
		shown=$(count ' uname(' "$T/$file")
		dropped=$(sed -n 's/^--- \([0-9]*\) lines dropped ---$/\1/p' "$T/$file" | paste -sd+ | bc)
		assert_eq $((shown + ${dropped:-0})) 5000
	done
	[ "${dropped:-0}" -gt 1000 ]
}

@test "a reader that never reads does not keep its container from ending" {
	requires sentry
	start_ct
	start_reader "$T/trace"
	kill -STOP "$READER"
	unames 3000
	rt delete --force "$ID"
	wait_until [ ! -e "$ROOT/$ID" ]
	kill -KILL "$READER"
	wait "$READER" || true
	assert_nothing_left
}

@test "readers that were killed leave their places; one too many is told so" {
	requires sentry
	start_ct
	local i
	for i in 1 2 3 4 5 6 7; do
		start_reader "$T/trace$i" --filter uname
	done
	run rt debug trace "$ID"
	assert_status 1
	assert_one_line
	assert_has "as many readers as it may have"
	kill -KILL $READERS
	wait $READERS || true
	unames 2
	# The places of the dead are free once the sentry has seen that.
	wait_until start_reader "$T/again" --filter uname
	unames 7
	rt delete --force "$ID"
	wait $READERS || true
	assert_eq "$(count ' uname(' "$T/again")" 7
}

# A client that connects and says nothing, or nonsense, is nobody's problem but its own.
@test "nonsense on the control socket gets an error" {
	requires sentry python3
	start_ct
	run python3 - "$ROOT/$ID/sentry.sock" <<-'END'
		import socket, sys
		for text in b"x", b"x" * 5000:
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect(sys.argv[1])
		    s.send(text)
		    print(s.recv(1000)[8:].split(b"\0")[0].decode())
		socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(sys.argv[1])
	END
	assert_output $'handover: not a message for the sentry\nreceive the handover: Message too long'
	unames 1
	[ "$(stat_of .calls)" -gt 0 ]
}
