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
