/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pidfd_open(2) and friends as bare calls: the same under glibc and musl. */
#ifndef PICKET_KERNEL_PIDFD_H
#define PICKET_KERNEL_PIDFD_H

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static inline int kernel_pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int kernel_pidfd_getfd(int pidfd, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0U);
}

static inline int kernel_pidfd_send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0U);
}

static inline int kernel_pidfd_send_siginfo(int pidfd, int sig, siginfo_t *info)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, info, 0U);
}

/*
 * clone3(2) without a new stack: the child returns from the call like fork(2) (glibc's
 * atfork handlers and thread caches are not run: only for single-threaded callers that
 * soon exec or that use nothing but plain calls).
 */
static inline pid_t kernel_clone3(struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof(*args));
}

#endif
