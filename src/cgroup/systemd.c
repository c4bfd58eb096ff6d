// SPDX-License-Identifier: GPL-2.0-or-later
/* systemd's scopes and slices as the place of a container's cgroup. */
#include "cgroup/ops.h"

#include <errno.h>

int cgroup_systemd_make(struct cgroup *cg, const struct spec *spec, const char *id,
			bool rootless, struct err *e)
{
	(void)cg, (void)spec, (void)rootless;
	return err_text(e, ENOTSUP,
			"container '%s': the systemd cgroup driver is not built in", id);
}

int cgroup_systemd_stop(const struct cgroup *cg, struct err *e)
{
	(void)cg, (void)e;
	return 0;
}
