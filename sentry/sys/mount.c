// SPDX-License-Identifier: GPL-2.0-or-later
/* mount, umount2.  The newer calls are denied: programs fall back to these. */
#include <sys/mount.h>

#include "sys/sys.h"
#include "vfs/mounts.h"

/* As the kernel: too long is EINVAL, and a null pointer is nothing. */
static int str_read(struct call *c, char s[PATH_MAX], uint64_t addr)
{
	int r = addr ? guest_read_str(c, s, GPTR(addr), PATH_MAX) : 0;

	if (!addr)
		*s = '\0';
	return r == -ENAMETOOLONG ? -EINVAL : r;
}

struct reply sys_mount(struct call *c)
{
	struct mount_args a = { .flags = c->arg[3] };
	int r = mounts_check(c);

	if ((a.flags & MS_MGC_MSK) == MS_MGC_VAL)
		a.flags &= ~(unsigned long)MS_MGC_MSK;
	if (r >= 0)
		r = str_read(c, a.type, c->arg[2]);
	if (r >= 0)
		r = str_read(c, a.source, c->arg[0]);
	if (r >= 0)
		r = str_read(c, a.data, c->arg[4]);
	if (r >= 0)
		r = guest_read_path(c, a.target, GPTR(c->arg[1]));
	return reply_result(r < 0 ? r : mounts_make(c, &a));
}

struct reply sys_umount2(struct call *c)
{
	char path[PATH_MAX];
	int r = mounts_check(c);

	if (r >= 0)
		r = guest_read_path(c, path, GPTR(c->arg[0]));
	return reply_result(r < 0 ? r : mounts_remove(c, path, (int)c->arg[1]));
}
