// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths inside an untrusted tree: see base/path.h.  What exists is opened by one
 * openat2(2); what is missing is made by a walk of single O_NOFOLLOW steps, where ".."
 * and absolute links start again from the root's descriptor.
 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/openat2.h"

#define LINKS_MAX 40 /* as the kernel's own limit */

int path_open_in_root(int rootfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* EAGAIN: a rename or mount raced with a ".."; the next try sees the new tree. */
	for (int tries = 0; tries < 128; tries++) {
		fd = kernel_openat2(rootfd, path, &how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : fd;
}

struct walk {
	int rootfd, cur; /* cur: O_PATH descriptor of `done` */
	unsigned int links;
	bool file; /* the last component is a file */
	mode_t mode;
	char done[PATH_MAX]; /* real directories so far, "" is the root */
	char rest[PATH_MAX]; /* what is still to be walked */
};

static int walk_to(struct walk *w, int fd)
{
	if (fd < 0)
		return fd;
	if (w->cur >= 0)
		close(w->cur);
	w->cur = fd;
	return 0;
}

static int walk_to_root(struct walk *w)
{
	w->done[0] = '\0';
	return walk_to(w, path_open_in_root(w->rootfd, "/", O_PATH | O_DIRECTORY, 0));
}

static int walk_up(struct walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
	return walk_to(w, path_open_in_root(w->rootfd, w->done[0] ? w->done : "/",
					    O_PATH | O_DIRECTORY, 0));
}

/* Cut the next component off `rest`; *ret_last: nothing follows it.  NULL at the end. */
static const char *next(struct walk *w, char *name, bool *ret_last)
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/");

	if (len == 0)
		return NULL;
	if (len > NAME_MAX)
		len = NAME_MAX + 1; /* the kernel says ENAMETOOLONG */
	memcpy(name, p, len);
	name[len] = '\0';
	p += strcspn(p, "/");
	p += strspn(p, "/");
	memmove(w->rest, p, strlen(p) + 1);
	*ret_last = w->rest[0] == '\0';
	return name;
}

static int make(struct walk *w, const char *name, bool last)
{
	/* The caller's umask must not decide what the container sees. */
	mode_t old = umask(0);
	int r = 0;

	if (last && w->file) {
		int fd = openat(w->cur, name,
				O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				w->mode);

		if (fd < 0)
			r = -errno;
		else
			close(fd);
	} else if (mkdirat(w->cur, name, w->file ? 0755 : w->mode) < 0) {
		r = -errno;
	}
	umask(old);
	return r == -EEXIST ? 0 : r;
}

/* Put the link's text before the rest. */
static int follow(struct walk *w, int linkfd)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(linkfd, "", text, sizeof(text));
	size_t len = strlen(w->rest);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if ((size_t)n + 1 + len + 1 > sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, len + 1);
	memcpy(w->rest, text, (size_t)n);
	w->rest[n] = '/';
	return text[0] == '/' ? walk_to_root(w) : 0;
}

static int enter(struct walk *w, const char *name, int fd)
{
	size_t have = strlen(w->done), len = strlen(name);

	if (have + 1 + len + 1 > sizeof(w->done)) {
		close(fd);
		return -ENAMETOOLONG;
	}
	w->done[have] = '/';
	memcpy(w->done + have + 1, name, len + 1);
	return walk_to(w, fd);
}

static int step(struct walk *w, const char *name, bool last)
{
	auto_close int fd = -EBADF;
	struct stat st;
	int r;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return walk_up(w);
	for (int tries = 0; tries < 2; tries++) {
		fd = openat(w->cur, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || errno != ENOENT)
			break;
		r = make(w, name, last);
		if (r < 0)
			return r;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow(w, fd);
	if (!S_ISDIR(st.st_mode) && !(last && w->file))
		return -ENOTDIR;
	return enter(w, name, take_fd(fd));
}

static int make_in_root(int rootfd, const char *path, mode_t mode, bool file)
{
	struct walk w = { .rootfd = rootfd, .cur = -EBADF, .file = file, .mode = mode };
	int want = O_PATH | (file ? 0 : O_DIRECTORY);
	int fd = path_open_in_root(rootfd, path, want, 0);
	char name[NAME_MAX + 2];
	bool last;
	int r;

	if (fd != -ENOENT)
		return fd;
	if (strlen(path) >= sizeof(w.rest))
		return -ENAMETOOLONG;
	memcpy(w.rest, path, strlen(path) + 1);
	r = walk_to_root(&w);
	while (r == 0 && next(&w, name, &last))
		r = step(&w, name, last);
	if (r < 0) {
		if (w.cur >= 0)
			close(w.cur);
		return r;
	}
	return w.cur;
}

int path_mkdir_in_root(int rootfd, const char *path, mode_t mode)
{
	return make_in_root(rootfd, path, mode, false);
}

int path_mkfile_in_root(int rootfd, const char *path, mode_t mode)
{
	return make_in_root(rootfd, path, mode, true);
}

const char *path_of_fd(int fd, char *buf)
{
	snprintf(buf, PATH_FD_MAX, "/proc/self/fd/%d", fd);
	return buf;
}
