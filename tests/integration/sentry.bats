#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# modes: strict
# What a container's programs meet in strict mode, where it is more than results of calls
# by path (probes.bats).

load helpers

setup() {
	requires picket
	setup_bundle
}

teardown() {
	teardown_bundle
}

# The kernel asks about capabilities when a process opens files of another in /proc: one
# with the same set passes.
@test "root without CAP_SYS_PTRACE opens the files of processes like it in /proc" {
	edit '.process.capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_AUDIT_WRITE"])'
	run_sh 'for name in self thread-self $$; do read -r line </proc/$name/maps || exit; done
		cd /proc/self && read -r line <maps || exit
		sleep 5 & wc -l </proc/$!/maps >/dev/null && wc -c </proc/$!/environ >/dev/null'
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

# Of its own process nothing is asked.
@test "a process opens its own files in /proc, whatever it is capable of" {
	edit '.process.capabilities |= map_values(["CAP_AUDIT_WRITE"])
		| .process.capabilities.permitted = ["CAP_AUDIT_WRITE", "CAP_KILL"]'
	run_sh 'for name in self thread-self; do read -r line </proc/$name/maps || exit; done'
	[ "$status" -eq 0 ]
}

# Root in there is the host's user 0 without its capabilities: files that ask for the user
# alone would obey it, in a container that asks for all of /proc and /sys as `--privileged` does.
@test "the host's sysctls and sysfs cannot be written, whatever config.json says" {
	edit '.linux.readonlyPaths = [] | .linux.maskedPaths = [] |
		(.mounts[] | select(.destination == "/sys").options) = ["rw"]'
	run_sh 'for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger \
			/sys/kernel/mm/transparent_hugepage/enabled; do
			{ true >>$f; } 2>/dev/null && echo "opened $f"
		done
		true >>/proc/sys/net/ipv4/ip_forward && echo "its own: opened"'
	assert_status 0
	assert_output "its own: opened"
}
