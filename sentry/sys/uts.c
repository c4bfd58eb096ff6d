// SPDX-License-Identifier: GPL-2.0-or-later
/* The system as the guest sees it: names (of the container's UTS namespace), load, memory. */
#include <errno.h>
#include <linux/personality.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "sys/sys.h"

struct reply sys_uname(struct call *c)
{
	struct utsname u;
	unsigned long persona;
	int r = task_personality(c, &persona);

	if (r == 0 && uname(&u) < 0)
		r = -errno;
	if (r == 0 && (persona & PER_MASK) == PER_LINUX32)
		strcpy(u.machine, "i686");
	return reply_result(r < 0 ? r : guest_write(c, GPTR(c->arg[0]), &u, sizeof(u)));
}

struct reply sys_sysinfo(struct call *c)
{
	struct sysinfo info;
	int r = task_get(c);

	if (r == 0 && sysinfo(&info) < 0)
		r = -errno;
	return reply_result(r < 0 ? r :
				    guest_write(c, GPTR(c->arg[0]), &info, sizeof(info)));
}
