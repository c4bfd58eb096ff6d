/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tree becomes a file system.  For the files of views/ only. */
#ifndef PICKET_SENTRY_VIEWS_INTERNAL_H
#define PICKET_SENTRY_VIEWS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "views/views.h"

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

/*
 * live.c.  Texts that are open, by number.  live_add: fd is copied; counted, as live_get() and
 * live_put() do; -ENFILE: there are enough of them.
 */
int live_add(int fd, view_live_fn *make, uint64_t *ret_id);
bool live_get(uint64_t id);
void live_put(uint64_t id);
int live_text(uint64_t id, struct strbuf *ret);
/* As poll(2) has them; POLLPRI | POLLERR once for a change.  waiter: to be woken, or 0. */
short live_poll(uint64_t id, uint64_t waiter);
/* Until fd can be read, wake those who wait; at once where nobody does. */
typedef void view_wake_fn(int fd, uint64_t waiter);
void live_wait(int fd, view_wake_fn *wake);

/* copy.c.  The tree as it is now in the directory dir, where there is no /dev/fuse. */
int copy_tree(int dir);

#endif
