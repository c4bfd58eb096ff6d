/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a POSIX message queue is made of besides its messages; for mq.c alone. */
#ifndef PICKET_SENTRY_IPC_MQ_H
#define PICKET_SENTRY_IPC_MQ_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/ipc.h"

struct task;

/* --- descriptors of POSIX queues ------------------------------------------------------------ */

/*
 * A guest's descriptor: a pipe.  poll(2) of it shows the state of its queue by 0 (empty),
 * 1 or 2 (full) packets.  The sentry keeps the writing end: it has no reader any more when
 * the guest has closed its last copy.
 */
struct mq_pipe {
	uint64_t dev, ino;
	int fd, packets;
};

/* Returns the guest's descriptor. */
int mq_pipe_open(struct mq_pipe *p, int flags);
void mq_pipe_show(struct mq_pipe *p, int packets);
bool mq_pipe_is_closed(const struct mq_pipe *p);

/* --- mq_notify ------------------------------------------------------------------------------- */

/* The one process that is to learn that a message has come to an empty queue. */
struct mq_notice {
	int pidfd;			/* -1: nobody */
	pid_t tgid;
	struct ipc_event event;
};

/* Does it belong to a process that lives? */
bool mq_notice_is_taken(struct mq_notice *n);

/* The caller's, from now on.  Returns 0 or negative errno. */
int mq_notice_take(struct mq_notice *n, struct call *c, const struct ipc_event *ev);

/* There is a message: it is told, and nobody's again. */
void mq_notice_give(struct mq_notice *n, const struct task *sender);

/* No message will come of it; libc frees what it keeps for one. */
void mq_notice_end(struct mq_notice *n);

#endif
