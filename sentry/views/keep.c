// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounts below what will be covered (cgroups, masks, volumes): see views/internal.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "views/internal.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#define MOUNTINFO_MAX (4u << 20)

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/';
}

static bool is_covered(const char *path, const struct strv *known)
{
	if (!is_below(path, "/sys"))
		return true;
	for (size_t i = 0; i < known->n; i++)
		if (!strcmp(path, known->v[i]) || is_below(path, known->v[i]))
			return true;	/* comes along with that one */
	return false;
}

int keep_parse(char *text, struct strv *ret)
{
	char *save = NULL;
	int r = 0;

	for (char *line = strtok_r(text, "\n", &save); line && r == 0;
	     line = strtok_r(NULL, "\n", &save)) {
		char *path = line, *end;

		for (int i = 0; path && i < 4; i++) {
			path = strchr(path, ' ');
			path += path ? 1 : 0;
		}
		if (!path)
			return -EPROTO;
		end = strchr(path, ' ');
		if (end)
			*end = '\0';
		str_unescape_octal(path);
		if (!is_covered(path, ret))
			r = strv_add(ret, path);
	}
	return r;
}

int keep_collect(struct kept *k, int procfs)
{
	auto_free char *text = NULL;
	struct strv paths = { 0 };
	size_t len;
	int r = fd_read_file(procfs, "self/mountinfo", MOUNTINFO_MAX, &text, &len);

	if (r == 0)
		r = keep_parse(text, &paths);
	for (size_t i = 0; r == 0 && i < paths.n; i++) {
		int mnt = open_tree(AT_FDCWD, paths.v[i],
				    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
					    AT_SYMLINK_NOFOLLOW);

		if (mnt < 0 && errno == ENOENT)
			continue;
		if (mnt < 0 || k->n == KEPT_MAX) {
			r = mnt < 0 ? -errno : -E2BIG;
			cleanup_close(&mnt);
			break;
		}
		k->v[k->n].mnt = mnt;
		k->v[k->n++].path = take_ptr(paths.v[i]);
		paths.v[i] = strdup("");
	}
	strv_done(&paths);
	return r;
}

void keep_restore(const struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		(void)move_mount(k->v[i].mnt, "", AT_FDCWD, k->v[i].path,
				 MOVE_MOUNT_F_EMPTY_PATH);
}

void keep_done(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++) {
		close(k->v[i].mnt);
		free(k->v[i].path);
	}
	k->n = 0;
}
