// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attributes by path: mode, owner, length, times.  A path is opened with
 * O_PATH, and the kernel checks the caller's rights over the file when the attribute is set.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "sys/sys.h"

/* fd, which is passed on, with this thread acting as the caller. */
static int as_caller(struct call *c, int fd)
{
	int r = fd < 0 ? fd : task_assume(c, 0);

	if (r == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}

/* O_PATH descriptor of a path argument. */
static int target_open(struct call *c, int dirfd, uint64_t addr, int at_flags)
{
	char path[PATH_MAX];
	int r = vfs_read_path(c, path, addr);

	return as_caller(c, r < 0 ? r : vfs_open_path(c, dirfd, path, at_flags));
}

static struct reply change_mode(struct call *c, int dirfd, uint64_t addr, mode_t mode,
				int flags)
{
	auto_close int fd = -EBADF;
	char name[VFS_FD_NAME_MAX];

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return reply_errno(-EINVAL);
	fd = target_open(c, dirfd, addr, flags);
	if (fd < 0)
		return reply_errno(fd);
	/* By that name and not with fchmodat2(2), which is Linux 6.6. */
	return reply_of(
		syscall(SYS_fchmodat, task_procfs(), vfs_fd_name(fd, name), mode));
}

struct reply sys_chmod(struct call *c)
{
	return change_mode(c, AT_FDCWD, c->arg[0], arg_u32(c, 1), 0);
}

struct reply sys_fchmodat(struct call *c)
{
	return change_mode(c, arg_fd(c, 0), c->arg[1], arg_u32(c, 2), 0);
}

struct reply sys_fchmodat2(struct call *c)
{
	return change_mode(c, arg_fd(c, 0), c->arg[1], arg_u32(c, 2), (int)c->arg[3]);
}

static struct reply change_owner(struct call *c, int dirfd, int first, int flags)
{
	auto_close int fd = -EBADF;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return reply_errno(-EINVAL);
	fd = target_open(c, dirfd, c->arg[first], flags);
	if (fd < 0)
		return reply_errno(fd);
	return reply_of(fchownat(fd, "", arg_u32(c, first + 1), arg_u32(c, first + 2),
				 AT_EMPTY_PATH));
}

struct reply sys_chown(struct call *c)
{
	return change_owner(c, AT_FDCWD, 0, 0);
}

struct reply sys_lchown(struct call *c)
{
	return change_owner(c, AT_FDCWD, 0, AT_SYMLINK_NOFOLLOW);
}

struct reply sys_fchownat(struct call *c)
{
	return change_owner(c, arg_fd(c, 0), 1, (int)c->arg[4]);
}

struct reply sys_truncate(struct call *c)
{
	auto_close int fd = -EBADF;
	char name[VFS_FD_NAME_MAX];

	if ((int64_t)c->arg[1] < 0)
		return reply_errno(-EINVAL);
	fd = target_open(c, AT_FDCWD, c->arg[0], 0);
	if (fd < 0)
		return reply_errno(fd);
	return reply_of(truncate(vfs_fd_name(fd, name), (off_t)c->arg[1]));
}

/*
 * times: NULL for now.  Without a path (futimens) utimensat is native, by the filter, and
 * futimesat comes here.
 */
static struct reply set_times(struct call *c, int dirfd, uint64_t path,
			      const struct timespec times[2], int flags)
{
	auto_close int fd = -EBADF;

	if (times && times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return reply_value(0);
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return reply_errno(-EINVAL);
	fd = path || dirfd == AT_FDCWD ? target_open(c, dirfd, path, flags) :
					 as_caller(c, task_get_file(c, dirfd));
	if (fd < 0)
		return reply_errno(fd);
	return reply_of(syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH));
}

struct reply sys_utimensat(struct call *c)
{
	struct timespec times[2];
	int r = task_get(c);

	if (r == 0 && c->arg[2])
		r = guest_read(c, times, GPTR(c->arg[2]), sizeof(times));
	if (r < 0)
		return reply_errno(r);
	return set_times(c, arg_fd(c, 0), c->arg[1], c->arg[2] ? times : NULL,
			 (int)c->arg[3]);
}

static struct reply set_timevals(struct call *c, int dirfd, uint64_t path, uint64_t addr)
{
	struct timeval tv[2];
	struct timespec times[2];
	int r = task_get(c);

	if (r == 0 && addr)
		r = guest_read(c, tv, GPTR(addr), sizeof(tv));
	if (r < 0)
		return reply_errno(r);
	for (int i = 0; addr && i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return reply_errno(-EINVAL);
		times[i] = (struct timespec){ tv[i].tv_sec, tv[i].tv_usec * 1000 };
	}
	return set_times(c, dirfd, path, addr ? times : NULL, 0);
}

struct reply sys_utimes(struct call *c)
{
	return set_timevals(c, AT_FDCWD, c->arg[0], c->arg[1]);
}

struct reply sys_futimesat(struct call *c)
{
	return set_timevals(c, arg_fd(c, 0), c->arg[1], c->arg[2]);
}

struct reply sys_utime(struct call *c)
{
	struct timespec times[2] = { 0 };
	struct utimbuf buf;
	int r = task_get(c);

	if (r == 0 && c->arg[1])
		r = guest_read(c, &buf, GPTR(c->arg[1]), sizeof(buf));
	if (r < 0)
		return reply_errno(r);
	if (c->arg[1]) {
		times[0].tv_sec = buf.actime;
		times[1].tv_sec = buf.modtime;
	}
	return set_times(c, AT_FDCWD, c->arg[0], c->arg[1] ? times : NULL, 0);
}
