// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread between guests' netlink sockets and the kernel: see net/relay.h.  It sleeps
 * in poll(2) and never waits for a guest: the rest of a dump stays in the kernel, and
 * requests in the guest's socket, until there is room for a message.
 *
 * A request stays at the head of its queue until it is answered, so a session is small.
 */
#include "net/relay.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/pair.h"
#include "net/request.h"
#include "notify/notify.h"
#include "obs/stats.h"

#define SESSIONS_MAX 4096
#define BUFFER 32768		/* the longest message that rtnetlink makes */
#define STEPS 64		/* for one session, then for others */
#define STACK_SIZE (128 * 1024)
#define FIRST_PORT 0xffffefffu	/* then downwards: no process has these numbers */

/* Groups of what can be asked for, too.  Others may be joined, and have no events. */
#define EVENTS_LINK  (RTMGRP_LINK | RTMGRP_NEIGH)
#define EVENTS_IPV4  (RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE)
#define EVENTS_IPV6  (RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE | RTMGRP_IPV6_IFINFO)
#define EVENTS_IPV6_ (RTMGRP_IPV6_PREFIX | 1u << (RTNLGRP_IPV6_RULE - 1))
#define EVENTS	     (EVENTS_LINK | EVENTS_IPV4 | EVENTS_IPV6 | EVENTS_IPV6_)

struct session {
	struct relay_socket guest;
	bool bound;		/* by bind(2), to guest.port */
	uint32_t groups;
	int events;		/* the socket that has the events of these; -1: none */
	struct session *next;

	/* The thread's own. */
	int kernel;		/* the socket that has the rest of an answer; -1: none */
	size_t at;		/* of the next message in the datagram at the head */
	struct nlmsghdr asked;	/* the one that is being answered */
	bool full;		/* waiting for room */
};

/* Protects the list, and what of sessions is not the thread's.  The thread alone removes any. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;
static atomic_uint count;
static int wake[2] = { -1, -1 };	/* to the thread, of it */
static bool running;
static pthread_cond_t stepped = PTHREAD_COND_INITIALIZER;	/* the thread went on */

/* With recvmsg(2) and sendmsg(2), as everything in the sentry. */
static ssize_t receive(int fd, void *buf, size_t len, int flags)
{
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &m, flags | MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static int transmit(int fd, const void *buf, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int open_events(uint32_t groups)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(fd);
}

static uint32_t port_of(const struct session *s)
{
	uint32_t port;

	pthread_mutex_lock(&lock);
	port = s->guest.port;
	pthread_mutex_unlock(&lock);
	return port;
}

/* The errno of a request, or 0: an acknowledgement.  Its own header is all that is shown. */
static void answer_status(const struct session *s, int error)
{
	const struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} m = {
		.h = { sizeof(m), NLMSG_ERROR, NLM_F_CAPPED, s->asked.nlmsg_seq,
		       port_of(s) },
		.e = { error, s->asked },
	};

	transmit(s->guest.fd, &m, sizeof(m));
}

static void end_answer(struct session *s)
{
	close(s->kernel);
	s->kernel = -1;
}

/* Returns how much of it is for the guest; *ret_end: the answer ends with it. */
static size_t rewrite(const struct session *s, unsigned char *buf, size_t len,
		      const struct nlmsgerr **ret_status, bool *ret_end)
{
	uint32_t port = port_of(s);
	size_t at = 0;

	*ret_status = NULL;
	while (at < len && len - at >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr *h = (void *)(buf + at);

		if (h->nlmsg_len < sizeof(*h))
			return at;
		*ret_end |= h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
		if (h->nlmsg_type == NLMSG_ERROR) {
			*ret_status = NLMSG_DATA(h);
			return at;
		}
		h->nlmsg_pid = port;
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	return len;
}

/*
 * One message of the kernel's.  Its length is asked first: a dump comes in pieces as long
 * as its reader's buffer was, and guests have small ones.
 */
static void relay_answer(struct session *s)
{
	static _Alignas(struct nlmsghdr) unsigned char buf[BUFFER];
	const struct nlmsgerr *status;
	ssize_t n = receive(s->kernel, NULL, 0, MSG_PEEK | MSG_TRUNC);
	bool end = false;
	size_t len;

	if (n >= 0)
		n = receive(s->kernel, buf, (size_t)n < BUFFER ? (size_t)n : BUFFER, 0);
	if (n < 0) {
		answer_status(s, (int)n);
		end_answer(s);
		return;
	}
	len = rewrite(s, buf, (size_t)n, &status, &end);
	if (len > 0 && transmit(s->guest.fd, buf, len) < 0)
		end = true;
	if (status && (status->error || s->asked.nlmsg_flags & NLM_F_ACK))
		answer_status(s, status->error);
	if (end)
		end_answer(s);
}

/* One message that answers nothing.  Whose request it is about is nobody's matter. */
static bool relay_event(const struct session *s)
{
	static _Alignas(struct nlmsghdr) unsigned char buf[BUFFER];
	struct nlmsghdr *h = (void *)buf;
	ssize_t n;

	pthread_mutex_lock(&lock);
	n = s->events < 0 ? -EBADF : receive(s->events, buf, sizeof(buf), 0);
	pthread_mutex_unlock(&lock);
	if (n < (ssize_t)sizeof(*h))
		return false;
	h->nlmsg_pid = 0;
	transmit(s->guest.fd, buf, (size_t)n);
	return true;
}

/* 0: the answer is to be had from s->kernel. */
static int ask_kernel(struct session *s, const struct nlmsghdr *asked)
{
	static struct request request;
	auto_close int fd = -EBADF;
	int r = request_make(asked, s->guest.flags, &request);

	if (r < 0)
		return r;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	r = transmit(fd, request.bytes, request.len);
	if (r == 0)
		s->kernel = take_fd(fd);
	return r;
}

/*
 * The message at s->at of a datagram of n bytes, of which buf has the first.  False: there
 * is none, as the kernel sees it.
 */
static bool answer_message(struct session *s, const unsigned char *buf, size_t n)
{
	struct nlmsghdr *h = &s->asked;
	int r = 0;

	if (s->at >= n || n - s->at < sizeof(*h) || s->at > BUFFER - sizeof(*h))
		return false;
	memcpy(h, buf + s->at, sizeof(*h));
	if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > n - s->at)
		return false;
	if (h->nlmsg_len > BUFFER - s->at)
		r = -EMSGSIZE;
	else if (h->nlmsg_flags & NLM_F_REQUEST && h->nlmsg_type >= NLMSG_MIN_TYPE)
		r = ask_kernel(s, (const void *)(buf + s->at));
	if (r < 0 || (s->kernel < 0 && h->nlmsg_flags & NLM_F_ACK))
		answer_status(s, r);
	s->at += NLMSG_ALIGN(h->nlmsg_len);
	return true;
}

/* False: there is nothing to do now; *ret_end: and never will be. */
static bool step(struct session *s, short events, bool *ret_end)
{
	static _Alignas(struct nlmsghdr) unsigned char buf[BUFFER];
	struct pollfd room = { .fd = s->guest.fd, .events = POLLOUT };
	ssize_t n;

	s->full = poll(&room, 1, 0) == 0;
	if (s->full)
		return false;
	if (s->kernel >= 0) {
		relay_answer(s);
		return true;
	}
	if (relay_event(s))
		return true;
	n = receive(s->guest.fd, buf, sizeof(buf), MSG_PEEK | MSG_TRUNC);
	*ret_end = n == 0 && events & (POLLHUP | POLLRDHUP);
	if (n < 0 || *ret_end)
		return false;
	if (!answer_message(s, buf, (size_t)n)) {
		receive(s->guest.fd, NULL, 0, 0);
		s->at = 0;
	}
	return true;
}

static void forget(struct session *s)
{
	struct session **at;

	pthread_mutex_lock(&lock);
	for (at = &sessions; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	pthread_mutex_unlock(&lock);
	atomic_fetch_sub(&count, 1);
	if (s->kernel >= 0)
		close(s->kernel);
	if (s->events >= 0)
		close(s->events);
	close(s->guest.fd);
	free(s);
}

static void serve(struct session *s, short events)
{
	bool end = false;

	for (int i = 0; i < STEPS && step(s, events, &end); i++)
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

	pthread_mutex_lock(&lock);
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
	pthread_mutex_unlock(&lock);
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
		while (receive(wake[1], &byte, 1, 0) > 0)
			;
		for (size_t i = 0; i < w.n; i++)
			if (w.fds[1 + 2 * i].revents || w.fds[2 + 2 * i].revents)
				serve(w.who[i], w.fds[1 + 2 * i].revents);
		pthread_mutex_lock(&lock);
		pthread_cond_broadcast(&stepped);
		pthread_mutex_unlock(&lock);
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
	pthread_mutex_lock(&lock);
	running = false;	/* the next socket is another try */
	pthread_mutex_unlock(&lock);
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
	transmit(wake[0], "", 1);	/* no room: it has yet to wake up */
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
		pthread_mutex_lock(&lock);
		r = add(s);
		if (r == 0) {
			was_running = running;
			running = true;
		}
		starter.fd = wake[1];
		pthread_mutex_unlock(&lock);
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

	pthread_mutex_lock(&lock);
	s = find(cookie);
	if (s) {
		*ret_port = s->guest.port;
		*ret_groups = s->groups;
	}
	pthread_mutex_unlock(&lock);
	return s ? 0 : -ENOENT;
}

/* Events wait in the socket from here on, for the thread. */
static int join(struct session *s, uint32_t groups)
{
	int fd = -1;

	if (groups == s->groups)
		return 0;
	if (groups & EVENTS) {
		fd = open_events(groups & EVENTS);
		if (fd < 0)
			return fd;
	}
	if (s->events >= 0)
		close(s->events);
	s->events = fd;
	s->groups = groups;
	transmit(wake[0], "", 1);
	return 0;
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

	pthread_mutex_lock(&lock);
	s = find(cookie);
	if (s)
		r = bind_to(s, port);
	if (r == 0)
		r = join(s, groups);
	pthread_mutex_unlock(&lock);
	return r;
}

int relay_join(uint64_t cookie, uint32_t add, uint32_t drop)
{
	struct session *s;
	int r = -ENOENT;

	pthread_mutex_lock(&lock);
	s = find(cookie);
	if (s)
		r = join(s, (s->groups | add) & ~drop);
	pthread_mutex_unlock(&lock);
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

	pthread_mutex_lock(&lock);
	while ((s = find(cookie)) && is_readable(s->guest.fd) && !is_readable(fd))
		pthread_cond_wait(&stepped, &lock);
	pthread_mutex_unlock(&lock);
}

void relay_send(uint64_t cookie, const void *buf, size_t len)
{
	const struct session *s;

	pthread_mutex_lock(&lock);
	s = find(cookie);
	if (s)
		transmit(s->guest.fd, buf, len);
	pthread_mutex_unlock(&lock);
}
