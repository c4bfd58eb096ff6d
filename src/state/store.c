// SPDX-License-Identifier: GPL-2.0-or-later
/* The root directory and the containers' directories in it.  What is in one: state.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "state/state.h"

#define ID_MAX 1024 /* runc's limit; the file system's is lower */

/* Root of a user namespace started by somebody else: /run is not ours to write. */
bool store_is_rootless(void)
{
	const char *user = getenv("USER");
	char map[64];
	unsigned int inside, outside, size;
	auto_close int fd = -EBADF;
	ssize_t n;

	if (geteuid() != 0)
		return true;
	if (user && strcmp(user, "root") == 0)
		return false;
	fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, map, sizeof(map) - 1);
	if (n <= 0)
		return false;
	map[n] = '\0';
	return sscanf(map, "%u %u %u", &inside, &outside, &size) == 3 &&
	       !(inside == 0 && outside == 0 && size == UINT32_MAX);
}

static char *default_root(bool *ret_xdg)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");

	*ret_xdg = xdg && xdg[0] == '/' && store_is_rootless();
	return *ret_xdg ? str_printf("%s/picket", xdg) : strdup("/run/picket");
}

static char *absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/')
		return strdup(path);
	return getcwd(cwd, sizeof(cwd)) ? str_printf("%s/%s", cwd, path) : NULL;
}

static int make_parents(char *path, mode_t mode)
{
	for (char *p = path + 1; *p; p++) {
		int r;

		if (*p != '/')
			continue;
		*p = '\0';
		r = mkdir(path, mode);
		*p = '/';
		if (r < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return -errno;
	}
	return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}

int store_open(const char *root, int flags, struct store *ret, struct err *e)
{
	bool xdg = false;
	auto_free char *path = root ? absolute(root) : default_root(&xdg);
	int r;

	*ret = (struct store){ .dirfd = -ENOENT };
	if (!path)
		return err_set(e, ENOMEM, "open the root directory");
	if (path[strspn(path, "/.")] == '\0')
		return err_text(e, EINVAL, "'%s' cannot be the root directory", path);
	ret->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dirfd < 0 && errno == ENOENT && (flags & STORE_CREATE)) {
		r = make_parents(path, 0700);
		if (r < 0)
			return err_set(e, -r, "create the root directory '%s'", path);
		/* Sticky: those who clean XDG_RUNTIME_DIR leave it alone. */
		if (xdg)
			(void)chmod(path, 01700);
		ret->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (ret->dirfd < 0) {
		if (errno != ENOENT)
			return err_set(e, errno, "open the root directory '%s'", path);
		ret->dirfd = -ENOENT;
	}
	ret->path = take_ptr(path);
	return 0;
}

void store_close(struct store *s)
{
	if (s->dirfd >= 0)
		close(s->dirfd);
	free(s->path);
	*s = (struct store){ .dirfd = -EBADF };
}

static bool is_id(const char *id)
{
	size_t len = id ? strlen(id) : 0;

	if (len == 0 || len > ID_MAX || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return false;
	return strspn(id,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-") ==
	       len;
}

int store_check_id(const char *id, struct err *e)
{
	return is_id(id) ? 0 : err_text(e, EINVAL, "invalid container ID format");
}

static int not_there(struct err *e)
{
	return err_text(e, ENOENT, "container does not exist");
}

static int open_dir(const struct store *s, const char *id)
{
	int fd = s->dirfd < 0 ? -1 :
				openat(s->dirfd, id,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return s->dirfd < 0 ? s->dirfd : fd < 0 ? -errno : fd;
}

int store_find(const struct store *s, const char *id, struct err *e)
{
	int fd = store_check_id(id, e);

	if (fd < 0)
		return fd;
	fd = open_dir(s, id);
	if (fd == -ENOENT)
		return not_there(e);
	return fd < 0 ? err_set(e, -fd, "open '%s/%s'", s->path, id) : fd;
}

/*
 * A record lock of the process: unlike flock(2) it is not inherited by the init, which
 * may live on for days after its creator was killed.  Returns -ENOENT where the
 * container was removed meanwhile.
 */
static int lock_dir(int dirfd, int command)
{
	auto_close int fd =
		openat(dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	do
		r = fcntl(fd, command, &lock);
	while (r < 0 && errno == EINTR);
	if (r < 0 || fstat(fd, &st) < 0)
		return -errno;
	return st.st_nlink ? take_fd(fd) : -ENOENT;
}

int store_lock(int dirfd, struct err *e)
{
	int fd = lock_dir(dirfd, F_SETLKW);

	if (fd == -ENOENT)
		return not_there(e);
	return fd < 0 ? err_set(e, -fd, "lock the container") : fd;
}

/* A creator that was killed leaves a directory without state and without lock. */
static bool is_leftover(int dirfd)
{
	auto_close int lock = lock_dir(dirfd, F_SETLK);

	return lock == -ENOENT ||
	       (lock >= 0 && faccessat(dirfd, "state.json", F_OK, 0) < 0 &&
		errno == ENOENT);
}

static int reclaim(const struct store *s, const char *id, struct err *e)
{
	auto_close int fd = open_dir(s, id);

	if (fd == -ENOENT || (fd >= 0 && is_leftover(fd)))
		return store_remove(s, id, e);
	return err_text(e, EEXIST, "container with given ID already exists");
}

int store_make(const struct store *s, const char *id, int *ret_lock, struct err *e)
{
	int r = store_check_id(id, e);

	/* A second round is needed only where a reclaimer and a creator met. */
	for (int tries = 0; r == 0 && tries < 10; tries++) {
		auto_close int fd = -EBADF;

		if (mkdirat(s->dirfd, id, 0700) < 0) {
			if (errno != EEXIST)
				return err_set(e, errno, "create '%s/%s'", s->path, id);
			r = reclaim(s, id, e);
			continue;
		}
		fd = open_dir(s, id);
		if (fd < 0)
			return err_set(e, -fd, "open '%s/%s'", s->path, id);
		*ret_lock = lock_dir(fd, F_SETLKW);
		if (*ret_lock >= 0)
			return take_fd(fd);
		if (*ret_lock != -ENOENT) {
			(void)unlinkat(s->dirfd, id, AT_REMOVEDIR);
			return err_set(e, -*ret_lock, "lock '%s/%s'", s->path, id);
		}
	}
	return r < 0 ? r : err_text(e, EEXIST, "container with given ID already exists");
}

static int remove_content(int dirfd)
{
	auto_closedir DIR *d =
		fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *de;

	if (!d)
		return -errno;
	/* First: without it the rest is a leftover that the next create reclaims. */
	(void)unlinkat(dirfd, "state.json", 0);
	while ((de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd, de->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return -errno;
		if (unlinkat(dirfd, de->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int store_remove(const struct store *s, const char *id, struct err *e)
{
	auto_close int fd = -EBADF;
	int r = store_check_id(id, e);

	if (r < 0)
		return r;
	fd = open_dir(s, id);
	if (fd == -ENOENT)
		return 0;
	r = fd < 0 ? fd : remove_content(fd);
	if (r == 0 && unlinkat(s->dirfd, id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? err_set(e, -r, "remove '%s/%s'", s->path, id) : 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_list(const struct store *s, struct strv *ret, struct err *e)
{
	auto_closedir DIR *d = NULL;
	struct dirent *de;

	*ret = (struct strv){ 0 };
	if (s->dirfd < 0)
		return 0;
	d = fdopendir(openat(s->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!d)
		return err_set(e, errno, "list '%s'", s->path);
	while ((de = readdir(d))) {
		struct stat st;

		if (!is_id(de->d_name) ||
		    fstatat(s->dirfd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		if (strv_add(ret, de->d_name) < 0) {
			strv_done(ret);
			return err_set(e, ENOMEM, "list '%s'", s->path);
		}
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return 0;
}
