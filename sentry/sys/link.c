// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that are moved or added: rename, link, symlink. */
#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sys.h"

struct name {
	int dirfd;
	uint64_t addr;
};

/* The name in `path` if it lies in the directory that was opened for another one. */
static const char *name_beside(const struct vfs_at *at, const char *dir, const char *path)
{
	size_t len = strlen(dir);

	if (at->name == dir || strncmp(path, dir, len) || path[len] != '/')
		return NULL;
	path += len + 1;
	return *path && !strchr(path, '/') ? path : NULL;
}

static struct reply rename_to(struct call *c, struct name from, struct name to,
			      unsigned int flags)
{
	auto_vfs_at struct vfs_at a = VFS_AT_INIT, b = VFS_AT_INIT;
	char from_path[PATH_MAX], to_path[PATH_MAX];
	const char *beside = NULL;
	int r, to_r;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) ||
	    ((flags & RENAME_EXCHANGE) && flags != RENAME_EXCHANGE))
		return reply_errno(-EINVAL);
	r = vfs_read_path(c, from_path, from.addr);
	to_r = r < 0 ? r : vfs_read_path(c, to_path, to.addr);
	if (r >= 0)
		r = vfs_at_open(c, from.dirfd, from_path, &a);
	if (r >= 0 && to_r < 0)		/* what is wrong with the first one goes first */
		r = to_r;
	if (r >= 0 && (*to_path == '/' || from.dirfd == to.dirfd))
		beside = name_beside(&a, from_path, to_path);
	if (r >= 0 && !beside)
		r = vfs_at_open(c, to.dirfd, to_path, &b);
	if (r >= 0)
		r = task_assume(c, 0);
	if (r < 0)
		return reply_errno(r);
	return reply_of(syscall(SYS_renameat2, a.dirfd, a.name,
				beside ? a.dirfd : b.dirfd, beside ? beside : b.name,
				flags));
}

struct reply sys_rename(struct call *c)
{
	return rename_to(c, (struct name){ AT_FDCWD, c->arg[0] },
			 (struct name){ AT_FDCWD, c->arg[1] }, 0);
}

struct reply sys_renameat(struct call *c)
{
	return rename_to(c, (struct name){ arg_fd(c, 0), c->arg[1] },
			 (struct name){ arg_fd(c, 2), c->arg[3] }, 0);
}

struct reply sys_renameat2(struct call *c)
{
	return rename_to(c, (struct name){ arg_fd(c, 0), c->arg[1] },
			 (struct name){ arg_fd(c, 2), c->arg[3] }, arg_u32(c, 4));
}

/*
 * What has the old name (a symbolic link itself, unless it is to be followed) or the
 * descriptor: linked over the sentry's own /proc entry.
 */
static int link_fd(struct call *c, int fd, struct name to, char *path)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char name[VFS_FD_NAME_MAX];
	int r = vfs_at_open(c, to.dirfd, path, &at);

	if (r == 0)
		r = task_assume(c, 0);
	if (r < 0)
		return r;
	r = linkat(task_procfs(), vfs_fd_name(fd, name), at.dirfd, at.name,
		   AT_SYMLINK_FOLLOW);
	return r < 0 ? -errno : 0;
}

static struct reply link_to(struct call *c, struct name from, struct name to, int flags)
{
	auto_close int fd = -EBADF;
	char from_path[PATH_MAX], to_path[PATH_MAX];
	int r, to_r;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return reply_errno(-EINVAL);
	r = vfs_read_path(c, from_path, from.addr);
	to_r = r < 0 ? r : vfs_read_path(c, to_path, to.addr);
	if (!(flags & AT_SYMLINK_FOLLOW))
		flags |= AT_SYMLINK_NOFOLLOW;
	if (r >= 0)
		r = fd = vfs_open_path(c, from.dirfd, from_path, flags);
	if (r >= 0)
		r = to_r < 0 ? to_r : link_fd(c, fd, to, to_path);
	return reply_result(r);
}

struct reply sys_link(struct call *c)
{
	return link_to(c, (struct name){ AT_FDCWD, c->arg[0] },
		       (struct name){ AT_FDCWD, c->arg[1] }, 0);
}

struct reply sys_linkat(struct call *c)
{
	return link_to(c, (struct name){ arg_fd(c, 0), c->arg[1] },
		       (struct name){ arg_fd(c, 2), c->arg[3] }, (int)c->arg[4]);
}

static struct reply symlink_to(struct call *c, uint64_t text_addr, struct name to)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char text[PATH_MAX], path[PATH_MAX];
	int r = vfs_read_path(c, text, text_addr);

	if (r == 0)
		r = -ENOENT;
	if (r > 0)
		r = vfs_read_path(c, path, to.addr);
	if (r >= 0)
		r = vfs_at_open(c, to.dirfd, path, &at);
	if (r >= 0)
		r = task_assume(c, 0);
	return r < 0 ? reply_errno(r) : reply_of(symlinkat(text, at.dirfd, at.name));
}

struct reply sys_symlink(struct call *c)
{
	return symlink_to(c, c->arg[0], (struct name){ AT_FDCWD, c->arg[1] });
}

struct reply sys_symlinkat(struct call *c)
{
	return symlink_to(c, c->arg[0], (struct name){ arg_fd(c, 1), c->arg[2] });
}
