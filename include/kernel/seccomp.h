/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seccomp(2), seccomp_unotify(2): what Debian 12's headers lack, and the bare calls. */
#ifndef PICKET_KERNEL_SECCOMP_H
#define PICKET_KERNEL_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.6 (4b4b6ef): wake the other side on the current CPU. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
/* Linux 5.19 (c2aa2df) */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* Returns 0, or the listener's descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER; -1, errno. */
static inline int kernel_seccomp_filter(unsigned int flags, const struct sock_fprog *prog)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
}

#endif
