// SPDX-License-Identifier: GPL-2.0-or-later
/* debug/outcomes.c: what filters may answer, found without running them. */
#include "test.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "debug/debug.h"
#include "trap-filter.h"

#define OF(filter, nr) outcomes_of(filter, ARRAY_SIZE(filter), AUDIT_ARCH_X86_64, nr)

TEST(outcomes_of_the_traps)
{
	CHECK_INT(OF(trap_filter_strict, SYS_read), OUTCOME_NATIVE);
	CHECK_INT(OF(trap_filter_strict, SYS_openat), OUTCOME_NATIVE | OUTCOME_NOTIFY);
	CHECK_INT(OF(trap_filter_strict, SYS_mkdir), OUTCOME_NOTIFY);
	CHECK_INT(OF(trap_filter_balanced, SYS_mkdir), OUTCOME_NATIVE);
	CHECK_INT(OF(trap_filter_strict, SYS_mount), OUTCOME_NOTIFY);
	CHECK_INT(OF(trap_filter_strict, SYS_pivot_root), OUTCOME_ERRNO);
	CHECK_INT(OF(trap_filter_strict, SYS_ioctl), OUTCOME_NATIVE | OUTCOME_ERRNO);
	CHECK_INT(OF(trap_filter_strict, SYS_read | 0x40000000), OUTCOME_ERRNO);
	CHECK_INT(outcomes_of(trap_filter_strict, ARRAY_SIZE(trap_filter_strict),
			      AUDIT_ARCH_I386, 3),
		  OUTCOME_ERRNO);
}

TEST(outcomes_cover_what_is_not_known)
{
	static const struct sock_filter scratch[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_STMT(BPF_ST, 0),
		BPF_STMT(BPF_LD | BPF_MEM, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static const struct sock_filter two_ways[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 2),
		BPF_STMT(BPF_LD | BPF_IMM, 1),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_LD | BPF_IMM, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};

	CHECK_INT(OF(scratch, 0), 15);
	CHECK_INT(OF(two_ways, 0), OUTCOME_NATIVE | OUTCOME_ERRNO);
}

TEST(outcomes_of_two_filters_are_the_stricter)
{
	CHECK_INT(outcomes_join(OUTCOME_NATIVE, OUTCOME_NOTIFY), OUTCOME_NOTIFY);
	CHECK_INT(outcomes_join(OUTCOME_NATIVE | OUTCOME_ERRNO, OUTCOME_NOTIFY),
		  OUTCOME_NOTIFY | OUTCOME_ERRNO);
	CHECK_INT(outcomes_join(OUTCOME_KILL, OUTCOME_ERRNO | OUTCOME_NATIVE),
		  OUTCOME_KILL);
}
