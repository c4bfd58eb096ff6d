/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths as the caller would see them.  The kernel resolves, acting as the caller
 * (task_assume); what it would resolve differently for the sentry - /proc/self,
 * /proc/thread-self, magic links, the sentry's own /proc directory - is detected by where
 * the path arrives, never by its spelling, and walked component by component.
 */
#ifndef PICKET_SENTRY_VFS_PATH_H
#define PICKET_SENTRY_VFS_PATH_H

#include <limits.h>
#include <linux/openat2.h>

#include "abi/call.h"

/* openat2(2) on behalf of the caller.  Returns a descriptor or a negative errno. */
int vfs_open(struct call *c, int guest_dirfd, const char *path, const struct open_how *how);

/*
 * Where a name is to be made, changed or removed: a descriptor and a path relative to it
 * that the *at() calls of the kernel may be given as they are.
 */
struct vfs_at {
	int dirfd;			/* owned */
	const char *path;		/* into the caller's buffer, or into buf */
	char buf[PATH_MAX];
};

/*
 * Prepare *at* for a call on `path`; flags as of the call (AT_SYMLINK_NOFOLLOW,
 * AT_EMPTY_PATH).  Fast: the base and the path as given.
 */
int vfs_at_open(struct call *c, int guest_dirfd, const char *path, int flags, struct vfs_at *at);

/*
 * The call on *at* failed with -r (ENOENT, ELOOP, EACCES...): was that the caller's own
 * answer?  Returns 0 if so; 1 if the path goes through procfs' links, in which case *at*
 * now holds the walked place and the call is to be made once more; or a negative errno.
 */
int vfs_at_retry(struct call *c, int guest_dirfd, const char *path, int flags, int r,
		 struct vfs_at *at);
void vfs_at_close(struct vfs_at *at);

#endif
