// SPDX-License-Identifier: GPL-2.0-or-later
/* pause and resume: the freezer. */
#include "container/known.h"

#include "base/cleanup.h"

int container_pause(const struct context *ctx, const char *id, struct err *e)
{
	auto_(known_close) struct known k;
	int r = known_open(&k, ctx, id, KNOWN_LOCK, e);

	if (r < 0)
		return r;
	if (k.status != STATUS_RUNNING && k.status != STATUS_CREATED)
		return err_text(e, EINVAL, "container not running or created: %s",
				status_name(k.status));
	if (!k.state.cgroup.n)
		return err_text(e, ENOTSUP, "container '%s' has no cgroup to freeze", id);
	return cgroup_set_frozen(&k.state.cgroup, true, e);
}

int container_resume(const struct context *ctx, const char *id, struct err *e)
{
	auto_(known_close) struct known k;
	int r = known_open(&k, ctx, id, KNOWN_LOCK, e);

	if (r < 0)
		return r;
	if (k.status != STATUS_PAUSED)
		return err_text(e, EINVAL, "container not paused");
	return cgroup_set_frozen(&k.state.cgroup, false, e);
}
