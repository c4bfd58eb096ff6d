// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread between guests' netlink sockets and the kernel: see net/relay.h.  It sleeps
 * in poll(2) and never waits for a guest.  What it says for one of them: net/session.c.
 */
#include "net/relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/internal.h"
#include "net/pair.h"
#include "notify/notify.h"
#include "obs/stats.h"

#define SESSIONS_MAX 4096
#define STEPS 64		/* for one session, then for others */
#define STACK_SIZE (128 * 1024)
#define FIRST_PORT 0xffffefffu	/* then downwards: no process has these numbers */

pthread_mutex_t relay_lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;
static atomic_uint count;
static int wake[2] = { -1, -1 };	/* to the thread, of it */
static bool running;
static pthread_cond_t stepped = PTHREAD_COND_INITIALIZER;	/* the thread went on */

static void forget(struct session *s)
{
	struct session **at;

	pthread_mutex_lock(&relay_lock);
	for (at = &sessions; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	pthread_mutex_unlock(&relay_lock);
	atomic_fetch_sub(&count, 1);
	session_close(s);
	free(s);
}

static void serve(struct session *s, short events)
{
	bool end = false;

	for (int i = 0; i < STEPS && session_step(s, events, &end); i++)
		;
	if (end)
		forget(s);
}

/* What the thread waits for: its wake-ups, then each session and the events for it. */
struct waiting {
	struct pollfd *fds;
	struct session **who;
	size_t n, cap;		/* sessions */
};

static bool grow(struct waiting *w)
{
	size_t cap = w->cap ? 2 * w->cap : 16;
	struct pollfd *fds = reallocarray(w->fds, 1 + 2 * cap, sizeof(*fds));
	struct session **who;

	if (!fds)
		return false;
	w->fds = fds;
	who = reallocarray(w->who, cap, sizeof(struct session *));
	if (!who)
		return false;
	w->who = who;
	w->cap = cap;
	return true;
}

/* Where memory runs out the newest are served, and so come to their end. */
static void collect(struct waiting *w)
{
	struct session *s;

	pthread_mutex_lock(&relay_lock);
	w->n = 0;
	for (s = sessions; s && (w->n < w->cap || grow(w)); s = s->next) {
		struct pollfd *p = &w->fds[1 + 2 * w->n];

		w->who[w->n++] = s;
		p[0] = (struct pollfd){
			.fd = s->guest.fd,
			.events = POLLRDHUP | (s->full ? POLLOUT : POLLIN),
		};
		p[1] = (struct pollfd){
			.fd = s->full ? -1 : s->events,
			.events = POLLIN,
		};
	}
	pthread_mutex_unlock(&relay_lock);
	w->fds[0] = (struct pollfd){ .fd = wake[1], .events = POLLIN };
}

static void *relay_main(void *arg)
{
	struct waiting w = { 0 };
	char byte;

	(void)arg;
	while (!w.cap && !grow(&w))
		sched_yield();
	for (;;) {
		collect(&w);
		if (poll(w.fds, 1 + 2 * w.n, -1) < 0)
			continue;
		while (session_receive(wake[1], &byte, 1, 0) > 0)
			;
		for (size_t i = 0; i < w.n; i++)
			if (w.fds[1 + 2 * i].revents || w.fds[2 + 2 * i].revents)
				serve(w.who[i], w.fds[1 + 2 * i].revents);
		pthread_mutex_lock(&relay_lock);
		pthread_cond_broadcast(&stepped);
		pthread_mutex_unlock(&relay_lock);
	}
	return NULL;
}

/* On the main thread, as nothing of a worker is to be inherited. */
static void start(struct notify_fd *w)
{
	pthread_attr_t attr;
	pthread_t thread;

	(void)w;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (pthread_create(&thread, &attr, relay_main, NULL) == 0)
		return;
	stats_count(STAT_WORKERS_FAILED);
	pthread_mutex_lock(&relay_lock);
	running = false;	/* the next socket is another try */
	pthread_mutex_unlock(&relay_lock);
}

static bool port_is_taken(uint32_t port)
{
	for (const struct session *s = sessions; s; s = s->next)
		if (s->guest.port == port)
			return true;
	return false;
}

static struct session *find(uint64_t cookie)
{
	struct session *s = sessions;

	while (s && s->guest.cookie != cookie)
		s = s->next;
	return s;
}

static void put(struct session *s)
{
	uint32_t port = FIRST_PORT;

	while (port_is_taken(s->guest.port))
		s->guest.port = port--;
	s->next = sessions;
	sessions = s;
	atomic_fetch_add(&count, 1);
}

static int add(struct session *s)
{
	int r;

	if (atomic_load(&count) >= SESSIONS_MAX)
		return -ENFILE;
	if (wake[0] < 0) {
		r = pair_connect(&wake[1]);
		if (r < 0)
			return r;
		wake[0] = r;
	}
	put(s);
	session_transmit(wake[0], "", 1);	/* no room: it has yet to wake up */
	return 0;
}

int relay_add(const struct relay_socket *socket)
{
	static struct notify_fd starter = { .ready = start };
	struct session *s = malloc(sizeof(*s));
	bool was_running = true;
	int r = -ENOMEM;

	if (s) {
		*s = (struct session){
			.guest = *socket,
			.kernel = -1,
			.events = -1,
		};
		pthread_mutex_lock(&relay_lock);
		r = add(s);
		if (r == 0) {
			was_running = running;
			running = true;
		}
		starter.fd = wake[1];
		pthread_mutex_unlock(&relay_lock);
	}
	if (!was_running)
		notify_watch_fd(&starter);	/* the message is on its way */
	if (r < 0) {
		free(s);
		close(socket->fd);
	}
	return r;
}

unsigned int relay_count(void)
{
	return atomic_load(&count);
}

int relay_name(uint64_t cookie, uint32_t *ret_port, uint32_t *ret_groups)
{
	const struct session *s;

	pthread_mutex_lock(&relay_lock);
	s = find(cookie);
	if (s) {
		*ret_port = s->guest.port;
		*ret_groups = s->groups;
	}
	pthread_mutex_unlock(&relay_lock);
	return s ? 0 : -ENOENT;
}

int relay_type(uint64_t cookie)
{
	const struct session *s;
	int r;

	pthread_mutex_lock(&relay_lock);
	s = find(cookie);
	r = s ? s->guest.type : -ENOENT;
	pthread_mutex_unlock(&relay_lock);
	return r;
}

static int join(struct session *s, uint32_t groups)
{
	int r = session_join(s, groups);

	if (r > 0)
		session_transmit(wake[0], "", 1);
	return r < 0 ? r : 0;
}

static int bind_to(struct session *s, uint32_t port)
{
	if (s->bound)
		return port == s->guest.port ? 0 : -EINVAL;
	if (port && port != s->guest.port) {
		if (port_is_taken(port))
			return -EADDRINUSE;
		s->guest.port = port;
	}
	s->bound = true;
	return 0;
}

int relay_bind(uint64_t cookie, uint32_t port, uint32_t groups)
{
	struct session *s;
	int r = -ENOENT;

	pthread_mutex_lock(&relay_lock);
	s = find(cookie);
	if (s)
		r = bind_to(s, port);
	if (r == 0)
		r = join(s, groups);
	pthread_mutex_unlock(&relay_lock);
	return r;
}

int relay_join(uint64_t cookie, uint32_t add, uint32_t drop)
{
	struct session *s;
	int r = -ENOENT;

	pthread_mutex_lock(&relay_lock);
	s = find(cookie);
	if (s)
		r = join(s, (s->groups | add) & ~drop);
	pthread_mutex_unlock(&relay_lock);
	return r;
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

void relay_settle(uint64_t cookie, int fd)
{
	const struct session *s;

	pthread_mutex_lock(&relay_lock);
	while ((s = find(cookie)) && is_readable(s->guest.fd) && !is_readable(fd))
		pthread_cond_wait(&stepped, &relay_lock);
	pthread_mutex_unlock(&relay_lock);
}

void relay_send(uint64_t cookie, const void *buf, size_t len)
{
	const struct session *s;

	pthread_mutex_lock(&relay_lock);
	s = find(cookie);
	if (s)
		session_transmit(s->guest.fd, buf, len);
	pthread_mutex_unlock(&relay_lock);
}
