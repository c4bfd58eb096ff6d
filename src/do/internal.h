/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of src/do share. */
#ifndef PICKET_DO_INTERNAL_H
#define PICKET_DO_INTERNAL_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "do/do.h"
#include "spec/spec.h"

/* Top-level names of the host that the sandbox sees, where the host has them. */
enum { DO_ENTRIES_MAX = 16, DO_MAPS_MAX = 16 };
struct do_entry {
	const char *path; /* "/usr" */
	char *source; /* malloc'ed: what is mounted there; NULL: a symlink */
	char link[64]; /* its target */
};

/* What the plan has to know of the host: collected by view.c, or made up by a test. */
struct do_host {
	uid_t uid;
	gid_t gid;
	char *user, *home, *cwd; /* malloc'ed */
	const char *term, *lang; /* of our environment, or NULL */
	char *rootfs; /* the skeleton, absolute; this and the next: malloc'ed */
	char *overlay; /* where the overlay of cwd is mounted */
	char *self; /* our own binary: process 1 */
	bool tty;
	uint16_t rows, cols;
	struct spec_idmap uids[DO_MAPS_MAX], gids[DO_MAPS_MAX]; /* ids that exist here */
	size_t uids_n, gids_n;
	struct do_entry entries[DO_ENTRIES_MAX];
	size_t entries_n;
};

/* How the current directory gets into the sandbox. */
enum do_cwd { DO_CWD_OVERLAY, DO_CWD_VISIBLE, DO_CWD_REFUSED };

/* Pure.  VISIBLE: below something that is mounted anyway (a system directory, --rw, --ro). */
enum do_cwd do_plan_cwd(const struct do_options *o, const struct do_host *h);

/* Pure: is cwd somebody's home directory, whose dot-files stay hidden? */
bool do_is_home(const struct do_host *h);

/* Pure: is path the directory dir or below it?  Both absolute and normalised. */
bool do_path_below(const char *path, const char *dir);

/* Pure: options and host -> spec, whose arena takes all of it. */
int do_plan(const struct do_options *o, const struct do_host *h, const char *id,
	    struct spec *ret, struct err *e);

/* Our private place: an in-memory file system in a mount namespace of our own. */
struct do_scratch {
	char *path; /* its mount point below the state root; malloc'ed */
	int dirfd;
	bool own_userns; /* an ordinary user's: made by do_scratch_open() */
	char *disk; /* upper on disk where tmpfs lacks xattrs; malloc'ed */
	char *upper, *work; /* malloc'ed, or NULL before do_overlay_cwd() */
	int lower; /* O_PATH of the current directory */
};
#define DO_SCRATCH_INIT                          \
	{                                        \
		.dirfd = -EBADF, .lower = -EBADF \
	}

/* Enter the namespaces, mount the file system below the directory `root`. */
int do_scratch_open(const char *root, const char *user, struct do_scratch *ret,
		    struct err *e);
void do_scratch_close(struct do_scratch *s);

/* Overlay of the current directory (h->cwd) at <scratch>/cwd. */
int do_overlay_cwd(struct do_scratch *s, const struct do_host *h, struct err *e);

/*
 * A read-only view of the system directory `path` at <scratch>/name in which nobody, root
 * included, reads what "other" may not read.  mask: directory below the scratch whose
 * entries cover those of path.
 */
int do_overlay_guard(const struct do_scratch *s, const char *path, const char *name,
		     const char *mask, struct err *e);

/* Fill h; makes the skeleton, the guarded views and the mask. */
int do_view_host(struct do_host *h, struct err *e);
int do_view_make(const struct do_scratch *s, const struct do_options *o,
		 struct do_host *h, struct err *e);
void do_host_done(struct do_host *h);

/* One change of the overlay: kind 'A', 'M' or 'D', path relative to the directory. */
typedef int (*do_change_fn)(void *arg, char kind, const char *path);

/* Compare the upper directory with the lower one below it, sorted by path. */
int do_diff(int upperfd, int lowerfd, do_change_fn fn, void *arg, struct err *e);

/* Print a path as `--diff` does: control characters as \ooo. */
void do_print_change(FILE *f, char kind, const char *path);

/* Copy the changes to dirfd: deleted names as overlayfs's whiteouts (device 0:0). */
int do_keep(int upperfd, int dirfd, struct err *e);

/* Remove what is below dirfd. */
int do_remove_below(int dirfd, struct err *e);

/* User and mount namespace for an ordinary user. */
int do_userns_enter(const char *user, struct err *e);

/* Pure: first range of `user` or `id` in the text of /etc/subuid; -ENOENT. */
int do_subid_find(const char *text, const char *user, uid_t id, uint32_t *ret_start,
		  uint32_t *ret_count);

#endif
