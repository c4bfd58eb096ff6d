// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The init's part: attach the root, then each mount of config.json in its order, all
 * on descriptors below the root's.  Old root still around; see pivot.c for its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/openat2.h"
#include "kernel/pidfd.h"
#include "rootfs/bind.h"
#include "rootfs/internal.h"

/*
 * A rename in a volume that another container shares can carry the target away between
 * its opening and now.  Then the mount is not where the container will look for it.
 */
static int verify(struct rootfs *r, const char *dest, int mnt, struct err *e)
{
	auto_close int fd = path_open_in_root(r->root, dest, O_PATH, 0);
	uint64_t want, got;
	int rc = fd < 0 ? fd : mnt_id(mnt, &want);

	if (rc == 0)
		rc = mnt_id(fd, &got);
	if (rc < 0)
		return err_set(e, -rc, "find the mount again");
	if (want != got)
		return err_text(
			e, EXDEV,
			"it arrived at another place: the path was changed meanwhile");
	return 0;
}

int rootfs_attach(struct rootfs *r, const char *dest, int mnt, int target, struct err *e)
{
	int rc = mnt_attach(mnt, target);

	return rc < 0 ? err_set(e, -rc, "attach it") : verify(r, dest, mnt, e);
}

/* A link or a file where /proc or /sys should be is an attack or a mistake. */
static int open_ordinary_dir(struct rootfs *r, const struct rootfs_step *st,
			     struct err *e)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	auto_close int fd = kernel_openat2(r->root, st->dest, &how);
	struct stat sb;

	if (fd < 0 && errno == ENOENT)
		fd = path_mkdir_in_root(r->root, st->dest, 0755);
	else if (fd < 0)
		fd = -errno;
	if (fd == -ELOOP || (fd >= 0 && fstat(fd, &sb) == 0 && !S_ISDIR(sb.st_mode)))
		return err_text(e, ENOTDIR,
				"file system '%s' must be mounted on ordinary directory",
				st->type);
	return fd < 0 ? err_set(e, -fd, "open the destination") : take_fd(fd);
}

/* The plan looked at words; a link in the image may still lead into the procfs. */
static int check_not_in_proc(const struct rootfs_step *st, int target, struct err *e)
{
	struct statfs sfs;

	if (!strncmp(st->dest, "/proc", 5) && (!st->dest[5] || st->dest[5] == '/'))
		return 0;	/* the plan has admitted it */
	if (fstatfs(target, &sfs) < 0)
		return err_set(e, errno, "look at the destination");
	if (sfs.f_type == PROC_SUPER_MAGIC)
		return err_text(e, EINVAL, "'%s' is inside /proc", st->dest);
	return 0;
}

/* *ret_mode: the mode of a directory that was there before, else 0. */
static int open_target(struct rootfs *r, const struct rootfs_step *st, mode_t *ret_mode,
		       struct err *e)
{
	auto_close int fd = -EBADF;
	struct stat sb;
	int rc;

	*ret_mode = 0;
	if (!strcmp(st->type, "proc") || !strcmp(st->type, "sysfs"))
		return open_ordinary_dir(r, st, e);
	fd = path_open_in_root(r->root, st->dest, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0 && fstat(fd, &sb) == 0)
		*ret_mode = sb.st_mode & 07777;
	else if (fd == -ENOENT)
		fd = path_mkdir_in_root(r->root, st->dest, 0755);
	if (fd < 0)
		return err_set(e, -fd, "open the destination");
	rc = check_not_in_proc(st, fd, e);
	return rc < 0 ? rc : take_fd(fd);
}

/* Without privilege over what the file system shows: the host's mount of it, read-only. */
static int fall_back(struct rootfs *r, const struct rootfs_step *st)
{
	const struct ns_plan *ns = r->args.ns;
	const char *path = NULL;
	auto_close int mnt = -EBADF;
	int rc;

	if (!strcmp(st->type, "sysfs"))
		path = "/sys";
	else if (!strcmp(st->type, "proc") && ns->host_pid)
		path = "/proc";
	else if (!strcmp(st->type, "mqueue") && ns->host_ipc)
		path = "/dev/mqueue";
	if (!path)
		return -EPERM;
	mnt = mnt_clone(AT_FDCWD, path, AT_RECURSIVE);
	if (mnt < 0)
		return mnt;
	rc = mnt_set_propagation(mnt, AT_RECURSIVE, MS_SLAVE);
	if (rc == 0)
		rc = mnt_set_attr(
			mnt, AT_RECURSIVE,
			st->opt.set | (strcmp(st->type, "sysfs") ? 0 : MOUNT_ATTR_RDONLY),
			0);
	return rc < 0 ? rc : take_fd(mnt);
}

static int apply_classic(struct rootfs *r, struct rootfs_step *st,
			 const struct mnt_fs *fs, int target, struct err *e)
{
	int rc = mnt_classic(fs, target, e);

	if (rc < 0)
		return rc;
	st->mnt = path_open_in_root(r->root, st->dest, O_PATH, 0);
	rc = st->mnt < 0 ? st->mnt : mnt_apply_options(st->mnt, &st->opt);
	return rc < 0 ? err_set(e, -rc, "set its options") : 0;
}

static int new_fs(struct rootfs *r, struct rootfs_step *st, const struct mnt_fs *fs,
		  int target, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = 0;

	st->mnt = mnt_new(fs, &why);
	if (st->mnt == -EPERM)
		st->mnt = fall_back(r, st);
	if (st->mnt < 0) {
		if (e)
			*e = why;
		return st->mnt;
	}
	if (st->opt.flags & OPT_COPYUP)
		rc = copyup(target, st->mnt, e);
	for (size_t i = 0; rc == 0 && i < st->opt.propagation_n; i++) {
		const struct rootfs_propagation *p = &st->opt.propagation[i];

		rc = mnt_set_propagation(st->mnt, p->recursive ? AT_RECURSIVE : 0,
					 p->type);
		if (rc < 0)
			err_set(e, -rc, "set its propagation");
	}
	return rc;
}

static bool takes_label(const char *type)
{
	return !strcmp(type, "tmpfs") || !strcmp(type, "devpts");
}

/* The ipc namespace has made this file system already: too late for context=. */
static int label_mqueue(int mnt, const char *label, struct err *e)
{
	auto_close int fd = -EBADF;

	if (!label || !*label)
		return 0;
	fd = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsetxattr(fd, "security.selinux", label, strlen(label) + 1, 0) < 0)
		return err_set(e, errno, "label it '%s'", label);
	return 0;
}

static int apply_fs(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	struct mnt_fs fs = { .type = st->type,
			     .source = st->spec->source,
			     .o = &st->opt };
	auto_close int target = -EBADF;
	mode_t mode;
	int rc;

	target = open_target(r, st, &mode, e);
	if (target < 0)
		return target;
	if (!strcmp(st->type, "tmpfs"))
		fs.mode = mode;
	if (takes_label(st->type))
		fs.label = r->args.spec->mount_label;
	/* overlay's lowerdir may be as long as a page, and means the same everywhere there. */
	if (st->mnt < 0 && (!strcmp(st->type, "overlay") || !mnt_new_fits(&fs)))
		return apply_classic(r, st, &fs, target, e);
	rc = st->mnt < 0 ? new_fs(r, st, &fs, target, e) : 0;
	if (rc == 0 && !strcmp(st->type, "mqueue"))
		rc = label_mqueue(st->mnt, r->args.spec->mount_label, e);
	return rc < 0 ? rc : rootfs_attach(r, st->dest, st->mnt, target, e);
}

static int check_bind(const struct rootfs_step *st, struct err *e)
{
	struct statfs sfs;

	if (strcmp(st->dest, "/proc"))
		return 0;
	if (fstatfs(st->mnt, &sfs) < 0)
		return err_set(e, errno, "look at the source");
	if (sfs.f_type != PROC_SUPER_MAGIC)
		return err_text(e, EINVAL, "only a procfs can be mounted on /proc");
	return 0;
}

static int apply_bind(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	auto_close int target = -EBADF;
	struct stat sb;
	int rc = 0;

	if (st->mnt < 0)
		rc = bind_open(r, st, e);
	if (rc == 0)
		rc = check_bind(st, e);
	if (rc < 0)
		return rc;
	if (fstat(st->mnt, &sb) < 0)
		return err_set(e, errno, "look at the source");
	if (S_ISDIR(sb.st_mode))
		target = path_mkdir_in_root(r->root, st->dest, 0755);
	else
		target = path_mkfile_in_root(r->root, st->dest, 0644);
	if (target < 0)
		return err_set(e, -target, "open the destination");
	rc = check_not_in_proc(st, target, e);
	return rc < 0 ? rc : rootfs_attach(r, st->dest, st->mnt, target, e);
}

static int apply_cgroup(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	auto_close int target = path_mkdir_in_root(r->root, st->dest, 0755);
	int rc;

	if (target < 0)
		return err_set(e, -target, "open the destination");
	rc = check_not_in_proc(st, target, e);
	return rc < 0 ? rc : cgroupfs_mount(r, st, target, e);
}

static int apply_remount(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	auto_close int fd = path_open_in_root(r->root, st->dest, O_PATH, 0);
	int rc;

	if (fd < 0)
		return err_set(e, -fd, "open the destination");
	rc = mnt_apply_options(fd, &st->opt);
	if (rc < 0)
		return err_set(e, -rc, "set its options");
	return mnt_reconfigure(fd, &st->opt, e);
}

static int apply_step(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	int rc = -EINVAL;

	switch (st->kind) {
	case STEP_BIND:
		rc = apply_bind(r, st, e);
		break;
	case STEP_FS:
		rc = apply_fs(r, st, e);
		break;
	case STEP_CGROUP:
		rc = apply_cgroup(r, st, e);
		break;
	case STEP_REMOUNT:
		rc = apply_remount(r, st, e);
		break;
	}
	return rc < 0 ? err_prefix(e, "mount '%s' on '%s'", st->type,
				   st->spec->destination) :
			0;
}

/*
 * The tree goes where hooks look for it.  A user namespace's root may be unable to walk
 * there; then it covers "/", where pivot_root finds it as well.
 */
static int attach_root(struct rootfs *r, struct err *e)
{
	auto_close int target = open(r->args.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (target < 0 && r->userns && errno == EACCES)
		target = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = target < 0 ? -errno : mnt_attach(r->root, target);
	return rc < 0 ? err_set(e, -rc, "attach root file system '%s'", r->args.rootfs) :
			0;
}

int rootfs_mount(struct rootfs *r, struct err *e)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	int rc = 0;

	r->in_init = true;
	if (r->inactive)
		return 0;
	/* A mount namespace copied into a new user namespace consists of slaves already. */
	if (!(r->args.ns->clone_flags & CLONE_NEWUSER) &&
	    mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof(slave)) < 0)
		return err_set(e, errno, "make '/' a slave of the host's mounts");
	if (r->root < 0)
		rc = root_open(r, e);
	if (rc == 0)
		rc = devices_open_null(r, e);
	if (rc == 0)
		rc = attach_root(r, e);
	for (size_t i = 0; rc == 0 && i < r->plan.n; i++)
		rc = apply_step(r, &r->plan.steps[i], e);
	return rc < 0 ? rc : devices_apply(r, e);
}
