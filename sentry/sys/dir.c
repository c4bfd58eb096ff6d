// SPDX-License-Identifier: GPL-2.0-or-later
/* Names made, removed and listed: mkdir, mknod, rmdir, unlink, getdents. */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sys.h"

#define LISTING_MAX 32768	/* what libc asks for */

/* The place, and this thread acting as the caller. */
static int at_open(struct call *c, int dirfd, uint64_t addr, char path[PATH_MAX],
		   struct vfs_at *at, int assume)
{
	int r = vfs_read_path(c, path, addr);

	if (r >= 0)
		r = vfs_at_open(c, dirfd, path, at);
	return r < 0 ? r : task_assume(c, assume);
}

static struct reply make_dir(struct call *c, int dirfd, uint64_t addr, mode_t mode)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char path[PATH_MAX];
	int r = at_open(c, dirfd, addr, path, &at, TASK_UMASK);

	return r < 0 ? reply_errno(r) : reply_of(mkdirat(at.dirfd, at.name, mode));
}

struct reply sys_mkdir(struct call *c)
{
	return make_dir(c, AT_FDCWD, c->arg[0], arg_u32(c, 1));
}

struct reply sys_mkdirat(struct call *c)
{
	return make_dir(c, arg_fd(c, 0), c->arg[1], arg_u32(c, 2));
}

/*
 * Devices come with the container, as bind mounts; the kernel refuses them in a user
 * namespace, and here nothing depends on that.  0:0 is overlayfs' whiteout.
 */
static struct reply make_node(struct call *c, int dirfd, uint64_t addr, unsigned int mode,
			      unsigned int dev)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char path[PATH_MAX];
	int r = at_open(c, dirfd, addr, path, &at, TASK_UMASK);

	if (r < 0)
		return reply_errno(r);
	if (S_ISBLK(mode) || (S_ISCHR(mode) && dev != 0))
		return reply_errno(-EPERM);
	return reply_of(syscall(SYS_mknodat, at.dirfd, at.name, mode, dev));
}

struct reply sys_mknod(struct call *c)
{
	return make_node(c, AT_FDCWD, c->arg[0], arg_u32(c, 1), arg_u32(c, 2));
}

struct reply sys_mknodat(struct call *c)
{
	return make_node(c, arg_fd(c, 0), c->arg[1], arg_u32(c, 2), arg_u32(c, 3));
}

static struct reply remove_name(struct call *c, int dirfd, uint64_t addr, int flags)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char path[PATH_MAX];
	int r;

	if (flags & ~AT_REMOVEDIR)
		return reply_errno(-EINVAL);
	r = at_open(c, dirfd, addr, path, &at, 0);
	return r < 0 ? reply_errno(r) : reply_of(unlinkat(at.dirfd, at.name, flags));
}

struct reply sys_rmdir(struct call *c)
{
	return remove_name(c, AT_FDCWD, c->arg[0], AT_REMOVEDIR);
}

struct reply sys_unlink(struct call *c)
{
	return remove_name(c, AT_FDCWD, c->arg[0], 0);
}

struct reply sys_unlinkat(struct call *c)
{
	return remove_name(c, arg_fd(c, 0), c->arg[1], (int)c->arg[2]);
}

/*
 * getdents(2) has the type behind the name, in the record's last byte; getdents64(2) before
 * it.  The records are of the same length: one byte more before the name, one less behind it.
 */
static void records_to_old(char *buf, size_t len)
{
	const size_t type_at = offsetof(struct dirent64, d_type);
	struct dirent64 *d;

	for (size_t at = 0; at < len; at += d->d_reclen) {
		unsigned char type;

		d = (struct dirent64 *)(buf + at);
		type = d->d_type;
		memmove(buf + at + type_at, d->d_name, d->d_reclen - type_at - 1);
		buf[at + d->d_reclen - 1] = (char)type;
	}
}

/* A process's descriptors, say, are listed to whom they are shown only. */
struct reply sys_getdents(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0));
	size_t size = (int)c->arg[2] < 0 ? 0 : arg_u32(c, 2);
	auto_free char *buf = NULL;
	int64_t n;
	int r = fd < 0 ? fd : task_assume(c, TASK_EXACT);

	if (r < 0)
		return reply_errno(r);
	if (size > LISTING_MAX)
		size = LISTING_MAX;
	buf = calloc(1, size + 1);
	if (!buf)
		return reply_errno(-ENOMEM);
	n = sys_result(getdents64(fd, buf, size));
	if (n <= 0)
		return reply_result(n);
	records_to_old(buf, (size_t)n);
	r = guest_write(c, GPTR(c->arg[1]), buf, (size_t)n);
	return reply_result(r < 0 ? r : n);
}
