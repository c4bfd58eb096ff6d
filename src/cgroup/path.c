// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of cgroups: cleaning of config.json's path, /proc/PID/cgroup. */
#include "cgroup/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

int cgroup_clean_path(const char *path, char **ret, struct err *e)
{
	auto_(strbuf_done) struct strbuf out = { 0 };
	size_t len;
	int r = 0;

	for (const char *p = path; *p && r == 0; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len == 0 || (len == 1 && *p == '.'))
			continue;
		if (len == 2 && p[0] == '.' && p[1] == '.')
			return err_text(e, EINVAL,
					"config.json: .linux.cgroupsPath: expected a "
					"path without '..', got '%s'",
					path);
		if (*path == '/' || out.len)
			r = strbuf_add(&out, "/", 1);
		if (r == 0)
			r = strbuf_add(&out, p, len);
	}
	if (r < 0)
		return err_set(e, -r, "cgroup path '%s'", path);
	if (!out.len)
		return err_text(e, EINVAL,
				"config.json: .linux.cgroupsPath: expected the path "
				"of a cgroup, got '%s'",
				path);
	*ret = take_ptr(out.s);
	return 0;
}

/* Is `name` one of the comma-separated `list` (of list_len bytes)? */
static bool is_listed(const char *list, size_t list_len, const char *name)
{
	size_t n = strlen(name), len;

	for (const char *p = list; p < list + list_len; p += len + 1) {
		len = 0;
		while (p + len < list + list_len && p[len] != ',')
			len++;
		if (len == n && memcmp(p, name, n) == 0)
			return true;
	}
	return list_len == 0 && n == 0;
}

/* Lines are "ID:CONTROLLERS:PATH"; v2's is "0::PATH". */
char *cgroup_path_in(const char *text, const char *controller)
{
	for (const char *line = text; line && *line;) {
		const char *end = strchrnul(line, '\n');
		const char *list = memchr(line, ':', (size_t)(end - line));
		const char *path =
			list ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;

		if (path) {
			list++;
			if (str_starts(list, "name="))
				list += strlen("name=");
			if (is_listed(list, (size_t)(path - list), controller))
				return strndup(path + 1, (size_t)(end - path - 1));
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

int cgroup_own_path(const char *controller, char **ret, struct err *e)
{
	auto_free char *text = NULL;
	size_t len;
	int r = fd_read_file(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &text, &len);

	if (r < 0)
		return err_set(e, -r, "read '/proc/self/cgroup'");
	*ret = cgroup_path_in(text, controller);
	if (!*ret)
		return err_text(e, ENOENT,
				"/proc/self/cgroup does not name controller '%s'",
				controller);
	return 0;
}
