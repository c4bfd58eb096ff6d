/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts, and those that a guest makes.  The kernel holds the container's own tree locked (see
 * src/rootfs/seal.c): what is here decides which file systems there are and whose paths
 * they are made of, not what a mount may cover or uncover.
 */
#ifndef PICKET_SENTRY_VFS_MOUNTS_H
#define PICKET_SENTRY_VFS_MOUNTS_H

#include <limits.h>

#include "abi/call.h"

/*
 * Write out each file system that is mounted, as far as the sentry can open a directory or a
 * file of it.  For a worker that acts as nobody yet.
 */
int mounts_sync(void);

/* Once, after vfs_init(): the tree is locked.  Without it no guest mounts anything. */
void mounts_allow(void);

/* May the caller mount at all?  0, -EPERM, or -ESRCH where it is gone. */
int mounts_check(struct call *c);

/* Copies of what mount(2) is given; "" for a null pointer. */
struct mount_args {
	char source[PATH_MAX], target[PATH_MAX], type[PATH_MAX], data[PATH_MAX];
	unsigned long flags;
};

/* mount(2) and umount2(2) on behalf of the caller.  0 or a negative errno. */
int mounts_make(struct call *c, struct mount_args *a);
int mounts_remove(struct call *c, char path[PATH_MAX], int flags);

#endif
