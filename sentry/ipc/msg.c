// SPDX-License-Identifier: GPL-2.0-or-later
/* SysV message queues. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "base/cleanup.h"
#include "ipc/internal.h"

TAILQ_HEAD(messages, ipc_msg);

struct queue {
	struct ipc_object object;	/* the first member */
	struct messages messages;
	size_t count, bytes, bytes_max;
	int64_t stime, rtime;
	pid_t sender, receiver;		/* the latest */
};

/* A call that sends m, or that receives: what it wants, what it got. */
struct transfer {
	struct ipc_waiter waiter;	/* the first member */
	struct queue *queue;
	pid_t pid;
	struct ipc_msg *m;
	size_t size;
	int64_t type;
	int flags;
};

static struct ipc_table table = IPC_TABLE_INIT(MSGMNI);
static size_t all_count, all_bytes;

static struct queue *queue_of(struct ipc_object *o)
{
	return (struct queue *)o;
}

static int create(const struct creds *cr, int32_t key, int flags)
{
	struct queue *q = ipc_alloc(sizeof(*q));
	int r;

	if (!q)
		return -ENOMEM;
	q->bytes_max = MSGMNB;
	TAILQ_INIT(&q->messages);
	r = ipc_table_add(&table, &q->object, cr, key, flags);
	if (r < 0)
		ipc_free(q);
	return r;
}

int ipc_msg_get(struct call *c, int32_t key, int flags)
{
	const struct creds *cr = &c->task->st.creds;
	struct ipc_object *o;
	IPC_LOCKED;
	int r = ipc_table_get(&table, key, flags, &o);

	if (r == IPC_WAIT)
		return create(cr, key, flags);
	if (r < 0)
		return r;
	return ipc_may(o, cr, (mode_t)flags & 0777) ? o->id : -EACCES;
}

/* The queue, for a caller that wants to read (0444) or to write (0222). */
static int find(struct call *c, int id, enum ipc_by by, mode_t want, struct queue **ret)
{
	struct ipc_object *o = ipc_table_find(&table, id, by);

	if (!o)
		return -EINVAL;
	if (by != IPC_BY_INDEX_ANY && !ipc_may(o, &c->task->st.creds, want))
		return -EACCES;
	*ret = queue_of(o);
	return 0;
}

static int attempt_send(struct ipc_waiter *w)
{
	struct transfer *t = (struct transfer *)w;
	struct queue *q = t->queue;

	if (t->m->len + q->bytes > q->bytes_max || q->count + 1 > q->bytes_max)
		return IPC_WAIT;
	q->sender = t->pid;
	q->stime = ipc_now();
	q->count++;
	q->bytes += t->m->len;
	all_count++;
	all_bytes += t->m->len;
	TAILQ_INSERT_TAIL(&q->messages, t->m, link);
	t->m = NULL;
	return 0;
}

static struct ipc_msg *choose(const struct queue *q, int64_t type, int flags)
{
	int64_t limit = type == INT64_MIN ? INT64_MAX : -type;
	struct ipc_msg *m, *best = NULL;

	TAILQ_FOREACH(m, &q->messages, link)
	{
		if (type < 0) {
			if (m->type <= limit && (!best || m->type < best->type))
				best = m;
		} else if (type == 0 || (m->type == type) != !!(flags & MSG_EXCEPT)) {
			return m;
		}
	}
	return best;
}

static int attempt_receive(struct ipc_waiter *w)
{
	struct transfer *t = (struct transfer *)w;
	struct queue *q = t->queue;
	struct ipc_msg *m = choose(q, t->type, t->flags);

	if (!m)
		return IPC_WAIT;
	if (m->len > t->size && !(t->flags & MSG_NOERROR))
		return -E2BIG;
	q->receiver = t->pid;
	q->rtime = ipc_now();
	q->count--;
	q->bytes -= m->len;
	all_count--;
	all_bytes -= m->len;
	TAILQ_REMOVE(&q->messages, m, link);
	t->m = m;
	return 0;
}

/* Now, or after waiting.  again: the errno of a caller who does not want to wait. */
static int transfer(struct call *c, struct transfer *t, int again)
{
	int r = t->waiter.attempt(&t->waiter);

	if (r == 0)
		ipc_retry(&t->queue->object.waiters);
	if (r != IPC_WAIT)
		return r;
	if (t->flags & IPC_NOWAIT)
		return again;
	/* Not made again after a handler, whatever SA_RESTART says. */
	c->restart = ERESTARTNOHAND;
	return ipc_wait(c, &t->queue->object.waiters, &t->waiter, NULL);
}

int ipc_msg_send(struct call *c, int id, struct ipc_msg **m, int flags)
{
	struct transfer t = { .waiter.attempt = attempt_send,
			      .pid = c->task->st.ns_tgid,
			      .flags = flags };
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0222, &t.queue);

	if (r < 0)
		return r;
	t.m = take_ptr(*m);
	r = transfer(c, &t, -EAGAIN);
	*m = t.m;
	return r;
}

/* MSG_COPY: the type is a place in the queue, the message stays. */
static int copy(const struct queue *q, const struct transfer *t, struct ipc_msg **ret)
{
	const struct ipc_msg *m = TAILQ_FIRST(&q->messages);

	if ((t->flags & MSG_EXCEPT) || !(t->flags & IPC_NOWAIT))
		return -EINVAL;
	for (int64_t i = 0; m && i < t->type; i++)
		m = TAILQ_NEXT(m, link);
	if (!m || t->type < 0)
		return -ENOMSG;
	if (m->len > t->size && !(t->flags & MSG_NOERROR))
		return -E2BIG;
	*ret = ipc_msg_new(m->len);
	if (!*ret)
		return -ENOMEM;
	(*ret)->type = m->type;
	memcpy((*ret)->text, m->text, m->len);
	return 0;
}

int ipc_msg_receive(struct call *c, int id, size_t size, int64_t type, int flags,
		    struct ipc_msg **ret)
{
	struct transfer t = { .waiter.attempt = attempt_receive,
			      .pid = c->task->st.ns_tgid,
			      .size = size,
			      .type = type,
			      .flags = flags };
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0444, &t.queue);

	if (r < 0)
		return r;
	if (flags & MSG_COPY)
		return copy(t.queue, &t, ret);
	r = transfer(c, &t, -ENOMSG);
	*ret = t.m;
	return r;
}

int ipc_msg_stat(struct call *c, int id, enum ipc_by by, struct msqid64_ds *ret)
{
	struct queue *q;
	IPC_LOCKED;
	int r = find(c, id, by, 0444, &q);

	if (r < 0)
		return r;
	*ret = (struct msqid64_ds){
		.msg_stime = q->stime,
		.msg_rtime = q->rtime,
		.msg_ctime = q->object.ctime,
		.msg_cbytes = q->bytes,
		.msg_qnum = q->count,
		.msg_qbytes = q->bytes_max,
		.msg_lspid = q->sender,
		.msg_lrpid = q->receiver,
	};
	ipc_perm_get(&q->object, &ret->msg_perm);
	return by == IPC_BY_ID ? 0 : q->object.id;
}

int ipc_msg_set(struct call *c, int id, const struct msqid64_ds *ds)
{
	const struct creds *cr = &c->task->st.creds;
	struct ipc_object *o;
	IPC_LOCKED;
	int r = ipc_table_find_owned(&table, id, cr, &o);

	if (r < 0)
		return r;
	if (ds->msg_qbytes > MSGMNB && !ipc_has_cap(cr, CAP_SYS_RESOURCE))
		return -EPERM;
	ipc_perm_set(o, &ds->msg_perm);
	queue_of(o)->bytes_max = ds->msg_qbytes;
	ipc_retry(&o->waiters);
	return 0;
}

int ipc_msg_remove(struct call *c, int id)
{
	struct ipc_object *o;
	struct queue *q;
	struct ipc_msg *m;
	IPC_LOCKED;
	int r = ipc_table_find_owned(&table, id, &c->task->st.creds, &o);

	if (r < 0)
		return r;
	ipc_table_remove(&table, o);
	q = queue_of(o);
	all_count -= q->count;
	all_bytes -= q->bytes;
	while ((m = TAILQ_FIRST(&q->messages))) {
		TAILQ_REMOVE(&q->messages, m, link);
		ipc_msg_free(m);
	}
	ipc_free(q);
	return 0;
}

int ipc_msg_info(int cmd, struct msginfo *ret)
{
	IPC_LOCKED;

	*ret = (struct msginfo){
		.msgpool = MSGPOOL,
		.msgmap = MSGMAP,
		.msgmax = MSGMAX,
		.msgmnb = MSGMNB,
		.msgmni = MSGMNI,
		.msgssz = MSGSSZ,
		.msgtql = MSGTQL,
		.msgseg = MSGSEG,
	};
	if (cmd == MSG_INFO) {
		ret->msgpool = table.in_use;
		ret->msgmap = (int)all_count;
		ret->msgtql = (int)all_bytes;
	}
	return ipc_table_highest(&table);
}
