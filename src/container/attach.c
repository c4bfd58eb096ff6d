// SPDX-License-Identifier: GPL-2.0-or-later
/* The sentry and the container in the making: what picket relays between it and the init. */
#include <errno.h>
#include <sched.h>

#include "base/str.h"
#include "container/creation.h"
#include "container/sync.h"
#include "container/timings.h"
#include "handover.h"

static bool mounts(const struct spec *s, const char *type, const char *where)
{
	bool found = false;

	for (size_t i = 0; i < s->mounts_n; i++)
		if (str_eq(s->mounts[i].destination, where))
			found = str_eq(s->mounts[i].type, type);
	return found;
}

static uint32_t handover_flags(const struct creation *c)
{
	return (ns_shares_pids(&c->ns) ? HANDOVER_SHARED_PIDNS : 0u) |
	       (mounts(c->spec, "proc", "/proc") ? HANDOVER_VIEW_PROC : 0) |
	       (mounts(c->spec, "sysfs", "/sys") ? HANDOVER_VIEW_SYS : 0);
}

int creation_join_sentry(struct creation *c, const struct sync_in *in, struct err *e)
{
	const uint64_t joinable = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET |
				  CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWTIME;
	const struct spec_caps *caps = &c->spec->process.caps;
	const struct sandbox_guest guest = {
		.release = c->release,
		.apparmor = c->spec->process.apparmor_profile,
		.selinux = c->spec->process.selinux_label,
		.mode = c->state.sentry,
		.pidfd = c->stage.pidfd,
		.statedir = c->dirfd,
		.namespaces = (uint32_t)(ns_private_flags(&c->ns) & joinable),
		.flags = handover_flags(c) | (in->value ? HANDOVER_WAITS : 0u),
		.caps = caps->present ? caps->bounding : ~0ull,
		.cgroups = c->cgroup_views,
	};
	int r;

	if (c->sandbox.sock < 0)
		return err_text(e, EPROTO,
				"message out of order from the container's init");
	r = sandbox_join(&c->sandbox, &guest, e);
	if (r == 0 && in->value && sync_send(c->stage.sync, SYNC_GO, 0, -1) < 0)
		return err_text(e, EPIPE, "the container's init ended");
	timings_mark("sentry joins");
	return r;
}

int creation_attach_sentry(struct creation *c, const struct sync_in *in, struct err *e)
{
	int r = sandbox_serve(&c->sandbox, c->state.sentry, in->fd,
			      in->value ? HANDOVER_SEALED : 0, &c->state.sentry_pid, e);

	c->state.sentry_starttime = state_process_starttime(c->state.sentry_pid);
	timings_mark("sentry attached");
	return r;
}
