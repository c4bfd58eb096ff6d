// SPDX-License-Identifier: GPL-2.0-or-later
/* From the host's root to the container's, and the last touches behind it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rootfs/internal.h"

/*
 * pivot_root(".", ".") puts the old root on top of the new one, where "." still finds
 * it to be taken off: no directory for it is needed in the container's tree.
 */
int pivot_to_root(struct rootfs *r, struct err *e)
{
	if (fchdir(r->root) < 0)
		return err_set(e, errno, "enter the container's root");
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return err_set(e, errno, "pivot to the container's root");
	if (umount2(".", MNT_DETACH) < 0)
		return err_set(e, errno, "unmount the root before it");
	return chdir("/") < 0 ? err_set(e, errno, "enter '/'") : 0;
}

/*
 * Without pivot_root the host's tree stays below ours.  Its /proc and /sys must not:
 * whoever could take our root off would find them without any masks.
 */
static int cover_host(const char *path, struct err *e)
{
	const char *mode = "mode=0";
	struct rootfs_options o = { .set = MOUNT_ATTR_RDONLY,
				    .data = &mode,
				    .data_n = 1 };
	struct mnt_fs fs = { .type = "tmpfs", .source = "tmpfs", .o = &o };
	auto_close int mnt = -EBADF, target = -EBADF;
	struct statfs sfs;
	int r;

	while (umount2(path, MNT_DETACH) == 0)
		;
	if (statfs(path, &sfs) < 0 ||
	    (sfs.f_type != PROC_SUPER_MAGIC && sfs.f_type != SYSFS_MAGIC))
		return 0;
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	mnt = mnt_new(&fs, e);
	if (mnt < 0)
		return mnt;
	r = target < 0 ? -errno : mnt_attach(mnt, target);
	return r < 0 ? err_set(e, -r, "cover the host's '%s'", path) : 0;
}

static int move_root(struct rootfs *r, struct err *e)
{
	int rc = cover_host("/proc", e);

	if (rc == 0)
		rc = cover_host("/sys", e);
	if (rc < 0)
		return rc;
	if (move_mount(r->root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "move the container's root to '/'");
	if (fchdir(r->root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return err_set(e, errno, "change to the container's root");
	return 0;
}

static int verify_root(struct rootfs *r, struct err *e)
{
	auto_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t want, got;
	int rc = fd < 0 ? -errno : mnt_id(fd, &got);

	if (rc == 0)
		rc = mnt_id(r->root, &want);
	if (rc < 0)
		return err_set(e, -rc, "look at the container's root");
	if (want != got)
		return err_text(e, EXDEV, "'/' is not the container's root");
	return 0;
}

int rootfs_pivot(struct rootfs *r, struct err *e)
{
	const struct rootfs_propagation *p = &r->plan.propagation;
	int rc;

	if (r->inactive)
		return 0;
	rc = r->args.no_pivot ? move_root(r, e) : pivot_to_root(r, e);
	if (rc < 0)
		return rc;
	rc = verify_root(r, e);
	if (rc < 0 || !p->type)
		return rc;
	rc = mnt_set_propagation(r->root, p->recursive ? AT_RECURSIVE : 0, p->type);
	return rc < 0 ? err_set(e, -rc, "set rootfsPropagation '%s'",
				r->args.spec->rootfs_propagation) :
			0;
}

static int finish_readonly(struct rootfs *r, struct err *e)
{
	int rc;

	for (size_t i = 0; i < r->plan.n; i++) {
		const struct rootfs_step *st = &r->plan.steps[i];

		rc = st->late_ro ? mnt_set_attr(st->mnt, 0, MOUNT_ATTR_RDONLY, 0) : 0;
		if (rc < 0)
			return err_set(e, -rc, "make '%s' read-only", st->dest);
	}
	if (!r->args.spec->root.readonly)
		return 0;
	rc = mnt_set_attr(r->root, 0, MOUNT_ATTR_RDONLY, 0);
	return rc < 0 ? err_set(e, -rc, "make the root file system read-only") : 0;
}

int rootfs_finish(struct rootfs *r, int tty_slave, struct err *e)
{
	int rc = 0;

	if (r->inactive)
		return 0;
	if (tty_slave >= 0)
		rc = devices_bind_console(r, tty_slave, e);
	if (rc == 0)
		rc = finish_readonly(r, e);
	if (rc == 0)
		rc = mask_readonly(r, e);
	if (rc == 0)
		rc = mask_guard(r, e);
	if (rc == 0)
		rc = mask_hide(r, e);
	return rc;
}
