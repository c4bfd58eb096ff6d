// SPDX-License-Identifier: GPL-2.0-or-later
/* kill: a signal for the init, or for everything in the cgroup. */
#include "container/known.h"

#include <signal.h>

#include "base/cleanup.h"

/* Without a pid namespace of its own nothing dies with the init. */
static bool shares_pid_ns(const struct known *k)
{
	auto_(spec_done) struct spec s = { 0 };
	struct err ignored = ERR_INIT;

	return known_spec(k, &s, &ignored) == 0 &&
	       (!s.ns[SPEC_NS_PID].present || s.ns[SPEC_NS_PID].path);
}

static int signal_init(const struct known *k, int sig, struct err *e)
{
	int r = known_signal(k, sig, e);

	if (r < 0 || sig != SIGKILL)
		return r;
	if (shares_pid_ns(k))
		r = cgroup_signal_all(&k->state.cgroup, sig, e);
	/* A frozen v1 cgroup keeps even the dead from dying. */
	if (r == 0 && k->status == STATUS_PAUSED)
		r = cgroup_set_frozen(&k->state.cgroup, false, e);
	return r;
}

int container_kill(const struct context *ctx, const char *id, int sig, int flags,
		   struct err *e)
{
	auto_(known_close) struct known k;
	int r = known_open(&k, ctx, id, 0, e);

	if (r < 0)
		return r;
	if (flags & KILL_ALL)
		return cgroup_signal_all(&k.state.cgroup, sig, e);
	if (k.status == STATUS_STOPPED)
		return err_text(e, ESRCH, "container not running");
	return signal_init(&k, sig, e);
}
