// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts about mounts: see vfs/mounttext.h. */
#include "vfs/mounttext.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DELETED "//deleted"
#define ROOTS_MAX 128		/* file systems that are told apart; the rest show "/" */

/* Roots of the file systems met so far, by device; into the text. */
struct roots {
	struct {
		const char *dev, *root;
	} v[ROOTS_MAX];
	size_t n;
};

/* What is left of a path behind a directory: "" for itself; NULL: it is not below. */
static const char *below(const char *dir, const char *path)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	if (strncmp(dir, path, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

static const char *root_shown(struct roots *seen, const char *dev, char *root)
{
	const char *rest;
	char *end;

	if (*root != '/')
		return root;		/* a namespace: "net:[4026531840]" */
	for (size_t i = 0; i < seen->n; i++) {
		if (strcmp(seen->v[i].dev, dev))
			continue;
		rest = below(seen->v[i].root, root);
		return rest && *rest ? rest : "/";
	}
	end = root + strlen(root) - strlen(DELETED);
	if (end > root && !strcmp(end, DELETED))
		*end = '\0';
	if (seen->n < ROOTS_MAX) {
		seen->v[seen->n].dev = dev;
		seen->v[seen->n++].root = root;
	}
	return "/";
}

static const char *source_shown(const char *source, const char *type)
{
	return strchr(source, '/') ? type : source;
}

static int add_options(struct strbuf *out, char *options)
{
	const char *comma = "";
	char *option;
	int r = 0;

	while (r == 0 && (option = strsep(&options, ","))) {
		if (strchr(option, '/'))
			continue;
		r = strbuf_addf(out, "%s%s", comma, option);
		comma = ",";
	}
	return r;
}

/* Cut n fields off.  Returns whether there were so many, and more behind them. */
static bool cut(char **line, char **ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ret[i] = strsep(line, " ");
		if (!*line)
			return false;
	}
	return true;
}

/* "id parent major:minor root point options [optional ...] - type source options" */
enum { ID, PARENT, DEV, ROOT, POINT, OPTIONS, HEAD };

/* The optional fields: line is cut behind the hyphen that ends them. */
static char *cut_optional(char **line)
{
	char *start = *line, *field;

	while ((field = strsep(line, " ")) && *line) {
		if (!strcmp(field, "-")) {
			*field = '\0';
			return start;
		}
		(*line)[-1] = ' ';
	}
	return NULL;
}

static int info_line(char *line, struct roots *seen, struct strbuf *out)
{
	char *f[HEAD], *tail[2], *optional;
	int r;

	if (!cut(&line, f, HEAD))
		return 0;
	optional = cut_optional(&line);
	if (!optional || !cut(&line, tail, 2))
		return 0;
	r = strbuf_addf(out, "%s %s %s %s %s %s %s- %s %s ", f[ID], f[PARENT], f[DEV],
			root_shown(seen, f[DEV], f[ROOT]), f[POINT], f[OPTIONS], optional,
			tail[0], source_shown(tail[1], tail[0]));
	if (r == 0)
		r = add_options(out, line);
	return r < 0 ? r : strbuf_add(out, "\n", 1);
}

int mounttext_info(char *text, struct strbuf *out)
{
	struct roots seen = { .n = 0 };
	char *line;
	int r = 0;

	while (r == 0 && (line = strsep(&text, "\n")))
		r = info_line(line, &seen, out);
	return r;
}

/* "source point type options 0 0" */
static int mounts_line(char *line, struct strbuf *out)
{
	char *f[4];
	int r;

	if (!cut(&line, f, ARRAY_SIZE(f)))
		return 0;
	r = strbuf_addf(out, "%s %s %s ", source_shown(f[0], f[2]), f[1], f[2]);
	if (r == 0)
		r = add_options(out, f[3]);
	return r < 0 ? r : strbuf_addf(out, " %s\n", line);
}

int mounttext_mounts(char *text, struct strbuf *out)
{
	char *line;
	int r = 0;

	while (r == 0 && (line = strsep(&text, "\n")))
		r = mounts_line(line, out);
	return r;
}

/*
 * "device SOURCE mounted on POINT with fstype TYPE", or "no device mounted on ..."; what
 * a network file system adds names its server.
 */
static int stats_line(char *line, struct strbuf *out)
{
	char *f[7], *type;

	if (!cut(&line, f, ARRAY_SIZE(f)) || strcmp(f[6], "fstype"))
		return 0;
	type = strsep(&line, " ");
	if (strcmp(f[0], "device"))
		return strbuf_addf(out, "no device mounted on %s with fstype %s\n", f[4],
				   type);
	return strbuf_addf(out, "device %s mounted on %s with fstype %s\n",
			   source_shown(f[1], type), f[4], type);
}

int mounttext_stats(char *text, struct strbuf *out)
{
	char *line;
	int r = 0;

	while (r == 0 && (line = strsep(&text, "\n")))
		r = stats_line(line, out);
	return r;
}

bool mounttext_next(char **text, struct mounttext_line *ret)
{
	char *f[HEAD], *line;

	while ((line = strsep(text, "\n"))) {
		if (!cut(&line, f, HEAD))
			continue;
		str_unescape_octal(f[POINT]);
		*ret = (struct mounttext_line){ f[DEV], f[POINT] };
		return true;
	}
	return false;
}

int mounttext_inside(char *info, unsigned int mnt_id, const char *path,
		     char ret[PATH_MAX])
{
	const char *rest;
	char *f[HEAD], *line;
	int n;

	while ((line = strsep(&info, "\n"))) {
		if (!cut(&line, f, HEAD) || strtoul(f[ID], NULL, 10) != mnt_id)
			continue;
		str_unescape_octal(f[ROOT]);
		str_unescape_octal(f[POINT]);
		rest = below(f[POINT], path);
		if (!rest)
			return -ENOENT;
		n = snprintf(ret, PATH_MAX, "%s%s", strcmp(f[ROOT], "/") ? f[ROOT] : "",
			     rest);
		return n < PATH_MAX ? 0 : -ENAMETOOLONG;
	}
	return -ENOENT;
}
