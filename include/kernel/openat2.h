/* SPDX-License-Identifier: GPL-2.0-or-later */
/* openat2(2), Linux 5.6: glibc 2.36 has no wrapper. */
#ifndef PICKET_KERNEL_OPENAT2_H
#define PICKET_KERNEL_OPENAT2_H

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int kernel_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

#endif
