// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Masked and read-only paths, after the pivot and by descriptor.  What is put over a
 * file is a copy of the host's /dev/null that was checked before the container's tree was
 * in reach (CVE-2025-31133); over directories, one empty tmpfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

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

/*
 * With a sentry, root in the container is the host's user 0 without its capabilities.
 * Files below /proc and /sys that ask for the user alone would obey it (kernel.core_pattern,
 * /proc/sysrq-trigger): they are read-only whatever config.json says, but for what belongs
 * to the container's own namespaces and cgroup.
 */
static const struct guard {
	const char *path, *keep;
	bool keep_needs_net;	/* only with a network namespace that is not the host's */
} guards[] = {
	{ "/proc/sys", "/proc/sys/net", true },
	{ "/proc/sysrq-trigger", NULL, false },
	{ "/proc/irq", NULL, false },
	{ "/proc/bus", NULL, false },
	{ "/proc/fs", NULL, false },
	{ "/proc/acpi", NULL, false },
	{ "/proc/scsi", NULL, false },
	{ "/proc/mtrr", NULL, false },
	{ "/sys", "/sys/fs/cgroup", false },
};

static bool needs_guard(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 ||
	       ((fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC) &&
		!(fs.f_flags & ST_RDONLY));
}

static int guard(struct rootfs *r, const struct guard *g, struct err *e)
{
	auto_close int fd = -EBADF, kept = -EBADF, mnt = -EBADF, at = -EBADF;
	int rc = open_path(r, g->path, &fd, e);

	if (rc <= 0 || !needs_guard(fd))
		return rc < 0 ? rc : 0;
	if (g->keep && !(g->keep_needs_net && r->args.ns->host_net)) {
		rc = open_path(r, g->keep, &kept, e);
		if (rc < 0)
			return rc;
		if (rc > 0)
			mnt = mnt_clone_fd(kept, AT_RECURSIVE);
	}
	rc = protect(fd);
	if (rc < 0)
		return err_set(e, -rc, "make '%s' read-only", g->path);
	if (mnt < 0)
		return 0;
	rc = open_path(r, g->keep, &at, e);
	if (rc > 0)
		rc = mnt_attach(mnt, at);
	return rc < 0 ? err_set(e, -rc, "keep '%s' as it was", g->keep) : 0;
}

int mask_guard(struct rootfs *r, struct err *e)
{
	int rc = 0;

	if (r->args.sentry == SENTRY_OFF)
		return 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(guards); i++)
		rc = guard(r, &guards[i], e);
	return rc;
}

static int new_empty_dir(const char *label, struct err *e)
{
	const char *data[] = { "nr_blocks=1", "nr_inodes=1", "mode=555" };
	struct rootfs_options o = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		       MOUNT_ATTR_NOEXEC,
		.data = data,
		.data_n = ARRAY_SIZE(data),
	};
	struct mnt_fs fs = { .type = "tmpfs", .source = "tmpfs", .o = &o, .label = label };

	return mnt_new(&fs, e);
}

static int hide(struct rootfs *r, struct mnt_stamp *dirs, int fd, const char *path,
		struct err *e)
{
	struct mnt_stamp *cover = &r->null;
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "look at '%s'", path);
	if (S_ISDIR(st.st_mode)) {
		cover = dirs;
		if (dirs->fd < 0)
			dirs->fd = new_empty_dir(r->args.spec->mount_label, e);
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
