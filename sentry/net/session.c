// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One netlink socket of a guest's: its requests, the kernel's answers, the events of its
 * groups.  The rest of a dump stays in the kernel, and requests in the guest's socket,
 * until there is room for a message.  A request stays at the head of its queue until it is
 * answered, so a session is small.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/internal.h"
#include "net/netlink.h"
#include "net/request.h"

#define BUFFER NETLINK_MESSAGE_MAX	/* as long as rtnetlink makes them */

/* Groups of what can be asked for, too.  Others may be joined, and have no events. */
#define EVENTS_LINK  (RTMGRP_LINK | RTMGRP_NEIGH)
#define EVENTS_IPV4  (RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE)
#define EVENTS_IPV6  (RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE | RTMGRP_IPV6_IFINFO)
#define EVENTS_IPV6_ (RTMGRP_IPV6_PREFIX | 1u << (RTNLGRP_IPV6_RULE - 1))
#define EVENTS	     (EVENTS_LINK | EVENTS_IPV4 | EVENTS_IPV6 | EVENTS_IPV6_)

/* With recvmsg(2) and sendmsg(2), as everything in the sentry. */
ssize_t session_receive(int fd, void *buf, size_t len, int flags)
{
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &m, flags | MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

int session_transmit(int fd, const void *buf, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* One socket for all times: what waits in it is not lost when it gets other groups. */
static int watch(struct session *s, uint32_t groups)
{
	struct sockaddr_nl addr = { AF_NETLINK, 0, s->events_port, groups };
	auto_close int fd = -EBADF;

	if (s->events >= 0)
		return bind(s->events, (struct sockaddr *)&addr, sizeof(addr)) < 0 ?
			       -errno :
			       0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	addr.nl_pid = 1u << 31 | (uint32_t)s->guest.cookie;	/* no process's */
	while (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		if (errno != EADDRINUSE)
			return -errno;
		addr.nl_pid++;
	}
	s->events_port = addr.nl_pid;
	s->events = take_fd(fd);
	return 0;
}

static uint32_t port_of(const struct session *s)
{
	uint32_t port;

	pthread_mutex_lock(&relay_lock);
	port = s->guest.port;
	pthread_mutex_unlock(&relay_lock);
	return port;
}

/* The datagram at the head of the guest's queue, in head; its length. */
static _Alignas(struct nlmsghdr) unsigned char head[BUFFER];

static ssize_t peek(const struct session *s)
{
	return session_receive(s->guest.fd, head, BUFFER, MSG_PEEK | MSG_TRUNC);
}

/*
 * 0: an acknowledgement, with the header of what was asked.  An errno: with all of it, as
 * some libraries do not look at NLM_F_CAPPED; but for what is longer than any request.
 */
static void answer_status(const struct session *s, int error)
{
	static struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		unsigned char rest[REQUEST_MAX];
	} m;
	const size_t len = s->asked.nlmsg_len, at = s->at - NLMSG_ALIGN(len);
	size_t rest = 0;

	if (error && len <= REQUEST_MAX && len <= BUFFER - at && peek(s) > 0) {
		rest = len - sizeof(s->asked);
		memcpy(m.rest, head + at + sizeof(s->asked), rest);
	}
	m.h = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)(offsetof(typeof(m), rest) + rest),
		.nlmsg_type = NLMSG_ERROR,
		.nlmsg_flags = error && rest == len - sizeof(s->asked) ? 0 : NLM_F_CAPPED,
		.nlmsg_seq = s->asked.nlmsg_seq,
		.nlmsg_pid = port_of(s),
	};
	m.e = (struct nlmsgerr){ error, s->asked };
	session_transmit(s->guest.fd, &m, m.h.nlmsg_len);
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
	ssize_t n = session_receive(s->kernel, NULL, 0, MSG_PEEK | MSG_TRUNC);
	bool end = false;
	size_t len;

	if (n >= 0)
		n = session_receive(s->kernel, buf,
				    (size_t)n < BUFFER ? (size_t)n : BUFFER, 0);
	if (n < 0) {
		answer_status(s, (int)n);
		end_answer(s);
		return;
	}
	len = rewrite(s, buf, (size_t)n, &status, &end);
	if (len > 0 && session_transmit(s->guest.fd, buf, len) < 0)
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

	pthread_mutex_lock(&relay_lock);
	n = s->events < 0 ? -EBADF : session_receive(s->events, buf, sizeof(buf), 0);
	pthread_mutex_unlock(&relay_lock);
	if (n < (ssize_t)sizeof(*h))
		return false;
	h->nlmsg_pid = 0;
	session_transmit(s->guest.fd, buf, (size_t)n);
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
	r = session_transmit(fd, request.bytes, request.len);
	if (r == 0)
		s->kernel = take_fd(fd);
	return r;
}

/*
 * The message at s->at of a datagram of n bytes, of which head has the first.  False:
 * there is none, as the kernel sees it.
 */
static bool answer_message(struct session *s, size_t n)
{
	struct nlmsghdr *h = &s->asked;
	int r = 0;

	if (s->at >= n || n - s->at < sizeof(*h) || s->at > BUFFER - sizeof(*h))
		return false;
	memcpy(h, head + s->at, sizeof(*h));
	if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > n - s->at)
		return false;
	if (h->nlmsg_len > BUFFER - s->at)
		r = -EMSGSIZE;
	else if (h->nlmsg_flags & NLM_F_REQUEST && h->nlmsg_type >= NLMSG_MIN_TYPE)
		r = ask_kernel(s, (const void *)(head + s->at));
	s->at += NLMSG_ALIGN(h->nlmsg_len);
	if (r < 0 || (s->kernel < 0 && h->nlmsg_flags & NLM_F_ACK))
		answer_status(s, r);
	return true;
}

bool session_step(struct session *s, short events, bool *ret_end)
{
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
	n = peek(s);
	*ret_end = n == 0 && events & (POLLHUP | POLLRDHUP);
	if (n < 0 || *ret_end)
		return false;
	if (!answer_message(s, (size_t)n)) {
		session_receive(s->guest.fd, NULL, 0, 0);
		s->at = 0;
	}
	return true;
}

void session_close(struct session *s)
{
	if (s->kernel >= 0)
		close(s->kernel);
	if (s->events >= 0)
		close(s->events);
	close(s->guest.fd);
}

int session_join(struct session *s, uint32_t groups)
{
	int r = 0;

	if (groups == s->groups)
		return 0;
	if (s->events >= 0 || groups & EVENTS)
		r = watch(s, groups & EVENTS);
	if (r < 0)
		return r;
	s->groups = groups;
	return 1;
}
