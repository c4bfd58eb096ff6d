// SPDX-License-Identifier: GPL-2.0-or-later
/* open, openat, openat2, creat, memfd_create: a descriptor that the reply injects. */
#include <sys/mman.h>

#include "kernel/openat2.h"
#include "sys/sys.h"

#define O_TMPFILE_BIT  (O_TMPFILE & ~O_DIRECTORY)
#define O_LARGEFILE_   0100000		/* libc hides it on 64-bit machines */
#define MEMFD_NAME_SIZE 250	/* with "memfd:" before it: NAME_MAX */
#define OPEN_KNOWN                                                                   \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | \
	 O_SYNC | O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE_ | O_DIRECTORY |         \
	 O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_TMPFILE)

/*
 * openat2(2) has its flags in memory, where they may change: an O_PATH descriptor, which
 * cannot be injected, is replaced by one for reading where it is a directory.  Callers of
 * openat2 have a fallback for ENOSYS.
 */
static int open_place(struct call *c, int dirfd, const char *path,
		      const struct open_how *how)
{
	auto_close int fd = vfs_open(c, dirfd, path, how);
	struct open_how h = { .flags = O_RDONLY | O_DIRECTORY |
				       (how->flags & O_CLOEXEC) };
	char name[VFS_FD_NAME_MAX];
	int r;

	if (fd < 0)
		return fd;
	r = kernel_openat2(task_procfs(), vfs_fd_name(fd, name), &h);
	return r < 0 ? -ENOSYS : r;
}

/*
 * The sentry's copy gets exactly the flags that the guest asked for, O_CLOEXEC included:
 * F_GETFL shows them.  (The sentry never executes a program.)
 */
static struct reply open_how(struct call *c, int dirfd, uint64_t path_addr,
			     struct open_how *how)
{
	char path[PATH_MAX];
	struct reply reply;
	int r = vfs_read_path(c, path, path_addr);

	if (r < 0)
		return reply_errno(r);
	/* Before anything is made, and before what is wrong with a path, as in Linux. */
	if ((how->flags & (O_CREAT | O_TRUNC)) && task_fds_full(c))
		return reply_errno(-EMFILE);
	if (how->flags & O_PATH) {
		r = open_place(c, dirfd, path, how);
	} else {
		how->flags |= O_NOCTTY;		/* a terminal must never become the sentry's */
		r = vfs_open(c, dirfd, path, how);
	}
	if (r < 0)
		return reply_errno(*path && task_fds_full(c) ? -EMFILE : r);
	reply = reply_fd(r, how->flags & O_CLOEXEC);
	reply.fd_alone = (how->flags & O_ACCMODE) != O_RDONLY;
	return reply;
}

/* open(2) ignores what it does not know; openat2(2) refuses it. */
static struct reply open_flags(struct call *c, int dirfd, uint64_t path, int flags,
			       mode_t mode)
{
	struct open_how how = { .flags = (uint64_t)(flags & OPEN_KNOWN) };

	if (flags & O_PATH)	/* native, by the filter: cannot be injected */
		return reply_errno(-EPERM);
	if (how.flags & (O_CREAT | O_TMPFILE_BIT))
		how.mode = mode & 07777;
	return open_how(c, dirfd, path, &how);
}

struct reply sys_open(struct call *c)
{
	return open_flags(c, AT_FDCWD, c->arg[0], (int)c->arg[1], arg_u32(c, 2));
}

struct reply sys_openat(struct call *c)
{
	return open_flags(c, arg_fd(c, 0), c->arg[1], (int)c->arg[2], arg_u32(c, 3));
}

struct reply sys_creat(struct call *c)
{
	return open_flags(c, AT_FDCWD, c->arg[0], O_CREAT | O_WRONLY | O_TRUNC,
			  arg_u32(c, 1));
}

struct reply sys_openat2(struct call *c)
{
	struct open_how how;
	int r = task_get(c);

	if (r == 0)
		r = guest_read_struct(c, &how, sizeof(how), GPTR(c->arg[2]), c->arg[3],
				      sizeof(how));
	/* What is wrong with it, whatever the path: ENOENT where nothing is. */
	if (r == 0 && kernel_openat2(AT_FDCWD, "", &how) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? reply_errno(r) : open_how(c, arg_fd(c, 0), c->arg[1], &how);
}

/* The name is for /proc/PID/fd; its owner is the caller. */
struct reply sys_memfd_create(struct call *c)
{
	char name[MEMFD_NAME_SIZE];
	int r = task_get(c);

	if (r == 0)
		r = guest_read_str(c, name, GPTR(c->arg[0]), sizeof(name));
	if (r >= 0)
		r = task_assume(c, 0);
	if (r >= 0)
		r = (int)sys_result(memfd_create(name, arg_u32(c, 1)));
	if (r < 0)
		return reply_errno(r == -ENAMETOOLONG ? -EINVAL : r);
	return reply_fd(r, c->arg[1] & MFD_CLOEXEC ? O_CLOEXEC : 0);
}
