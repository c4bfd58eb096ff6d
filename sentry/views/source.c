// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the texts come from: the kernel's own /proc and /sys of the container, as they
 * are below what covers them, and the container's cgroup.  Read anew each time: limits
 * change while a container runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "views/make.h"
#include "views/tree.h"

#define TEXT_MAX (4u << 20)

static int own_procfs = -1, proc_root = -1, sys_root = -1;
static int cgroup_dirs[VIEWS_CGROUPS] = { -1, -1, -1, -1 };
static uint64_t started_ms;

uint64_t source_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void source_init(int procfs, int proc, int sys, const int cgroups[VIEWS_CGROUPS])
{
	own_procfs = procfs;
	proc_root = proc;
	sys_root = sys;
	memcpy(cgroup_dirs, cgroups, sizeof(cgroup_dirs));
	started_ms = source_clock_ms();
}

uint64_t source_uptime_ms(void)
{
	return source_clock_ms() - started_ms;
}

/* The path below its root, which is *ret_root. */
static const char *relative(const char *path, int *ret_root)
{
	const size_t len = sizeof(VIEW_PROC) - 1;
	bool proc =
		!strncmp(path, VIEW_PROC, len); /* of tree.def's rows, not a guest's */

	*ret_root = proc ? proc_root : sys_root;
	return proc ? path + len : path;
}

int source_read(const char *path, char **ret, size_t *ret_len)
{
	int root;

	path = relative(path, &root);
	return root < 0 ? -ENOENT : fd_read_file(root, path, TEXT_MAX, ret, ret_len);
}

bool source_has(const char *path)
{
	auto_close int fd = -EBADF;
	int root;

	path = relative(path, &root);
	if (root >= 0)
		fd = openat(root, path, O_PATH | O_CLOEXEC);
	return fd >= 0;
}

/* Of the network namespace that the sentry has joined. */
int names_interfaces(struct strv *ret)
{
	auto_free char *text = NULL;
	char *save = NULL, name[32];
	size_t len;
	int r = fd_read_file(own_procfs, "thread-self/net/dev", TEXT_MAX, &text, &len);

	for (char *s = r < 0 ? NULL : strtok_r(text, "\n", &save); s && r == 0;
	     s = strtok_r(NULL, "\n", &save))
		if (sscanf(s, " %31[^:|]:", name) == 1 && strchr(s, ':'))
			r = strv_add(ret, name);
	return r;
}

int source_again(int fd, char **ret)
{
	char name[48];
	size_t len;

	snprintf(name, sizeof(name), "thread-self/fd/%d", fd);
	return fd_read_file(own_procfs, name, TEXT_MAX, ret, &len);
}

int source_cgroup(enum views_cgroup which, const char *v2, const char *v1, char **ret)
{
	int dir = cgroup_dirs[which], r = -ENOENT;
	size_t len;

	if (dir < 0)
		return r;
	if (v2)
		r = fd_read_file(dir, v2, TEXT_MAX, ret, &len);
	if (r == -ENOENT && v1)
		r = fd_read_file(dir, v1, TEXT_MAX, ret, &len);
	return r;
}

int source_cgroup_u64(enum views_cgroup which, const char *v2, const char *v1,
		      uint64_t *ret)
{
	auto_free char *text = NULL;
	int r = source_cgroup(which, v2, v1, &text);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	if (!strcmp(text, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_parse_u64(text, ret);
}

uint64_t source_keyed(const char *text, const char *key, char sep)
{
	size_t len = strlen(key);

	for (const char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (!strncmp(s, key, len) && s[len] == sep)
			return strtoull(s + len + 1, NULL, 10);
	}
	return 0;
}
