#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The container's mount tree: mounts and their options, /dev, masks, and images that try
# to lead the runtime astray.

load helpers

setup() {
	setup_bundle
	mkdir "$T/src"
	echo data >"$T/src/file"
}

teardown() {
	teardown_bundle
}

# add_mount DESTINATION TYPE SOURCE OPTION...
add_mount() {
	local dest=$1 type=$2 source=$3
	shift 3
	edit '.mounts += [{destination: $d, type: $t, source: $s, options: ($o | split(" "))}]' \
		--arg d "$dest" --arg t "$type" --arg s "$source" --arg o "$*"
}

# The options of what is mounted at $1, as the container sees them.
options_of() {
	echo 'while read -r _ _ _ _ at opts _; do [ "$at" != '"$1"' ] || o=$opts; done </proc/self/mountinfo; echo "$o"'
}

@test "a bind mount is made with its options, its destination with its parents" {
	add_mount /a/b bind "$T/src" bind ro nosuid
	run_sh "$(options_of /a/b); cat /a/b/file; touch /a/b/new"
	assert_failure
	assert_has "ro,nosuid"
	assert_has data
	assert_has "Read-only file system"
}

@test "a file can be bound over a file, and over nothing" {
	add_mount /etc/passwd bind "$T/src/file" bind rprivate
	add_mount /new/file none "$T/src/file" rbind
	run_sh 'cat /etc/passwd /new/file'
	assert_status 0
	assert_output $'data\ndata'
}

@test "relative sources are the bundle's" {
	mkdir rel && echo rel >rel/f
	add_mount /mnt bind rel bind
	run_sh 'cat /mnt/f'
	assert_output rel
}

@test "a source inside the root file system is what an earlier mount put there" {
	add_mount /first bind "$T/src" bind
	add_mount /second bind "$BUNDLE/rootfs/first" bind
	run_sh 'cat /second/file'
	assert_output data
}

@test "rro reaches mounts below, ro does not" {
	requires picket
	mkdir "$T/src/sub"
	mount -t tmpfs sub "$T/src/sub"
	add_mount /one bind "$T/src" rbind ro
	add_mount /all bind "$T/src" rbind rro
	run_sh 'touch /one/x || touch /one/sub/x && echo one; touch /all/sub/x || echo all'
	umount "$T/src/sub"
	assert_has one
	assert_has all
}

@test "a missing source is named" {
	add_mount /mnt bind "$T/not there" bind
	run_sh true
	assert_failure
	assert_has "$T/not there"
	assert_has "o such file or directory"
	assert_nothing_left
}

@test "an unknown option is an error that names it and the destination" {
	requires picket
	add_mount /mnt tmpfs tmpfs sizze=1m
	run_sh true
	assert_failure
	assert_has "on '/mnt'"
	assert_has sizze
	assert_nothing_left
}

@test "a read-only tmpfs has the mode of the directory below it" {
	mkdir -m 751 rootfs/t
	add_mount /t tmpfs tmpfs ro size=1m
	run_sh 'stat -c %a /t; touch /t/x'
	assert_failure
	assert_has 751
	assert_has "Read-only"
}

@test "tmpcopyup starts with the image's files" {
	mkdir -p rootfs/t/d
	echo copy >rootfs/t/d/f
	chown 3:4 rootfs/t/d/f
	chmod 604 rootfs/t/d/f
	ln -s d/f rootfs/t/l
	add_mount /t tmpfs tmpfs tmpcopyup
	run_sh 'cat /t/l; stat -c "%u %g %a" /t/d/f; touch /t/new'
	assert_output $'copy\n3 4 604'
	[ ! -e rootfs/t/new ]
}

@test "a volume's ids can be mapped" {
	requires picket
	chown 0:0 "$T/src/file"
	edit '.mounts += [{destination: "/m", type: "bind", source: $s, options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 5000, size: 10}],
		gidMappings: [{containerID: 0, hostID: 6000, size: 10}]}]' --arg s "$T/src"
	run_sh 'stat -c "%u %g" /m/file'
	[[ $output != *"Invalid argument"* ]] || skip "this file system cannot be id-mapped"
	assert_output "5000 6000"
}

@test "what the container mounts does not reach the host" {
	requires unshare
	add_mount /mnt bind "$T/src" rbind
	set_args true
	rt_shared() {
		unshare -m --propagation shared sh -c '
			mount --make-rshared /; a=$(sort /proc/self/mountinfo); "$@"; r=$?
			[ "$a" = "$(sort /proc/self/mountinfo)" ] && exit $r; exit 99' sh \
			"$PICKET" ${SENTRY:+--sentry="$SENTRY"} --root "$ROOT" run "$ID"
	}
	run rt_shared
	assert_status 0
}

@test "/dev has the default devices and links, with their modes" {
	run_sh 'cd /dev; stat -c "%n %F %t:%T %a" null zero full random urandom tty
		for l in fd stdin stdout stderr ptmx; do readlink $l; done; echo x >null'
	assert_status 0
	assert_has "null character special file 1:3 666"
	assert_has "tty character special file 5:0 666"
	assert_has "/proc/self/fd/2"
	assert_has "pts/ptmx"
}

@test "devices of config.json are made, in directories of their own if need be" {
	edit '.linux.devices = [{path: "/dev/x/fuse", type: "c", major: 10, minor: 229,
		fileMode: 384, uid: 3, gid: 4}, {path: "/dev/pipe", type: "p"}]'
	run_sh 'stat -c "%F %t:%T %a %u %g" /dev/x/fuse; stat -c %F /dev/pipe'
	assert_status 0
	assert_output $'character special file a:e5 600 3 4\nfifo'
}

@test "/dev of the image is filled where nothing is mounted on it" {
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	run_sh 'echo x >/dev/null && head -c 3 /dev/zero | wc -c'
	assert_output 3
}

@test "a container cannot change the host's devices through its own" {
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .process.capabilities[] += ["CAP_FOWNER"]'
	local before
	before=$(stat -c %a /dev/null)
	run_sh 'chmod 600 /dev/null /proc/keys'
	assert_eq "$(stat -c %a /dev/null)" "$before"
}

@test "masked paths are empty, read-only paths cannot be written, missing ones are ignored" {
	edit '.linux.maskedPaths = ["/etc/passwd", "/srv", "/none"]
		| .linux.readonlyPaths = ["/home", "/none"]'
	touch rootfs/srv/secret
	run_sh 'cat /etc/passwd; ls /srv; touch /home/x || echo refused'
	assert_status 0
	[[ $output != *root:* && $output != *secret* ]]
	assert_has refused
}

@test "the root file system is read-only when asked, its tmpfs are not" {
	edit '.root.readonly = true'
	run_sh 'touch /x || touch /dev/shm/x && echo writable'
	assert_has writable
	[ ! -e rootfs/x ]
}

@test "rootfsPropagation is the root's in the end" {
	requires picket
	edit '.linux.rootfsPropagation = "shared"'
	run_sh 'while read -r _ _ _ _ at _ tag _; do [ "$at" != / ] || echo "$tag"; done </proc/self/mountinfo'
	assert_has shared
}

@test "--no-pivot does without pivot_root" {
	set_args sh -c 'ls /; cd ..; pwd'
	run rt run --no-pivot "$ID"
	assert_status 0
	assert_has home
	[[ $output != *boot* ]]
}

# The bundle is below directories that the container's root may not enter.
@test "a user namespace with other ids has its own devices and files" {
	requires picket
	chown -R 100000:100000 rootfs
	chmod 700 "$T"
	edit '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	run_sh 'id -u; echo x >/dev/null; touch /dev/shm/f /dev/f /f; stat -c %u /dev/f /dev/null /f'
	assert_status 0
	assert_has 0
	assert_eq "$(stat -c %u rootfs/f)" 100000
}

@test "the host's network, pid and ipc namespaces have their file systems" {
	edit '.linux.namespaces |= map(select(.type | IN("network", "pid", "ipc") | not))'
	run_sh 'ls /sys/class/net /dev/mqueue >/dev/null && [ -d /proc/1 ] && echo yes'
	assert_status 0
	assert_output yes
}

# CVE-2019-19921, CVE-2023-27561, CVE-2025-54867
@test "/proc and /sys must be ordinary directories" {
	rmdir rootfs/proc
	ln -s /tmp rootfs/proc
	run_sh true
	assert_failure
	assert_has "must be mounted on ordinary directory"
	rm rootfs/proc
	mkdir rootfs/proc
	rmdir rootfs/sys
	touch rootfs/sys
	run_sh true
	assert_failure
	assert_nothing_left
}

@test "nothing is mounted inside /proc, not even through a link" {
	requires picket
	add_mount /proc/self/attr tmpfs tmpfs
	run_sh true
	assert_failure
	assert_has "inside /proc"
	edit '.mounts[-1].destination = "/link/attr"'
	ln -s /proc/self rootfs/link
	run_sh true
	assert_failure
	assert_nothing_left
}

# CVE-2026-41579, CVE-2026-47766
@test "a /dev that is a link leads to no place on the host" {
	requires picket
	mkdir "$T/outside"
	rmdir rootfs/dev
	ln -s "$T/outside" rootfs/dev
	run_sh true
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	run_sh true
	assert_eq "$(ls "$T/outside")" ""
}

# CVE-2025-31133
@test "a link in place of /dev/null masks nothing and is refused" {
	requires picket
	edit '.mounts |= map(select(.destination | startswith("/dev") | not))'
	ln -s /etc/passwd rootfs/dev/null
	run_sh 'cat /proc/keys'
	assert_failure
}

# CVE-2021-30465
@test "a destination that is a link stays inside" {
	mkdir "$T/outside"
	ln -s "../../../../../../../../$T/outside/x" rootfs/out
	add_mount /out/y tmpfs tmpfs
	run_sh true
	assert_eq "$(ls "$T/outside")" ""
}
