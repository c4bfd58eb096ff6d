// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls about a task by its number - ptrace, process_vm_readv, scheduling, groups, signals
 * with a value or to a thread, pidfds: the kernel makes them, within the caller's user
 * namespace.  Where the guest can name tasks outside its own pid namespace the target must
 * be of the container's user namespace, and never the sentry.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/ioprio.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/sys.h"

static int userns_of(const char *who, char buf[64])
{
	char path[48];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/user", who);
	n = readlinkat(task_procfs(), path, buf, 63);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

/* In a shared pid namespace the guest's numbers are the sentry's as well. */
static int may_touch(pid_t pid)
{
	char who[32], ours[64], theirs[64];
	auto_close int thread = -EBADF;
	int r;

	if (!task_pidns_is_shared())
		return 0;
	if (pid <= 0)
		return -ESRCH;
	snprintf(who, sizeof(who), "%d", pid);
	r = task_own_caps();
	if (r == 0)
		r = userns_of("self", ours);
	if (r == 0)
		r = userns_of(who, theirs);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : -EPERM;
	snprintf(who, sizeof(who), "self/task/%d", pid);
	thread = openat(task_procfs(), who, O_PATH | O_CLOEXEC);
	return strcmp(ours, theirs) || thread >= 0 ? -EPERM : 0;
}

static struct reply touch(struct call *c, pid_t pid)
{
	int r = task_get(c);

	if (r == 0)
		r = may_touch(pid);
	return r < 0 ? reply_errno(r) : reply_continue();
}

/* 0 is the caller, and less the kernel's to refuse. */
static struct reply about(struct call *c, pid_t pid)
{
	return pid <= 0 || !task_pidns_is_shared() ? reply_continue() : touch(c, pid);
}

/* The kinds are a task, a group, a user: of many tasks at once some may be the host's. */
static struct reply about_kind(struct call *c, unsigned int one_task)
{
	unsigned int kind = arg_u32(c, 0) - one_task;

	if ((kind == 1 || kind == 2) && task_pidns_is_shared())
		return reply_errno(-EPERM);
	return kind == 0 ? about(c, (pid_t)c->arg[1]) : reply_continue();
}

struct reply sys_ptrace(struct call *c)
{
	if (c->arg[0] == PTRACE_TRACEME)
		return reply_continue();
	return touch(c, (pid_t)c->arg[1]);
}

struct reply sys_process_vm_readv(struct call *c)
{
	return touch(c, (pid_t)c->arg[0]);
}

struct reply sys_process_vm_writev(struct call *c)
{
	return touch(c, (pid_t)c->arg[0]);
}

#define ABOUT(name)                              \
	struct reply sys_##name(struct call *c)  \
	{                                        \
		return about(c, (pid_t)c->arg[0]); \
	}
ABOUT(getpgid)
ABOUT(getsid)
ABOUT(sched_getparam)
ABOUT(sched_setparam)
ABOUT(sched_getscheduler)
ABOUT(sched_setscheduler)
ABOUT(sched_setaffinity)
ABOUT(rt_sigqueueinfo)
ABOUT(tkill)
ABOUT(pidfd_open)

struct reply sys_rt_tgsigqueueinfo(struct call *c)
{
	return about(c, (pid_t)c->arg[1]);
}

#define ABOUT_KIND(name, one_task)              \
	struct reply sys_##name(struct call *c) \
	{                                       \
		return about_kind(c, one_task); \
	}
ABOUT_KIND(getpriority, PRIO_PROCESS)
ABOUT_KIND(setpriority, PRIO_PROCESS)
ABOUT_KIND(ioprio_get, IOPRIO_WHO_PROCESS)
ABOUT_KIND(ioprio_set, IOPRIO_WHO_PROCESS)
