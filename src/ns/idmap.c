// SPDX-License-Identifier: GPL-2.0-or-later
/* uid_map and gid_map of a child: written directly, or by newuidmap(1) and newgidmap(1). */
#include "ns/ns.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

#define MAP_FILE_MAX 16384 /* 340 lines (user_namespaces(7)) of three numbers */

extern char **environ;

static int write_direct(pid_t pid, const char *file, const struct spec_idmaps *maps,
			struct err *e)
{
	auto_(strbuf_done) struct strbuf text = { 0 };
	char path[64];
	int r = 0;

	for (size_t i = 0; r == 0 && i < maps->n; i++)
		r = strbuf_addf(&text, "%u %u %u\n", maps->v[i].container,
				maps->v[i].host, maps->v[i].size);
	if (r < 0)
		return err_set(e, -r, "build %s", file);
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	r = fd_write_file(AT_FDCWD, path, text.s ? text.s : "");
	return r < 0 ? err_set(e, -r, "write %s of the container", file) : 0;
}

/* newuidmap PID container host size ...: set-uid helpers that know /etc/subuid. */
static int run_helper(const char *helper, pid_t pid, const struct spec_idmaps *maps,
		      struct err *e)
{
	auto_(strv_done) struct strv argv = { 0 };
	int r = strv_add(&argv, helper), status;
	pid_t child;

	if (r == 0)
		r = strv_take(&argv, str_printf("%d", (int)pid));
	for (size_t i = 0; r == 0 && i < maps->n; i++) {
		r = strv_take(&argv, str_printf("%u", maps->v[i].container));
		if (r == 0)
			r = strv_take(&argv, str_printf("%u", maps->v[i].host));
		if (r == 0)
			r = strv_take(&argv, str_printf("%u", maps->v[i].size));
	}
	if (r < 0)
		return err_set(e, -r, "build arguments of '%s'", helper);
	r = posix_spawn(&child, helper, NULL, NULL, argv.v, environ);
	if (r)
		return err_set(e, r, "run '%s' (needed for more than one id)", helper);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "wait for '%s'", helper);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_text(e, EPERM,
				"'%s' refused the id mapping: see /etc/subuid and "
				"/etc/subgid",
				helper);
	return 0;
}

size_t idmap_same(const char *text, struct spec_idmap *ret, size_t max)
{
	unsigned int inside, size;
	size_t n = 0;
	int len;

	while (n < max && sscanf(text, "%u %*u %u%n", &inside, &size, &len) == 2) {
		ret[n++] = (struct spec_idmap){ inside, inside, size };
		text += len;
	}
	return n;
}

int idmap_same_file(const char *file, struct spec_idmap *ret, size_t max, size_t *ret_n,
		    struct err *e)
{
	auto_free char *text = NULL;
	size_t len;
	int r = fd_read_file(AT_FDCWD, file, MAP_FILE_MAX, &text, &len);

	if (r < 0)
		return err_set(e, -r, "read '%s'", file);
	*ret_n = idmap_same(text, ret, max);
	return 0;
}

static bool is_single_own(const struct spec_idmaps *m, uint32_t own)
{
	return m->n == 1 && m->v[0].size == 1 && m->v[0].host == own;
}

int idmap_write(pid_t pid, const struct ns_plan *p, bool unprivileged, struct err *e)
{
	char path[64];
	int r;

	if (!unprivileged) {
		r = write_direct(pid, "uid_map", &p->uid_maps, e);
		return r < 0 ? r : write_direct(pid, "gid_map", &p->gid_maps, e);
	}
	if (is_single_own(&p->gid_maps, getegid())) {
		/* The kernel wants this before an unprivileged gid_map (CVE-2014-8989). */
		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
		r = fd_write_file(AT_FDCWD, path, "deny");
		if (r < 0 && r != -ENOENT)
			return err_set(e, -r, "write setgroups of the container");
		r = write_direct(pid, "gid_map", &p->gid_maps, e);
	} else {
		r = run_helper("/usr/bin/newgidmap", pid, &p->gid_maps, e);
	}
	if (r < 0)
		return r;
	if (is_single_own(&p->uid_maps, geteuid()))
		return write_direct(pid, "uid_map", &p->uid_maps, e);
	return run_helper("/usr/bin/newuidmap", pid, &p->uid_maps, e);
}
