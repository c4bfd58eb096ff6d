/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bind mounts and the root itself as detached trees, in the runtime or in the init. */
#ifndef PICKET_ROOTFS_BIND_H
#define PICKET_ROOTFS_BIND_H

#include "base/err.h"

struct rootfs;
struct rootfs_step;

/* st->mnt: a detached copy of the source with all of the step's options applied. */
int bind_open(struct rootfs *r, struct rootfs_step *st, struct err *e);

/* r->root: a detached copy of the bundle's root file system. */
int root_open(struct rootfs *r, struct err *e);

#endif
