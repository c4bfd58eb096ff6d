// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tmpcopyup: a tmpfs starts with what the image has in its place.  Both sides are walked
 * by descriptors, no link is followed, and the copy is made before anybody can see it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rootfs/internal.h"

#define DEPTH_MAX 64

static int copy_dir(int from, int to, unsigned int depth, struct err *e);

/* Attributes that tmpfs or our privilege cannot carry are left behind. */
static void copy_xattrs(int from, int to)
{
	char names[4096], value[4096];
	ssize_t len = flistxattr(from, names, sizeof(names));

	for (const char *n = names; len > 0 && n < names + len; n += strlen(n) + 1) {
		ssize_t size = fgetxattr(from, n, value, sizeof(value));

		if (size >= 0 && fsetxattr(to, n, value, (size_t)size, 0) < 0)
			continue;
	}
}

static int copy_meta(int to, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(to, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return -errno;
	if (fchmod(to, st->st_mode & 07777) < 0)
		return -errno;
	return futimens(to, times) < 0 ? -errno : 0;
}

static int copy_file(int from, int todir, const char *name, const struct stat *st)
{
	auto_close int to = openat(
		todir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (to < 0)
		return -errno;
	do {
		n = sendfile(to, from, NULL, 1 << 20);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	copy_xattrs(from, to);
	return copy_meta(to, st);
}

static int copy_link(int fromdir, int todir, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fromdir, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (symlinkat(target, todir, name) < 0)
		return -errno;
	if (fchownat(todir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return -errno;
	return 0;
}

static int copy_entry(int fromdir, int todir, const char *name, unsigned int depth,
		      struct err *e)
{
	auto_close int from = -EBADF, to = -EBADF;
	struct stat st;

	if (fstatat(fromdir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return copy_link(fromdir, todir, name, &st);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return mknodat(todir, name, st.st_mode, st.st_rdev) < 0 &&
				       errno != EPERM ?
			       -errno :
			       0;
	from = openat(fromdir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (from < 0 || fstat(from, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return copy_file(from, todir, name, &st);
	if (mkdirat(todir, name, 0700) < 0)
		return -errno;
	to = openat(todir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return to < 0 ? -errno : copy_dir(from, to, depth + 1, e);
}

static int copy_dir(int from, int to, unsigned int depth, struct err *e)
{
	auto_closedir DIR *d = NULL;
	struct dirent *ent;
	struct stat st;
	int fd, r = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (fstat(from, &st) < 0)
		return -errno;
	fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = -errno;
		cleanup_close(&fd);
		return r;
	}
	while (r == 0 && (ent = readdir(d))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		r = copy_entry(from, to, ent->d_name, depth, e);
		if (r < 0 && e && !e->code)
			err_set(e, -r, "copy '%s'", ent->d_name);
	}
	if (r < 0)
		return r;
	copy_xattrs(fd, to);
	return copy_meta(to, &st);
}

int copyup(int from, int to, struct err *e)
{
	auto_close int source = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int root = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat own;
	int r;

	if (source < 0 || root < 0 || fstat(root, &own) < 0)
		return err_set(e, errno, "copy the image's files into it");
	r = copy_dir(source, root, 0, e);
	/* The options' mode, not the image's, is the mount's. */
	if (r == 0 && fchmod(root, own.st_mode & 07777) < 0)
		r = -errno;
	return r < 0 ? (e && e->code ? r :
				       err_set(e, -r, "copy the image's files into it")) :
		       0;
}
