// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events: what to watch is named by a path or a set of signals; the descriptors are the
 * caller's.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

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

struct reply sys_inotify_rm_watch(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0));

	return fd < 0 ? reply_errno(fd) : reply_of(inotify_rm_watch(fd, (int)c->arg[1]));
}

/* What waits in it is the reader's: the descriptor knows nothing but the set. */
struct reply sys_signalfd4(struct call *c)
{
	auto_close int old = -EBADF;
	int fd, flags = (int)c->arg[3], r = task_get(c);
	uint64_t wanted;
	sigset_t set;

	if (r == 0)
		r = c->arg[2] == sizeof(wanted) ?
			    guest_read(c, &wanted, GPTR(c->arg[1]), sizeof(wanted)) :
			    -EINVAL;
	if (r == 0 && (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK)))
		r = -EINVAL;
	if (r < 0)
		return reply_errno(r);
	sigemptyset(&set);
	memcpy(&set, &wanted, sizeof(wanted));
	if (arg_fd(c, 0) == -1) {
		fd = signalfd(-1, &set, flags);
		return fd < 0 ? reply_errno(-errno) : reply_fd(fd, flags & SFD_CLOEXEC);
	}
	old = task_get_file(c, arg_fd(c, 0));
	if (old < 0)
		return reply_errno(old);
	return reply_result(signalfd(old, &set, flags) < 0 ? -errno : arg_fd(c, 0));
}

struct reply sys_timerfd_gettime(struct call *c)
{
	auto_close int fd = task_get_file(c, arg_fd(c, 0));
	struct itimerspec left;

	if (fd < 0)
		return reply_errno(fd);
	if (timerfd_gettime(fd, &left) < 0)
		return reply_errno(-errno);
	return reply_result(guest_write(c, GPTR(c->arg[1]), &left, sizeof(left)));
}
