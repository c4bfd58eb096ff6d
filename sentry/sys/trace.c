// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ptrace, process_vm_readv, process_vm_writev: the kernel makes them, within the caller's
 * user namespace.  Where the guest can name tasks outside its own pid namespace the
 * target must be of the container's user namespace, and never the sentry.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
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
