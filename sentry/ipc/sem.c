// SPDX-License-Identifier: GPL-2.0-or-later
/* SysV semaphores. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ipc/internal.h"

struct sem {
	uint16_t value;
	pid_t pid;			/* who changed it last */
};

struct sem_set {
	struct ipc_object object;	/* the first member */
	int64_t otime;
	size_t count;
	struct sem sems[];
};

/* A call of semop(2). */
struct operation {
	struct ipc_waiter waiter;	/* the first member */
	struct sem_set *set;
	const struct sembuf *ops;
	size_t n, blocking;		/* the step that it waits for */
	int16_t *undo;			/* NULL: none of SEM_UNDO */
	pid_t pid;
};

static struct ipc_table table = IPC_TABLE_INIT(SEMMNI);
static size_t all_count;

static struct sem_set *set_of(struct ipc_object *o)
{
	return (struct sem_set *)o;
}

size_t sem_set_count(const struct sem_set *set)
{
	return set->count;
}

static int create(const struct creds *cr, int32_t key, int count, int flags)
{
	struct sem_set *set;
	int r;

	if (count == 0)
		return -EINVAL;
	if (all_count + (size_t)count > SEMMNS)
		return -ENOSPC;
	set = ipc_alloc(sizeof(*set) + (size_t)count * sizeof(struct sem));
	if (!set)
		return -ENOMEM;
	set->count = (size_t)count;
	r = ipc_table_add(&table, &set->object, cr, key, flags);
	if (r < 0)
		ipc_free(set);
	else
		all_count += set->count;
	return r;
}

int ipc_sem_get(struct call *c, int32_t key, int count, int flags)
{
	const struct creds *cr = &c->task->st.creds;
	struct ipc_object *o;
	IPC_LOCKED;
	int r;

	if (count < 0 || count > SEMMSL)
		return -EINVAL;
	r = ipc_table_get(&table, key, flags, &o);
	if (r == IPC_WAIT)
		return create(cr, key, count, flags);
	if (r < 0)
		return r;
	if ((size_t)count > set_of(o)->count)
		return -EINVAL;
	return ipc_may(o, cr, (mode_t)flags & 0777) ? o->id : -EACCES;
}

static int find(struct call *c, int id, enum ipc_by by, mode_t want, struct sem_set **ret)
{
	struct ipc_object *o;

	undo_ended();
	o = ipc_table_find(&table, id, by);
	if (!o)
		return -EINVAL;
	if (by != IPC_BY_INDEX_ANY && !ipc_may(o, &c->task->st.creds, want))
		return -EACCES;
	*ret = set_of(o);
	return 0;
}

/* One step: 0, or IPC_WAIT or an errno with nothing changed. */
static int step(struct sem_set *set, const struct sembuf *op, int16_t *undo)
{
	struct sem *s = &set->sems[op->sem_num];
	int value = s->value + op->sem_op;
	int adj;

	if (value < 0 || (op->sem_op == 0 && s->value))
		return op->sem_flg & IPC_NOWAIT ? -EAGAIN : IPC_WAIT;
	if (value > SEMVMX)
		return -ERANGE;
	if (op->sem_flg & SEM_UNDO) {
		adj = undo[op->sem_num] - op->sem_op;
		if (adj < -SEMAEM - 1 || adj > SEMAEM)
			return -ERANGE;
		undo[op->sem_num] = (int16_t)adj;
	}
	s->value = (uint16_t)value;
	return 0;
}

/* All steps or none. */
static int attempt(struct ipc_waiter *w)
{
	struct operation *o = (struct operation *)w;
	struct sem_set *set = o->set;
	size_t i = 0;
	int r = 0;

	while (i < o->n && (r = step(set, &o->ops[i], o->undo)) == 0)
		i++;
	if (r == 0) {
		for (i = 0; i < o->n; i++)
			set->sems[o->ops[i].sem_num].pid = o->pid;
		set->otime = ipc_now();
		return 0;
	}
	o->blocking = i;
	while (i-- > 0) {
		const struct sembuf *op = &o->ops[i];

		set->sems[op->sem_num].value -= (uint16_t)op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			o->undo[op->sem_num] =
				(int16_t)(o->undo[op->sem_num] + op->sem_op);
	}
	return r;
}

/* What the steps ask for, before any is made. */
static int prepare(struct call *c, int id, struct operation *o)
{
	bool alters = false, undoes = false;
	size_t highest = 0;
	int r;

	for (size_t i = 0; i < o->n; i++) {
		alters |= o->ops[i].sem_op != 0;
		undoes |= o->ops[i].sem_flg & SEM_UNDO;
		if (o->ops[i].sem_num > highest)
			highest = o->ops[i].sem_num;
	}
	r = find(c, id, IPC_BY_ID, alters ? 0222 : 0444, &o->set);
	if (r == 0 || r == -EACCES) {
		struct ipc_object *any = ipc_table_find(&table, id, IPC_BY_ID);

		if (highest >= set_of(any)->count)
			return -EFBIG;
	}
	if (r == 0 && undoes)
		r = undo_get(c, o->set, &o->undo);
	return r;
}

int ipc_sem_op(struct call *c, int id, const struct sembuf *ops, size_t n,
	       const struct ipc_deadline *until)
{
	struct operation o = { .waiter.attempt = attempt,
			       .ops = ops,
			       .n = n,
			       .pid = c->task->st.ns_tgid };
	IPC_LOCKED;
	int r = prepare(c, id, &o);

	if (r < 0)
		return r;
	r = attempt(&o.waiter);
	if (r == 0)
		ipc_retry(&o.set->object.waiters);
	if (r != IPC_WAIT)
		return r;
	c->restart = EINTR;		/* never made again */
	r = ipc_wait(c, &o.set->object.waiters, &o.waiter, until);
	return r == -ETIMEDOUT ? -EAGAIN : r;
}

void sem_set_adjust(struct sem_set *set, const int16_t *adj, pid_t pid)
{
	for (size_t i = 0; i < set->count; i++) {
		int value = set->sems[i].value + adj[i];

		if (!adj[i])
			continue;
		set->sems[i].value = (uint16_t)(value < 0      ? 0 :
						value > SEMVMX ? SEMVMX :
								 value);
		set->sems[i].pid = pid;
	}
	set->otime = ipc_now();
	ipc_retry(&set->object.waiters);
}

int ipc_sem_stat(struct call *c, int id, enum ipc_by by, struct semid64_ds *ret)
{
	struct sem_set *set;
	IPC_LOCKED;
	int r = find(c, id, by, 0444, &set);

	if (r < 0)
		return r;
	*ret = (struct semid64_ds){
		.sem_otime = set->otime,
		.sem_ctime = set->object.ctime,
		.sem_nsems = set->count,
	};
	ipc_perm_get(&set->object, &ret->sem_perm);
	return by == IPC_BY_ID ? 0 : set->object.id;
}

int ipc_sem_set(struct call *c, int id, const struct semid64_ds *ds)
{
	struct ipc_object *o;
	IPC_LOCKED;
	int r = ipc_table_find_owned(&table, id, &c->task->st.creds, &o);

	if (r == 0)
		ipc_perm_set(o, &ds->sem_perm);
	return r;
}

int ipc_sem_remove(struct call *c, int id)
{
	struct ipc_object *o;
	IPC_LOCKED;
	int r = ipc_table_find_owned(&table, id, &c->task->st.creds, &o);

	if (r < 0)
		return r;
	undo_forget_set(set_of(o));
	ipc_table_remove(&table, o);
	all_count -= set_of(o)->count;
	ipc_free(o);
	return 0;
}

int ipc_sem_info(int cmd, struct seminfo *ret)
{
	IPC_LOCKED;

	*ret = (struct seminfo){
		.semmap = SEMMAP,
		.semmni = SEMMNI,
		.semmns = SEMMNS,
		.semmnu = SEMMNU,
		.semmsl = SEMMSL,
		.semopm = SEMOPM,
		.semume = SEMUME,
		.semusz = SEMUSZ,
		.semvmx = SEMVMX,
		.semaem = SEMAEM,
	};
	if (cmd == SEM_INFO) {
		ret->semusz = table.in_use;
		ret->semaem = (int)all_count;
	}
	return ipc_table_highest(&table);
}

/* How many wait for this semaphore: to become 0, or to grow. */
static int count_waiters(const struct sem_set *set, int num, bool for_zero)
{
	const struct ipc_waiter *w;
	int n = 0;

	TAILQ_FOREACH(w, &set->object.waiters, link)
	{
		const struct operation *o = (const struct operation *)w;
		const struct sembuf *op = &o->ops[o->blocking];

		n += op->sem_num == num && (op->sem_op == 0) == for_zero;
	}
	return n;
}

int ipc_sem_value(struct call *c, int id, int num, int cmd)
{
	struct sem_set *set;
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0444, &set);

	if (r < 0)
		return r;
	if (num < 0 || (size_t)num >= set->count)
		return -EINVAL;
	switch (cmd) {
	case GETVAL:
		return set->sems[num].value;
	case GETPID:
		return set->sems[num].pid;
	default:
		return count_waiters(set, num, cmd == GETZCNT);
	}
}

int ipc_sem_set_value(struct call *c, int id, int num, int value)
{
	struct sem_set *set;
	IPC_LOCKED;
	int r;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	r = find(c, id, IPC_BY_ID, 0222, &set);
	if (r < 0)
		return r;
	if (num < 0 || (size_t)num >= set->count)
		return -EINVAL;
	undo_clear(set, (size_t)num, (size_t)num);
	set->sems[num] = (struct sem){ (uint16_t)value, c->task->st.ns_tgid };
	set->object.ctime = ipc_now();
	ipc_retry(&set->object.waiters);
	return 0;
}

int ipc_sem_count(struct call *c, int id)
{
	struct sem_set *set;
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0222, &set);

	return r < 0 ? r : (int)set->count;
}

int ipc_sem_values(struct call *c, int id, uint16_t **ret, size_t *ret_n)
{
	struct sem_set *set;
	uint16_t *values;
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0444, &set);

	if (r < 0)
		return r;
	values = calloc(set->count, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		values[i] = set->sems[i].value;
	*ret_n = set->count;
	*ret = values;
	return 0;
}

int ipc_sem_set_values(struct call *c, int id, const uint16_t *values, size_t n)
{
	struct sem_set *set;
	IPC_LOCKED;
	int r = find(c, id, IPC_BY_ID, 0222, &set);

	if (r < 0)
		return r;
	if (n != set->count)
		return -EIDRM;		/* a number that came round meanwhile */
	for (size_t i = 0; i < n; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	for (size_t i = 0; i < n; i++)
		set->sems[i] = (struct sem){ values[i], c->task->st.ns_tgid };
	undo_clear(set, 0, n - 1);
	set->object.ctime = ipc_now();
	ipc_retry(&set->object.waiters);
	return 0;
}
