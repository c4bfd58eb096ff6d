// SPDX-License-Identifier: GPL-2.0-or-later
/* SysV message queues: msgget, msgsnd, msgrcv, msgctl. */
#include <linux/msg.h>

#include "ipc/ipc.h"
#include "sys/sys.h"

struct reply sys_msgget(struct call *c)
{
	int r = task_get(c);

	return reply_result(r < 0 ? r : ipc_msg_get(c, (int)c->arg[0], (int)c->arg[1]));
}

struct reply sys_msgsnd(struct call *c)
{
	auto_ipc_msg struct ipc_msg *m = NULL;
	size_t len = c->arg[2];
	int64_t type;
	int r = task_get(c);

	if (r == 0)
		r = guest_read(c, &type, GPTR(c->arg[1]), sizeof(type));
	if (r < 0)
		return reply_errno(r);
	if (len > MSGMAX || (int)c->arg[0] < 0 || type < 1)
		return reply_errno(-EINVAL);
	m = ipc_msg_new(len);
	if (!m)
		return reply_errno(-ENOMEM);
	m->type = type;
	r = guest_read(c, m->text, GPTR(c->arg[1] + sizeof(type)), len);
	return reply_result(r < 0 ? r :
				    ipc_msg_send(c, (int)c->arg[0], &m, (int)c->arg[3]));
}

struct reply sys_msgrcv(struct call *c)
{
	auto_ipc_msg struct ipc_msg *m = NULL;
	size_t size = c->arg[2];
	int r = task_get(c);

	if (r < 0)
		return reply_errno(r);
	if ((int)c->arg[0] < 0 || (int64_t)size < 0)
		return reply_errno(-EINVAL);
	r = ipc_msg_receive(c, (int)c->arg[0], size, (int64_t)c->arg[3], (int)c->arg[4],
			    &m);
	if (r < 0)
		return reply_errno(r);
	if (size > m->len)
		size = m->len;
	r = guest_write(c, GPTR(c->arg[1]), &m->type, sizeof(m->type));
	if (r == 0)
		r = guest_write(c, GPTR(c->arg[1] + sizeof(m->type)), m->text, size);
	return reply_result(r < 0 ? r : (int64_t)size);
}

static int msg_stat(struct call *c, int id, enum ipc_by by)
{
	struct msqid64_ds ds;
	int r = ipc_msg_stat(c, id, by, &ds);

	if (r >= 0 && guest_write(c, GPTR(c->arg[2]), &ds, sizeof(ds)) < 0)
		return -EFAULT;
	return r;
}

static int msg_set(struct call *c, int id)
{
	struct msqid64_ds ds;
	int r = guest_read(c, &ds, GPTR(c->arg[2]), sizeof(ds));

	return r < 0 ? r : ipc_msg_set(c, id, &ds);
}

static int msg_info(struct call *c, int cmd)
{
	struct msginfo info;
	int r = ipc_msg_info(cmd, &info);

	if (guest_write(c, GPTR(c->arg[2]), &info, sizeof(info)) < 0)
		return -EFAULT;
	return r;
}

static int msg_control(struct call *c, int id, int cmd)
{
	switch (cmd) {
	case IPC_STAT:
		return msg_stat(c, id, IPC_BY_ID);
	case MSG_STAT:
		return msg_stat(c, id, IPC_BY_INDEX);
	case MSG_STAT_ANY:
		return msg_stat(c, id, IPC_BY_INDEX_ANY);
	case IPC_INFO:
	case MSG_INFO:
		return msg_info(c, cmd);
	case IPC_SET:
		return msg_set(c, id);
	case IPC_RMID:
		return ipc_msg_remove(c, id);
	default:
		return -EINVAL;
	}
}

struct reply sys_msgctl(struct call *c)
{
	int id = (int)c->arg[0], r = task_get(c);

	return reply_result(r < 0  ? r :
			    id < 0 ? -EINVAL :
				     msg_control(c, id, (int)c->arg[1]));
}
