// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts about mounts from hostile bytes.  What comes out has whole lines, and no path among
 * the options.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfs/mounttext.h"

static char *copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* "source point type options ..." */
static void check_options(char *line)
{
	for (int i = 0; i < 3; i++)
		strsep(&line, " ");
	if (!line || strchr(strsep(&line, " "), '/'))
		abort();
}

static void rewrite(int (*by)(char *, struct strbuf *), const uint8_t *data, size_t size)
{
	struct strbuf out = { 0 };
	char *text = copy(data, size), *rest, *line;

	if (by(text, &out) < 0 || (out.len > 0 && out.s[out.len - 1] != '\n'))
		abort();
	rest = out.s;
	while (by == mounttext_mounts && (line = strsep(&rest, "\n")) && *line)
		check_options(line);
	strbuf_done(&out);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy(data, size), *path = copy(data, size), ret[PATH_MAX];

	rewrite(mounttext_info, data, size);
	rewrite(mounttext_mounts, data, size);
	rewrite(mounttext_stats, data, size);
	mounttext_inside(text, 1, path, ret);
	free(text);
	free(path);
	return 0;
}
