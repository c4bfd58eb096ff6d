/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two connected sockets, one of which has the name of the kernel's netlink port. */
#ifndef PICKET_SENTRY_NET_PAIR_H
#define PICKET_SENTRY_NET_PAIR_H

/*
 * Returns the unnamed one, for a guest, and in *ret_other ours; both close on exec and do
 * not block.  Not a socketpair(2): only sockets that a listener accepts share a name.
 * Negative errno.
 */
int pair_connect(int *ret_other);

#endif
