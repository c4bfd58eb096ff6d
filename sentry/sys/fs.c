// SPDX-License-Identifier: GPL-2.0-or-later
/* File systems as a whole, and advice about files. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "notify/notify.h"
#include "sys/sys.h"
#include "vfs/mounts.h"

static struct reply put_statfs(struct call *c, int fd, uint64_t to)
{
	struct statfs st;
	int r = fd;

	if (r >= 0)
		r = fstatfs(fd, &st) < 0 ? -errno : 0;
	return reply_result(r < 0 ? r : guest_write(c, GPTR(to), &st, sizeof(st)));
}

struct reply sys_statfs(struct call *c)
{
	auto_close int fd = -EBADF;
	char path[PATH_MAX];
	int r = vfs_read_path(c, path, c->arg[0]);

	fd = r < 0 ? r : vfs_open_path(c, AT_FDCWD, path, 0);
	return put_statfs(c, fd, c->arg[1]);
}

struct reply sys_fstatfs(struct call *c)
{
	auto_close int fd = task_get_fd(c, arg_fd(c, 0));

	return put_statfs(c, fd, c->arg[1]);
}

/* The container's file systems: the kernel's sync(2) waits for every disk of the host. */
struct reply sys_sync(struct call *c)
{
	int r = task_get(c);

	if (r < 0)
		return reply_errno(r);
	notify_blocking_begin(c);
	r = mounts_sync();
	notify_blocking_end(c);
	return reply_result(r);
}

struct reply sys_syncfs(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0));
	struct reply r;

	if (fd < 0)
		return reply_errno(fd);
	notify_blocking_begin(c);
	r = reply_of(syncfs(fd));
	notify_blocking_end(c);
	return r;
}

struct reply sys_sync_file_range(struct call *c)
{
	const unsigned int waits = SYNC_FILE_RANGE_WAIT_BEFORE |
				   SYNC_FILE_RANGE_WAIT_AFTER;
	auto_close int fd = task_get_file(c, arg_fd(c, 0));
	unsigned int flags = arg_u32(c, 3);
	struct reply r;

	if (fd < 0)
		return reply_errno(fd);
	if (flags & waits)
		notify_blocking_begin(c);
	r = reply_of(sync_file_range(fd, (off_t)c->arg[1], (off_t)c->arg[2], flags));
	notify_blocking_end(c);
	return r;
}

/* Nothing is read: programs cannot tell, and need not be slower for it. */
struct reply sys_readahead(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0));
	struct stat st;

	if (fd < 0)
		return reply_errno(fd);
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
		return reply_errno(-EBADF);
	if (fd_stat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
		return reply_errno(-EINVAL);
	return reply_value(0);
}
