#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: strict
# The sentry's own filter (sentry/policy/self-filter.def): which of its rows are needed.

load helpers

setup() {
	requires picket strict strace
	setup_bundle
}

teardown() {
	teardown_bundle
}

# Rows that this run need not meet: for another vDSO (clock_gettime), by how calls happen to
# meet (munmap, sched_setscheduler), after a stop or a freeze (restart_syscall), at the end,
# the watchdog's included.
ELSEWHERE=(clock_gettime munmap sched_setscheduler restart_syscall exit_group
	pidfd_send_signal wait4 write)

# Every row is a call that a taken-over sentry could make.
@test "no row of the sentry's own filter is without use" {
	local tree=$BATS_TEST_DIRNAME/../.. sentry tracer
	build_guests rootfs/srv probe answers ipcprobe
	edit '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_CHOWN", "CAP_FOWNER",
		"CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"])'
	cat >rootfs/srv/all <<-'END'
		mkdir -m 777 /srv/here; cd /srv/here
		until [ -e /srv/go ]; do sleep 0.1; done
		for group in attributes creds descriptors events procs socks fifos threads; do
			/srv/probe $group >/dev/null
		done
		/srv/answers >/dev/null
		/srv/ipcprobe posix >/dev/null
		uname >/dev/null; free >/dev/null; hostname other; ip addr >/dev/null
		mkdir m && mount -t tmpfs m m && umount m
		echo >done
		until [ -e /srv/end ]; do sleep 0.1; done
	END
	start_ct sh /srv/all
	sentry=$(sentry_pid)
	strace -f -qq -p "$sentry" -o "$T/log" 2>"$T/strace" &
	tracer=$!
	wait_until grep -q TracerPid:.[1-9] "/proc/$sentry/status"
	touch rootfs/srv/go
	until [ -e rootfs/srv/here/done ]; do sleep 0.2; done
	rt exec "$ID" true
	touch rootfs/srv/end
	wait "$tracer" || true
	sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' "$T/log" | sort -u >"$T/made"
	sed -n 's/^SELF\(_IF\|\)(\([a-z_0-9]*\),.*/\2/p' "$tree/sentry/policy/self-filter.def" |
		grep -vxFf <(printf '%s\n' "${ELSEWHERE[@]}") | sort >"$T/rows"
	assert_eq "$(comm -13 "$T/made" "$T/rows")" ""
}
