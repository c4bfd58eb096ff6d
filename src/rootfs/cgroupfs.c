// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounts of type cgroup.  The container's own directories are bound, not mounted anew:
 * seen from inside its cgroup namespace both look the same, and a bind needs neither
 * privilege over that namespace nor that the init has joined the cgroup by now.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rootfs/internal.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static int open_dir(const char *path, int flags, const struct rootfs_step *st)
{
	auto_close int mnt = mnt_clone(AT_FDCWD, path, flags);
	int rc;

	if (mnt < 0)
		return mnt;
	rc = mnt_set_propagation(mnt, flags, MS_PRIVATE);
	if (rc == 0)
		rc = mnt_set_attr(mnt, flags, st->opt.set & ~(uint64_t)MOUNT_ATTR__ATIME,
				  0);
	return rc < 0 ? rc : take_fd(mnt);
}

static int new_tmpfs(const struct rootfs *r, const char *option, uint64_t set,
		     struct err *e)
{
	struct rootfs_options o = { .set = set, .data = &option, .data_n = 1 };
	struct mnt_fs fs = { .type = "tmpfs",
			     .source = "cgroup",
			     .o = &o,
			     .label = r->args.spec->mount_label };

	return mnt_new(&fs, e);
}

static int mount_hierarchy(const struct rootfs_step *st, const struct cgroup_dir *d,
			   struct err *e)
{
	const char *name = strncmp(d->controllers, "name=", 5) ? d->controllers :
								 d->controllers + 5;
	auto_close int mnt = mnt_clone(AT_FDCWD, d->dir, 0);

	if (mnt < 0)
		return err_set(e, -mnt, "open cgroup '%s'", d->dir);
	if (mkdirat(st->mnt, name, 0755) < 0 ||
	    move_mount(mnt, "", st->mnt, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "mount hierarchy '%s'", name);
	return 0;
}

/* "cpu,cpuacct": both names lead to the one directory. */
static int link_controllers(const struct rootfs_step *st, const char *controllers,
			    struct err *e)
{
	const char *p = controllers;
	char name[64];

	if (!strchr(controllers, ','))
		return 0;
	while (*p) {
		size_t len = strcspn(p, ",");

		if (len && len < sizeof(name)) {
			memcpy(name, p, len);
			name[len] = '\0';
			if (symlinkat(controllers, st->mnt, name) < 0)
				return err_set(e, errno, "make link '%s'", name);
		}
		p += len;
		p += *p == ',';
	}
	return 0;
}

static int mount_v1(struct rootfs *r, struct rootfs_step *st, int target, struct err *e)
{
	const struct cgroup *cg = r->args.cgroup;
	uint64_t set = st->opt.set & ~(uint64_t)MOUNT_ATTR__ATIME;
	int rc;

	st->mnt = new_tmpfs(r, "mode=755", st->opt.set & ~(uint64_t)MOUNT_ATTR_RDONLY, e);
	if (st->mnt < 0)
		return st->mnt;
	rc = rootfs_attach(r, st->dest, st->mnt, target, e);
	for (size_t i = 0; rc == 0 && i < cg->n; i++) {
		rc = mount_hierarchy(st, &cg->dirs[i], e);
		if (rc == 0)
			rc = link_controllers(st, cg->dirs[i].controllers, e);
	}
	if (rc < 0)
		return rc;
	/* One call for all of them: nothing of the container runs yet. */
	rc = mnt_set_propagation(st->mnt, AT_RECURSIVE, MS_PRIVATE);
	if (rc == 0)
		rc = mnt_set_attr(st->mnt, AT_RECURSIVE, set, 0);
	return rc < 0 ? err_set(e, -rc, "set the options of its hierarchies") : 0;
}

/* A fresh cgroup2 has the namespace's root as its own. */
static int new_cgroup2(const struct rootfs_step *st)
{
	struct rootfs_options o = { .set = st->opt.set };
	struct mnt_fs fs = { .type = "cgroup2", .source = "cgroup", .o = &o };

	return mnt_new(&fs, NULL);
}

static int mount_v2(struct rootfs *r, struct rootfs_step *st, int target, struct err *e)
{
	const struct cgroup *cg = r->args.cgroup;
	bool own = r->args.spec->ns[SPEC_NS_CGROUP].present;

	if (own && cg && cg->n)
		st->mnt = open_dir(cg->dirs[0].dir, 0, st);
	else if (own)
		st->mnt = new_cgroup2(st);
	/* The host's tree, or what there is of it; an empty directory where it has none. */
	if (st->mnt < 0)
		st->mnt = open_dir(CGROUP_ROOT, AT_RECURSIVE, st);
	if (st->mnt == -ENOENT)
		st->mnt = new_tmpfs(r, "mode=555", st->opt.set | MOUNT_ATTR_RDONLY, NULL);
	if (st->mnt < 0)
		return err_set(e, -st->mnt, "open '" CGROUP_ROOT "'");
	return rootfs_attach(r, st->dest, st->mnt, target, e);
}

int cgroupfs_mount(struct rootfs *r, struct rootfs_step *st, int target, struct err *e)
{
	const struct cgroup *cg = r->args.cgroup;

	if (cg && cg->layout == CGROUP_V1 && cg->n)
		return mount_v1(r, st, target, e);
	return mount_v2(r, st, target, e);
}
