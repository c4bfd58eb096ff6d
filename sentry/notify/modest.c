// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The modest worker: a receiver of class SCHED_IDLE.  The scheduler takes a CPU that runs
 * nothing else for an idle one, so whom it wakes by an injection stays on its CPU, where
 * another worker would wake a sleeping CPU (docs/decisions/wakeup.md).
 *
 * On a busy machine it would starve.  So it has the role of receiver only while calls keep
 * coming and its injections are cheap: the tick takes the role back after some ticks
 * without calls, or after one in which a waiting call was not received.
 */
#include <poll.h>
#include <sched.h>

#include "notify/internal.h"

#define PENALTY_MIN_NS 50000000LL
#define PENALTY_MAX_NS 2000000000LL
#define SILENT_TICKS 4
#define TURN 64			/* decays by an eighth with each injection */
#define TURNS_MAX (4 * TURN)	/* at every second injection */

/* It did not serve well: the next try comes later each time. */
static void take_back(struct listener *l)
{
	if (l->penalty_ns < PENALTY_MIN_NS)
		l->penalty_ns = PENALTY_MIN_NS;
	atomic_store(&l->lend_after_ns, notify_now_ns() + l->penalty_ns);
	if (l->penalty_ns < PENALTY_MAX_NS)
		l->penalty_ns *= 2;
	loop_replace_receiver(l->modest);
}

bool modest_become(struct worker *w)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, SCHED_IDLE, &none) == 0)
		return true;
	atomic_store(&w->listener->lend_after_ns, INT64_MAX);
	return false;
}

bool modest_is_torn(struct worker *w)
{
	w->turns -= w->turns / 8;
	if (w->tid != w->injected)
		w->turns += TURN;
	w->injected = w->tid;
	if (w->turns < TURNS_MAX)
		return false;
	modest_give_up(w);
	return true;
}

bool modest_await_role(struct worker *w)
{
	struct listener *l = w->listener;
	bool ok;

	if (atomic_load(&l->receiver) == w)
		return true;
	loop_roam(w);
	pthread_mutex_lock(&notify_lock);
	while (!l->lend && !l->ended)
		pthread_cond_wait(&l->lent, &notify_lock);
	ok = !l->ended;
	if (ok) {
		/* The receiver of before finds out after its call. */
		l->lend = false;
		w->cost_ns = w->best_ns = 0;
		w->turns = 0;
		atomic_store(&l->receiver, w);
	}
	pthread_mutex_unlock(&notify_lock);
	watch_tick();
	return ok;
}

void modest_lend(struct listener *l)
{
	if (notify_now_ns() < atomic_load(&l->lend_after_ns))
		return;
	pthread_mutex_lock(&notify_lock);
	if (!l->modest && loop_start_worker(l, WORKER_MODEST) < 0)
		atomic_store(&l->lend_after_ns, notify_now_ns() + PENALTY_MAX_NS);
	if (l->modest && !l->lend && atomic_load(&l->receiver) != l->modest) {
		l->lend = true;
		pthread_cond_signal(&l->lent);
	}
	pthread_mutex_unlock(&notify_lock);
}

void modest_give_up(struct worker *w)
{
	pthread_mutex_lock(&notify_lock);
	if (atomic_load(&w->listener->receiver) == w)
		take_back(w->listener);
	pthread_mutex_unlock(&notify_lock);
}

bool modest_check(struct listener *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	struct worker *w = l->modest;

	if (!w || atomic_load(&l->receiver) != w)
		return false;
	if (atomic_load(&w->seq) != w->seen) {
		l->penalty_ns /= 2;
		l->silent = 0;
		return true;
	}
	if (poll(&p, 1, 0) == 1)
		take_back(l);
	else if (++l->silent < SILENT_TICKS)
		return true;
	else
		loop_replace_receiver(w);
	l->silent = 0;
	return false;
}
