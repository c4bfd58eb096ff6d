/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#ifndef PICKET_ROOTFS_INTERNAL_H
#define PICKET_ROOTFS_INTERNAL_H

#include <stdbool.h>

#include "rootfs/mnt.h"
#include "rootfs/plan.h"
#include "rootfs/rootfs.h"

struct rootfs {
	struct rootfs_args args;	/* what it points to outlives this */
	struct rootfs_plan plan;
	bool userns;		/* the container has a user namespace of its own */
	bool in_init;		/* we are the init, no longer the runtime */
	bool inactive;		/* a mount namespace was joined: it has its root already */
	int root;		/* the container's "/": a detached tree, later attached */
	int dev;		/* the container's /dev once mounted, or -EBADF */
	bool dev_filled;	/* the runtime made the nodes and links in it */
	bool sealed;		/* see rootfs_is_sealed() */
	struct mnt_stamp null;	/* the host's /dev/null, verified */
};

/* Id of the container as the host has it; 0 where there is no map for it. */
uint32_t rootfs_host_id(const struct spec_idmaps *maps, bool userns, uint32_t id);

/* fsns.c, in the runtime: file systems that show a namespace which is not the init's own. */
int fsns_prepare(struct rootfs *r, struct rootfs_step *st, struct err *e);

/*
 * A child in namespaces of its own (flags: CLONE_NEW*) that shares our descriptor table:
 * what it opens is ours.  fsns_reap returns its exit status, or -1.
 */
pid_t fsns_fork(uint64_t flags);
int fsns_reap(pid_t pid);

/* idmap.c, in the runtime: a user namespace that only carries maps. */
int idmap_userns(const struct spec_idmaps *uids, const struct spec_idmaps *gids, struct err *e);

/* devices.c */
int devices_prepare(struct rootfs *r, struct err *e);	/* runtime: /dev with its nodes */
int devices_apply(struct rootfs *r, struct err *e);	/* init: whatever is not there yet */
int devices_open_null(struct rootfs *r, struct err *e);
int devices_bind_console(struct rootfs *r, int slave, struct err *e);

/* cgroupfs.c */
int cgroupfs_mount(struct rootfs *r, struct rootfs_step *st, int target, struct err *e);

/* copyup.c: fill the (detached) file system `to` with what the directory `from` has. */
int copyup(int from, int to, struct err *e);

/* mask.c, after the pivot */
int mask_readonly(struct rootfs *r, struct err *e);
int mask_guard(struct rootfs *r, struct err *e);
int mask_hide(struct rootfs *r, struct err *e);

/* pivot.c: from the present root to the attached tree r->root. */
int pivot_to_root(struct rootfs *r, struct err *e);

/* Attach at st->dest, making it if it is missing, and check that the mount is found there. */
int rootfs_attach(struct rootfs *r, const char *dest, int mnt, int target, struct err *e);

#endif
