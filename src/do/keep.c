// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --keep: the overlay's changes, copied out of memory when the command has ended.  A
 * deleted name is a whiteout, a replaced directory carries the opaque mark, as overlayfs
 * itself would write them: the directory serves as a layer later.
 */
#include "do/internal.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/path.h"

#define DEPTH_MAX 400

static int copy_data(int from, int to)
{
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, 1 << 30);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int copy_file(int from, int to, const char *name)
{
	auto_close int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int out =
		in < 0 ? -EBADF :
			 openat(to, name,
				O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0600);

	if (in < 0 || out < 0)
		return -errno;
	return copy_data(in, out);
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = 0;
	return symlinkat(target, to, name) < 0 ? -errno : 0;
}

/* Owner before mode: chown clears the set-id bits.  An id that cannot be given stays ours. */
static int copy_meta(int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return -errno;
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -errno;
	utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static void copy_opaque(int from, int to)
{
	static const char *const names[] = { "trusted.overlay.opaque",
					     "user.overlay.opaque" };
	char v;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fgetxattr(from, names[i], &v, 1) == 1)
			fsetxattr(to, names[i], &v, 1, 0);
}

static int copy_tree(int from, int to, int depth, struct err *e);

static int copy_dir(int from, int to, const char *name, int depth, struct err *e)
{
	auto_close int in =
		openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int out = -EBADF;

	if (in < 0 || mkdirat(to, name, 0700) < 0)
		return -errno;
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return -errno;
	copy_opaque(in, out);
	return copy_tree(in, out, depth + 1, e);
}

static int copy_one(int from, int to, const char *name, int depth, struct err *e)
{
	struct stat st;
	int r;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(e, errno, "keep '%s'", name);
	if (S_ISDIR(st.st_mode))
		r = copy_dir(from, to, name, depth, e);
	else if (S_ISREG(st.st_mode))
		r = copy_file(from, to, name);
	else if (S_ISLNK(st.st_mode))
		r = copy_link(from, to, name);
	else
		r = mknodat(to, name, st.st_mode, st.st_rdev) < 0 ? -errno : 0;
	if (r == 0)
		r = copy_meta(to, name, &st);
	if (r < 0 && (!e || !e->code))
		return err_set(e, -r, "keep '%s'", name);
	return r;
}

static int copy_tree(int from, int to, int depth, struct err *e)
{
	char path[PATH_FD_MAX];
	auto_closedir DIR *dir = opendir(path_of_fd(from, path));
	struct dirent *d;
	int r = 0;

	if (!dir)
		return err_set(e, errno, "read a directory of the overlay");
	if (depth >= DEPTH_MAX)
		return err_text(e, ELOOP,
				"keep changes: directories are nested too deep");
	while (r >= 0 && (d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
			r = copy_one(from, to, d->d_name, depth, e);
	return r;
}

int do_keep(int upperfd, int dirfd, struct err *e)
{
	return copy_tree(upperfd, dirfd, 0, e);
}

static int remove_below(int dirfd, int depth)
{
	char path[PATH_FD_MAX];
	auto_closedir DIR *dir = opendir(path_of_fd(dirfd, path));
	struct dirent *d;

	if (!dir || depth >= DEPTH_MAX)
		return dir ? -ELOOP : -errno;
	while ((d = readdir(dir))) {
		if (str_eq(d->d_name, ".") || str_eq(d->d_name, ".."))
			continue;
		if (unlinkat(dirfd, d->d_name, 0) == 0)
			continue;
		/* overlayfs' work/work has mode 0 */
		if (fchmodat(dirfd, d->d_name, 0700, 0) < 0)
			continue;

		auto_close int sub =
			openat(dirfd, d->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			remove_below(sub, depth + 1);
		unlinkat(dirfd, d->d_name, AT_REMOVEDIR);
	}
	return 0;
}

int do_remove_below(int dirfd, struct err *e)
{
	int r = remove_below(dirfd, 0);

	return r < 0 ? err_set(e, -r, "remove the overlay's directory") : 0;
}
