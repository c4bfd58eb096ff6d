// SPDX-License-Identifier: GPL-2.0-or-later
/* The sentry's own confinement: see policy/self.h. */
#include "policy/self.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/seccomp.h"
#include "self-filter.h"

#define BIT(c) (1ull << (c))

/*
 * What the sentry has to act with, and what it needs itself: SYS_PTRACE for memory and
 * descriptors, SYS_CHROOT for root directories, SETUID, SETGID to become the caller,
 * SYS_NICE for its CPU mask, SYS_RESOURCE for its limits, KILL for the end.  All of it
 * over the container's user namespace only.
 */
#define SERVING                                                                        \
	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) |           \
	 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) |         \
	 BIT(CAP_SETUID) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_CHROOT) |           \
	 BIT(CAP_SYS_PTRACE) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_RESOURCE) |             \
	 BIT(CAP_MKNOD) | BIT(CAP_SETFCAP))

static int drop_to(uint64_t keep)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		/* EPERM: without CAP_SETPCAP; what is not permitted stays unreachable. */
		if (!(keep & BIT(cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 &&
		    errno != EPERM)
			return -errno;
	}
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		d[i].permitted &= (uint32_t)(keep >> (32 * i));
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

/*
 * The guests' own add nothing that the container has not got anyway.  /proc/PID's files
 * open for those who have all the capabilities that the process has.
 */
int self_drop_caps(uint64_t guests)
{
	return drop_to(SERVING | guests);
}

int self_drop_caps_watchdog(void)
{
	return drop_to(BIT(CAP_KILL));
}

int self_confine(void)
{
	const struct sock_fprog prog = {
		ARRAY_SIZE(self_filter),
		(struct sock_filter *)self_filter,
	};

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return kernel_seccomp_filter(0, &prog) < 0 ? -errno : 0;
}
