// SPDX-License-Identifier: GPL-2.0-or-later
/* exec --cgroup: a sub-cgroup of the container's for the new process. */
#include "container/exec-process.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

static int copy(const struct cgroup *cg, struct cgroup *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->driver = cg->driver;
	ret->layout = cg->layout;
	ret->path = cg->path ? strdup(cg->path) : NULL;
	ret->unit = cg->unit ? strdup(cg->unit) : NULL;
	for (size_t i = 0; i < cg->n; i++) {
		ret->dirs[i].controllers = strdup(cg->dirs[i].controllers);
		ret->dirs[i].dir = strdup(cg->dirs[i].dir);
		if (!ret->dirs[i].controllers || !ret->dirs[i].dir)
			return -ENOMEM;
		ret->n = i + 1;
	}
	return 0;
}

/* Is `name` one of the comma-separated list? */
static bool in_list(const char *list, const char *name, size_t len)
{
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, ",");

		if (n == len && !strncmp(p, name, len))
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

/* ".." would leave the container's own part of the tree. */
static bool is_inside(const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && !strncmp(p, "..", 2))
			return false;
		p += n + (p[n] == '/');
	}
	return true;
}

static int append(struct cgroup_dir *d, const char *path)
{
	char *dir = str_printf("%s/%s", d->dir, path + strspn(path, "/"));

	if (!dir)
		return -ENOMEM;
	free(d->dir);
	d->dir = dir;
	return 0;
}

/* One controller name's hierarchy gets the path; a name twice is an error. */
static int apply_controller(struct cgroup *cg, const char *name, size_t len,
			    const char *path, bool *used, struct err *e)
{
	for (size_t i = 0; i < cg->n; i++) {
		if (!in_list(cg->dirs[i].controllers, name, len))
			continue;
		if (used[i])
			return err_text(e, EINVAL,
					"--cgroup: controller %.*s given twice", (int)len,
					name);
		used[i] = true;
		return append(&cg->dirs[i], path) < 0 ?
			       err_set(e, ENOMEM, "build a cgroup path") :
			       0;
	}
	return err_text(e, EINVAL, "unknown controller %.*s", (int)len, name);
}

static int apply_word(struct cgroup *cg, const char *word, bool *used, struct err *e)
{
	const char *colon = cg->layout == CGROUP_V1 ? strchr(word, ':') : NULL;
	const char *path = colon ? colon + 1 : word;
	int r = 0;

	if (!is_inside(path))
		return err_text(e, EINVAL, "bad sub cgroup path: %s", path);
	if (!colon) {
		for (size_t i = 0; r == 0 && i < cg->n; i++)
			r = append(&cg->dirs[i], path);
		return r < 0 ? err_set(e, -r, "build a cgroup path") : 0;
	}
	for (const char *p = word; r == 0 && p < colon;) {
		size_t n = strcspn(p, ",:");

		r = apply_controller(cg, p, n, path, used, e);
		p += n + 1;
	}
	return r;
}

int exec_cgroup(const struct cgroup *cg, char *const *words, struct cgroup *ret,
		struct err *e)
{
	bool used[CGROUP_V1_MAX] = { false };
	int r = copy(cg, ret);

	if (r < 0)
		return err_set(e, -r, "copy the container's cgroup");
	for (; r == 0 && words && *words; words++)
		r = apply_word(ret, *words, used, e);
	return r;
}
