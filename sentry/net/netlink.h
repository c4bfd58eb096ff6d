/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NETLINK_ROUTE as guests see it.  Their socket is one end of an AF_UNIX SOCK_SEQPACKET
 * connection, whose messages, borders, peeking and polling are the kernel's own.  A thread
 * of the sentry at the other end asks the kernel what request.h lets it ask.
 *
 * fd is always a copy of a guest's descriptor, of any kind.
 */
#ifndef PICKET_SENTRY_NET_NETLINK_H
#define PICKET_SENTRY_NET_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/call.h"

/*
 * A socket for the caller, O_CLOEXEC here; type: as in socket(2).  What it may change
 * depends on the caller's capabilities now.  Negative errno.
 */
int netlink_open(struct call *c, int type);

/* False: no descriptor is one of these sockets. */
bool netlink_is_used(void);

bool netlink_is(int fd);

/* SOCK_RAW or SOCK_DGRAM, as it was opened; -ENOENT: not a netlink socket. */
int netlink_type(int fd);

/* The longest message that comes from one of these sockets. */
#define NETLINK_MESSAGE_MAX 32768

/* bind(2): 0 is any port; events of nl_groups.  -ENOENT, -ENOTSOCK: not a netlink socket. */
int netlink_bind(int fd, const struct sockaddr_nl *addr);

/* NETLINK_ADD_MEMBERSHIP, or NETLINK_DROP_MEMBERSHIP; errors as above. */
int netlink_join(int fd, int option, uint32_t group);

/* getsockname(2).  It has a port from the start, as after a message.  -ENOENT: as above. */
int netlink_name(int fd, struct sockaddr_nl *ret);

/* What was asked through fd has an answer that can be read.  Nothing, for other kinds. */
void netlink_settle(int fd);

/* A socket for netlink_send(), also when fd is closed.  -ENOTSOCK; -EINVAL: another kind. */
int netlink_find(int fd, uint64_t *ret);

/*
 * A message that answers nothing, there when this returns.  Lost where the socket is closed
 * meanwhile, or has no room: for more than some 250 that nobody has read.
 */
void netlink_send(uint64_t socket, const void *buf, size_t len);

#endif
