// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that change who the caller is: the kernel makes them; what the sentry knows of
 * the caller's credentials is dropped first, and read again on its next call.
 */
#include <linux/capability.h>

#include "sys/sys.h"

static struct reply forget(struct call *c)
{
	task_forget(c);
	return reply_continue();
}

#define FORGETS(name)                           \
	struct reply sys_##name(struct call *c) \
	{                                       \
		return forget(c);               \
	}
FORGETS(setuid)
FORGETS(setgid)
FORGETS(setreuid)
FORGETS(setregid)
FORGETS(setresuid)
FORGETS(setresgid)
FORGETS(setfsuid)
FORGETS(setfsgid)
FORGETS(setgroups)
FORGETS(capset)

struct reply sys_execve(struct call *c)
{
	task_forget_exec(c);
	return reply_continue();
}

struct reply sys_execveat(struct call *c)
{
	return sys_execve(c);
}

struct reply sys_chroot(struct call *c)
{
	if (task_get(c) < 0 || c->task->st.creds.cap_effective & 1ull << CAP_SYS_CHROOT)
		task_note_chroot();
	return reply_continue();
}

struct reply sys_umask(struct call *c)
{
	task_note_umask(c, arg_u32(c, 0));
	return reply_continue();
}

struct reply sys_chdir(struct call *c)
{
	task_note_cwd(c);
	return reply_continue();
}

struct reply sys_fchdir(struct call *c)
{
	return sys_chdir(c);
}

/* CLONE_FS without CLONE_THREAD: no other gets here, by the filter. */
struct reply sys_clone(struct call *c)
{
	(void)c;
	task_note_shared_fs();
	return reply_continue();
}
