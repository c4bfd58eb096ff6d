// SPDX-License-Identifier: GPL-2.0-or-later
/* The system as the guest sees it: names (of the container's UTS namespace), load, memory. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/personality.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "policy/release.h"
#include "sys/sys.h"
#include "views/views.h"

#define LOG_READ_ALL	3	/* syslog(2): SYSLOG_ACTION_... */
#define LOG_SIZE_BUFFER 10
#define LOG_SIZE	(1 << 17)

struct reply sys_uname(struct call *c)
{
	struct utsname u;
	unsigned long persona;
	int r = task_personality(c, &persona);

	if (r == 0 && uname(&u) < 0)
		r = -errno;
	if (r < 0)
		return reply_errno(r);
	if (persona & UNAME26)
		release_under_26(u.release, sizeof(u.release));
	else
		strcpy(u.release, release_release());
	strcpy(u.version, release_version());
	if ((persona & PER_MASK) == PER_LINUX32)
		strcpy(u.machine, "i686");
	return reply_result(guest_write(c, GPTR(c->arg[0]), &u, sizeof(u)));
}

/* The kernel asks whether the caller may, over the UTS namespace that the sentry is in too. */
static struct reply set_name(struct call *c, int (*set)(const char *, size_t))
{
	char name[sizeof(((struct utsname *)0)->nodename)];
	int len = (int)c->arg[1], r = task_get(c);

	if (r == 0 && !(c->task->st.creds.cap_effective & 1ull << CAP_SYS_ADMIN))
		r = -EPERM;
	if (r == 0 && (len < 0 || len >= (int)sizeof(name)))
		r = -EINVAL;
	if (r == 0)
		r = guest_read(c, name, GPTR(c->arg[0]), (size_t)len);
	if (r == 0)
		r = task_assume(c, 0);
	return r < 0 ? reply_errno(r) : reply_of(set(name, (size_t)len));
}

struct reply sys_sethostname(struct call *c)
{
	return set_name(c, sethostname);
}

struct reply sys_setdomainname(struct call *c)
{
	return set_name(c, setdomainname);
}

/* A kernel with an empty log, which anyone may look at. */
struct reply sys_syslog(struct call *c)
{
	switch ((int)c->arg[0]) {
	case LOG_READ_ALL:
		return reply_result(!c->arg[1] || (int)c->arg[2] < 0 ? -EINVAL : 0);
	case LOG_SIZE_BUFFER:
		return reply_value(LOG_SIZE);
	default:
		return reply_errno(-EPERM);
	}
}

struct reply sys_sysinfo(struct call *c)
{
	struct sysinfo info;
	int r = task_get(c);

	if (r == 0 && sysinfo(&info) < 0)
		r = -errno;
	if (r == 0)
		views_sysinfo(&info);
	return reply_result(r < 0 ? r :
				    guest_write(c, GPTR(c->arg[0]), &info, sizeof(info)));
}
