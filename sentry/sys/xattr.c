// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Extended attributes by path or descriptor: set and remove.  Names and values are copied
 * once.
 */
#include <errno.h>
#include <linux/xattr.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sys.h"

#define NAME_SIZE (XATTR_NAME_MAX + 1)

static int name_read(struct call *c, char name[NAME_SIZE], uint64_t addr)
{
	int r = guest_read_str(c, name, GPTR(addr), NAME_SIZE);

	return r == 0 || r == -ENAMETOOLONG ? -ERANGE : r;
}

static int value_read(struct call *c, void **ret, uint64_t addr, size_t size)
{
	int r;

	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	*ret = size ? malloc(size) : NULL;
	if (size && !*ret)
		return -ENOMEM;
	r = size ? guest_read(c, *ret, GPTR(addr), size) : 0;
	return r;
}

/* What the first argument names: a path, its last link included or not, or a descriptor. */
enum { BY_PATH, BY_LINK, BY_FD };

static int target_open(struct call *c, int by)
{
	char path[PATH_MAX];
	int r;

	if (by == BY_FD)
		return task_get_file(c, arg_fd(c, 0));
	r = vfs_read_path(c, path, c->arg[0]);
	return r < 0 ? r :
		       vfs_open_path(c, AT_FDCWD, path,
				     by == BY_LINK ? AT_SYMLINK_NOFOLLOW : 0);
}

/* The calls take a path and nothing else: "PID/fd/N", which leads to the file. */
static struct reply set(struct call *c, int by)
{
	auto_close int fd = -EBADF;
	auto_free void *value = NULL;
	char attr[NAME_SIZE], name[VFS_FD_NAME_MAX];
	size_t size = c->arg[3];
	int r, flags = (int)c->arg[4];

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return reply_errno(-EINVAL);
	r = task_get(c);
	if (r >= 0)
		r = name_read(c, attr, c->arg[1]);
	if (r >= 0)
		r = value_read(c, &value, c->arg[2], size);
	if (r >= 0)
		r = fd = target_open(c, by);
	if (r >= 0)
		r = task_assume(c, 0);
	if (r < 0)
		return reply_errno(r);
	return reply_of(
		syscall(SYS_setxattr, vfs_fd_name(fd, name), attr, value, size, flags));
}

static struct reply removal(struct call *c, int by)
{
	auto_close int fd = -EBADF;
	char attr[NAME_SIZE], name[VFS_FD_NAME_MAX];
	int r = task_get(c);

	if (r >= 0)
		r = name_read(c, attr, c->arg[1]);
	if (r >= 0)
		r = fd = target_open(c, by);
	if (r >= 0)
		r = task_assume(c, 0);
	if (r < 0)
		return reply_errno(r);
	return reply_of(syscall(SYS_removexattr, vfs_fd_name(fd, name), attr));
}

#define THREE(name, function)                      \
	struct reply sys_##name(struct call *c)    \
	{                                          \
		return function(c, BY_PATH);       \
	}                                          \
	struct reply sys_l##name(struct call *c)   \
	{                                          \
		return function(c, BY_LINK);       \
	}                                          \
	struct reply sys_f##name(struct call *c)   \
	{                                          \
		return function(c, BY_FD);         \
	}
THREE(setxattr, set)
THREE(removexattr, removal)
