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
#include <stdbool.h>

#include "abi/call.h"

/*
 * Once, after task_init(): learns which procfs the container has.  VFS_LIST_PROCFS: opens
 * in a procfs are answered by the list of procfs.def.
 */
#define VFS_LIST_PROCFS 1
int vfs_init(int flags);

/* The caller's entry and a copy of a path argument: what every call by path begins with. */
int vfs_read_path(struct call *c, char path[PATH_MAX], uint64_t addr);

/* openat2(2) on behalf of the caller.  Returns a descriptor or a negative errno. */
int vfs_open(struct call *c, int guest_dirfd, const char *path, const struct open_how *how);

/*
 * An O_PATH descriptor of what a call by path is about; at_flags: AT_SYMLINK_NOFOLLOW,
 * AT_EMPTY_PATH ("" is then the directory descriptor itself).
 */
int vfs_open_path(struct call *c, int guest_dirfd, const char *path, int at_flags);

/*
 * Where a name is to be made, changed or removed: a directory and one component (with
 * the slashes that the caller gave it), for the *at() calls of the kernel.
 */
struct vfs_at {
	int dirfd;			/* AT_FDCWD where the name is absolute */
	int owned;			/* dirfd, or -1 where it is the entry's */
	const char *name;		/* into the path that was given */
	bool walked;			/* the directory was reached through a procfs */
};

/* Prepare *at*; cuts `path` in two, in place.  vfs_at_close() also after a failure. */
int vfs_at_open(struct call *c, int guest_dirfd, char *path, struct vfs_at *at);
void vfs_at_close(struct vfs_at *at);
#define auto_vfs_at __attribute__((__cleanup__(vfs_at_close)))
#define VFS_AT_INIT { -1, -1, NULL, false }

/* "PID/fd/N", our own: names a descriptor of ours below any worker's working directory. */
#define VFS_FD_NAME_MAX 32
const char *vfs_fd_name(int fd, char buf[VFS_FD_NAME_MAX]);

#endif
