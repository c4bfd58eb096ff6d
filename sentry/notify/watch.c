// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The main thread: waits for the end of listeners.  A tick, a few milliseconds after a
 * call was received, looks for receivers that are still busy with the same call and for
 * blocking workers; it is followed by another one only if there is something to see.
 * Without calls there are no ticks.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "notify/internal.h"
#include "notify/notify.h"

#define FIXED 2			/* the caller's descriptor, the timer */
#define TICK_NS (NOTIFY_TICK_MS * 1000000LL)

struct watch {
	struct pollfd *fds;
	size_t n, cap;
	size_t others;		/* from here on: notify_watch_fd() */
	bool leaving;		/* some ended listener still has workers */
};

enum due { NEVER, LATER, SOON };

static int timer = -1;
static atomic_int due;		/* the next tick */
static struct notify_fd *others; /* protected by notify_lock */

int watch_init(void)
{
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return timer < 0 ? -errno : 0;
}

static void arm(int64_t ns)
{
	const struct itimerspec in = { .it_value.tv_nsec = ns };

	if (timerfd_settime(timer, 0, &in, NULL) < 0)
		abort();	/* nobody would look after workers that block */
}

void watch_wake(void)
{
	atomic_store(&due, SOON);
	arm(1);
}

void watch_tick(void)
{
	if (atomic_load_explicit(&due, memory_order_relaxed) != SOON &&
	    atomic_exchange(&due, SOON) != SOON)
		arm(TICK_NS);
}

static void tick_later(int64_t ns)
{
	int none = NEVER;

	if (ns <= TICK_NS) {
		watch_tick();
	} else if (atomic_compare_exchange_strong(&due, &none, LATER)) {
		arm(ns);
		if (atomic_load(&due) == SOON)	/* ours may have come after theirs */
			arm(TICK_NS);
	}
}

void notify_watch_fd(struct notify_fd *w)
{
	pthread_mutex_lock(&notify_lock);
	w->next = others;
	others = w;
	pthread_mutex_unlock(&notify_lock);
	watch_wake();
}

/* Forget ended listeners without workers; poke the workers of the others. */
static void reap(struct watch *w)
{
	struct listener **at = &notify_all_listeners, *l;

	w->leaving = false;
	while ((l = *at)) {
		if (l->ended && l->workers == 0) {
			*at = l->next;
			close(l->fd);
			pthread_cond_destroy(&l->vacant);
			pthread_cond_destroy(&l->lent);
			free(l);
			continue;
		}
		w->leaving |= l->ended;
		at = &l->next;
	}
	/* Before Linux 6.11, RECV does not return when the last guest is gone. */
	for (struct worker *k = notify_all_workers; k && w->leaving; k = k->next)
		if (k->listener->ended)
			loop_interrupt(k);
}

static int add(struct watch *w, int fd, short events)
{
	if (w->n >= w->cap) {
		size_t cap = 2 * w->n;
		struct pollfd *more = realloc(w->fds, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		w->fds = more;
		w->cap = cap;
	}
	w->fds[w->n++] = (struct pollfd){ .fd = fd, .events = events };
	return 0;
}

/* The set to poll.  Returns the number of listeners with guests, or -ENOMEM. */
static int collect(struct watch *w, int fd)
{
	int total = 0;

	w->n = FIXED;
	for (struct listener *l = notify_all_listeners; l; l = l->next) {
		if (l->ended)
			continue;
		total++;
		if (add(w, l->fd, 0) < 0)
			return -ENOMEM;
	}
	w->others = w->n;
	for (struct notify_fd *o = others; o; o = o->next)
		if (add(w, o->fd, POLLIN) < 0)
			return -ENOMEM;
	w->fds[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	w->fds[1] = (struct pollfd){ .fd = timer, .events = POLLIN };
	return total;
}

static int prepare(struct watch *w, int fd)
{
	int r;

	pthread_mutex_lock(&notify_lock);
	reap(w);
	r = collect(w, fd);
	pthread_mutex_unlock(&notify_lock);
	if (w->leaving)
		watch_tick();
	return r;
}

static void mark_ended(const struct watch *w)
{
	pthread_mutex_lock(&notify_lock);
	for (size_t i = FIXED; i < w->others; i++) {
		for (struct listener *l = notify_all_listeners; l; l = l->next) {
			if (!w->fds[i].revents || l->fd != w->fds[i].fd)
				continue;
			l->ended = true;
			pthread_cond_broadcast(&l->vacant);
			pthread_cond_broadcast(&l->lent);
		}
	}
	pthread_mutex_unlock(&notify_lock);
}

static struct notify_fd *take_other(int fd)
{
	struct notify_fd **at = &others, *o;

	pthread_mutex_lock(&notify_lock);
	while ((o = *at) && o->fd != fd)
		at = &o->next;
	if (o)
		*at = o->next;
	pthread_mutex_unlock(&notify_lock);
	return o;
}

static void serve_others(const struct watch *w)
{
	for (size_t i = w->others; i < w->n; i++) {
		struct notify_fd *o = w->fds[i].revents ? take_other(w->fds[i].fd) : NULL;

		if (o)
			o->ready(o);
	}
}

/* A worker with the same call as a tick ago: others must not wait for it. */
static int64_t check_worker(struct worker *w, int64_t now)
{
	unsigned int seq = atomic_load(&w->seq);
	int64_t next;

	w->stuck = (seq & 1) && seq == w->seen;
	if (w->stuck) {
		loop_replace_receiver(w);
	} else {
		w->ticks = 0;
		w->since_ns = 0;
	}
	w->seen = seq;
	next = block_check(w, now);
	return !next && (seq & 1) ? TICK_NS : next;
}

static void tick(void)
{
	int64_t now = notify_now_ns(), next = INT64_MAX;
	uint64_t drain;

	if (read(timer, &drain, sizeof(drain)) < 0)
		return;
	atomic_store(&due, NEVER);
	pthread_mutex_lock(&notify_lock);
	for (struct listener *l = notify_all_listeners; l; l = l->next) {
		if (modest_check(l))
			next = TICK_NS;
		loop_check_receiver(l);
	}
	for (struct worker *w = notify_all_workers; w; w = w->next) {
		int64_t ns = check_worker(w, now);

		if (ns > 0 && ns < next)
			next = ns;
	}
	pthread_mutex_unlock(&notify_lock);
	if (next < INT64_MAX)
		tick_later(next);
}

int notify_watch(int fd)
{
	static struct watch w;

	if (!w.fds) {
		w.cap = 8;
		w.fds = calloc(w.cap, sizeof(*w.fds));
		if (!w.fds)
			return -ENOMEM;
	}
	for (;;) {
		int r = prepare(&w, fd);

		if (r <= 0)
			return r;
		r = poll(w.fds, w.n, -1);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r < 0)
			continue;
		mark_ended(&w);
		if (w.fds[1].revents)
			tick();
		serve_others(&w);
		if (w.fds[0].revents)
			return 1;
	}
}
