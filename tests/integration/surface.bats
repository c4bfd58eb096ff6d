#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: off strict balanced
# What is refused for the sake of a small surface has a way round that programs know, and
# what the sentry answers instead of the kernel is the same answer.

load helpers

setup() {
	setup_bundle
	with_host_programs
	edit '.process.cwd = "/srv"'
}

teardown() {
	teardown_bundle
}

@test "chrt shows and sets a policy without sched_getattr" {
	requires chrt
	run_sh 'chrt -p $$ | sed "s/.*: //"; chrt -b 0 sh -c "chrt -p \$\$" | sed "s/.*: //"'
	assert_status 0
	assert_output $'SCHED_OTHER\n0\nSCHED_BATCH\n0'
}

@test "python: vectors at an offset without preadv2, events and signals by descriptor" {
	requires python3
	cat >rootfs/srv/t.py <<-'END'
		import ctypes, os, signal, struct
		fd = os.open("f", os.O_RDWR | os.O_CREAT)
		print(os.pwritev(fd, [b"one", b"two"], 5))
		parts = [bytearray(3), bytearray(3)]
		print(os.preadv(fd, parts, 5), parts)
		e = os.eventfd(3); os.eventfd_write(e, 4); print(os.eventfd_read(e))
		libc = ctypes.CDLL(None, use_errno=True)
		signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
		s = libc.signalfd(-1, struct.pack("QQ", 1 << signal.SIGUSR1 - 1, 0) + bytes(112), 0)
		os.kill(os.getpid(), signal.SIGUSR1)
		print(struct.unpack("I", os.read(s, 128)[:4])[0] == signal.SIGUSR1)
		print(libc.mlock2(ctypes.create_string_buffer(1), 1, 0))
	END
	run_ct python3 t.py
	assert_status 0
	assert_output $'6\n6 [bytearray(b\'one\'), bytearray(b\'two\')]\n7\nTrue\n0'
}

# The same calls by their bare numbers, in two containers.
@test "what the sentry answers is what the kernel answers" {
	requires sentry
	build_guests rootfs/srv answers
	edit '.process.cwd = "/srv/here"'
	mkdir -m 777 rootfs/srv/here
	SENTRY=off run_ct ../answers
	assert_status 0
	assert_eq "$(grep -c '^== .*: status 0' <<<"$output")" 10
	printf '%s\n' "$output" >"$T/want"
	rm -r rootfs/srv/here/*
	run_ct ../answers
	assert_status 0
	diff "$T/want" <(printf '%s\n' "$output")
}

# No disk but those of the container's mounts: the kernel's sync(2) means all of the host's.
@test "sync writes out what the container has mounted" {
	requires mkfs.ext4 losetup
	truncate -s 16M "$T/image"
	mkfs.ext4 -q -E root_owner=0:0 "$T/image"
	mkdir "$T/disk" rootfs/disk
	mount -o loop "$T/image" "$T/disk"
	edit ".mounts += [{destination: \"/disk\", source: \"$T/disk\", type: \"bind\",
		options: [\"bind\"]}]"
	run_sh 'printf "mark of %s" one >/disk/f; sync'
	assert_status 0
	assert_eq "$(grep -aoE 'mark of (one|two)' "$T/image")" "mark of one"
	run_sh 'printf "mark of %s" two >/disk/g; sync -f /disk'
	assert_status 0
	assert_eq "$(grep -aoE 'mark of (one|two)' "$T/image" | sort)" $'mark of one\nmark of two'
	umount "$T/disk"
}
