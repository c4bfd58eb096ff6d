#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: strict balanced
# Programs cannot tell: probes make tens of thousands of calls in a container without a
# sentry, and in one with it; what they print has to be the same.

load helpers

setup_file() {
	requires picket cc
	build_guests "$BATS_FILE_TMPDIR" probe
}

setup() {
	requires picket root
	setup_bundle
	cp "$BATS_FILE_TMPDIR/probe" rootfs/bin/probe
	# So that a mode for the host's /etc/shadow shows.
	install -m 600 /dev/null rootfs/etc/shadow
	edit '.process.cwd = "/srv" | .process.capabilities |= map_values(. + ["CAP_CHOWN",
		"CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"] | unique)'
}

teardown() {
	teardown_bundle
}

# The probe's output in a new /srv, in one mode.
output_of() {
	local mode=$1 group=$2
	chmod -R u+rwX rootfs/srv
	rm -rf rootfs/srv
	mkdir -m 777 rootfs/srv
	set_args /bin/probe "$group"
	SENTRY=$mode rt run "$ID-$mode" >"$T/$mode" 2>&1 </dev/null
	grep -q "^== $group: status 0" "$T/$mode"
}

compare() {
	local group
	for group; do
		output_of off "$group"
		output_of "$SENTRY" "$group"
		diff "$T/off" "$T/$SENTRY" | head -n 40
		cmp "$T/off" "$T/$SENTRY"
	done
}

as_user() {
	edit '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities = {}'
}

@test "names are made, moved and removed" {
	compare names
	as_user
	compare names
}

@test "attributes are set by path" {
	compare attributes
	as_user
	compare attributes
}

@test "every open flag on every kind of path" {
	compare opens
	as_user
	compare opens
}

@test "openat2 resolves as it is told" {
	compare resolve
	as_user
	compare resolve
}

@test "names, paths, links, attributes, addresses and lists of any length" {
	compare limits
	as_user
	compare limits
}

@test "bad pointers in any argument of any mediated call" {
	compare pointers
}

# Also from a deleted directory, another root, a closed descriptor, with high bits, ...
@test "every call by path, on every path, from every place" {
	compare places
}

@test "every call by path, as an ordinary user" {
	as_user
	compare places
}

@test "links in /proc mean the guest; credentials, groups and roots are the caller's" {
	compare procs creds
}

@test "sockets are bound and connected; FIFOs wait; callers are not mixed up" {
	compare socks fifos threads
}

# O_TMPFILE, O_PATH, copies, attributes, memfds, ETXTBSY, directories that change; inotify,
# locks and leases of files that the sentry has opened.
@test "files of all kinds, events, locks and leases" {
	compare objects events
	as_user
	compare objects events
}

@test "what descriptors tell of directories, signals, timers and watches" {
	compare descriptors
	as_user
	compare descriptors
}

@test "the same on a merged file system" {
	mkdir upper work
	mv rootfs lower
	mkdir rootfs
	mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay rootfs
	compare names opens objects events descriptors
}

@test "capabilities of files are set and shown, handles are not to be had" {
	requires setcap python3
	with_host_programs
	edit '.process.capabilities |= map_values(. + ["CAP_SETFCAP"] | unique)'
	cp /bin/busybox rootfs/srv/program
	run_sh 'setcap cap_net_bind_service+ep /srv/program && getcap /srv/program
		setcap -r /srv/program && getcap /srv/program
		python3 -c "import ctypes; l = ctypes.CDLL(None, use_errno=True)
print(l.name_to_handle_at(-100, b\"/\", ctypes.create_string_buffer(200), ctypes.byref(ctypes.c_int()), 0), ctypes.get_errno())"'
	assert_status 0
	assert_output $'/srv/program cap_net_bind_service=ep\n-1 95'
}
