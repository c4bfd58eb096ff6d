// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mount options as mount(2) takes them: words with commas between them.  What is not listed
 * here never reaches the kernel.
 */
#include "vfs/mountopts.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Cut *rest at the next separator without a backslash before it, as overlayfs does.
 * Returns the piece, or NULL after the last.
 */
static char *next_piece(char **rest, char separator)
{
	char *piece = *rest, *s = piece;

	if (!piece)
		return NULL;
	while (*s && *s != separator)
		s += *s == '\\' && s[1] ? 2 : 1;
	*rest = *s ? s + 1 : NULL;
	*s = '\0';
	return piece;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++;
		*to++ = *s;
	}
	*to = '\0';
}

/* The kernel takes no comma before a digit for an end: such a word has no name here. */
bool mountopts_tmpfs_valid(const char *data)
{
	static const char *const names[] = { "size=",	"nr_blocks=", "nr_inodes=",
					     "mode=",	"uid=",	      "gid=",
					     "inode32", "inode64" };

	while (*data) {
		size_t len = strcspn(data, ","), i = 0;

		while (i < ARRAY_SIZE(names) && strncmp(data, names[i], strlen(names[i])))
			i++;
		if (len > 0 && i == ARRAY_SIZE(names))
			return false;
		data += len + (data[len] == ',');
	}
	return true;
}

static int parse_lower(char *list, struct overlay_options *o)
{
	char *piece;

	o->lower_n = 0;
	while ((piece = next_piece(&list, ':'))) {
		/* "::" begins layers of data only, which the guest's user namespace may not have. */
		if (!*piece || o->lower_n == OVERLAY_LOWER_MAX)
			return -EINVAL;
		unescape(piece);
		o->lower[o->lower_n++] = piece;
	}
	return 0;
}

static int parse_word(char *word, struct overlay_options *o)
{
	static const struct {
		const char *name;
		size_t at;
	} paths[] = {
		{ "upperdir=", offsetof(struct overlay_options, upper) },
		{ "workdir=", offsetof(struct overlay_options, work) },
	};

	if (!strncmp(word, "lowerdir=", 9))
		return parse_lower(word + 9, o);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		size_t len = strlen(paths[i].name);

		if (strncmp(word, paths[i].name, len))
			continue;
		unescape(word + len);
		*(char **)((char *)o + paths[i].at) = word + len;
		return 0;
	}
	if (!strcmp(word, "volatile"))
		o->is_volatile = true;
	else if (*word && strcmp(word, "userxattr"))	/* which is always so */
		return -EINVAL;
	return 0;
}

int mountopts_parse_overlay(char *data, struct overlay_options *ret)
{
	char *word;
	int r;

	*ret = (struct overlay_options){ 0 };
	while ((word = next_piece(&data, ','))) {
		r = parse_word(word, ret);
		if (r < 0)
			return r;
	}
	return ret->lower_n > 0 && !ret->upper == !ret->work ? 0 : -EINVAL;
}
