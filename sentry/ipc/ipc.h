/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SysV message queues and semaphores, POSIX message queues: the objects of one sentry, in
 * its own memory.  No call reaches the kernel's.  What a limit or IPC_MEMORY_MAX does not
 * allow is refused; everything ends with the sentry.  docs/decisions/ipc.md.
 *
 * Callers have done task_get(c).  Functions that wait end with -EINTR for a caller that
 * has a signal to handle, and have dropped c->task then.  No step leaves half a change.
 * Credentials, pids and times are those that the caller would see.
 */
#ifndef PICKET_SENTRY_IPC_IPC_H
#define PICKET_SENTRY_IPC_IPC_H

#include <linux/msg.h>
#include <linux/sem.h>
#include <mqueue.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "abi/call.h"

#define IPC_MEMORY_MAX  (16u << 20)	/* all objects of the sentry */
#define IPC_WAITERS_MAX 224		/* each costs a worker: some are left for the others */

/* A message of either kind; the engine owns it from send on, the caller after receive. */
struct ipc_msg {
	TAILQ_ENTRY(ipc_msg) link;
	int64_t type;			/* POSIX: the priority */
	size_t len;
	char text[];
};

struct ipc_msg *ipc_msg_new(size_t len);	/* NULL: no memory for the container */
void ipc_msg_free(struct ipc_msg *m);
#define auto_ipc_msg __attribute__((__cleanup__(ipc_msg_cleanup)))
static inline void ipc_msg_cleanup(struct ipc_msg **m)
{
	ipc_msg_free(*m);
}

/* A point in time after which waiting ends with -EAGAIN (SysV), -ETIMEDOUT (POSIX). */
struct ipc_deadline {
	clockid_t clock;		/* CLOCK_MONOTONIC or CLOCK_REALTIME */
	struct timespec at;
};

#define IPC_COOKIE_LEN 32		/* NOTIFY_COOKIE_LEN of Linux */

/* How a process is to learn of a message. */
struct ipc_event {
	struct sigevent how;
	uint64_t socket;		/* SIGEV_THREAD: a netlink_find(), to which goes */
	unsigned char cookie[IPC_COOKIE_LEN];
};

/* How *_stat() finds its object. */
enum ipc_by { IPC_BY_ID, IPC_BY_INDEX, IPC_BY_INDEX_ANY /* without permission */ };

/* --- SysV message queues: results are those of the system calls ------------------------ */
int ipc_msg_get(struct call *c, int32_t key, int flags);
int ipc_msg_send(struct call *c, int id, struct ipc_msg **m, int flags);
int ipc_msg_receive(struct call *c, int id, size_t size, int64_t type, int flags,
		    struct ipc_msg **ret);
int ipc_msg_stat(struct call *c, int id, enum ipc_by by, struct msqid64_ds *ret);
int ipc_msg_set(struct call *c, int id, const struct msqid64_ds *ds);
int ipc_msg_remove(struct call *c, int id);
int ipc_msg_info(int cmd, struct msginfo *ret);		/* IPC_INFO, MSG_INFO */

/* --- SysV semaphores ------------------------------------------------------------------- */
int ipc_sem_get(struct call *c, int32_t key, int count, int flags);
int ipc_sem_op(struct call *c, int id, const struct sembuf *ops, size_t n,
	       const struct ipc_deadline *until);
int ipc_sem_stat(struct call *c, int id, enum ipc_by by, struct semid64_ds *ret);
int ipc_sem_set(struct call *c, int id, const struct semid64_ds *ds);
int ipc_sem_remove(struct call *c, int id);
int ipc_sem_info(int cmd, struct seminfo *ret);		/* IPC_INFO, SEM_INFO */
/* GETVAL, GETPID, GETNCNT, GETZCNT */
int ipc_sem_value(struct call *c, int id, int num, int cmd);
int ipc_sem_set_value(struct call *c, int id, int num, int value);
/* GETALL: a new array of *ret_n values, to be freed.  SETALL: first its size, then all. */
int ipc_sem_values(struct call *c, int id, uint16_t **ret, size_t *ret_n);
int ipc_sem_count(struct call *c, int id);
int ipc_sem_set_values(struct call *c, int id, const uint16_t *values, size_t n);

/* --- POSIX message queues; fd: a copy of the caller's descriptor ------------------------ */
/* attr: NULL for the defaults.  Returns a descriptor for the caller. */
int ipc_mq_open(struct call *c, const char *name, int flags, mode_t mode,
		const struct mq_attr *attr);
int ipc_mq_unlink(struct call *c, const char *name);
int ipc_mq_send(struct call *c, int fd, struct ipc_msg **m, const struct ipc_deadline *until);
int ipc_mq_receive(struct call *c, int fd, size_t size, const struct ipc_deadline *until,
		   struct ipc_msg **ret);
int ipc_mq_notify(struct call *c, int fd, const struct ipc_event *ev);	/* NULL: no more */
/* May a message of len bytes be sent?  Before it is read. */
int ipc_mq_check(int fd, size_t len);
int ipc_mq_attr(int fd, const struct mq_attr *set, struct mq_attr *ret_old);

#endif
