// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who the caller is, and which signals wait for it.  Calls that change its credentials: the
 * kernel makes them; what the sentry knows is dropped first, and read again on its next call.
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

static struct reply put_ids(struct call *c, const unsigned int ids[3])
{
	int r = 0;

	for (int i = 0; r == 0 && i < 3; i++)
		r = guest_write(c, GPTR(c->arg[i]), &ids[i], sizeof(ids[i]));
	return reply_result(r);
}

struct reply sys_getresuid(struct call *c)
{
	int r = task_get(c);
	const struct creds *cr;

	if (r < 0)
		return reply_errno(r);
	cr = &c->task->st.creds;
	return put_ids(c, (const uid_t[]){ cr->uid, cr->euid, cr->suid });
}

struct reply sys_getresgid(struct call *c)
{
	int r = task_get(c);
	const struct creds *cr;

	if (r < 0)
		return reply_errno(r);
	cr = &c->task->st.creds;
	return put_ids(c, (const gid_t[]){ cr->gid, cr->egid, cr->sgid });
}

struct reply sys_getgroups(struct call *c)
{
	int r = task_get(c), size = (int)c->arg[0];
	const struct creds *cr;

	if (r < 0)
		return reply_errno(r);
	cr = &c->task->st.creds;
	if (size < 0 || (size > 0 && (size_t)size < cr->groups_n))
		return reply_errno(-EINVAL);
	if (size > 0)
		r = guest_write(c, GPTR(c->arg[1]), cr->groups,
				cr->groups_n * sizeof(*cr->groups));
	return reply_result(r < 0 ? r : (int64_t)cr->groups_n);
}

struct reply sys_rt_sigpending(struct call *c)
{
	uint64_t set;
	int r;

	if (c->arg[1] > sizeof(set))
		return reply_errno(-EINVAL);
	r = task_pending(c, &set);
	return reply_result(r < 0 ? r : guest_write(c, GPTR(c->arg[0]), &set, c->arg[1]));
}

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
