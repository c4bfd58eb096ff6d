/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of vfs/ only. */
#ifndef PICKET_SENTRY_VFS_INTERNAL_H
#define PICKET_SENTRY_VFS_INTERNAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "kernel/openat2.h"
#include "vfs/path.h"
#include "vfs/proclist.h"

enum procfs_kind {
	PROCFS_NOT,		/* another file system */
	PROCFS_BLIND,		/* the container's own: the sentry is not in its pid namespace */
	PROCFS_SEEING,		/* any other: `self` there is the sentry */
};

enum procfs_kind procfs_kind(int fd);
bool procfs_is_blind(void);	/* the container has one of that kind */
bool procfs_is_root(int fd);

/*
 * Is the directory one of the sentry's own process?  Unsure, or not a directory: yes.
 * To be asked of every directory of a procfs that was not reached from its root.
 */
bool procfs_is_ours(struct call *c, int dir);

/* The caller's numbers in the procfs with that root directory; 0: it has none there. */
pid_t procfs_caller(struct call *c, int root, pid_t *ret_tid);

/* Does the directory lie in the caller's own process directory? */
bool procfs_is_callers(struct call *c, int dir);

/*
 * The list of procfs.def, once answer_init() was called.  answer_check: what becomes of an
 * open with these flags of the file behind fd (any file; O_PATH does): enum proc_answer
 * or a negative errno.  answer_open: fd (owned from now on) was opened as the caller; gives
 * it back, or another in its place.
 */
void answer_init(void);
int answer_check(int fd, uint64_t flags);
int answer_open(int fd, const struct open_how *how);

/* openat2(2) that may wait.  The result is the guest's. */
int open_for_guest(int dirfd, const char *path, const struct open_how *how);

/*
 * The path, component by component, with how->resolve's NO_XDEV, NO_SYMLINKS and
 * NO_MAGICLINKS.  base: a directory, or AT_FDCWD where the path is absolute.  Where
 * *ret_touched is false no step met a procfs: the kernel's own answer holds then, and
 * nothing was opened.
 */
int walk_open(struct call *c, int base, const char *path, const struct open_how *how,
	      bool *ret_touched);

/* The sentry must have no controlling terminal: /dev/tty would be it. */
void tty_disown(void);

/* open(2) of /dev/tty gave ENXIO to the sentry: the caller's own terminal. */
int tty_open(struct call *c, int base, const char *path, const struct open_how *how);

#endif
