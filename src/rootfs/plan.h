/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json's mounts as a list of steps.  Pure: no system calls. */
#ifndef PICKET_ROOTFS_PLAN_H
#define PICKET_ROOTFS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "rootfs/options.h"
#include "rootfs/rootfs.h"

enum step_kind { STEP_BIND, STEP_FS, STEP_CGROUP, STEP_REMOUNT };

struct rootfs_step {
	enum step_kind kind;
	const struct spec_mount *spec;
	const char *type;	/* of the file system; "bind" for binds */
	char *dest;		/* absolute, clean */
	char *source;		/* bind: on the host, or below the root when in_rootfs */
	bool in_rootfs;		/* the source may be what an earlier step mounted */
	bool late_ro;		/* tmpfs and /dev: written to first, read-only at the end */
	struct rootfs_options opt;
	int mnt;		/* the mount, detached and then attached; -1: not made yet */
};

struct rootfs_plan {
	struct rootfs_step *steps;
	size_t n;
	bool dev_is_bind;		/* the host's /dev: nothing may be made in it */
	struct rootfs_step *dev;	/* a tmpfs on /dev, or NULL */
	struct rootfs_propagation propagation;	/* of "/" at the end; type 0: as it is */
};

/* ret must be released with rootfs_plan_done() also after a failure. */
int rootfs_plan(const struct rootfs_args *args, struct rootfs_plan *ret, struct err *e);
void rootfs_plan_done(struct rootfs_plan *p);

/* Lexically clean absolute path: "//", ".", ".." resolved, no slash at the end.  malloc'ed. */
char *rootfs_clean_path(const char *path);

/* Whether path is dir or something below it.  Both clean. */
bool rootfs_path_below(const char *path, const char *dir);

#endif
