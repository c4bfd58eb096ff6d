// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cgroup v2: one directory, controllers enabled in every parent on the way.  A controller
 * that cannot be enabled matters only when a limit needs its files; the write says so.
 */
#include "cgroup/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

/* " +cpu +memory" of what is in `have` and not yet in `enabled`, or nothing. */
static int missing_controllers(char *have, const char *enabled, struct strbuf *ret)
{
	auto_free char *padded = str_printf(" %s ", enabled);
	char *save = NULL;

	if (!padded)
		return -ENOMEM;
	for (char *c = strtok_r(have, " \n", &save); c;
	     c = strtok_r(NULL, " \n", &save)) {
		auto_free char *word = str_printf(" %s ", c);

		if (!word)
			return -ENOMEM;
		if (!strstr(padded, word) &&
		    strbuf_addf(ret, "%s+%s", ret->len ? " " : "", c) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* All at once, and one by one where one of them spoils the write. */
static void enable_controllers(const char *dir)
{
	auto_(strbuf_done) struct strbuf words = { 0 };
	char have[512], enabled[512], *save = NULL;

	if (cgroup_read_at(dir, "cgroup.controllers", have, sizeof(have)) < 0 ||
	    cgroup_read_at(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0 ||
	    missing_controllers(have, enabled, &words) < 0 || !words.len)
		return;
	if (cgroup_write_at(dir, "cgroup.subtree_control", words.s) == 0)
		return;
	for (char *w = strtok_r(words.s, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		int r = cgroup_write_at(dir, "cgroup.subtree_control", w);

		if (r < 0)
			log_debug("enable %s in cgroup '%s': %s", w, dir, strerror(-r));
	}
}

static int enable_in_parent(const char *dir, bool made)
{
	(void)made;
	enable_controllers(dir);
	return 0;
}

/* Relative: beside the runtime's own cgroup, which has members and so no children. */
static char *directory_of(const char *path, struct err *e)
{
	auto_free char *own = NULL;

	if (*path == '/')
		return str_printf(CGROUP_ROOT "%s", path);
	if (cgroup_own_path("", &own, e) < 0)
		return NULL;
	*strrchr(own, '/') = '\0';
	return str_printf(CGROUP_ROOT "%s/%s", own, path);
}

static int check_thawed(const char *dir, struct err *e)
{
	char state[8];

	if (cgroup_read_at(dir, "cgroup.freeze", state, sizeof(state)) == 0 &&
	    state[0] == '1')
		return err_text(e, EBUSY, "container's cgroup '%s' unexpectedly frozen",
				dir);
	return 0;
}

int cgroup_v2_make(struct cgroup *cg, const char *path, int flags,
		   const struct cgroup_plan *plan, struct err *e)
{
	auto_free char *dir = directory_of(path, e);
	int r, parents;

	if (!dir)
		return e && e->code ? -e->code : err_set(e, ENOMEM, "make a cgroup");
	cg->layout = CGROUP_V2;
	enable_controllers(CGROUP_ROOT);
	parents = cgroup_make_parents(dir, strlen(CGROUP_ROOT), enable_in_parent);
	r = parents < 0 ? err_set(e, -parents, "make the parents of cgroup '%s'", dir) :
			  cgroup_make_dir(dir, flags, e);
	if ((r == -EACCES || r == -EPERM || r == -EROFS) && (flags & MAKE_ROOTLESS) &&
	    !plan->n) {
		log_debug("no cgroup '%s': not permitted", dir);
		return 0;
	}
	if (r < 0)
		return r;
	cg->dirs[0].controllers = strdup("");
	cg->dirs[0].made = r + parents;
	cg->dirs[0].dir = take_ptr(dir);
	cg->n = 1;
	return check_thawed(cg->dirs[0].dir, e);
}

int cgroup_follow(struct cgroup *cg, pid_t init, struct err *e)
{
	auto_free char *file = str_printf("/proc/%d/cgroup", init);
	auto_free char *text = NULL;
	auto_free char *path = NULL;
	char enabled[512], *dir;
	size_t len;

	if (cg->layout != CGROUP_V2 || !cg->n ||
	    cgroup_read_at(cg->dirs[0].dir, "cgroup.subtree_control", enabled,
			   sizeof(enabled)) < 0 ||
	    !enabled[0])
		return 0;
	if (!file || fd_read_file(AT_FDCWD, file, 1 << 16, &text, &len) < 0)
		return err_text(e, ESRCH, "read the cgroup of the container's init");
	path = cgroup_path_in(text, "");
	dir = path ? str_printf(CGROUP_ROOT "%s", path) : NULL;
	if (!dir)
		return err_set(e, ENOMEM, "read the cgroup of the container's init");
	len = strlen(cg->dirs[0].dir);
	if (strncmp(dir, cg->dirs[0].dir, len) != 0 || (dir[len] && dir[len] != '/') ||
	    strstr(dir, "/..")) {
		free(dir);
		return err_text(e, EBUSY,
				"the container's cgroup takes no process, and its "
				"init has left it");
	}
	free(cg->dirs[0].dir);
	cg->dirs[0].dir = dir;
	return 0;
}

/* ---- delegation ---- */

static int64_t host_id(const struct spec_idmaps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container &&
		    id - maps->v[i].container < maps->v[i].size)
			return (int64_t)maps->v[i].host + (id - maps->v[i].container);
	return maps->n ? -1 : (int64_t)id;
}

/* A cgroup namespace of its own, and /sys/fs/cgroup mounted writable. */
static bool wants_delegation(const struct spec *spec)
{
	if (!spec->ns[SPEC_NS_CGROUP].present || spec->ns[SPEC_NS_CGROUP].path)
		return false;
	for (size_t i = 0; i < spec->mounts_n; i++) {
		const struct spec_mount *m = &spec->mounts[i];

		if (str_eq(m->type, "cgroup") && str_eq(m->destination, CGROUP_ROOT))
			return !strv_has((char *const *)m->options.v, "ro");
	}
	return false;
}

int cgroup_v2_delegate(const struct cgroup *cg, const struct spec *spec, struct err *e)
{
	char files[4096] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads",
	     *save = NULL;
	int64_t uid = host_id(&spec->uid_maps, spec->process.uid);
	auto_close int fd = -1;

	if (!cg->n || uid <= 0 || !wants_delegation(spec))
		return 0; /* root owns it already */
	fd = open(cg->dirs[0].dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fchown(fd, (uid_t)uid, (gid_t)-1) < 0)
		return err_set(e, errno, "give cgroup '%s' to user %lld", cg->dirs[0].dir,
			       (long long)uid);
	(void)cgroup_read_at("/sys/kernel/cgroup", "delegate", files, sizeof(files));
	for (char *f = strtok_r(files, "\n", &save); f; f = strtok_r(NULL, "\n", &save))
		if (fchownat(fd, f, (uid_t)uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return err_set(e, errno, "give %s of cgroup '%s' to user %lld", f,
				       cg->dirs[0].dir, (long long)uid);
	return 0;
}
