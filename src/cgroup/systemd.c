// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * systemd's scopes as the place of a container's cgroup.  systemd starts a scope only
 * around a process, and our init joins by itself: so a "holder", a child that sleeps, is
 * the scope's first member until the init is inside.
 */
#include "cgroup/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cgroup/dbus.h"
#include "cgroup/systemd-unit.h"

static void body_done(struct dbus_body *b)
{
	strbuf_done(&b->out);
}

/* A descriptor that stays open here would keep pipes of our caller open: close all. */
static pid_t start_holder(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)fd_close_from(0);
	if (getppid() != parent)
		_exit(0);
	for (;;)
		pause();
}

/* Call with a job as its result, and wait for that; unit errors go by their name. */
static int run_job(struct dbus *d, const char *member, const char *signature,
		   const struct dbus_body *b, char name[DBUS_NAME_MAX], struct err *e)
{
	char job[DBUS_NAME_MAX];
	int r = dbus_call(d, member, signature, b, job, name, e);

	return r < 0 ? r : dbus_wait_job(d, job, e);
}

static int call_unit(struct dbus *d, const char *member, const char *unit,
		     const char *mode, char name[DBUS_NAME_MAX], struct err *e)
{
	auto_(body_done) struct dbus_body b = { 0 };

	dbus_put_string(&b, unit);
	if (!mode)
		return dbus_call(d, member, "s", &b, NULL, name, e);
	dbus_put_string(&b, mode);
	return run_job(d, member, "ss", &b, name, e);
}

static int start_unit(struct dbus *d, const struct systemd_unit *u,
		      const struct spec *spec, const char *id, const struct cgroup *cg,
		      struct err *e)
{
	const bool v2 = cg->layout == CGROUP_V2;
	auto_(body_done) struct dbus_body b = { 0 };
	char name[DBUS_NAME_MAX] = "";
	struct err ignored = ERR_INIT;
	struct dbus_array a;
	int r;

	dbus_put_string(&b, u->name);
	dbus_put_string(&b, "replace");
	a = dbus_open_array(&b, 8);
	systemd_put_unit(&b, u, id, cg->holder, v2);
	r = systemd_put_limits(&b, &spec->resources, v2, e);
	if (r == 0)
		r = systemd_put_annotations(&b, spec, e);
	dbus_close_array(&b, a);
	a = dbus_open_array(&b, 8); /* auxiliary units: none */
	dbus_close_array(&b, a);
	if (r < 0)
		return r;
	r = run_job(d, "StartTransientUnit", "ssa(sv)a(sa(sv))", &b, name, e);
	if (str_eq(name, "org.freedesktop.systemd1.UnitExists")) {
		/* A failed one of that name is still remembered. */
		(void)call_unit(d, "ResetFailedUnit", u->name, NULL, NULL, &ignored);
		r = run_job(d, "StartTransientUnit", "ssa(sv)a(sa(sv))", &b, name, e);
	}
	return r;
}

/* Where systemd has put it: the holder's cgroup tells, whatever the manager's root is. */
static int path_of_unit(const struct cgroup *cg, bool is_slice, char **ret, struct err *e)
{
	const char *controller = cg->layout == CGROUP_V2 ? "" : "systemd";
	auto_free char *file = NULL;
	auto_free char *text = NULL;
	size_t len;
	int r;

	if (is_slice)
		return cgroup_expand_slice(cg->unit, ret, e);
	file = str_printf("/proc/%d/cgroup", cg->holder);
	r = file ? fd_read_file(AT_FDCWD, file, 1 << 20, &text, &len) : -ENOMEM;
	if (r < 0)
		return err_set(e, -r, "read the cgroup of unit '%s'", cg->unit);
	*ret = cgroup_path_in(text, controller);
	if (!*ret || !strstr(*ret, cg->unit))
		return err_text(e, EREMOTEIO,
				"systemd did not put unit '%s' where it was "
				"expected: '%s'",
				cg->unit, *ret ? *ret : "");
	return 0;
}

int cgroup_systemd_make(struct cgroup *cg, const struct spec *spec, const char *id,
			bool rootless, struct err *e)
{
	auto_(systemd_unit_done) struct systemd_unit u = { 0 };
	auto_(dbus_close) struct dbus d = { .fd = -1 };
	const struct cgroup_plan none = { 0 };
	int r = systemd_unit_of(spec->cgroups_path, id, rootless, &u, e);

	if (r == 0)
		r = dbus_open(&d, rootless, e);
	if (r < 0)
		return r;
	if (!u.is_slice)
		cg->holder = start_holder();
	if (cg->holder < 0)
		return err_set(e, -cg->holder, "start a process for unit '%s'", u.name);
	r = start_unit(&d, &u, spec, id, cg, e);
	if (r < 0)
		return r; /* the unit may be another container's: leave it alone */
	cg->unit = take_ptr(u.name);
	r = path_of_unit(cg, u.is_slice, &cg->path, e);
	if (r < 0)
		return r;
	if (cg->layout == CGROUP_V2)
		return cgroup_v2_make(cg, cg->path, MAKE_SHARED, &none, e);
	return cgroup_v1_make(cg, cg->path, MAKE_SHARED, e);
}

int cgroup_systemd_update(const struct cgroup *cg, const struct spec_resources *r,
			  struct err *e)
{
	auto_(dbus_close) struct dbus d = { .fd = -1 };
	auto_(body_done) struct dbus_body b = { 0 };
	struct dbus_array a;
	int error;

	if (!cg->unit)
		return 0;
	dbus_put_string(&b, cg->unit);
	dbus_put_u32(&b, true); /* until the next boot */
	a = dbus_open_array(&b, 8);
	error = systemd_put_limits(&b, r, cg->layout == CGROUP_V2, e);
	dbus_close_array(&b, a);
	if (error == 0)
		error = dbus_open(&d, geteuid() != 0, e);
	if (error == 0)
		error = dbus_call(&d, "SetUnitProperties", "sba(sv)", &b, NULL, NULL, e);
	return error;
}

/* systemd drops an empty scope by itself: a unit that is gone is a success. */
int cgroup_systemd_stop(const struct cgroup *cg, struct err *e)
{
	auto_(dbus_close) struct dbus d = { .fd = -1 };
	char name[DBUS_NAME_MAX] = "";
	struct err ignored = ERR_INIT;
	int r;

	if (!cg->unit)
		return 0;
	r = dbus_open(&d, geteuid() != 0, e);
	if (r < 0)
		return r;
	r = call_unit(&d, "StopUnit", cg->unit, "replace", name, e);
	if (str_eq(name, "org.freedesktop.systemd1.NoSuchUnit"))
		r = 0;
	(void)call_unit(&d, "ResetFailedUnit", cg->unit, NULL, NULL, &ignored);
	return r;
}
