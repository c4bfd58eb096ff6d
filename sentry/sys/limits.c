// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * getrlimit and setrlimit, which libc makes of prlimit64 today.  No limit is raised: that
 * asks for a capability over the host.
 */
#include <sys/resource.h>

#include "sys/sys.h"

struct reply sys_getrlimit(struct call *c)
{
	struct rlimit lim;
	int r = task_get(c);

	if (r == 0)
		r = task_limit(c, arg_u32(c, 0), NULL, &lim);
	return reply_result(r < 0 ? r :
				    guest_write(c, GPTR(c->arg[1]), &lim, sizeof(lim)));
}

struct reply sys_setrlimit(struct call *c)
{
	struct rlimit lim;
	int r = task_get(c);

	if (r == 0)
		r = guest_read(c, &lim, GPTR(c->arg[1]), sizeof(lim));
	return reply_result(r < 0 ? r : task_limit(c, arg_u32(c, 0), &lim, NULL));
}
