// SPDX-License-Identifier: GPL-2.0-or-later
/* Extended attributes by path or descriptor.  Names and values are copied once. */
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

/* The calls take a path and nothing else: "thread-self/fd/N", which leads to the file. */
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

/* A value, or without an attribute's name the list of names. */
static struct reply get(struct call *c, int by, const char *attr, uint64_t to,
			size_t size)
{
	auto_close int fd = target_open(c, by);
	auto_free void *buf = NULL;
	char name[VFS_FD_NAME_MAX];
	ssize_t n;
	int r = fd < 0 ? fd : task_assume(c, 0);

	if (r < 0)
		return reply_errno(r);
	if (size > XATTR_SIZE_MAX)
		size = XATTR_SIZE_MAX;
	buf = malloc(size + 1);
	if (!buf)
		return reply_errno(-ENOMEM);
	vfs_fd_name(fd, name);
	n = attr ? syscall(SYS_getxattr, name, attr, buf, size) :
		   syscall(SYS_listxattr, name, buf, size);
	if (n < 0)
		return reply_errno(-errno);
	r = size ? guest_write(c, GPTR(to), buf, (size_t)n) : 0;
	return r < 0 ? reply_errno(r) : reply_value(n);
}

static struct reply get_value(struct call *c, int by)
{
	char attr[NAME_SIZE];
	int r = task_get(c);

	if (r == 0)
		r = name_read(c, attr, c->arg[1]);
	return r < 0 ? reply_errno(r) : get(c, by, attr, c->arg[2], c->arg[3]);
}

static struct reply get_list(struct call *c, int by)
{
	return get(c, by, NULL, c->arg[1], c->arg[2]);
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
THREE(getxattr, get_value)
THREE(listxattr, get_list)
