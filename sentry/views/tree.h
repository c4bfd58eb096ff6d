/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of tree.def: names, numbers, texts.  For the files of views/ only. */
#ifndef PICKET_SENTRY_VIEWS_TREE_H
#define PICKET_SENTRY_VIEWS_TREE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Number of a file: its row in tree.def and, below a "*", which of its names.  Never
 * reused for another file.
 */
typedef uint64_t view_node;
#define VIEW_ROOT ((view_node)1)	/* /sys */
#define VIEW_LIVE "@live/"	/* texts of live.c */
#define VIEW_PROC "@proc/"		/* in which is what there is of /proc */

bool view_is_dir(view_node n);

/* Its number, where it is a text of live.c; else 0. */
uint64_t view_live_id(view_node n);

/* Must it be looked up and asked for again each time?  It comes and goes. */
bool view_is_volatile(view_node n);

/* -ENOENT: no such name, or the kernel has not got this file. */
int view_lookup(view_node dir, const char *name, view_node *ret);

/* The names in a directory, in an order that lasts as long as they do. */
int view_list(view_node dir, struct strv *ret);

/* The text of a file; added to ret. */
int view_text(view_node n, struct strbuf *ret);

/* The names of the files of /proc, one after the other: *at begins with 0; NULL: no more. */
const char *view_next_of_proc(size_t *at);

/* Its path, "devices/system/cpu/cpu0", "@proc/meminfo" */
void view_path(view_node n, char ret[PATH_MAX]);

#endif
