/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of notify only. */
#ifndef PICKET_SENTRY_NOTIFY_INTERNAL_H
#define PICKET_SENTRY_NOTIFY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/call.h"

struct worker;

/*
 * A listener.  Protected by notify_lock but for the atomic.
 *
 * One worker at a time is its receiver: the kernel wakes every thread in RECV for each
 * notification (a second one doubles the cost of a call).  The receiver handles and
 * replies itself; when it blocks, is slow, or finds more calls waiting, the role goes to
 * a parked or a new worker.
 *
 * While CPUs sleep, the role is lent to the modest worker, which is of class SCHED_IDLE:
 * whom it wakes stays on its CPU.  See modest.c.
 */
struct listener {
	int fd;
	bool sync;		/* SYNC_WAKE_UP works (Linux 6.6) */
	bool ended;		/* its last guest is gone */
	int workers, parked;
	struct worker *_Atomic receiver;
	pthread_cond_t vacant;	/* the role is free, or the listener has ended */
	struct worker *modest;	/* NULL: none yet */
	bool lend;		/* the role is to go to the modest worker */
	pthread_cond_t lent;	/* lend, or the listener has ended */
	_Atomic int64_t lend_after_ns; /* not before (monotonic) */
	int64_t penalty_ns;	/* after the next failure */
	int silent;		/* ticks without calls, in the modest worker's time */
	struct listener *next;
};

enum poke { POKE_NONE, POKE_SENDING, POKE_SENT };

/* A worker thread.  Protected by notify_lock but for the atomic. */
struct worker {
	struct listener *listener;
	_Atomic pid_t thread;	/* its own number; 0: not known yet */
	bool is_modest;
	bool stays;		/* it has pinned itself to its CPU */
	int cost_ns, best_ns;	/* the modest worker's injections since it has the role */
	unsigned int injections;
	bool fetch;		/* its next one is to fetch the caller to this CPU */
	pid_t injected;		/* its latest caller that got a descriptor */
	unsigned int turns;	/* how often that changed lately */
	unsigned int pinned;	/* injections in a row for which the caller was pinned */
	atomic_uint seq;	/* odd: handling a call */
	unsigned int seen;	/* seq at the last tick */
	pid_t last;		/* its latest caller; the worker's own */

	atomic_bool blocking;	/* between notify_blocking_begin and _end */
	bool stuck;		/* with one call for a whole tick: taken for blocking */
	_Atomic uint64_t interrupt; /* INTERRUPT(seq of the call, errno for its guest); 0: none */
	atomic_bool replying;	/* no more interruptions of this call */
	_Atomic enum poke poke;	/* NOTIFY_INTERRUPT: on its way, or sent */
	_Atomic uint64_t id;	/* of the notification */
	_Atomic pid_t tid;	/* of the guest */
	unsigned int ticks;	/* since a shared signal was first seen pending */
	int64_t since_ns;	/* a tick saw it block first; 0: it does not */
	int64_t check_ns;	/* its caller is to be looked at then (monotonic) */
	struct worker *next;
};

#define INTERRUPT(seq, err) ((uint64_t)(seq) << 32 | (uint32_t)(err))

#define NOTIFY_INTERRUPT SIGUSR1	/* no-op: ends a blocking call of a worker */
#define NOTIFY_TICK_MS 5

extern pthread_mutex_t notify_lock;
extern struct listener *notify_all_listeners;
extern struct worker *notify_all_workers;
extern int notify_procfs;
extern _Thread_local struct worker *notify_self;

/* CLOCK_MONOTONIC. */
int64_t notify_now_ns(void);

/* The role of receiver leaves w, if w has it.  With notify_lock held. */
void loop_replace_receiver(struct worker *w);

/*
 * The calling worker runs on this CPU only, or on all again.  A guest that goes on after
 * an injection wakes it: on another CPU, where one has just fallen asleep, and from then
 * on each call is a journey.
 */
void loop_stay(struct worker *w);
void loop_roam(struct worker *w);

/*
 * Start a worker, a thread; not from the modest worker, whose class it would inherit.
 * WORKER_MODEST: it becomes l->modest.  With notify_lock held.
 */
#define WORKER_MODEST 1
int loop_start_worker(struct listener *l, int flags);

/* NOTIFY_INTERRUPT for a worker. */
void loop_interrupt(const struct worker *w);

/* With notify_lock held: a receiver where there is none and nobody waits to be it. */
void loop_check_receiver(struct listener *l);

/* The modest worker's own part.  False: it is not needed any more, or cannot be. */
bool modest_become(struct worker *w);
bool modest_await_role(struct worker *w);

/* The receiver's injections say that CPUs sleep: lend the role, unless that failed lately. */
void modest_lend(struct listener *l);

/* At a tick, with notify_lock held: take the role back where it is not used or not served. */
bool modest_check(struct listener *l);

/* Does it serve callers on several CPUs at once?  Then it has given the role back. */
bool modest_is_torn(struct worker *w);

/* Its injections cost more than those of the others: take the role back. */
void modest_give_up(struct worker *w);

/* The only NOTIF_SEND and NOTIF_ADDFD. */
void reply_send(const struct call *c, const struct listener *l, struct reply r);

/*
 * With notify_lock held: interrupt the worker if it is blocking or stuck and its guest is
 * gone or has a signal.  Returns when to look again, in ns from now; 0: it is neither.
 */
int64_t block_check(struct worker *w, int64_t now);

/*
 * No NOTIFY_INTERRUPT arrives from now on until the worker's next call.  An ADDFD with its
 * reply that is interrupted would be cut in two: the guest gets 0 for a descriptor.
 */
void block_end(struct worker *w);

/* The main thread's alarm: soon, at the next tick. */
int watch_init(void);
void watch_wake(void);
void watch_tick(void);

#endif
