// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of a container's cgroup: made, joined, changed, removed.  Layouts: v1.c, v2.c. */
#include "cgroup/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "cgroup/ops.h"

#define REMOVE_BUDGET_MS 5000

enum cgroup_layout cgroup_host_layout(void)
{
	struct statfs fs;

	if (statfs(CGROUP_ROOT, &fs) < 0)
		return CGROUP_NONE;
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		return CGROUP_V2;
	return fs.f_type == TMPFS_MAGIC ? CGROUP_V1 : CGROUP_NONE;
}

static int make_plan(const struct spec_resources *r, enum cgroup_layout layout,
		     struct cgroup_plan *ret, struct err *e)
{
	*ret = (struct cgroup_plan){ 0 };
	if (!r->present)
		return 0;
	return layout == CGROUP_V2 ? cgroup_plan_v2(r, ret, e) :
				     cgroup_plan_v1(r, ret, e);
}

static int apply_devices_v2(const struct cgroup *cg, const struct device_list *l,
			    struct err *e)
{
	auto_close int fd = open(cg->dirs[0].dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "open cgroup '%s'", cg->dirs[0].dir);
	return cgroup_attach_devices(fd, l, e);
}

static int apply_devices(const struct cgroup *cg, const struct spec_resources *r,
			 struct err *e)
{
	auto_(device_list_done) struct device_list l = { 0 };
	int error = device_list_make(r, &l, e);

	if (error < 0)
		return error;
	if (cg->layout == CGROUP_V2)
		return apply_devices_v2(cg, &l, e);
	if (!cgroup_dir(cg, "devices") && !r->devices_n)
		return 0; /* nothing was asked for, and there is nothing to ask */
	return cgroup_v1_devices(cg, &l, e);
}

/* memory.checkBeforeUpdate: v2 would start killing where v1 refuses with EBUSY. */
static int check_usage(const struct cgroup *cg, const struct spec_resources *r,
		       struct err *e)
{
	const char *dir = cgroup_dir(cg, "memory");
	uint64_t usage = 0, swap_usage = 0;
	int64_t limit = r->memory_limit.has ? r->memory_limit.v : 0, swap;
	int error;

	if (cg->layout != CGROUP_V2 || !r->memory_check_before_update || !dir)
		return 0;
	error = cgroup_swap_v2(r, &swap, e);
	if (error < 0)
		return error;
	if (swap >= 0 && cgroup_read_u64(dir, "memory.swap.current", &swap_usage) == 0 &&
	    (uint64_t)swap <= swap_usage)
		return err_text(e, EINVAL,
				"rejecting memory+swap limit %lld <= usage %llu",
				(long long)swap, (unsigned long long)swap_usage);
	if (limit > 0 && cgroup_read_u64(dir, "memory.current", &usage) == 0 &&
	    (uint64_t)limit <= usage)
		return err_text(e, EINVAL, "rejecting memory limit %lld <= usage %llu",
				(long long)limit, (unsigned long long)usage);
	return 0;
}

int cgroup_apply(const struct cgroup *cg, const struct spec_resources *r, struct err *e)
{
	auto_(cgroup_plan_done) struct cgroup_plan plan = { 0 };
	int error = make_plan(r, cg->layout, &plan, e);

	if (error == 0 && plan.n && !cg->n)
		return err_text(e, ENODEV, "config.json: %s: the container has no cgroup",
				plan.v[0].field);
	if (error == 0)
		error = check_usage(cg, r, e);
	if (error == 0)
		error = cgroup_systemd_update(cg, r, e);
	if (error == 0)
		error = cgroup_apply_plan(cg, &plan, e);
	if (error == 0 && r->devices_n && cg->n)
		error = apply_devices(cg, r, e);
	return error;
}

/*
 * config.json's path, or one after the container's id: in the root, but for a user on v2
 * beside the cgroup that we are in, which is where systemd delegates to.
 */
static char *wanted_path(const struct spec *spec, const char *id,
			 enum cgroup_layout layout, int flags)
{
	if (spec->cgroups_path && *spec->cgroups_path)
		return strdup(spec->cgroups_path);
	if (layout == CGROUP_V2 && (flags & MAKE_ROOTLESS))
		return strdup(id);
	return str_printf("/%s", id);
}

static int make_dirs(const struct spec *spec, const char *id, int flags,
		     const struct cgroup_plan *plan, struct cgroup *cg, struct err *e)
{
	auto_free char *wanted = wanted_path(spec, id, cg->layout, flags);
	int r;

	if (!wanted)
		return err_set(e, ENOMEM, "make a cgroup");
	r = cgroup_clean_path(wanted, &cg->path, e);
	if (r < 0)
		return r;
	if (cg->layout == CGROUP_V1)
		return cgroup_v1_make(cg, cg->path, flags, e);
	r = cgroup_v2_make(cg, cg->path, flags, plan, e);
	if (r < 0 && (flags & MAKE_ROOTLESS) && plan->n)
		return err_prefix(e, "config.json: %s", plan->v[0].field);
	return r;
}

static void end_holder(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Take back what a failed cgroup_create() made, parents included. */
static void unmake(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->n; i++) {
		char *dir = cg->dirs[i].dir;

		for (int level = cg->dirs[i].made; level > 0 && rmdir(dir) == 0; level--)
			*strrchr(dir, '/') = '\0';
	}
}

static int fill(const struct spec *spec, const char *id, bool rootless,
		const struct cgroup_plan *plan, struct cgroup *cg, struct err *e)
{
	int r;

	if (cg->driver == CGROUP_SYSTEMD)
		r = cgroup_systemd_make(cg, spec, id, rootless, e);
	else
		r = make_dirs(spec, id, rootless ? MAKE_ROOTLESS : 0, plan, cg, e);
	if (r == 0)
		r = cgroup_apply_plan(cg, plan, e);
	if (r == 0 && cg->n && !rootless)
		r = apply_devices(cg, &spec->resources, e);
	if (r == 0 && cg->layout == CGROUP_V2 && !rootless)
		r = cgroup_v2_delegate(cg, spec, e);
	return r;
}

int cgroup_create(const struct spec *spec, const char *id, enum cgroup_driver driver,
		  bool rootless, struct cgroup *ret, struct err *e)
{
	auto_(cgroup_plan_done) struct cgroup_plan plan = { 0 };
	enum cgroup_layout layout = cgroup_host_layout();
	struct err ignored;
	int r;

	*ret = (struct cgroup){ .driver = driver };
	if (driver == CGROUP_DISABLED)
		return 0;
	r = make_plan(&spec->resources, layout, &plan, e);
	if (r < 0)
		return r;
	if (layout == CGROUP_NONE && plan.n)
		return err_text(e, ENODEV,
				"config.json: %s: no cgroup file system at '" CGROUP_ROOT
				"'",
				plan.v[0].field);
	if (layout == CGROUP_NONE)
		return 0;
	ret->layout = layout;
	r = fill(spec, id, rootless, &plan, ret, e);
	if (r < 0) {
		end_holder(ret->holder);
		if (driver == CGROUP_SYSTEMD)
			(void)cgroup_systemd_stop(ret, &ignored);
		unmake(ret);
		cgroup_done(ret);
	}
	return r;
}

int cgroup_join_open(const struct cgroup *cg, struct cgroup_join *ret, struct err *e)
{
	*ret = (struct cgroup_join){ .v2 = -1, .holder = cg->holder };
	for (size_t i = 0; i < cg->n; i++) {
		auto_free char *path = NULL;
		int fd;

		if (cg->layout == CGROUP_V2) {
			ret->v2 = open(cg->dirs[i].dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
			if (ret->v2 < 0)
				return err_set(e, errno, "open cgroup '%s'",
					       cg->dirs[i].dir);
			continue;
		}
		path = str_printf("%s/tasks", cg->dirs[i].dir);
		fd = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
		if (fd < 0) {
			int code = path ? errno : ENOMEM;

			cgroup_join_close(ret);
			return err_set(e, code, "open tasks in cgroup '%s'",
				       cg->dirs[i].dir);
		}
		ret->tasks[ret->n++] = fd;
	}
	return 0;
}

void cgroup_join_close(struct cgroup_join *j)
{
	if (j->v2 >= 0)
		close(j->v2);
	for (size_t i = 0; i < j->n; i++)
		close(j->tasks[i]);
	end_holder(j->holder);
	*j = (struct cgroup_join){ .v2 = -1 };
}

int cgroup_join_self(const struct cgroup_join *j, struct err *e)
{
	for (size_t i = 0; i < j->n; i++)
		if (write(j->tasks[i], "0", 1) != 1)
			return err_set(e, errno, "join the container's cgroups");
	return 0;
}

int cgroup_attach(const struct cgroup *cg, pid_t pid, struct err *e)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < cg->n; i++) {
		int r = cgroup_write_at(cg->dirs[i].dir, "cgroup.procs", text);

		if (r < 0)
			return err_set(e, -r, "adding pid %d to cgroups: '%s'", pid,
				       cg->dirs[i].dir);
	}
	return 0;
}

static int remove_children(const char *dir)
{
	auto_closedir DIR *d = opendir(dir);
	struct dirent *ent;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((ent = readdir(d))) {
		auto_free char *sub = NULL;

		if (ent->d_type != DT_DIR || ent->d_name[0] == '.')
			continue;
		sub = str_printf("%s/%s", dir, ent->d_name);
		if (!sub)
			return -ENOMEM;
		if (rmdir(sub) == 0 || errno == ENOENT)
			continue;
		(void)remove_children(sub); /* what stays is seen by the rmdir */
		(void)rmdir(sub);
	}
	return 0;
}

/* Number of directories that could not be removed; *ret_errno says why. */
static size_t remove_dirs(const struct cgroup *cg, bool deep, int *ret_errno)
{
	size_t left = 0;

	for (size_t i = 0; i < cg->n; i++) {
		const char *dir = cg->dirs[i].dir;

		if (deep)
			(void)remove_children(dir);
		if (rmdir(dir) == 0 || errno == ENOENT)
			continue;
		*ret_errno = errno;
		left++;
	}
	return left;
}

int cgroup_destroy(struct cgroup *cg, struct err *e)
{
	struct cgroup_pause pause = { 0 };
	size_t left;
	int code = 0, r;

	end_holder(cg->holder);
	cg->holder = 0;
	left = remove_dirs(cg, false, &code);
	while (left && (code == EBUSY || code == ENOTEMPTY)) {
		r = cgroup_signal_all(cg, SIGKILL, e);
		if (r < 0)
			return r;
		left = remove_dirs(cg, true, &code);
		if (left && !cgroup_pause(&pause, REMOVE_BUDGET_MS))
			break;
	}
	if (left)
		return err_set(e, code, "remove cgroup '%s'", cg->path);
	return cg->driver == CGROUP_SYSTEMD ? cgroup_systemd_stop(cg, e) : 0;
}

void cgroup_done(struct cgroup *cg)
{
	free(cg->path);
	free(cg->unit);
	for (size_t i = 0; i < cg->n; i++) {
		free(cg->dirs[i].controllers);
		free(cg->dirs[i].dir);
	}
	*cg = (struct cgroup){ 0 };
}
