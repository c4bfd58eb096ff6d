/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the file systems that a guest may mount.  Pure. */
#ifndef PICKET_SENTRY_VFS_MOUNTOPTS_H
#define PICKET_SENTRY_VFS_MOUNTOPTS_H

#include <stdbool.h>
#include <stddef.h>

#define OVERLAY_LOWER_MAX 128

/* Are all words ones that a guest may give a tmpfs?  Values are the kernel's to check. */
bool mountopts_tmpfs_valid(const char *data);

/* Paths are without escapes, and point into the data that was parsed. */
struct overlay_options {
	char *lower[OVERLAY_LOWER_MAX];	/* topmost first */
	size_t lower_n;
	char *upper, *work;		/* both, or NULL: read-only */
	bool is_volatile;
};

/* Takes data apart, in place.  Returns 0, or -EINVAL. */
int mountopts_parse_overlay(char *data, struct overlay_options *ret);

#endif
