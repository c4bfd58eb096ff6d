/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts as descriptors: thin words over the mount API of Linux 5.2 and 5.12. */
#ifndef PICKET_ROOTFS_MNT_H
#define PICKET_ROOTFS_MNT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "rootfs/options.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* All return a descriptor or 0, or a negative errno. */

/* A detached copy of the mount at path; flags: AT_RECURSIVE, AT_SYMLINK_NOFOLLOW. */
int mnt_clone(int dirfd, const char *path, int flags);

/*
 * The same for a descriptor.  Inside a user namespace the kernel does not let mounts that
 * came from outside be taken apart; then the copy has those below, too.
 */
int mnt_clone_fd(int fd, int flags);

/* Attach a detached mount, or move an attached one, to where target is open. */
int mnt_attach(int mnt, int target);

/* flags: AT_RECURSIVE. */
int mnt_set_attr(int mnt, int flags, uint64_t set, uint64_t clear);
int mnt_set_propagation(int mnt, int flags, unsigned long type);
int mnt_set_idmap(int mnt, int flags, int userns);

/*
 * For a single device of the host's: private, and read-only, which for a device means
 * that it can be written, but that its mode and owner on the host cannot be changed.
 */
int mnt_seal_device(int mnt);

/* Attributes, recursive attributes, propagation of o, in this order. */
int mnt_apply_options(int mnt, const struct rootfs_options *o);

int mnt_id(int fd, uint64_t *ret_id);

/*
 * A new file system of `type`, detached.  label: SELinux mount label or NULL.  What the
 * kernel says about a wrong option goes into e.  A mode is only given where o has none; 0: none.
 */
struct mnt_fs {
	const char *type, *source, *label;
	const struct rootfs_options *o;
	unsigned int mode;
};
int mnt_new(const struct mnt_fs *fs, struct err *e);

/* Whether mnt_new() can carry these options (values have at most 255 bytes there). */
bool mnt_new_fits(const struct mnt_fs *fs);

/* mount(2) onto the directory that target has open. */
int mnt_classic(const struct mnt_fs *fs, int target, struct err *e);

/* New options for the file system that target shows. */
int mnt_reconfigure(int target, const struct rootfs_options *o, struct err *e);

/* One mount that is shown in many places: each call gives a mount to attach. */
struct mnt_stamp {
	int fd;		/* -EBADF: none */
	bool used;
};
int mnt_stamp_attach(struct mnt_stamp *s, int target);

#endif
