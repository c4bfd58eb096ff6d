/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mount options of the runtime specification as attributes, flags and data.  Pure. */
#ifndef PICKET_ROOTFS_OPTIONS_H
#define PICKET_ROOTFS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spec/spec.h"

enum {
	OPT_BIND = 1, OPT_REC = 2, OPT_REMOUNT = 4, OPT_COPYUP = 8, OPT_IDMAP = 16,
	OPT_RIDMAP = 32,
};

#define OPT_PROPAGATION_MAX 4

struct rootfs_propagation {
	unsigned long type;	/* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE */
	bool recursive;
};

/*
 * `clear` holds what was asked to be off, not all that is off: a bind keeps the other
 * attributes of its source, and a cleared attribute that the kernel holds locked is an error.
 */
struct rootfs_options {
	uint64_t set, clear;			/* MOUNT_ATTR_* of the mount itself */
	uint64_t rec_set, rec_clear;		/* MOUNT_ATTR_* of all mounts below as well */
	unsigned long sb_set, sb_clear;		/* MS_* of the file system */
	unsigned int flags;			/* OPT_* */
	struct rootfs_propagation propagation[OPT_PROPAGATION_MAX];	/* in this order */
	size_t propagation_n;
	const char **data;			/* the rest, for the file system; not owned words */
	size_t data_n;
};

/* Later options win over earlier ones.  ret needs rootfs_options_done() on success. */
int rootfs_options_parse(const struct spec_strings *words, struct rootfs_options *ret,
			 struct err *e);
void rootfs_options_done(struct rootfs_options *o);

/* A word such as "rslave"; -EINVAL if it is none. */
int rootfs_propagation_parse(const char *word, struct rootfs_propagation *ret);

/* Whether data has "key=..." or the bare word. */
bool rootfs_options_has_data(const struct rootfs_options *o, const char *key);

#endif
