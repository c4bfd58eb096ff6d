/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread between guests' netlink sockets and the kernel, and the table of these
 * sockets; for net/netlink.c.  A cookie (SO_COOKIE) is the guest's end of one.
 */
#ifndef PICKET_SENTRY_NET_RELAY_H
#define PICKET_SENTRY_NET_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct relay_socket {
	int fd;			/* our end; owned by the relay */
	int flags;		/* those of request_make() */
	uint64_t cookie;
	uint32_t port;		/* as wanted; another one if that is taken */
	int type;		/* that the guest asked for */
};

/* Serve a socket until the guest closes its end.  Returns 0 or negative errno. */
int relay_add(const struct relay_socket *socket);

/* How many there are. */
unsigned int relay_count(void);

/* Port and groups (as bits) of a socket; -ENOENT: there is no such. */
int relay_name(uint64_t cookie, uint32_t *ret_port, uint32_t *ret_groups);

/* Its type; -ENOENT. */
int relay_type(uint64_t cookie);

/*
 * Give it another port: -EINVAL if it has been bound, -EADDRINUSE.  0: keep the one it has.
 * It gets the events of these groups, from now on and no others.
 */
int relay_bind(uint64_t cookie, uint32_t port, uint32_t groups);

/* Besides those that it gets: those of the groups in add, none of those in drop. */
int relay_join(uint64_t cookie, uint32_t add, uint32_t drop);

/* A message to the guest that is no answer, now or never. */
void relay_send(uint64_t cookie, const void *buf, size_t len);

/* Until fd, the guest's end, can be read or has no request that was not answered. */
void relay_settle(uint64_t cookie, int fd);

#endif
