/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is calling.  A struct task is a cache of what the kernel says about one guest
 * thread, never a log of its calls: every entry can be dropped and derived again.
 *
 * Credentials belong to a thread and change only by its own system calls: those calls
 * (set*id, setgroups, capset, execve, ...) are trapped, drop the entry and continue, so
 * that the thread's next call reads the new ones.  A pidfd guards against tid reuse.
 */
#ifndef PICKET_SENTRY_TASK_TASK_H
#define PICKET_SENTRY_TASK_TASK_H

#include <stdint.h>
#include <sys/types.h>

#include "abi/call.h"

#define TASK_GROUPS_MAX 32	/* longer lists are read again on each use */

struct creds {
	uid_t fsuid, euid;
	gid_t fsgid, egid;
	uint64_t cap_effective;
	gid_t *groups;
	size_t groups_n;
};

/* Entry of the caller; -ESRCH if it is gone.  Fills c->task; held until task_put(c). */
int task_get(struct call *c);
void task_put(struct call *c);

/* Forget the caller's entry: its credentials are about to change. */
void task_forget(struct call *c);

/*
 * Let this worker thread act as the caller: fsuid, fsgid, groups, effective
 * capabilities, root directory, and the umask when flags has TASK_UMASK.  Only
 * differences cost system calls; nothing needs undoing (the next call sets its own).
 * What the sentry needs its own capabilities for is done before, or by
 * task_with_own_caps().
 */
#define TASK_UMASK 1
int task_assume(struct call *c, int flags);

/* Effective capabilities of the sentry itself, for memory and descriptor access. */
int task_own_caps(void);

/* A copy of the guest's descriptor (pidfd_getfd); caller closes.  -EBADF as in the guest. */
int task_get_fd(struct call *c, int guest_fd);

/*
 * The directory that a relative path starts at: the caller's working directory for
 * AT_FDCWD, else a copy of its descriptor.  Caller closes.  For absolute paths: -1 is
 * fine as base, task_assume() has set the root.
 */
int task_base(struct call *c, int guest_dirfd);

/* The caller's pid (thread group) and tid as numbered in the procfs that `procfs_fd` lies in,
 * for /proc/self and /proc/thread-self.  0 if it is not visible there. */
pid_t task_tgid_in(struct call *c, int procfs_fd, pid_t *ret_tid);

#endif
