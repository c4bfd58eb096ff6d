// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * getrlimit and setrlimit, which libc makes of prlimit64 today.  No limit is raised: that
 * asks for a capability over the host.
 */
#include <errno.h>
#include <sys/resource.h>

#include "sys/sys.h"

static int limits(struct call *c, const struct rlimit *new, struct rlimit *old)
{
	int r = task_own_caps();

	if (r < 0)
		return r;
	return prlimit(c->tid, (enum __rlimit_resource)arg_u32(c, 0), new, old) < 0 ?
		       -errno :
		       0;
}

struct reply sys_getrlimit(struct call *c)
{
	struct rlimit lim;
	int r = task_get(c);

	if (r == 0)
		r = limits(c, NULL, &lim);
	return reply_result(r < 0 ? r :
				    guest_write(c, GPTR(c->arg[1]), &lim, sizeof(lim)));
}

struct reply sys_setrlimit(struct call *c)
{
	struct rlimit lim;
	int r = task_get(c);

	if (r == 0)
		r = guest_read(c, &lim, GPTR(c->arg[1]), sizeof(lim));
	return reply_result(r < 0 ? r : limits(c, &lim, NULL));
}
