// SPDX-License-Identifier: GPL-2.0-or-later
/* open, openat, openat2, creat: a descriptor that the reply injects. */
#include "kernel/openat2.h"
#include "sys/sys.h"

#define O_TMPFILE_BIT  (O_TMPFILE & ~O_DIRECTORY)
#define O_LARGEFILE_   0100000		/* libc hides it on 64-bit machines */
#define OPEN_KNOWN     (O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | \
			O_NONBLOCK | O_SYNC | O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE_ | \
			O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | \
			O_TMPFILE)
#define OPEN_KNOWN_PATH (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)

/*
 * The sentry's copy gets exactly the flags that the guest asked for, O_CLOEXEC included:
 * F_GETFL shows them.  (The sentry never executes a program.)
 */
static struct reply open_how(struct call *c, int dirfd, uint64_t path_addr, struct open_how *how)
{
	char path[PATH_MAX];
	int r = vfs_read_path(c, path, path_addr);

	if (r < 0)
		return reply_errno(r);
	/* A terminal must never become the sentry's. */
	if (!(how->flags & O_PATH))
		how->flags |= O_NOCTTY;
	r = vfs_open(c, dirfd, path, how);
	if (r < 0)
		return reply_errno(r);
	return reply_fd(r, how->flags & O_CLOEXEC);
}

/* open(2) ignores what it does not know; openat2(2) refuses it. */
static struct reply open_flags(struct call *c, int dirfd, uint64_t path, int flags, mode_t mode)
{
	struct open_how how = { .flags = (uint64_t)(flags & OPEN_KNOWN) };

	if (flags & O_PATH)
		how.flags &= OPEN_KNOWN_PATH;
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
	return open_flags(c, AT_FDCWD, c->arg[0], O_CREAT | O_WRONLY | O_TRUNC, arg_u32(c, 1));
}

struct reply sys_openat2(struct call *c)
{
	struct open_how how;
	int r = task_get(c);

	if (r == 0)
		r = guest_read_struct(c, &how, sizeof(how), GPTR(c->arg[2]), c->arg[3],
				      sizeof(how));
	return r < 0 ? reply_errno(r) : open_how(c, arg_fd(c, 0), c->arg[1], &how);
}
