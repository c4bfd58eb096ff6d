// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tree.def as a tree: see views/tree.h.  A few hundred rows, compared by name: a path is
 * looked up once, then the kernel remembers it.
 */
#include "views/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "views/internal.h"
#include "views/make.h"

#define ROW_BITS 16
#define NAMES_MAX 1024
#define NAME_SIZE 32

static const struct row {
	enum { ROW_DIR, ROW_MADE, ROW_KERNEL, ROW_LIVE, ROW_EACH } kind;
	const char *path;
	view_make_fn *make;
	view_names_fn *names;
} rows[] = {
/* clang-format off */
#define DIR(path_)		{ ROW_DIR, path_, NULL, NULL },
#define MADE(path_, text_)	{ ROW_MADE, path_, make_##text_, NULL },
#define KERNEL(path_)		{ ROW_KERNEL, path_, NULL, NULL },
#define LIVE(path_)		{ ROW_LIVE, path_, NULL, NULL },
#define EACH(path_, each_)	{ ROW_EACH, path_, NULL, names_##each_ },
#include "views/tree.def"
#undef DIR
#undef MADE
#undef KERNEL
#undef LIVE
#undef EACH
	/* clang-format on */
};

/* What has stood for a "*" so far.  Network interfaces may be renamed for ever: a limit. */
static char names_seen[NAMES_MAX][NAME_SIZE];
static size_t names_n;

static const struct row *row_of(view_node n)
{
	size_t i = n & ((1u << ROW_BITS) - 1);

	return i >= 1 && i <= ARRAY_SIZE(rows) ? &rows[i - 1] : NULL;
}

static size_t name_of(view_node n)
{
	return n >> ROW_BITS;		/* 0: no "*" in its path */
}

static view_node node(const struct row *row, size_t name)
{
	return (view_node)name << ROW_BITS | (view_node)(row - rows + 1);
}

/* Index + 1 of a name, remembered; 0: no room. */
static size_t intern(const char *name)
{
	size_t i = 0;

	while (i < names_n && strcmp(names_seen[i], name))
		i++;
	if (i == NAMES_MAX || strlen(name) >= NAME_SIZE)
		return 0;
	if (i == names_n)
		strcpy(names_seen[names_n++], name);
	return i + 1;
}

/* The last component where row lies in the directory, else NULL. */
static const char *name_in(const struct row *dir, const struct row *row)
{
	size_t len = strlen(dir->path);
	const char *name = row->path;

	if (row == dir || strncmp(name, dir->path, len))
		return NULL;
	name += len;
	if (len && *name++ != '/')
		return NULL;
	return strchr(name, '/') ? NULL : name;
}

static bool exists(view_node n)
{
	char path[PATH_MAX];

	if (row_of(n)->kind != ROW_KERNEL)
		return true;
	view_path(n, path);
	return source_has(path);
}

bool view_is_dir(view_node n)
{
	const struct row *row = row_of(n);

	return row && (row->kind == ROW_DIR || row->kind == ROW_EACH);
}

uint64_t view_live_id(view_node n)
{
	const struct row *row = row_of(n);

	return row && row->kind == ROW_LIVE ? name_of(n) : 0;
}

bool view_is_volatile(view_node n)
{
	return name_of(n) != 0;
}

void view_path(view_node n, char ret[PATH_MAX])
{
	const char *path = row_of(n)->path, *star = strchr(path, '*');
	size_t name = name_of(n);

	if (star && name)
		snprintf(ret, PATH_MAX, "%.*s%s%s", (int)(star - path), path,
			 names_seen[name - 1], star + 1);
	else
		snprintf(ret, PATH_MAX, "%s", path);
}

static int lookup_each(const struct row *row, const char *name, view_node *ret)
{
	struct strv all = { 0 };
	int r = row->names(&all);
	size_t i = 0;

	if (r == 0 && all.n && strv_has(all.v, name))
		i = intern(name);
	strv_done(&all);
	if (r < 0 || !i)
		return -ENOENT;
	*ret = node(row, i);
	return 0;
}

/* Whether it is there still is asked when it is opened. */
static int lookup_live(const struct row *row, const char *name, view_node *ret)
{
	uint64_t id;

	if (str_parse_u64(name, &id) < 0 || !id || id > UINT64_MAX >> ROW_BITS)
		return -ENOENT;
	*ret = node(row, id);
	return 0;
}

int view_lookup(view_node dir, const char *name, view_node *ret)
{
	const struct row *parent = row_of(dir);

	if (!parent || !view_is_dir(dir))
		return -ENOTDIR;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *own = name_in(parent, &rows[i]);

		if (!own)
			continue;
		if (rows[i].kind == ROW_LIVE)
			return lookup_live(&rows[i], name, ret);
		if (rows[i].kind == ROW_EACH) {
			if (lookup_each(&rows[i], name, ret) == 0)
				return 0;
		} else if (!strcmp(own, name)) {
			*ret = node(&rows[i], name_of(dir));
			return exists(*ret) ? 0 : -ENOENT;
		}
	}
	return -ENOENT;
}

int view_list(view_node dir, struct strv *ret)
{
	const struct row *parent = row_of(dir);
	int r = 0;

	if (!parent || !view_is_dir(dir))
		return -ENOTDIR;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++) {
		const char *own = name_in(parent, &rows[i]);

		if (!own || rows[i].kind == ROW_LIVE)
			continue;
		if (rows[i].kind == ROW_EACH)
			r = rows[i].names(ret);
		else if (exists(node(&rows[i], name_of(dir))))
			r = strv_add(ret, own);
	}
	return r;
}

int view_text(view_node n, struct strbuf *ret)
{
	const struct row *row = row_of(n);
	auto_free char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	int r;

	if (!row || view_is_dir(n))
		return -EISDIR;
	if (row->kind == ROW_LIVE)
		return live_text(name_of(n), ret);
	view_path(n, path);
	if (row->kind == ROW_MADE)
		return row->make(path, ret);
	r = source_read(path, &text, &len);
	return r < 0 ? r : strbuf_add(ret, text, len);
}

const char *view_next_of_proc(size_t *at)
{
	const size_t len = sizeof(VIEW_PROC) - 1;

	while (*at < ARRAY_SIZE(rows)) {
		const struct row *row = &rows[(*at)++];

		if (row->kind == ROW_MADE && !strncmp(row->path, VIEW_PROC, len))
			return row->path + len;
	}
	return NULL;
}
