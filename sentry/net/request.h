/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest asks of rtnetlink, made anew from the parts that we know: nothing else of
 * its bytes reaches the kernel.  Pure.
 */
#ifndef PICKET_SENTRY_NET_REQUEST_H
#define PICKET_SENTRY_NET_REQUEST_H

#include <linux/netlink.h>
#include <stddef.h>

#define REQUEST_MAX 4096

/* A request for the kernel. */
struct request {
	_Alignas(struct nlmsghdr) unsigned char bytes[REQUEST_MAX];
	size_t len;
};

#define REQUEST_ADMIN 1		/* the socket's opener had CAP_NET_ADMIN */

/*
 * asked: a message of asked->nlmsg_len bytes, at least a header.  Returns 0; -EOPNOTSUPP
 * for what is not on the list, -EPERM, -EINVAL for what is malformed.  *ret always asks
 * for an acknowledgement (a dump has none, it ends with NLMSG_DONE).
 */
int request_make(const struct nlmsghdr *asked, int flags, struct request *ret);

#endif
