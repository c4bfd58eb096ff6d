/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of net/ only. */
#ifndef PICKET_SENTRY_NET_INTERNAL_H
#define PICKET_SENTRY_NET_INTERNAL_H

#include <linux/netlink.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/relay.h"

/* Protects the list, and what of sessions is not the thread's.  The thread alone removes any. */
extern pthread_mutex_t relay_lock;

struct session {
	struct relay_socket guest;
	bool bound;		/* by bind(2), to guest.port */
	uint32_t groups;
	int events;		/* the socket that has the events of these; -1: none */
	uint32_t events_port;	/* its own */
	struct session *next;

	/* The thread's own. */
	int kernel;		/* the socket that has the rest of an answer; -1: none */
	size_t at;		/* of the next message in the datagram at the head */
	struct nlmsghdr asked;	/* the one before, which is being answered */
	bool full;		/* waiting for room */
};

/* On the thread.  False: there is nothing to do now; *ret_end: and never will be. */
bool session_step(struct session *s, short events, bool *ret_end);

/* With the lock held: the groups whose events it has.  1: others than before; else 0 or negative errno. */
int session_join(struct session *s, uint32_t groups);

/* Close what it has open. */
void session_close(struct session *s);

/* recvmsg(2) and sendmsg(2), as everything in the sentry, without waiting.  Negative errno. */
ssize_t session_receive(int fd, void *buf, size_t len, int flags);
int session_transmit(int fd, const void *buf, size_t len);

#endif
