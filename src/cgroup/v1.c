// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cgroup v1: a directory in each mounted hierarchy.  Hierarchies are found as the
 * directories of /sys/fs/cgroup that are cgroup file systems, named after their
 * controllers as on every distribution: a dozen statfs instead of parsing a mountinfo
 * that is long on hosts with many containers.
 */
#include "cgroup/ops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

static bool is_hierarchy(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type == CGROUP_SUPER_MAGIC;
}

/* A relative path is one below the runtime's own cgroup, in each hierarchy. */
static char *directory_in(const char *mount, const char *controllers, const char *path)
{
	auto_free char *own = NULL;
	auto_free char *first = NULL;

	if (*path == '/')
		return str_printf("%s%s", mount, path);
	first = strndup(controllers, strcspn(controllers, ","));
	if (!first || cgroup_own_path(first, &own, NULL) < 0)
		return NULL;
	return str_printf("%s%s/%s", mount, str_eq(own, "/") ? "" : own, path);
}

/* A cpuset that has no CPUs or memory nodes takes no process: copy the parent's. */
static int seed_cpuset(const char *dir)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	auto_free char *parent = strndup(dir, (size_t)(strrchr(dir, '/') - dir));
	char own[8], value[4096];
	int r = parent ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(files) && r == 0; i++) {
		r = cgroup_read_at(dir, files[i], own, sizeof(own));
		if (r < 0 || own[0]) /* cgroup.clone_children did it */
			continue;
		r = cgroup_read_at(parent, files[i], value, sizeof(value));
		if (r == 0)
			r = cgroup_write_at(dir, files[i], value);
	}
	return r;
}

static int seed_new_cpuset(const char *dir, bool made)
{
	return made ? seed_cpuset(dir) : 0;
}

static bool is_refusal(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS;
}

/* Make the directory of one hierarchy and note it in cg. */
static int make_in(struct cgroup *cg, const char *name, const char *path, int flags,
		   struct err *e)
{
	auto_free char *mount = str_printf(CGROUP_ROOT "/%s", name);
	auto_free char *controllers = strdup(name);
	auto_free char *dir = NULL;
	bool cpuset = str_eq(name, "cpuset");
	int r, parents = 0;

	if (!mount || !controllers)
		return err_set(e, ENOMEM, "make a cgroup");
	if (!is_hierarchy(mount))
		return 0;
	dir = directory_in(mount, name, path);
	if (!dir)
		return err_text(e, ENOENT, "the runtime's own cgroup in '%s' is unknown",
				mount);
	if (cg->n == CGROUP_V1_MAX)
		return err_text(e, E2BIG, "more than %d cgroup hierarchies",
				CGROUP_V1_MAX);
	r = cgroup_make_dir(dir, flags, e);
	if (r == -ENOENT) {
		parents = cgroup_make_parents(dir, strlen(mount),
					      cpuset ? seed_new_cpuset : NULL);
		r = parents < 0 ?
			    err_set(e, -parents, "make the parents of cgroup '%s'", dir) :
			    cgroup_make_dir(dir, flags, e);
	}
	if (is_refusal(r) && (flags & MAKE_ROOTLESS)) {
		log_debug("no cgroup '%s': not permitted", dir);
		return 0;
	}
	if (r < 0)
		return r;
	cg->dirs[cg->n].made = r + parents;
	cg->dirs[cg->n].controllers = take_ptr(controllers);
	cg->dirs[cg->n].dir = take_ptr(dir);
	cg->n++;
	r = cpuset ? seed_cpuset(cg->dirs[cg->n - 1].dir) : 0;
	if (r < 0)
		return err_set(e, -r, "copy the parent's cpuset to its cgroup");
	return 0;
}

/* An existing frozen cgroup would stop the init for ever. */
static int check_thawed(const struct cgroup *cg, struct err *e)
{
	const char *dir = cgroup_dir(cg, "freezer");
	char state[32];

	for (size_t i = 0; dir && i < cg->n; i++)
		if (cg->dirs[i].dir == dir && cg->dirs[i].made)
			return 0;
	if (dir && cgroup_read_at(dir, "freezer.state", state, sizeof(state)) == 0 &&
	    !str_eq(state, "THAWED"))
		return err_text(e, EBUSY, "container's cgroup '%s' unexpectedly frozen",
				cg->path);
	return 0;
}

int cgroup_v1_make(struct cgroup *cg, const char *path, int flags, struct err *e)
{
	auto_closedir DIR *d = opendir(CGROUP_ROOT);
	struct dirent *ent;
	int r = 0;

	if (!d)
		return err_set(e, errno, "open '" CGROUP_ROOT "'");
	cg->layout = CGROUP_V1;
	while (r == 0 && (ent = readdir(d)))
		if (ent->d_type == DT_DIR && ent->d_name[0] != '.' &&
		    !str_eq(ent->d_name, "unified"))
			r = make_in(cg, ent->d_name, path, flags, e);
	return r < 0 ? r : check_thawed(cg, e);
}

/* Open once, write each exception; file is devices.allow or devices.deny. */
static int write_exceptions(const char *dir, const char *file,
			    const struct device_list *l)
{
	auto_free char *path = str_printf("%s/%s", dir, file);
	auto_close int fd = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	char text[DEVICE_TEXT_MAX];

	if (fd < 0)
		return path ? -errno : -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		device_text(&l->v[i], text);
		if (write(fd, text, strlen(text)) < 0)
			return -errno;
	}
	return 0;
}

/* Exceptions of a whose access is not in b. */
static int difference(const struct device_list *a, const struct device_list *b,
		      struct device_list *ret)
{
	*ret = (struct device_list){ .allow = a->allow };
	ret->v = calloc(a->n ? a->n : 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++) {
		struct device_exception x = a->v[i];

		for (size_t j = 0; j < b->n; j++)
			if (b->v[j].type == x.type && b->v[j].major == x.major &&
			    b->v[j].minor == x.minor)
				x.access &= ~b->v[j].access;
		if (x.access)
			ret->v[ret->n++] = x;
	}
	return 0;
}

/* Both lists deny by default: never deny all in between, members keep their devices. */
static int write_difference(const char *dir, const struct device_list *now,
			    const struct device_list *want)
{
	auto_(device_list_done) struct device_list surplus = { 0 }, missing = { 0 };
	int r = difference(now, want, &surplus);

	if (r == 0)
		r = difference(want, now, &missing);
	if (r == 0)
		r = write_exceptions(dir, "devices.allow", &missing);
	if (r == 0)
		r = write_exceptions(dir, "devices.deny", &surplus);
	return r;
}

static int read_list(const char *dir, struct device_list *ret)
{
	auto_free char *path = str_printf("%s/devices.list", dir);
	auto_free char *text = NULL;
	size_t len;
	int r = path ? fd_read_file(AT_FDCWD, path, 1 << 20, &text, &len) : -ENOMEM;

	return r < 0 ? r : device_list_parse(text, ret);
}

int cgroup_v1_devices(const struct cgroup *cg, const struct device_list *want,
		      struct err *e)
{
	auto_(device_list_done) struct device_list now = { 0 };
	const char *dir = cgroup_dir(cg, "devices");
	int r;

	if (!dir)
		return err_text(e, ENODEV,
				"config.json: .linux.resources.devices: this host has "
				"no cgroup controller 'devices' that may be used");
	r = read_list(dir, &now);
	if (r == 0 && !now.allow && !want->allow) {
		r = write_difference(dir, &now, want);
	} else if (r == 0) {
		r = cgroup_write_at(dir, want->allow ? "devices.allow" : "devices.deny",
				    "a");
		if (r == 0)
			r = write_exceptions(
				dir, want->allow ? "devices.deny" : "devices.allow",
				want);
	}
	if (r < 0)
		return err_set(e, -r, "set the device rules of cgroup '%s'", dir);
	return 0;
}
