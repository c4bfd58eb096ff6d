/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From config.json's root, mounts, devices and paths to the container's mount tree.
 * plan.c and options.c are pure (spec -> list of steps), apply.c and the others perform.
 * Everything is done on descriptors relative to the root's; no path string of the
 * container is ever used on the host's tree.
 */
#ifndef PICKET_ROOTFS_ROOTFS_H
#define PICKET_ROOTFS_ROOTFS_H

#include <stdbool.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "ns/ns.h"
#include "spec/spec.h"

struct rootfs;

struct rootfs_args {
	const struct spec *spec;
	const struct ns_plan *ns;
	const struct cgroup *cgroup;	/* for mounts of type cgroup */
	const char *bundle;		/* absolute: base of relative sources */
	const char *rootfs;		/* absolute */
	bool no_pivot;
	enum sentry_mode sentry;
};

/*
 * In the runtime, before the init is cloned: plan, open the root, and open those sources
 * that the init could not (user namespace whose root does not reach them; idmapped
 * mounts, whose detached trees are made here).  Descriptors are inherited by the init.
 */
int rootfs_prepare(const struct rootfs_args *args, struct rootfs **ret, struct err *e);

/* In the init, in its new mount namespace: propagation, root bind, all mounts, /dev. */
int rootfs_mount(struct rootfs *r, struct err *e);

/* In the init, after createContainer hooks: pivot_root (or MS_MOVE), old root gone. */
int rootfs_pivot(struct rootfs *r, struct err *e);

/*
 * After the pivot: /dev/console on tty_slave (fd or -1), read-only root, read-only and
 * masked paths, with verified /dev/null.  sysctls are written by process_apply_sysctl.
 */
int rootfs_finish(struct rootfs *r, int tty_slave, struct err *e);

/*
 * Where a sentry may make mounts for its guests (config.json gives CAP_SYS_ADMIN): make the
 * tree, when the sentry's mounts are in it, one that the kernel lets nobody in the
 * container take apart or loosen.  It is not sealed afterwards where the kernel does not
 * grant the user namespace that it takes.
 */
bool rootfs_wants_seal(const struct rootfs *r);
int rootfs_seal(struct rootfs *r, struct err *e);
bool rootfs_is_sealed(const struct rootfs *r);

void rootfs_free(struct rootfs *r);

/* Names of all mount options known, NULL-terminated, sorted: `picket features`. */
const char *const *rootfs_mount_options(void);

#endif
