#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# picket do: what a one-command sandbox shows, hides, keeps and returns.

# shellcheck disable=SC1010 # "do" is a verb here
# shellcheck disable=SC2016 # expanded in the sandbox
load helpers

setup() {
	setup_test
	requires picket
	mkdir -p "$T/work"
	cd "$T/work" || return
}

teardown() {
	teardown_bundle
	[ -z "${U:-}" ] || userdel "$U"
}

sandbox() {
	run rt do --env PICKET_TEST_ID="$ID" "$@" </dev/null
}

sandbox_as_user() {
	run setpriv --reuid "$U" --regid "$U" --clear-groups env -u XDG_RUNTIME_DIR \
		"$PICKET" ${SENTRY:+--sentry="$SENTRY"} do "$@" </dev/null
}

# In the background; $pid is picket's own.
sandbox_bg() {
	PICKET_TEST_ID=$ID "$PICKET" ${SENTRY:+--sentry="$SENTRY"} --root "$ROOT" \
		do --env PICKET_TEST_ID="$ID" "$@" 2>"$T/err" </dev/null 3>&- &
	pid=$!
	wait_until grep -q ready "$T/err"
}

@test "do: the exit status is the command's" {
	sandbox true
	assert_status 0
	sandbox -- sh -c 'exit 7'
	assert_status 7
	sandbox -- sh -c 'kill -TERM $$'
	assert_status 143
	sandbox -- /nonexistent
	assert_status 127
	sandbox -- no-such-command-anywhere
	assert_status 127
	sandbox -- /etc/passwd
	assert_status 126
	assert_nothing_left
}

@test "do: a mistake in the options is status 125 and one line" {
	local args
	for args in "--nope true" "--net=some true" "--timeout=x true" "--memory=0 true" "" \
		"--env=X true" "--ro=/nonexistent true" "--rw=/ true"; do
		# shellcheck disable=SC2086 # words
		sandbox $args
		assert_status 125
		assert_one_line
	done
	assert_nothing_left
}

@test "do: standard input, output and error are the caller's" {
	run bash -c 'echo in | "$@" 2>&1 >"$0"' "$T/out" "$PICKET" --root "$ROOT" \
		${SENTRY:+--sentry="$SENTRY"} do -- sh -c 'cat; echo err >&2'
	assert_output err
	assert_eq "$(cat "$T/out")" in
}

@test "do: writes to the current directory are thrown away" {
	echo old >file
	sandbox -- sh -c 'echo new >file; rm -f none; mkdir d; echo x >d/y; cat file d/y'
	assert_status 0
	assert_output $'new\nx'
	assert_eq "$(cat file)" old
	[ ! -e d ]
	assert_nothing_left
}

@test "do: --diff lists added, modified and deleted names" {
	mkdir dir gone
	touch same opened dir/in gone/in
	echo old >changed
	sandbox --diff -- sh -c 'echo new >changed; : >>opened; rm -r gone; rm dir/in
		mkdir -p new/sub; echo >new/sub/f; cat same; mkdir gone2; rmdir gone2'
	assert_status 0
	assert_output $'M changed\nD dir/in\nD gone\nA new\nA new/sub\nA new/sub/f'
}

@test "do: --diff sees a directory that was deleted and made again" {
	mkdir d
	touch d/a d/b
	sandbox --diff -- sh -c 'rm -r d && mkdir d && echo x >d/b && touch d/c'
	assert_status 0
	assert_has "D d/a"
	assert_has "M d/b"
	assert_has "A d/c"
}

@test "do: --keep saves the changes and refuses a full directory" {
	touch gone
	sandbox --keep "$T/kept" -- sh -c 'mkdir d; echo text >d/f; ln -s d l; rm gone; chmod 700 d'
	assert_status 0
	assert_eq "$(cat "$T/kept/d/f")" text
	assert_eq "$(readlink "$T/kept/l")" d
	assert_eq "$(stat -c %a "$T/kept/d")" 700
	[ -c "$T/kept/gone" ]
	sandbox --keep "$T/kept" -- true
	assert_status 125
	sandbox --keep out -- sh -c 'touch x'
	[ -f out/x ]
	assert_nothing_left
}

@test "do: --rw writes through, --ro does not" {
	mkdir "$T/rw" "$T/ro" sub
	echo text >"$T/ro/file"
	sandbox --rw "$T/rw" --ro "$T/ro" --rw sub -- sh -c \
		"echo out >$T/rw/file; echo x >sub/file; cat $T/ro/file; touch $T/ro/new"
	assert_failure
	assert_has text
	assert_has "Read-only file system"
	assert_eq "$(cat "$T/rw/file")" out
	assert_eq "$(cat sub/file)" x
	sandbox --rw . -- touch real
	assert_status 0
	[ -e real ]
}

@test "do: secrets of /etc cannot be read" {
	sandbox -- sh -c 'cat /etc/passwd >/dev/null || echo no passwd
		for f in shadow gshadow shadow- gshadow- sudoers; do
			cat /etc/$f >/dev/null 2>&1 && echo read $f; done; exit 0'
	assert_status 0
	assert_output ""
}

# The guard is the kernel's: also what nobody thought of.
@test "do: no file of /etc or /opt that is not for everybody can be read, by root neither" {
	sandbox -- sh -c 'find /etc /opt -type f ! -perm -004 -readable 2>/dev/null; exit 0'
	assert_output ""
}

@test "do: homes, /tmp, /run and /var of the host are not visible" {
	mkdir -p "$T/outside"
	sandbox -- sh -c "ls -A /home /root /tmp/* /var/tmp /var/log /mnt /srv 2>/dev/null; ls -A $T"
	refute_has outside
	assert_has work
	sandbox -- sh -c 'ls /run; touch /tmp/x /run/x $HOME/x && echo $HOME'
	assert_status 0
	assert_has "$HOME"
	[ ! -e /tmp/x ]
	sandbox -- touch /usr/x
	assert_failure
}

@test "do: what programs of /usr keep in /var/lib is there, and nothing else" {
	[ -d /var/lib/texmf/web2c ] || skip "needs tex-common"
	sandbox -- sh -c 'ls -d /var/lib/texmf/web2c; ls /var/lib'
	assert_status 0
	[ "${lines[0]}" = /var/lib/texmf/web2c ]
	[ -z "$(printf '%s\n' "${lines[@]:1}" | grep -vxE 'dpkg|ghc|texmf')" ]
	sandbox -- touch /var/lib/texmf/x
	assert_failure
}

@test "do: dot-files of a home directory stay hidden" {
	mkdir -p "$T/home/.ssh"
	touch "$T/home/.ssh/id" "$T/home/.netrc" "$T/home/code"
	make_user "$T/home"
	chown -R "$U:$U" "$T/home"
	cd "$T/home"
	sandbox_as_user -- ls -A
	assert_status 0
	assert_output code
}

@test "do: namespaces of its own, no network" {
	sandbox -- sh -c 'echo $(ls /proc | grep -c "^[0-9]"); tail -n +3 /proc/net/dev | wc -l
		for n in pid ipc uts net mnt user cgroup; do readlink /proc/self/ns/$n; done'
	assert_status 0
	[ "${lines[0]}" -le 6 ]
	assert_eq "${lines[1]}" 1
	for n in pid ipc uts net mnt user cgroup; do
		refute_has "$(readlink /proc/self/ns/$n)"
	done
	sandbox --net=host -- readlink /proc/self/ns/net
	assert_output "$(readlink /proc/self/ns/net)"
}

@test "do: the environment is minimal" {
	SECRET=1 LANG=C.UTF-8 sandbox --env A=b --env PATH=/bin:/usr/bin -- env
	assert_has A=b
	assert_has HOME=/root
	assert_has LANG=C.UTF-8
	assert_has PATH=/bin:/usr/bin
	refute_has SECRET
}

@test "do: --workdir" {
	mkdir -p a/b
	sandbox --workdir /usr -- pwd
	assert_output /usr
	sandbox --workdir a/b -- pwd
	assert_output "$PWD/a/b"
}

@test "do: --timeout kills everything with status 124" {
	sandbox --timeout 0.3 -- sh -c 'trap "" TERM INT; sleep 100 & sleep 100; sleep 100'
	assert_status 124
	assert_nothing_left
	sandbox --timeout 20 -- sh -c 'exit 3'
	assert_status 3
}

@test "do: limits" {
	sandbox --memory 64M -- python3 -c 'x = b"x" * (256 << 20)'
	assert_status 137
	sandbox --pids 10 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; wait'
	assert_failure
	sandbox --cpus 0.5 --memory 1G -- true
	assert_status 0
	assert_nothing_left
}

@test "do: signals reach the command" {
	sandbox_bg -- sh -c 'trap "exit 9" TERM; echo ready >&2; while :; do sleep 0.1; done'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	assert_status 9
	assert_nothing_left
}

@test "do: an interrupt ends a program that does not handle it" {
	sandbox_bg -- sh -c 'echo ready >&2; exec sleep 100'
	sleep 0.2
	kill -INT $pid
	status=0
	wait $pid || status=$?
	assert_status 130
	assert_nothing_left
}

@test "do: a killed picket takes the sandbox with it" {
	sandbox_bg -- sh -c 'echo ready >&2; exec sleep 100'
	kill -KILL $pid
	wait $pid || true
	no_process() { [ -z "$(processes_left)" ]; }
	wait_until no_process
	(cd "$ROOT" && rt delete --force do-*)
}

@test "do: places that cannot be shown are refused, system directories are read-only" {
	for d in / /home /proc /dev /sys/kernel; do
		cd "$d"
		sandbox true
		assert_status 125
		assert_one_line
	done
	cd /usr/share
	sandbox -- sh -c 'pwd; touch x 2>/dev/null || echo read-only'
	assert_output $'/usr/share\nread-only'
	cd "$T"
	assert_nothing_left
}

@test "do: names with colons, commas and backslashes" {
	mkdir 'a:b,c\d e'
	cd 'a:b,c\d e'
	touch in
	sandbox --diff -- sh -c 'ls; touch out'
	assert_status 0
	assert_output $'in\nA out'
}

@test "do: real programs" {
	printf 'int main(void) { return 5; }\n' >a.c
	sandbox -- sh -c 'cc -o a a.c && ./a'
	assert_status 5
	sandbox -- python3 -c 'import json, sqlite3, http.server; print("py")'
	assert_output py
	git -c init.defaultBranch=main init -q .
	sandbox -- sh -c 'git add a.c && git -c user.name=n -c user.email=e commit -qm m && git log --oneline | wc -l'
	assert_status 0
	assert_output 1
	if command -v node >/dev/null; then
		sandbox -- node -e 'console.log("js")'
		assert_output js
	fi
}

@test "do: an ordinary user" {
	make_user /home/someone
	touch old
	mkdir dir
	touch dir/in
	chown -R "$U:$U" .
	sandbox_as_user --diff -- sh -c 'id -un; echo $HOME; touch new; rm old; rm -r dir; mkdir dir
		touch dir/out'
	assert_status 0
	assert_output "$U"$'\n/home/someone\nD dir/in\nA dir/out\nA new\nD old'
	[ -e old ] && [ ! -e new ]
	sandbox_as_user -- sh -c 'exit 4'
	assert_status 4
	if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
		sandbox_as_user --memory 1G -- true
		assert_status 125
		assert_has "no cgroup"
	fi
	[ -z "$(find /tmp /var/tmp -maxdepth 1 -user "$U")" ]
}

@test "do: an ordinary user without subordinate ids" {
	# Given none, rather than taken away: useradd of another test would bring them back.
	make_user /home/someone -K SUB_UID_COUNT=0 -K SUB_GID_COUNT=0
	chown -R "$U:$U" .
	sandbox_as_user -- sh -c 'cat /proc/self/uid_map; touch x'
	assert_status 0
	assert_output "$(printf '%10d %10d %10d' "$(id -u "$U")" "$(id -u "$U")" 1)"
}
