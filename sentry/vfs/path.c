// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fast ways to open a path for a caller.  An absolute path that stays on the mount of
 * the root directory (RESOLVE_NO_XDEV) cannot meet a procfs: one call, no check.  Any
 * other result is checked for where it arrived, and errors that a procfs may have caused
 * are confirmed by a second look, or walked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "guest/mem.h"
#include "notify/notify.h"
#include "task/task.h"
#include "vfs/internal.h"

#define SCOPED (RESOLVE_BENEATH | RESOLVE_IN_ROOT)
#define CROSSES 1024

/*
 * First components (two of them) whose paths were seen to leave the root's mount: the
 * attempt that would fail is left out.  A hint, which decides nothing but the order.
 */
static atomic_uchar crosses[CROSSES];

static _Thread_local bool walked;	/* the path that was opened last met a procfs */
static _Thread_local bool in_procfs;	/* it has, or may have, arrived in one */

static atomic_uchar *crosses_of(const char *path)
{
	unsigned int h = 5381, slashes = 0;

	for (const char *s = path; *s; s++) {
		if (*s == '/' && s[1] != '/' && ++slashes == 3)
			break;
		h = h * 33 ^ (unsigned char)*s;
	}
	return &crosses[h % CROSSES];
}

/* Names that usually lead into a procfs.  A hint as well. */
static bool looks_procfs(const char *path)
{
	return !strncmp(path, "/proc/self", 10) ||
	       !strncmp(path, "/proc/thread-self", 17) || !strncmp(path, "/dev/fd", 7) ||
	       !strncmp(path, "/dev/std", 8);
}

/*
 * An open that waits (a FIFO, a terminal) is noticed by notify's tick, which lets another
 * worker receive and interrupts this one when the caller dies or has a signal.
 */
int open_for_guest(int dirfd, const char *path, const struct open_how *how)
{
	int fd = kernel_openat2(dirfd, path, how);

	return fd < 0 ? -errno : fd;
}

static int try(int base, const char *path, const struct open_how *how, uint64_t resolve)
{
	struct open_how h = *how;

	h.resolve |= resolve;
	return open_for_guest(base, path, &h);
}

static int assume(struct call *c, const struct open_how *how, int flags)
{
	if (how->flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		flags |= TASK_UMASK;
	return task_assume(c, flags);
}

/* May this failure come from a link in a procfs that means another task for the sentry? */
static bool is_doubtful(int r)
{
	return r == -ENOENT || r == -ELOOP || r == -EACCES || r == -EPERM || r == -ESRCH;
}

/*
 * The kernel said r.  Without a symbolic link on the way neither `self` nor a magic link
 * was: then it is the caller's own answer.
 */
static bool is_confirmed(int base, const char *path, const struct open_how *how, int r)
{
	struct open_how h = {
		.flags = O_PATH | O_CLOEXEC | (how->flags & O_NOFOLLOW),
		.resolve = how->resolve | RESOLVE_NO_SYMLINKS,
	};
	auto_close int fd = kernel_openat2(base, path, &h);

	if (fd >= 0)
		return r != -ENOENT && procfs_kind(fd) == PROCFS_NOT;
	if (errno == -r && r != -ELOOP)
		return true;
	if (*path != '/' || task_roots_differ())
		return false;
	h.resolve = how->resolve | RESOLVE_NO_XDEV;
	fd = kernel_openat2(base, path, &h);
	return fd < 0 && errno != EXDEV;
}

static int walk(struct call *c, int base, const char *path, const struct open_how *how,
		int otherwise)
{
	bool touched = false;
	int fd, r;

	r = assume(c, how, TASK_EXACT);
	if (r < 0)
		return r;
	fd = walk_open(c, base, path, how, &touched);
	walked = in_procfs = touched;
	return touched ? fd : otherwise;
}

/* Something was opened by a path that may have crossed mounts: where has it arrived? */
static int check_arrival(struct call *c, int fd, int base, const char *path,
			 const struct open_how *how)
{
	int r;

	switch (procfs_kind(fd)) {
	case PROCFS_NOT:
		return fd;
	case PROCFS_BLIND:
		in_procfs = true;
		/* The right file.  It may ask later what its opener was capable of. */
		if (how->flags & O_PATH)
			return fd;
		close(fd);
		r = assume(c, how, TASK_EXACT);
		if (r == 0)
			r = try(base, path, how, RESOLVE_NO_MAGICLINKS);
		return r == -EACCES || r == -EPERM ? walk(c, base, path, how, r) : r;
	case PROCFS_SEEING:
		break;
	}
	close(fd);
	return how->resolve & SCOPED ? -EACCES : walk(c, base, path, how, -EACCES);
}

/*
 * Within a directory (RESOLVE_BENEATH, RESOLVE_IN_ROOT) there is no walk.  Where that is
 * the root of a procfs and the path begins with `self` or `thread-self`, a link that leads
 * nowhere for the sentry, the caller's number stands for it.
 */
static int open_scoped(struct call *c, int base, const char *path,
		       const struct open_how *how)
{
	const char *name = path + strspn(path, "/");
	size_t len = strcspn(name, "/");
	int fd = try(base, path, how, 0);
	char own[PATH_MAX + 32];
	pid_t tid, tgid;

	if (fd == -ENOENT && procfs_is_root(base)) {
		tgid = procfs_caller(c, base, &tid);
		if (tgid && len == 4 && !memcmp(name, "self", len))
			snprintf(own, sizeof(own), "%d%s", tgid, name + len);
		else if (tgid && len == 11 && !memcmp(name, "thread-self", len))
			snprintf(own, sizeof(own), "%d/task/%d%s", tgid, tid, name + len);
		else
			return fd;
		path = own;
		fd = try(base, path, how, 0);
	}
	return fd < 0 ? fd : check_arrival(c, fd, base, path, how);
}

static int open_any(struct call *c, int base, const char *path,
		    const struct open_how *how)
{
	int fd;

	if (how->resolve & SCOPED)
		return open_scoped(c, base, path, how);
	fd = try(base, path, how, RESOLVE_NO_MAGICLINKS);
	if (fd >= 0)
		return check_arrival(c, fd, base, path, how);
	if (fd == -ENXIO)
		return tty_open(c, base, path, how);
	if (!is_doubtful(fd) || is_confirmed(base, path, how, fd))
		return fd;
	return walk(c, base, path, how, fd);
}

/*
 * "/proc/self/REST" in the container's own procfs, without a walk: the caller's number
 * instead of the link, no other link on the way nor "..", and it must arrive there: a
 * process may open its own files whether or not it may trace.  -EXDEV: not so.
 */
static int open_self(struct call *c, const char *path, const struct open_how *how)
{
	static const char prefix[] = "/proc/self/";
	struct open_how h = *how;
	char own[PATH_MAX + 16];
	int fd;

	if (!procfs_is_blind() || strncmp(path, prefix, sizeof(prefix) - 1) ||
	    strstr(path, "..") || task_roots_differ() ||
	    (how->resolve & RESOLVE_NO_SYMLINKS) || assume(c, how, 0) < 0)
		return -EXDEV;
	snprintf(own, sizeof(own), "/proc/%d/%s", c->task->st.ns_tgid,
		 path + sizeof(prefix) - 1);
	h.resolve |= RESOLVE_NO_SYMLINKS;
	fd = open_for_guest(AT_FDCWD, own, &h);
	in_procfs = true;
	if (fd < 0 || procfs_kind(fd) == PROCFS_BLIND)
		return fd < 0 ? -EXDEV : fd;
	close(fd);
	return -EXDEV;
}

static int open_absolute(struct call *c, const char *path, const struct open_how *how)
{
	atomic_uchar *leaves = crosses_of(path);
	int fd;

	if (looks_procfs(path) && !(how->resolve & SCOPED)) {
		fd = open_self(c, path, how);
		if (fd == -EXDEV)
			fd = walk(c, AT_FDCWD, path, how, -EXDEV);
		if (fd != -EXDEV)
			return fd;
	}
	if (!task_roots_differ() && !(how->resolve & SCOPED) && !*leaves) {
		fd = try(AT_FDCWD, path, how, RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
		if (fd == -ENXIO)
			return tty_open(c, AT_FDCWD, path, how);
		if (fd != -EXDEV)
			return fd;
		*leaves = 1;
	}
	return open_any(c, AT_FDCWD, path, how);
}

/* A working directory on an ordinary file system is as good a start as the root is. */
static int open_in_cwd(struct call *c, const char *path, const struct open_how *how)
{
	int fd, base = task_cwd(c);

	if (base < 0)
		return base;
	fd = assume(c, how, 0);
	if (fd < 0)
		return fd;
	if (c->task->cwd_kind < 0)
		c->task->cwd_kind = (int)procfs_kind(base);
	if (c->task->cwd_kind != PROCFS_NOT)
		return open_any(c, base, path, how);
	fd = try(base, path, how, RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
	return fd == -EXDEV || fd == -ENXIO ? open_any(c, base, path, how) : fd;
}

static int open_as_caller(struct call *c, int guest_dirfd, const char *path,
			  const struct open_how *how)
{
	auto_close int base = -EBADF;
	int r;

	if (!*path)
		return try(AT_FDCWD, "", how, 0);	/* ENOENT, or what is wrong with how */
	if (*path != '/' && guest_dirfd == AT_FDCWD && !(how->resolve & SCOPED))
		return open_in_cwd(c, path, how);
	/* With RESOLVE_IN_ROOT even an absolute path begins at the directory. */
	if (*path != '/' || (how->resolve & SCOPED)) {
		base = task_base(c, guest_dirfd);
		if (base < 0)
			return base;
	}
	r = assume(c, how, 0);
	if (r < 0)
		return r;
	return base < 0 ? open_absolute(c, path, how) : open_any(c, base, path, how);
}

int vfs_open(struct call *c, int guest_dirfd, const char *path,
	     const struct open_how *how)
{
	int fd;

	walked = in_procfs = false;
	fd = open_as_caller(c, guest_dirfd, path, how);
	return fd >= 0 && in_procfs ? answer_open(fd, how) : fd;
}

int vfs_read_path(struct call *c, char path[PATH_MAX], uint64_t addr)
{
	int r = task_get(c);

	return r < 0 ? r : guest_read_path(c, path, GPTR(addr));
}

int vfs_open_path(struct call *c, int guest_dirfd, const char *path, int at_flags)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	int fd, r;

	if (!*path && (at_flags & AT_EMPTY_PATH)) {
		fd = task_base(c, guest_dirfd);
		r = fd < 0 ? 0 : task_assume(c, 0);
		if (r == 0)
			return fd;
		close(fd);
		return r;
	}
	if (at_flags & AT_SYMLINK_NOFOLLOW)
		how.flags |= O_NOFOLLOW;
	return vfs_open(c, guest_dirfd, path, &how);
}

const char *vfs_fd_name(int fd, char buf[VFS_FD_NAME_MAX])
{
	/* thread-self/fd would do as well, for 2 us more: two links to follow. */
	snprintf(buf, VFS_FD_NAME_MAX, "%d/fd/%d", notify_pid(), fd);
	return buf;
}

int vfs_at_open(struct call *c, int guest_dirfd, char *path, struct vfs_at *at)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
	size_t end = strlen(path), start;

	if (end == 0)
		return -ENOENT;
	while (end > 0 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	at->name = path;
	if (start <= 1 && *path == '/') {	/* "/name", or nothing but slashes */
		at->dirfd = AT_FDCWD;
		return 0;
	}
	if (start == 0 && guest_dirfd == AT_FDCWD) {
		at->dirfd = task_cwd(c);
		return at->dirfd < 0 ? at->dirfd : 0;
	}
	if (start == 0) {			/* one component */
		at->owned = task_base(c, guest_dirfd);
	} else {
		path[start - 1] = '\0';
		at->name = path + start;
		at->owned = vfs_open(c, guest_dirfd, path, &how);
		at->walked = walked;
	}
	at->dirfd = at->owned;
	return at->owned < 0 ? at->owned : 0;
}

void vfs_at_close(struct vfs_at *at)
{
	cleanup_close(&at->owned);
}
