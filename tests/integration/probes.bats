#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: strict
# Calls by path have the results that Linux gives: a probe makes thousands of them,
# natively and under `picket-sentry run`, where /proc shows the sentry, and the outputs are
# compared.  exact.bats has the same, and more, in containers.

load helpers

# Everything lies where an ordinary user can reach it.
setup_file() {
	requires picket
	bin=$(mktemp -d /tmp/picket-probes.XXXXXX)
	export bin
	build_guests "$bin" sentryfiles busy probe
	cp "$(dirname "$PICKET")/picket-sentry" "$bin/"
	chmod -R a+rX "$bin"
}

teardown_file() {
	rm -rf "$bin"
}

setup() {
	sentry=$bin/picket-sentry
	work=$(mktemp -d "$bin/work.XXXXXX")
	mkdir "$work/native" "$work/sentry"
	chmod -R 777 "$work"
}

# compare GROUP [COMMAND...]: the probe's output natively and under the sentry
compare() {
	local group=$1
	shift
	(cd "$work/native" && "$@" "$bin/probe" "$group") \
		>"$work/want" 2>&1 </dev/null
	(cd "$work/sentry" && "$@" "$sentry" run "$bin/probe" "$group") \
		>"$work/got" 2>&1 </dev/null
	grep -q "^== $group: status 0" "$work/want"
	diff "$work/want" "$work/got"
}

@test "names are made, moved and removed as natively" {
	compare names
}

@test "attributes are set by path as natively" {
	compare attributes
}

@test "every open flag on every kind of path gives the native result" {
	compare opens
}

@test "links in /proc mean the guest" {
	compare procs
}

@test "credentials, groups, umask and root directory are the caller's" {
	requires root
	compare creds
}

@test "sockets are bound and connected as natively" {
	compare socks
}

@test "bad pointers in any argument have the native result" {
	compare pointers
}

# A reply to a blocked open comes with the signal that ends it: kill, EINTR, restart.
@test "opens of FIFOs wait, and signals end the wait" {
	compare fifos
}

@test "threads and processes do not mix their callers up" {
	compare threads
}

# An interrupted injection would leave the guest with 0, its standard input.
@test "every open yields its file on a busy machine" {
	run "$sentry" run "$bin/busy" </dev/null
	assert_output "0 processes with a wrong file"
	assert_status 0
}

@test "an ordinary user gets the native results" {
	requires root setpriv
	for group in names attributes opens procs socks; do
		rm -rf "$work"/{native,sentry}/*
		compare "$group" setpriv --reuid 65533 --regid 65533 --clear-groups
	done
}

# The sentry would open its own memory for anyone who asks it to: it must not be asked.
@test "the sentry's own files in /proc cannot be opened by any name" {
	requires root setpriv
	run setpriv --reuid 65533 --regid 65533 --clear-groups \
		"$sentry" run sh -c "$bin/sentryfiles \$PPID"
	[ "$status" -eq 0 ]
	[[ $output == *" ways, 0 opened" ]]
}
