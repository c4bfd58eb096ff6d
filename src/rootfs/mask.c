// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masked and read-only paths, after the pivot and by descriptor.  What is put over a
 * file is a copy of the host's /dev/null that was checked before the container's tree was
 * in reach (CVE-2025-31133); over directories, one empty tmpfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "rootfs/internal.h"

static int open_path(struct rootfs *r, const char *path, int *ret_fd, struct err *e)
{
	*ret_fd = path_open_in_root(r->root, path, O_PATH, 0);
	if (*ret_fd >= 0)
		return 1;
	if (*ret_fd == -ENOENT || *ret_fd == -ENOTDIR)
		return 0;
	return err_set(e, -*ret_fd, "open '%s'", path);
}

static int protect(int fd)
{
	auto_close int mnt = mnt_clone_fd(fd, AT_RECURSIVE);
	int r;

	if (mnt < 0)
		return mnt;
	r = mnt_set_attr(mnt, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0);
	return r < 0 ? r : mnt_attach(mnt, fd);
}

int mask_readonly(struct rootfs *r, struct err *e)
{
	const struct spec_strings *paths = &r->args.spec->readonly_paths;

	for (size_t i = 0; i < paths->n; i++) {
		auto_close int fd = -EBADF;
		int rc = open_path(r, paths->v[i], &fd, e);

		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		rc = protect(fd);
		if (rc < 0)
			return err_set(e, -rc, "make '%s' read-only", paths->v[i]);
	}
	return 0;
}

static int new_empty_dir(struct err *e)
{
	const char *data[] = { "nr_blocks=1", "nr_inodes=1", "mode=555" };
	struct rootfs_options o = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.data = data, .data_n = ARRAY_SIZE(data),
	};
	struct mnt_fs fs = { .type = "tmpfs", .source = "tmpfs", .o = &o };

	return mnt_new(&fs, e);
}

static int hide(struct rootfs *r, struct mnt_stamp *dirs, int fd, const char *path, struct err *e)
{
	struct mnt_stamp *cover = &r->null;
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "look at '%s'", path);
	if (S_ISDIR(st.st_mode)) {
		cover = dirs;
		if (dirs->fd < 0)
			dirs->fd = new_empty_dir(e);
		if (dirs->fd < 0)
			return err_prefix(e, "mask '%s'", path);
	}
	rc = mnt_stamp_attach(cover, fd);
	return rc < 0 ? err_set(e, -rc, "mask '%s'", path) : 0;
}

int mask_hide(struct rootfs *r, struct err *e)
{
	const struct spec_strings *paths = &r->args.spec->masked_paths;
	struct mnt_stamp dirs = { .fd = -EBADF };
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < paths->n; i++) {
		auto_close int fd = -EBADF;

		rc = open_path(r, paths->v[i], &fd, e);
		if (rc > 0)
			rc = hide(r, &dirs, fd, paths->v[i], e);
	}
	cleanup_close(&dirs.fd);
	return rc < 0 ? rc : 0;
}
