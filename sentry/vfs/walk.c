// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A path taken component by component, for those that meet a procfs.  Each step holds
 * descriptors only, so that a rename cannot lead it astray.  `self` and `thread-self`
 * become the caller's numbers; magic links are followed by the kernel, acting as the
 * caller, or with the sentry's capabilities where they are the caller's own (a process
 * may always follow those).  The last step opens what was reached exactly as the caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "task/task.h"
#include "vfs/internal.h"

#define LINKS_MAX 40
#define ST_NOSYMFOLLOW_ 0x2000	/* Linux 5.10: mount -o nosymfollow */
#define STEP_AGAIN (-4095)	/* not an errno: a link was put in front of the rest */

struct walk {
	struct call *c;
	const struct open_how *how;
	int cur;		/* directory reached; owned */
	enum procfs_kind kind;	/* of cur */
	bool touched;
	bool own;		/* cur is within the caller's own process directory */
	bool jumped;		/* the step went over a magic link: own ends there */
	unsigned int links;
	char name[NAME_MAX + 1];
	bool last, slash;	/* name is the last component; a slash follows it */
	char rest[2 * PATH_MAX];
};

static uint64_t step_resolve(const struct walk *w)
{
	return w->how->resolve & RESOLVE_NO_XDEV;
}

/* Where in a procfs the sentry stands decides as whom the next name is looked up. */
static int act(struct walk *w)
{
	return w->own ? task_own_caps() : task_assume(w->c, TASK_EXACT);
}

static int look_up(struct walk *w, const char *name, uint64_t flags)
{
	struct open_how h = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = step_resolve(w),
	};
	int fd, r = act(w);

	if (r < 0)
		return r;
	fd = kernel_openat2(w->cur, name, &h);
	return fd < 0 ? -errno : fd;
}

/* Go on from fd (owned from now on). */
static int enter(struct walk *w, int fd, bool own)
{
	bool from_root = w->kind != PROCFS_NOT && procfs_is_root(w->cur);
	bool was_procfs = w->kind != PROCFS_NOT;

	close(w->cur);
	w->cur = fd;
	w->kind = procfs_kind(fd);
	w->own = own && w->kind != PROCFS_NOT;
	if (w->kind == PROCFS_NOT)
		return 0;
	w->touched = true;
	/* A plain step below a process's directory leads to nothing new. */
	if (was_procfs && !from_root && !w->jumped)
		return 0;
	return procfs_is_ours(w->c, fd) ? -ENOENT : 0;
}

static int restart_at_root(struct walk *w)
{
	struct open_how h = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
	int fd = kernel_openat2(AT_FDCWD, "/", &h);

	return fd < 0 ? -errno : enter(w, fd, false);
}

/* Take the next component off the rest into w->name; "." where there is none. */
static int next_name(struct walk *w)
{
	char *s = w->rest;
	size_t len;

	while (*s == '/')
		s++;
	len = strcspn(s, "/");
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(w->name, s, len);
	w->name[len] = '\0';
	s += len;
	w->slash = *s == '/';
	while (*s == '/')
		s++;
	w->last = !*s;
	memmove(w->rest, s, strlen(s) + 1);
	if (len == 0)
		strcpy(w->name, ".");
	return 0;
}

/* Put a link's text before the rest. */
static int expand(struct walk *w, const char *text)
{
	size_t len = strlen(text), left = strlen(w->rest);
	int r;

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (len == 0)
		return -ENOENT;
	if (len + left + 2 > sizeof(w->rest))
		return -ENAMETOOLONG;
	if (left > 0 || w->slash) {
		memmove(w->rest + len + 1, w->rest, left + 1);
		w->rest[len] = '/';
	} else {
		w->rest[len] = '\0';
	}
	memcpy(w->rest, text, len);
	if (*text == '/') {
		r = restart_at_root(w);
		if (r < 0)
			return r;
	}
	return STEP_AGAIN;
}

/* "self" and "thread-self" in the root of a procfs: the caller's. */
static bool is_self(const struct walk *w)
{
	return w->kind != PROCFS_NOT &&
	       (!strcmp(w->name, "self") || !strcmp(w->name, "thread-self")) &&
	       procfs_is_root(w->cur);
}

static int expand_self(struct walk *w)
{
	char text[64];
	pid_t tid, tgid = procfs_caller(w->c, w->cur, &tid);

	if (w->how->resolve & RESOLVE_NO_SYMLINKS)
		return -ELOOP;
	if (tgid == 0)
		return -ENOENT;
	if (!strcmp(w->name, "self"))
		snprintf(text, sizeof(text), "%d", tgid);
	else
		snprintf(text, sizeof(text), "%d/task/%d", tgid, tid);
	return expand(w, text);
}

/* Is this directory of the root of a procfs the caller's own? */
static bool is_callers(struct walk *w)
{
	pid_t tid;

	if (w->own)
		return true;
	if (w->kind == PROCFS_NOT || *w->name < '0' || *w->name > '9' ||
	    !procfs_is_root(w->cur))
		return false;
	return procfs_caller(w->c, w->cur, &tid) == atoi(w->name);
}

/*
 * The kernel's protection of links in sticky directories (fs.protected_symlinks), and of
 * mounts that follow none: it cannot apply them to a link that is read.
 */
static int may_follow(struct walk *w, const struct stat *link, const struct statfs *fs)
{
	const mode_t sticky = S_ISVTX | S_IWOTH;
	struct stat dir;
	int r;

	if (fs->f_flags & ST_NOSYMFOLLOW_)
		return -ELOOP;
	r = fd_stat(w->cur, &dir);
	if (r < 0)
		return r;
	if ((dir.st_mode & sticky) == sticky && link->st_uid != dir.st_uid &&
	    link->st_uid != w->c->task->st.creds.fsuid)
		return -EACCES;
	return 0;
}

/* A link of a procfs that is no text: the kernel jumps.  -ENOTSUP: it is a text. */
static int jump(struct walk *w)
{
	struct open_how h = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	fd = kernel_openat2(w->cur, w->name, &h);
	if (fd >= 0 || errno != ELOOP) {
		if (fd >= 0)
			close(fd);
		return -ENOTSUP;
	}
	if (w->how->resolve & RESOLVE_NO_MAGICLINKS)
		return -ELOOP;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	w->jumped = true;
	return look_up(w, w->name, 0);
}

/* fd is the link w->name itself.  Returns STEP_AGAIN, where it leads to, or an error. */
static int follow(struct walk *w, int fd, const struct stat *st)
{
	char text[PATH_MAX];
	struct statfs fs;
	ssize_t n;
	int r;

	if (w->how->resolve & RESOLVE_NO_SYMLINKS)
		return -ELOOP;
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if (w->kind != PROCFS_NOT) {
		r = jump(w);
		if (r != -ENOTSUP)
			return r;
	}
	r = may_follow(w, st, &fs);
	if (r < 0)
		return r;
	n = readlinkat(fd, "", text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return expand(w, text);
}

/* One component.  Returns a descriptor of it, STEP_AGAIN, or an error. */
static int step(struct walk *w)
{
	auto_close int fd = -EBADF;
	struct stat st;
	int r;

	if (is_self(w))
		return expand_self(w);
	fd = look_up(w, w->name, O_NOFOLLOW);
	r = fd < 0 ? fd : fd_stat(fd, &st);
	if (r < 0)
		return r;
	return S_ISLNK(st.st_mode) ? follow(w, fd, &st) : take_fd(fd);
}

/*
 * Is what a magic link led to the sentry's?  A guest may hold an O_PATH descriptor of any
 * file in a procfs that shows the sentry, and nothing tells whose file it is: refused.
 */
static bool is_forbidden(struct walk *w, int fd)
{
	enum procfs_kind kind = procfs_kind(fd);

	w->touched |= kind != PROCFS_NOT;
	return w->jumped && kind == PROCFS_SEEING && procfs_is_ours(w->c, fd);
}

/* A process may open all files of its own directory: no question of who may trace it. */
static int exact(const struct walk *w)
{
	return w->own && !w->jumped ? 0 : TASK_EXACT;
}

/*
 * Open what was reached, with the caller's flags and rights: over the sentry's own
 * /proc/PID/fd, which keeps the mount and asks the file for permission again.
 */
static int open_reached(struct walk *w, int fd)
{
	struct open_how h = { .flags = w->how->flags, .mode = w->how->mode };
	char name[VFS_FD_NAME_MAX];
	struct stat st;
	int r;

	if (is_forbidden(w, fd))
		return -EACCES;
	r = answer_check(fd, h.flags);
	if (r < 0)
		return r;
	if ((h.flags & O_CREAT) && (h.flags & O_EXCL))
		return -EEXIST;
	if ((h.flags & O_CREAT) && fd_stat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return -EISDIR;
	/* A process may always list its own descriptors, whoever it has become. */
	r = w->own && !strcmp(w->name, "fd") ? task_own_caps() :
					       task_assume(w->c, exact(w));
	if (r < 0)
		return r;
	h.flags &= ~(uint64_t)(O_CREAT | O_EXCL);
	if ((h.flags & (O_TMPFILE & ~O_DIRECTORY)) == 0)
		h.mode = 0;
	return open_for_guest(task_procfs(), vfs_fd_name(fd, name), &h);
}

/* By its own name, and no link: the kernel can take this step as it is. */
static int open_here(struct walk *w, const struct open_how *how)
{
	struct open_how h = *how;
	int fd, r = task_assume(w->c, exact(w) | (how->flags & O_CREAT ? TASK_UMASK : 0));

	if (r < 0)
		return r;
	h.resolve = step_resolve(w);
	fd = open_for_guest(w->cur, w->name, &h);
	w->touched |= fd >= 0 && procfs_kind(fd) != PROCFS_NOT;
	return fd;
}

/* The last component.  O_EXCL keeps a link that appears meanwhile from being followed. */
static int open_last(struct walk *w)
{
	struct open_how create = *w->how;
	uint64_t flags = w->how->flags;
	auto_close int fd = -EBADF;

	w->jumped = false;
	if ((flags & O_NOFOLLOW) || ((flags & O_CREAT) && (flags & O_EXCL)))
		return open_here(w, w->how);
	fd = step(w);
	if (fd == STEP_AGAIN)
		return STEP_AGAIN;
	if (fd >= 0)
		return open_reached(w, fd);
	if (fd != -ENOENT || !(flags & O_CREAT))
		return fd;
	create.flags |= O_EXCL;
	return open_here(w, &create);
}

static int step_dir(struct walk *w)
{
	bool own = is_callers(w);
	int fd;

	w->jumped = false;
	if (!strcmp(w->name, "..")) {
		fd = look_up(w, "..", O_DIRECTORY);
		own = false;
	} else {
		fd = step(w);
	}
	if (fd == STEP_AGAIN)
		return 0;
	return fd < 0 ? fd : enter(w, fd, own && !w->jumped);
}

/* A path that ends in a slash or a dot: a directory. */
static int open_cur(struct walk *w)
{
	struct stat st;
	int r;

	if (w->how->flags & O_CREAT)
		return -EISDIR;
	r = fd_stat(w->cur, &st);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? open_reached(w, w->cur) : -ENOTDIR;
}

static int run(struct walk *w)
{
	for (;;) {
		bool dots;
		int r = next_name(w);

		if (r < 0)
			return r;
		dots = !strcmp(w->name, ".") || !strcmp(w->name, "..");
		if (w->last && !w->slash && !dots) {
			r = open_last(w);
			if (r != STEP_AGAIN)
				return r;
			continue;
		}
		if (strcmp(w->name, ".")) {
			r = step_dir(w);
			if (r < 0)
				return r;
		}
		if (w->last && !*w->rest)
			return open_cur(w);
	}
}

int walk_open(struct call *c, int base, const char *path, const struct open_how *how,
	      bool *ret_touched)
{
	struct walk w = { .c = c, .how = how, .cur = -1 };
	size_t len = strlen(path);
	int r;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(w.rest, path, len + 1);
	if (*path == '/') {
		r = restart_at_root(&w);
	} else {
		r = fcntl(base, F_DUPFD_CLOEXEC, 0);
		r = r < 0 ? -errno : enter(&w, r, false);
		w.own = r == 0 && w.kind != PROCFS_NOT && procfs_is_callers(c, w.cur);
	}
	if (r == 0)
		r = run(&w);
	if (w.cur >= 0)
		close(w.cur);
	*ret_touched = w.touched;
	if (!w.touched && r >= 0) {
		close(r);
		r = -EXDEV;
	}
	return r;
}
