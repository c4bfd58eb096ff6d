// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that wait for somebody else's change: see ipc/internal.h. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc/internal.h"
#include "notify/notify.h"

static int waiters_n;		/* protected by ipc_lock */

static void finish(struct ipc_waiters *l, struct ipc_waiter *w, int r)
{
	TAILQ_REMOVE(l, w, link);
	w->result = r;
	atomic_store(&w->done, 1);
	/* It needs ipc_lock to go on: *w is there until we let it go. */
	syscall(SYS_futex, &w->done, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

void ipc_retry(struct ipc_waiters *l)
{
	struct ipc_waiter *w = TAILQ_FIRST(l);

	while (w) {
		int r = notify_is_valid(w->call) ? w->attempt(w) : -EINTR;

		if (r == IPC_WAIT) {
			w = TAILQ_NEXT(w, link);
			continue;
		}
		finish(l, w, r);
		w = TAILQ_FIRST(l);	/* that was a change, too */
	}
}

void ipc_dismiss(struct ipc_waiters *l, int r)
{
	while (!TAILQ_EMPTY(l))
		finish(l, TAILQ_FIRST(l), r);
}

/* 0: done; or -EINTR, -ETIMEDOUT. */
static int sleep_until_done(struct ipc_waiter *w, const struct ipc_deadline *until)
{
	int op = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG;
	const struct timespec *at = until ? &until->at : NULL;

	if (until && until->clock == CLOCK_REALTIME)
		op |= FUTEX_CLOCK_REALTIME;
	while (!atomic_load(&w->done)) {
		if (syscall(SYS_futex, &w->done, op, 0, at, NULL,
			    FUTEX_BITSET_MATCH_ANY) < 0 &&
		    errno != EAGAIN)
			return -errno;
	}
	return 0;
}

int ipc_wait(struct call *c, struct ipc_waiters *l, struct ipc_waiter *w,
	     const struct ipc_deadline *until)
{
	int r;

	if (waiters_n >= IPC_WAITERS_MAX)
		return -ENOMEM;
	waiters_n++;
	w->call = c;
	atomic_store(&w->done, 0);
	TAILQ_INSERT_TAIL(l, w, link);
	pthread_mutex_unlock(&ipc_lock);
	task_put(c);
	notify_blocking_begin(c);
	r = sleep_until_done(w, until);
	notify_blocking_end(c);
	pthread_mutex_lock(&ipc_lock);
	waiters_n--;
	if (atomic_load(&w->done))
		return w->result;
	TAILQ_REMOVE(l, w, link);
	return r;
}
