// SPDX-License-Identifier: GPL-2.0-or-later
/* The sentry's trap filter: built from syscalls.def with the program, installed by the init. */
#include "sandbox/sandbox.h"

#include "base/cleanup.h"
#include "kernel/seccomp.h"
#include "trap-filter.h"

/* Linux 4.17: without it the kernel turns off speculation for the whole program. */
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

#define FILTER(f)                                        \
	{                                                \
		ARRAY_SIZE(f), (struct sock_filter *)(f) \
	}
static const struct sock_fprog filters[] = {
	[SENTRY_BALANCED] = FILTER(trap_filter_balanced),
	[SENTRY_STRICT] = FILTER(trap_filter_strict),
};

int sandbox_install_filter(enum sentry_mode mode, struct err *e)
{
	const struct sock_fprog *prog = &filters[mode];
	const unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
				   SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	int fd;

	if (!prog->len)
		return err_text(e, ENOTSUP, "no filter for sentry mode '%s'",
				sandbox_mode_name(mode));
	fd = kernel_seccomp_filter(flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, prog);
	/* Before Linux 5.19: a signal may abort a call that the sentry already serves. */
	if (fd < 0 && errno == EINVAL)
		fd = kernel_seccomp_filter(flags, prog);
	if (fd < 0 && errno == EBUSY)
		return err_text(
			e, EBUSY,
			"install the sentry's filter: another seccomp "
			"listener is in charge already (nested sentries do not work)");
	return fd < 0 ? err_set(e, errno, "install the sentry's filter") : fd;
}
