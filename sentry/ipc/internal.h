/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of ipc/ only. */
#ifndef PICKET_SENTRY_IPC_INTERNAL_H
#define PICKET_SENTRY_IPC_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "ipc/ipc.h"
#include "task/task.h"

/* Protects every object.  Held for moments, never while waiting. */
extern pthread_mutex_t ipc_lock;

static inline void ipc_unlock(pthread_mutex_t **lock)
{
	pthread_mutex_unlock(*lock);
}
/* Until the end of the scope. */
#define IPC_LOCKED                                                                     \
	pthread_mutex_t *locked_ __attribute__((__cleanup__(ipc_unlock), unused)) =    \
		(pthread_mutex_lock(&ipc_lock), &ipc_lock)

/* Zeroed memory that counts towards IPC_MEMORY_MAX. */
void *ipc_alloc(size_t size);
void ipc_free(void *p);

int64_t ipc_now(void);			/* seconds, as in shm_ctime and the like */
bool ipc_in_group(const struct creds *cr, gid_t gid);

static inline bool ipc_has_cap(const struct creds *cr, int cap)
{
	return cr->cap_effective & 1ull << cap;
}

/* --- waiting ----------------------------------------------------------------------------- */

#define IPC_WAIT 1			/* result of an attempt: not yet */

/*
 * A call that waits.  Whoever changes an object makes the attempts of those who wait for
 * it, in the order of their arrival: they wake with their result, and nobody in vain.
 */
struct ipc_waiter {
	int (*attempt)(struct ipc_waiter *w);	/* with ipc_lock held */
	const struct call *call;		/* who is dead gets nothing any more */
	TAILQ_ENTRY(ipc_waiter) link;
	_Atomic uint32_t done;
	int result;
};
TAILQ_HEAD(ipc_waiters, ipc_waiter);

/*
 * Wait on the list until somebody else's ipc_retry() or ipc_dismiss() makes a result, the
 * deadline (-ETIMEDOUT; NULL: none) or a signal (-EINTR) comes.  With ipc_lock held, which
 * is dropped meanwhile; drops c->task.
 */
int ipc_wait(struct call *c, struct ipc_waiters *l, struct ipc_waiter *w,
	     const struct ipc_deadline *until);

/* After a change: make the attempts of all.  With ipc_lock held. */
void ipc_retry(struct ipc_waiters *l);

/* Their object is gone: all get r. */
void ipc_dismiss(struct ipc_waiters *l, int r);

/* --- SysV objects ------------------------------------------------------------------------- */

struct ipc_object {
	int id;
	int32_t key;
	uid_t uid, cuid;
	gid_t gid, cgid;
	mode_t mode;
	int64_t ctime;
	struct ipc_waiters waiters;
};

/* Objects by index; numbered as Linux does it: index and how often indices came round. */
struct ipc_table {
	struct ipc_object **at;
	int size, in_use, max;
	int last, seq;			/* the latest index; rounds */
};
#define IPC_TABLE_INIT(max_) { .max = (max_), .last = -1 }

/* msgget and semget: 0 and an object, IPC_WAIT: there is none, make one; or an errno. */
int ipc_table_get(struct ipc_table *t, int32_t key, int flags, struct ipc_object **ret);

/* Number it and enter it, as the caller's.  Returns its id. */
int ipc_table_add(struct ipc_table *t, struct ipc_object *o, const struct creds *cr,
		  int32_t key, int flags);
void ipc_table_remove(struct ipc_table *t, struct ipc_object *o);

struct ipc_object *ipc_table_find(const struct ipc_table *t, int id, enum ipc_by by);
int ipc_table_highest(const struct ipc_table *t);	/* index; 0 if there is none */

/* May these use it for what the mode bits say (0444: read, 0222: alter)? */
bool ipc_may(const struct ipc_object *o, const struct creds *cr, mode_t want);

/* Object by id for a change of its owner or its end. */
int ipc_table_find_owned(const struct ipc_table *t, int id, const struct creds *cr,
			 struct ipc_object **ret);

void ipc_perm_get(const struct ipc_object *o, struct ipc64_perm *ret);
void ipc_perm_set(struct ipc_object *o, const struct ipc64_perm *p);

/* --- SEM_UNDO ------------------------------------------------------------------------------ */

struct sem_set;

/*
 * What the end of the caller's process is to add to the values of the set; zeroes at
 * first.  With ipc_lock held, as all of them.
 */
int undo_get(struct call *c, struct sem_set *set, int16_t **ret);

/* The processes that have ended since: their adjustments are made. */
void undo_ended(void);

/* The set is gone; semaphores first..last of it have got new values. */
void undo_forget_set(const struct sem_set *set);
void undo_clear(const struct sem_set *set, size_t first, size_t last);

/* Of sem.c: the number of semaphores; make the adjustments of a process. */
size_t sem_set_count(const struct sem_set *set);
void sem_set_adjust(struct sem_set *set, const int16_t *adj, pid_t pid);

#endif
