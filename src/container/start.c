// SPDX-License-Identifier: GPL-2.0-or-later
/* start: open the gate of a created container. */
#include "container/known.h"

#include <signal.h>

#include "base/cleanup.h"

static int check_status(const struct known *k, struct err *e)
{
	switch (k->status) {
	case STATUS_CREATED:
		return 0;
	case STATUS_STOPPED:
		return err_text(e, EINVAL, "cannot start a container that has stopped");
	case STATUS_CREATING:
		return err_text(e, EBUSY, "container '%s' is still being created",
				k->state.id);
	case STATUS_RUNNING:
	case STATUS_PAUSED:
		break;
	}
	return err_text(e, EINVAL, "cannot start an already running container");
}

int container_start(const struct context *ctx, const char *id, struct err *e)
{
	auto_(known_close) struct known k;
	struct err ignored = ERR_INIT;
	int r = known_open(&k, ctx, id, KNOWN_LOCK, e);

	if (r == 0)
		r = check_status(&k, e);
	if (r == 0)
		r = fifo_release(k.dirfd, e);
	if (r < 0)
		return r;
	/* The program runs: the specification wants it stopped when such a hook fails. */
	r = known_run_hooks(&k, SPEC_HOOK_POSTSTART, STATUS_RUNNING, e);
	if (r < 0)
		known_signal(&k, SIGKILL, &ignored);
	return r;
}
