// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What SysV objects have in common: numbers, keys, permissions; and the memory of all
 * objects.
 */
#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ipc/internal.h"

#define INDEX_BITS 15
#define INDEX_MASK ((1 << INDEX_BITS) - 1)
#define SEQ_MAX    ((1 << (31 - INDEX_BITS)) - 1)
#define CYCLE_MIN  64		/* an index comes round after this many objects at least */
#define TABLE_MIN  16

pthread_mutex_t ipc_lock = PTHREAD_MUTEX_INITIALIZER;

static atomic_size_t memory;

void *ipc_alloc(size_t size)
{
	void *p = calloc(1, size);
	size_t real = malloc_usable_size(p);

	if (!p)
		return NULL;
	if (atomic_fetch_add(&memory, real) + real <= IPC_MEMORY_MAX)
		return p;
	ipc_free(p);
	return NULL;
}

void ipc_free(void *p)
{
	atomic_fetch_sub(&memory, malloc_usable_size(p));
	free(p);
}

struct ipc_msg *ipc_msg_new(size_t len)
{
	struct ipc_msg *m = ipc_alloc(sizeof(*m) + len);

	if (m)
		m->len = len;
	return m;
}

void ipc_msg_free(struct ipc_msg *m)
{
	ipc_free(m);
}

int64_t ipc_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return t.tv_sec;
}

bool ipc_in_group(const struct creds *cr, gid_t gid)
{
	for (size_t i = 0; i < cr->groups_n; i++)
		if (cr->groups[i] == gid)
			return true;
	return cr->fsgid == gid;
}

bool ipc_may(const struct ipc_object *o, const struct creds *cr, mode_t want)
{
	mode_t granted = o->mode;

	if (cr->euid == o->cuid || cr->euid == o->uid)
		granted >>= 6;
	else if (ipc_in_group(cr, o->cgid) || ipc_in_group(cr, o->gid))
		granted >>= 3;
	want |= want >> 6 | want >> 3;
	return !(want & ~granted & 07) || ipc_has_cap(cr, CAP_IPC_OWNER);
}

void ipc_perm_get(const struct ipc_object *o, struct ipc64_perm *ret)
{
	*ret = (struct ipc64_perm){
		.key = o->key,
		.uid = o->uid,
		.gid = o->gid,
		.cuid = o->cuid,
		.cgid = o->cgid,
		.mode = o->mode,
		.seq = (unsigned short)(o->id >> INDEX_BITS),
	};
}

void ipc_perm_set(struct ipc_object *o, const struct ipc64_perm *p)
{
	o->uid = p->uid;
	o->gid = p->gid;
	o->mode = p->mode & 0777;
	o->ctime = ipc_now();
}

struct ipc_object *ipc_table_find(const struct ipc_table *t, int id, enum ipc_by by)
{
	int index = by == IPC_BY_ID ? id & INDEX_MASK : id;

	if (id < 0 || index >= t->size || !t->at[index])
		return NULL;
	return by != IPC_BY_ID || t->at[index]->id == id ? t->at[index] : NULL;
}

int ipc_table_find_owned(const struct ipc_table *t, int id, const struct creds *cr,
			 struct ipc_object **ret)
{
	struct ipc_object *o = ipc_table_find(t, id, IPC_BY_ID);

	if (!o)
		return -EINVAL;
	if (cr->euid != o->cuid && cr->euid != o->uid && !ipc_has_cap(cr, CAP_SYS_ADMIN))
		return -EPERM;
	*ret = o;
	return 0;
}

int ipc_table_highest(const struct ipc_table *t)
{
	int i = t->size - 1;

	while (i > 0 && !t->at[i])
		i--;
	return i < 0 ? 0 : i;
}

int ipc_table_get(struct ipc_table *t, int32_t key, int flags, struct ipc_object **ret)
{
	if (key == IPC_PRIVATE)
		return IPC_WAIT;
	for (int i = 0; i < t->size; i++) {
		if (!t->at[i] || t->at[i]->key != key)
			continue;
		if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
			return -EEXIST;
		*ret = t->at[i];
		return 0;
	}
	return flags & IPC_CREAT ? IPC_WAIT : -ENOENT;
}

static int grow(struct ipc_table *t)
{
	int size = t->size ? 2 * t->size : TABLE_MIN;
	struct ipc_object **more = ipc_alloc((size_t)size * sizeof(struct ipc_object *));

	if (!more)
		return -ENOMEM;
	if (t->size)
		memcpy(more, t->at, (size_t)t->size * sizeof(struct ipc_object *));
	ipc_free(t->at);
	t->at = more;
	t->size = size;
	return 0;
}

/* The first free index after the latest, in a cycle that is longer than what is in use. */
static int choose_index(const struct ipc_table *t)
{
	int cycle = t->in_use * 3 / 2;
	int i;

	if (cycle < CYCLE_MIN)
		cycle = CYCLE_MIN;
	if (cycle > t->max)
		cycle = t->max;
	for (int n = 1; n <= cycle; n++) {
		i = (t->last + n) % cycle;
		if (i >= t->size || !t->at[i])
			return i;
	}
	return -ENOSPC;
}

int ipc_table_add(struct ipc_table *t, struct ipc_object *o, const struct creds *cr,
		  int32_t key, int flags)
{
	int i = t->in_use < t->max ? choose_index(t) : -ENOSPC;

	while (i >= t->size)
		if (grow(t) < 0)
			return -ENOMEM;
	if (i < 0)
		return i;
	if (i <= t->last)
		t->seq = t->seq == SEQ_MAX ? 0 : t->seq + 1;
	t->last = i;
	t->at[i] = o;
	t->in_use++;
	o->id = t->seq << INDEX_BITS | i;
	o->key = key;
	o->uid = o->cuid = cr->euid;
	o->gid = o->cgid = cr->egid;
	o->mode = (mode_t)flags & 0777;
	o->ctime = ipc_now();
	TAILQ_INIT(&o->waiters);
	return o->id;
}

void ipc_table_remove(struct ipc_table *t, struct ipc_object *o)
{
	t->at[o->id & INDEX_MASK] = NULL;
	t->in_use--;
	ipc_dismiss(&o->waiters, -EIDRM);
}
