# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the .bats files share: bundles, one-line container runs, leak checks, daemons.
#
#   PICKET   the runtime under test (absolute path, or a name like runc)
#   SENTRY   strict, balanced, off, or empty for a runtime that has no --sentry
#
# Every test has a directory of its own, $T, a state root and an id that no other test on
# the machine uses.  Daemons are started by the file that needs them, in namespaces and
# directories of their own, and end by their pid.

: "${PICKET:=picket}" "${SENTRY=}"
case $PICKET in
*/*) ;;
*) PICKET=$(command -v "$PICKET") ;;
esac
export PICKET SENTRY PATH=$PATH:/usr/sbin:/sbin

# --- the runtime -------------------------------------------------------------------------

is_picket() {
	[[ ${PICKET##*/} == picket* ]]
}

# The runtime with this test's state root.  The marker in the environment is inherited by
# everything that the runtime starts: processes_left finds it.
rt() {
	PICKET_TEST_ID="$ID" "$PICKET" ${SENTRY:+--sentry="$SENTRY"} --root "$ROOT" "$@"
}

# An ordinary user of this test only, $U, who may enter its directory.
# make_user HOME [USERADD_OPTION...]
make_user() {
	local home=$1
	shift
	U=ptu$RANDOM
	useradd -M -d "$home" -s /bin/sh "$@" "$U"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" \
		"$(dirname "$BATS_TEST_TMPDIR")"
}

# A script with the options of this run, for callers that take only a path.
make_wrapper() {
	printf '#!/bin/sh\nPICKET_TEST_ID=%s exec %s %s "$@"\n' "$ID" "$PICKET" \
		"${SENTRY:+--sentry=$SENTRY}" >"$1"
	chmod 755 "$1"
}

# The same, which asks for no capability that this machine has not got, as some have not
# CAP_SYS_RESOURCE: no runtime can give it, and dockerd asks for all.
make_clamped_wrapper() {
	make_wrapper "$1.all"
	cat >"$1" <<-END
		#!/bin/bash
		has=$(capsh --decode="$(awk '/CapBnd/ { print $2 }' /proc/self/status)")
		for ((i = 1; i < \$#; i++)); do
			next=\$((i + 1))
			case \${!i} in
			--bundle) f=\${!next}/config.json ;;
			--process) f=\${!next} ;;
			*) continue ;;
			esac
			clamped=\$(jq --arg has ",\${has#*=}," '(.process // .).capabilities |= map_values(map(
				select(ascii_downcase as \$c | \$has | contains(",\(\$c),"))))' "\$f")
			echo "\$clamped" >"\$f"
		done
		exec "$1.all" "\$@"
	END
	chmod 755 "$1"
}

# requires WORD...: skip, with the reason, where the environment has not got it.
requires() {
	local word
	for word; do
		case $word in
		root) [ "$(id -u)" = 0 ] || skip "needs root" ;;
		picket) is_picket || skip "about picket itself" ;;
		sentry) [[ $SENTRY == @(strict|balanced) ]] || skip "about the sentry" ;;
		strict) [ "$SENTRY" = strict ] || skip "about what strict mediates" ;;
		no_sentry) [[ $SENTRY != @(strict|balanced) ]] || skip "not under the sentry: ${2:-}" ;;
		cgroup_v1) [ -d /sys/fs/cgroup/memory ] || skip "needs cgroup v1" ;;
		cgroup_v2) [ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2" ;;
		*) command -v "$word" >/dev/null || skip "needs $word" ;;
		esac
	done
}

# --- bundles -----------------------------------------------------------------------------

# A root file system of busybox only, made once for each file.
busybox_rootfs() {
	local dir=$BATS_FILE_TMPDIR/busybox applet
	[ -d "$dir" ] || {
		mkdir -p "$dir".new/{bin,sbin,usr/bin,usr/sbin,etc,proc,sys,dev,root,run,srv,home,var}
		mkdir -m 1777 "$dir".new/tmp
		cp /bin/busybox "$dir".new/bin/busybox
		for applet in $(/bin/busybox --list); do
			[ "$applet" = busybox ] || ln -s busybox "$dir".new/bin/"$applet"
		done
		printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n' \
			>"$dir".new/etc/passwd
		printf 'root:x:0:\nuser:x:1000:\n' >"$dir".new/etc/group
		mv "$dir".new "$dir"
	}
	echo "$dir"
}

# For setup(): a directory, a state root and an unused id.
setup_test() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	T=$BATS_TEST_TMPDIR
	ROOT=$T/state
	ID=pt$$-$BATS_TEST_NUMBER${SENTRY:0:1}$RANDOM
	mkdir -p "$T"
}

# The same, with a bundle of busybox in $BUNDLE; cd into it.
setup_bundle() {
	setup_test
	BUNDLE=$T/bundle
	mkdir -p "$BUNDLE"
	cp -a "$(busybox_rootfs)" "$BUNDLE/rootfs"
	cd "$BUNDLE" || return
	rt spec
	edit '.process.terminal = false | .root.readonly = false
		| .process.args = ["true"]
		| .process.env += ["PICKET_TEST_ID=" + $id]
		| .linux.cgroupsPath = "/picket-test/" + $id' --arg id "$ID"
}

# For teardown(): end what the test left running.
teardown_bundle() {
	[ -n "${ID:-}" ] || return 0
	cd / || return
	local id pid
	for id in "$ROOT"/*; do
		[ ! -d "$id" ] || rt delete --force "${id##*/}" >/dev/null 2>&1 || true
	done
	for pid in $(processes_left); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	awk -v t="$T/" 'index($5, t) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
		while read -r id; do umount -l "$id" || true; done
	remove_cgroups
}

# edit FILTER [JQ_OPTIONS...]: change config.json of the current directory.
edit() {
	local filter=$1
	shift
	jq "$@" "$filter" config.json >config.json.new && mv config.json.new config.json
}

# The program of the bundle.
set_args() {
	edit '.process.args = ($a | split("\u0000")[:-1])' --rawfile a <(printf '%s\0' "$@")
}

# run_ct COMMAND...: run it in the bundle's container.  bats' $status and $output.
run_ct() {
	set_args "$@"
	run rt run "$ID"
}

# run_sh 'script': the usual case.
run_sh() {
	run_ct sh -c "$1"
}

# A container that sleeps, created or started.
create_ct() {
	[ $# -gt 0 ] || set -- sleep 1000
	set_args "$@"
	rt create --pid-file "$T/pid" "$ID" >"$T/out" 2>&1 </dev/null || {
		cat "$T/out"
		return 1
	}
}

start_ct() {
	create_ct "$@" && rt start "$ID"
}

# The sentry of the bundle's container.
sentry_pid() {
	jq -r .sentryPid "$ROOT/$ID/state.json"
}

wait_for_status() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ "$(rt state "$2" 2>/dev/null | jq -r .status)" = "$1" ] && return
		sleep 0.05
	done
	echo "container $2 did not become $1: $(rt state "$2" 2>&1)"
	return 1
}

# wait_until COMMAND...: up to ten seconds.
wait_until() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "still false after 10 s: $*"
	return 1
}

# The host's programs in the bundle, read-only.
with_host_programs() {
	local dir
	for dir in lib lib32 lib64 libx32; do
		[ ! -L "/$dir" ] || ln -s "usr/$dir" "rootfs/$dir"
	done
	mkdir -p rootfs/etc/alternatives
	edit '.mounts += [{ destination: "/usr", source: "/usr", type: "bind", options: ["rbind", "ro"] },
		{ destination: "/etc/alternatives", source: "/etc/alternatives", type: "bind", options: ["bind", "ro"] }]
		| .process.env = ["PATH=/bin:/usr/local/bin:/usr/bin:/usr/sbin", "PICKET_TEST_ID=" + $id]' \
		--arg id "$ID"
}

# build_guests DIRECTORY NAME...: the static programs guests/NAME.c, or guests/NAME/*.c.
build_guests() {
	local to=$1 name sources
	shift
	for name; do
		sources=("$BATS_TEST_DIRNAME/guests/$name.c")
		[ -e "${sources[0]}" ] || sources=("$BATS_TEST_DIRNAME/guests/$name"/*.c)
		"${CC:-cc}" -O1 -static -pthread -I"$BATS_TEST_DIRNAME/../../sentry" \
			-o "$to/$name" "${sources[@]}" || return
	done
}

# --- assertions: they say what was and what should have been ------------------------------

say_run() {
	echo "status: ${status:-}"
	echo "output: ${output:-}"
}

assert_status() {
	[ "$status" -eq "$1" ] || {
		say_run
		echo "expected status $1"
		return 1
	}
}

assert_failure() {
	[ "$status" -ne 0 ] || {
		say_run
		echo "expected a failure"
		return 1
	}
}

assert_output() {
	[ "$output" = "$1" ] || {
		say_run
		echo "expected output: $1"
		return 1
	}
}

assert_has() {
	[[ $output == *"$1"* ]] || {
		say_run
		echo "expected in output: $1"
		return 1
	}
}

refute_has() {
	[[ $output != *"$1"* ]] || {
		say_run
		echo "not expected in output: $1"
		return 1
	}
}

assert_eq() {
	[ "$1" = "$2" ] || {
		echo "got:      $1"
		echo "expected: $2"
		return 1
	}
}

# One line of error, as people and engines want it.
assert_one_line() {
	[ "$(wc -l <<<"$output")" -eq 1 ] || {
		say_run
		echo "expected one line"
		return 1
	}
}

# --- leaks -------------------------------------------------------------------------------

# Pids of everything that carries this test's marker, or is a binary of the runtime under
# test for this test's root.  The shell of the test itself does not carry it.
processes_left() {
	local env pid
	grep -lszx "PICKET_TEST_ID=$ID" /proc/[0-9]*/environ 2>/dev/null | while read -r env; do
		pid=${env#/proc/}
		pid=${pid%/environ}
		[ "$pid" = $$ ] || [ "$pid" = "$BASHPID" ] && continue
		grep -qs '^State:.*[ZX]' "/proc/$pid/status" || echo "$pid"
	done
}

# cgdir CONTROLLER: the directory of this test's container.
cgdir() {
	if [ -d "/sys/fs/cgroup/$1" ]; then
		echo "/sys/fs/cgroup/$1/picket-test/$ID"
	else
		echo "/sys/fs/cgroup/picket-test/$ID"
	fi
}

cgroups_left() {
	find /sys/fs/cgroup -mindepth 1 -type d -name "*$ID*" 2>/dev/null
}

# Those that nothing is in.
remove_cgroups() {
	local dir
	[ -n "${ID:-}" ] || return 0	# else: those of everybody
	cgroups_left | while read -r dir; do
		find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}

mounts_left() {
	awk -v t="$T/" 'index($5, t) == 1 { print $5 }' /proc/self/mountinfo
}

# Nothing of this test is left: process, cgroup, mount, state.  Waits a moment for what is
# just going.
assert_nothing_left() {
	local i found
	for ((i = 0; i < 40; i++)); do
		found=$(
			for pid in $(processes_left); do
				echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
			done
			cgroups_left | sed 's/^/cgroup /'
			mounts_left | sed 's/^/mount /'
			[ ! -d "$ROOT" ] || find "$ROOT" -mindepth 1 | grep -v '/~seccomp' | sed 's/^/state /'
		)
		[ -n "$found" ] || return 0
		sleep 0.05
	done
	echo "left behind:"
	echo "$found"
	return 1
}

# --- daemons -----------------------------------------------------------------------------

# A busybox image as a tar archive.
busybox_tar() {
	tar -C "$(busybox_rootfs)" -c .
}

# dockerd with network and mount namespaces of its own: its bridge, its rules and its mounts
# are nobody else's, and go with it.
start_dockerd() {
	D=$BATS_FILE_TMPDIR/docker
	mkdir -p "$D"
	ID=ptd$$$RANDOM
	make_wrapper "$D/runtime"
	jq -n --arg p "$D/runtime" '{ runtimes: { under_test: { path: $p },
		clamped: { path: ($p | rtrimstr("runtime") + "clamped") } },
		"default-runtime": "under_test", "exec-opts": ["native.cgroupdriver=cgroupfs"] }' \
		>"$D/daemon.json"
	export DOCKER_HOST=unix://$D/sock DOCKER_BUILDKIT=0 DOCKER_CONFIG=$D D
	unshare --net --mount --propagation private sh -c 'ip link set lo up; exec "$@"' sh \
		dockerd --config-file "$D/daemon.json" --data-root "$D/data" --exec-root "$D/exec" \
		--host "$DOCKER_HOST" --pidfile "$D/pid" --cgroup-parent "/picket-test-$ID" \
		>"$D/log" 2>&1 3>&- 4>&- &
	wait_until docker version || {
		tail -n 20 "$D/log"
		return 1
	}
	busybox_tar | docker import --change 'CMD ["sh"]' - busybox >/dev/null
}

stop_dockerd() {
	local c
	[ -n "${D:-}" ] || return 0
	c=$(docker ps -aq)
	# shellcheck disable=SC2086 # a list
	[ -z "$c" ] || docker rm -f $c >/dev/null 2>&1
	stop_daemon "$D/pid"
	remove_cgroups
}

# stop_daemon PIDFILE: TERM, then KILL after ten seconds.
stop_daemon() {
	local pid i
	pid=$(cat "$1" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || return 0
	for ((i = 0; i < 100; i++)); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -KILL "$pid"
}

# start_containerd [COMMAND] <CONFIGURATION: with what that says besides, a network namespace
# of its own, and a busybox image that runs COMMAND.
start_containerd() {
	C=$BATS_FILE_TMPDIR/containerd
	mkdir -p "$C"
	ID=ptc$$$RANDOM
	make_wrapper "$C/runtime"
	cat >"$C/config.toml" <<-END
		version = 2
		root = "$C/root"
		state = "$C/run"
		$(cat)
		[grpc]
		  address = "$C/sock"
		[ttrpc]
		  address = "$C/sock.ttrpc"
	END
	export CONTAINERD_ADDRESS=$C/sock C ID
	unshare --net --mount --propagation private \
		containerd --config "$C/config.toml" >"$C/log" 2>&1 3>&- 4>&- &
	echo $! >"$C/pid"
	wait_until ctr version || {
		tail -n 20 "$C/log"
		return 1
	}
	busybox_image "$@" >"$C/image.tar"
	ctr images import --base-name test/busybox "$C/image.tar" >/dev/null
}

stop_containerd() {
	[ -n "${C:-}" ] || return 0
	stop_daemon "$C/pid"
}

# busybox_image [COMMAND]: the busybox tree as a `docker load` archive, made without any engine.
busybox_image() {
	local d=$BATS_FILE_TMPDIR/image command=${1:-sh} sum
	mkdir -p "$d/layer"
	busybox_tar >"$d/layer/layer.tar"
	sum=$(sha256sum <"$d/layer/layer.tar")
	jq -n --arg s "sha256:${sum%% *}" --arg c "$command" '{ architecture: "amd64", os: "linux",
		config: { Cmd: ($c / " "), Env: ["PATH=/bin:/sbin:/usr/bin:/usr/sbin"] },
		rootfs: { type: "layers", diff_ids: [$s] } }' >"$d/config.json"
	echo '[{"Config":"config.json","RepoTags":["test/busybox:latest"],"Layers":["layer/layer.tar"]}]' \
		>"$d/manifest.json"
	tar -C "$d" -c manifest.json config.json layer
}

# podman with storage of its own; cgroupfs, no systemd, no registry.  Its default limits
# are above what a machine without CAP_SYS_RESOURCE may set.
setup_podman() {
	P=$BATS_FILE_TMPDIR/podman
	mkdir -p "$P"
	ID=ptp$$$RANDOM
	make_wrapper "$P/runtime"
	printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n' \
		>"$P/containers.conf"
	export P ID CONTAINERS_CONF=$P/containers.conf
}

podman_() {
	command podman --root "$P/root" --runroot "$P/run" --tmpdir "$P/tmp" --storage-driver overlay \
		--cgroup-manager cgroupfs --events-backend file --runtime "$P/runtime" "$@"
}
