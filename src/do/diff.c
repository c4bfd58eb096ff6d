// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a sandbox has changed: the overlay's upper directory compared with the directory
 * below it.  Both are walked by descriptors; names were chosen by the untrusted program.
 */
#include "do/internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"

#define DEPTH_MAX 400 /* one or two open directories per level */

struct walk {
	do_change_fn fn;
	void *arg;
	struct strbuf path; /* of the directory being walked, with its slash */
	int depth;
	struct err *e;
};

static int names_of(int dirfd, struct strv *names, struct err *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		int err = errno;

		if (fd >= 0)
			close(fd);
		return err_set(e, err, "read a directory of the overlay");
	}
	while ((d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, "..") &&
		    strv_add(names, d->d_name) < 0)
			return err_set(e, ENOMEM, "list changes");
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_opaque(int fd)
{
	char v = 0;

	return (fgetxattr(fd, "trusted.overlay.opaque", &v, 1) == 1 && v == 'y') ||
	       (fgetxattr(fd, "user.overlay.opaque", &v, 1) == 1 && v == 'y');
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && !st->st_rdev;
}

/* Overlayfs also copies what was only opened for writing: times and size tell. */
static bool is_same(const struct stat *u, const struct stat *l)
{
	if (u->st_mode != l->st_mode || u->st_uid != l->st_uid || u->st_gid != l->st_gid)
		return false;
	return S_ISDIR(u->st_mode) ||
	       (u->st_size == l->st_size && u->st_rdev == l->st_rdev &&
		u->st_mtim.tv_sec == l->st_mtim.tv_sec &&
		u->st_mtim.tv_nsec == l->st_mtim.tv_nsec);
}

static int report(struct walk *w, char kind, const char *name)
{
	size_t len = w->path.len;
	int r = strbuf_add(&w->path, name, strlen(name));

	if (r < 0)
		return err_set(w->e, -r, "list changes");
	r = w->fn(w->arg, kind, w->path.s);
	w->path.s[w->path.len = len] = 0;
	return r;
}

static int walk_dir(struct walk *w, int upper, int lower);

static int walk_into(struct walk *w, int upper, int lower, const char *name)
{
	auto_close int u =
		openat(upper, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_close int l =
		lower < 0 ? -EBADF :
			    openat(lower, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t len = w->path.len;
	int r;

	if (u < 0)
		return err_set(w->e, errno, "open directory '%s' of the overlay", name);
	if (w->depth >= DEPTH_MAX)
		return err_text(w->e, ELOOP,
				"list changes: directories are nested too deep");
	r = strbuf_addf(&w->path, "%s/", name);
	if (r < 0)
		return err_set(w->e, -r, "list changes");
	w->depth++;
	r = walk_dir(w, u, l);
	w->depth--;
	w->path.s[w->path.len = len] = 0;
	return r;
}

static int walk_one(struct walk *w, int upper, int lower, const char *name)
{
	struct stat u, l;
	bool has_lower = lower >= 0 && fstatat(lower, name, &l, AT_SYMLINK_NOFOLLOW) == 0;
	char kind;
	int r = 0;

	if (fstatat(upper, name, &u, AT_SYMLINK_NOFOLLOW) < 0 || is_whiteout(&u))
		return has_lower ? report(w, 'D', name) : 0;
	kind = !has_lower ? 'A' : is_same(&u, &l) ? 0 : 'M';
	if (kind)
		r = report(w, kind, name);
	if (r < 0 || !S_ISDIR(u.st_mode))
		return r;
	return walk_into(w, upper, has_lower && S_ISDIR(l.st_mode) ? lower : -1, name);
}

static int walk_dir(struct walk *w, int upper, int lower)
{
	auto_(strv_done) struct strv names = { 0 };
	int r = names_of(upper, &names, w->e);

	/* Opaque: nothing of the lower directory shines through, what is missing is gone. */
	if (r == 0 && lower >= 0 && is_opaque(upper))
		r = names_of(lower, &names, w->e);
	if (r < 0)
		return r;
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; r >= 0 && i < names.n; i++)
		if (!i || strcmp(names.v[i - 1], names.v[i]))
			r = walk_one(w, upper, lower, names.v[i]);
	return r;
}

int do_diff(int upperfd, int lowerfd, do_change_fn fn, void *arg, struct err *e)
{
	struct walk w = { .fn = fn, .arg = arg, .e = e };
	int r = strbuf_add(&w.path, "", 0);

	if (r < 0)
		return err_set(e, -r, "list changes");
	r = walk_dir(&w, upperfd, lowerfd);
	strbuf_done(&w.path);
	return r;
}

void do_print_change(FILE *f, char kind, const char *path)
{
	fprintf(f, "%c ", kind);
	for (const unsigned char *c = (const unsigned char *)path; *c; c++) {
		if (iscntrl(*c) || *c == '\\')
			fprintf(f, "\\%03o", *c);
		else
			putc(*c, f);
	}
	putc('\n', f);
}
