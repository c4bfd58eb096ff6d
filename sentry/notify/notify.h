/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only users of the listener.  N threads each RECV, handle and SEND inline: no queue
 * between them, at least one always blocked in RECV; the one that takes the last idle
 * place starts another (kernel-notes 4.2 and 4.3).
 */
#ifndef PICKET_SENTRY_NOTIFY_NOTIFY_H
#define PICKET_SENTRY_NOTIFY_NOTIFY_H

#include <stdbool.h>

#include "abi/call.h"

/* Once, before anything else.  procfs: directory in which guests are numbered as here. */
int notify_init(int procfs);

/* The sentry's own number there. */
pid_t notify_pid(void);

/* Serve a listener (owned from now on) with its own threads.  Returns 0 or negative errno. */
int notify_serve(int listener);

/* How many threads of all listeners there are now. */
unsigned int notify_workers(void);

/*
 * The main thread's part: waits, and looks after listeners and blocking workers.
 * Returns 1 when fd (-1: none) is readable; 0 when no listener has a guest any more (a
 * worker may still be busy with a call that nobody waits for); or a negative errno.
 */
int notify_watch(int fd);

/* A descriptor for the main thread to wait for, in memory of the one who asks for it. */
struct notify_fd {
	int fd;
	/* Once, by the main thread when fd is readable; the memory is the asker's again. */
	void (*ready)(struct notify_fd *w);
	struct notify_fd *next;		/* notify's own */
};
void notify_watch_fd(struct notify_fd *w);

/* Is the call still waiting for us?  To be asked after opening anything by pid. */
bool notify_is_valid(const struct call *c);

/*
 * A handler whose thread is still in the same call after a tick or two is interrupted
 * (EINTR) when its caller dies or has a signal to handle; a reply of -EINTR then becomes
 * a restart or an EINTR, as the guest's handler wants it (or as c->restart says).
 *
 * Before a step that is likely to wait for long (connect): the same, and other callers
 * are served from now on, not from the next tick on.  Costs a few microseconds.
 */
void notify_blocking_begin(struct call *c);
void notify_blocking_end(struct call *c);

#endif
