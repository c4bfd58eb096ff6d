/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tree becomes a file system.  For the files of views/ only. */
#ifndef PICKET_SENTRY_VIEWS_INTERNAL_H
#define PICKET_SENTRY_VIEWS_INTERNAL_H

#include "base/str.h"

/*
 * fuse.c.  Answer requests on fd, an open /dev/fuse, until the file system is gone; or,
 * with FUSE_ONCE, until somebody asks for its size (statfs): a thread that serves while
 * this process mounts.
 */
#define FUSE_ONCE 1
int fuse_serve(int fd, int flags);

/*
 * keep.c.  Mounts that config.json has below what will be covered, to be put on top of
 * it again: copies of them, taken before.
 */
#define KEPT_MAX 64
struct kept {
	struct {
		char *path;
		int mnt;
	} v[KEPT_MAX];
	size_t n;
};
/* procfs: the sentry's own. */
int keep_collect(struct kept *k, int procfs);
/* The mounts in the text of a mountinfo that are to be kept: their paths.  Pure. */
int keep_parse(char *text, struct strv *ret);
/* What has no place any more is left out. */
void keep_restore(const struct kept *k);
void keep_done(struct kept *k);

/* copy.c.  The tree as it is now in the directory dir, where there is no /dev/fuse. */
int copy_tree(int dir);

#endif
