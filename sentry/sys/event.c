// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: what to watch is named by a path; the descriptors are the caller's. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "sys/sys.h"

struct reply sys_epoll_create(struct call *c)
{
	int fd;

	if ((int)c->arg[0] <= 0)
		return reply_errno(-EINVAL);
	fd = epoll_create1(0);
	return fd < 0 ? reply_errno(-errno) : reply_fd(fd, 0);
}

/*
 * What is wrong with the mask or the descriptor comes before what is wrong with the path:
 * then the kernel is asked with the path "", which never exists.
 */
struct reply sys_inotify_add_watch(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0)), at = -EBADF;
	char path[PATH_MAX], name[VFS_FD_NAME_MAX];
	uint32_t mask = arg_u32(c, 2);
	int r = vfs_read_path(c, path, c->arg[1]);

	if (r >= 0)
		r = at = vfs_open_path(c, AT_FDCWD, path,
				       mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	if (r >= 0)
		r = task_assume(c, 0);
	if (r >= 0)
		return reply_of(inotify_add_watch(fd, vfs_fd_name(at, name),
						  mask & ~(uint32_t)IN_DONT_FOLLOW));
	if (inotify_add_watch(fd, "", mask) < 0 && errno != ENOENT)
		r = -errno;
	return reply_errno(r);
}
