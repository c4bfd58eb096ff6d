/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of serve only: messages from picket, the control socket. */
#ifndef PICKET_SENTRY_SERVE_INTERNAL_H
#define PICKET_SENTRY_SERVE_INTERNAL_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "handover.h"

/*
 * Receive one message of our version, whose strings end, and up to n descriptors, which
 * belong to the caller; those that did not come are negative.  -ECANCELED: the other end
 * is closed.  On failure no descriptor is open.
 */
int message_receive(int sock, struct handover *ret, int *fds, size_t n, struct err *e);

/* Is it of this kind, with its first n descriptors?  0 or -EPROTO. */
int message_check(const struct handover *h, enum handover_kind kind, const int *fds,
		  size_t n, struct err *e);

/* The answer: error 0, or a negative errno with the words of e. */
int message_reply(int sock, int error, const struct err *e);

/* Who has made the other end, as the caller's user namespace has it; -1: nobody knows. */
uid_t message_sender(int sock);

/* Take one client of the control socket, and serve it if it is the container's owner. */
void control_serve(int control, uid_t owner);

/* Whether this process's label lets it serve there at all. */
int control_check(int control, struct err *e);

#endif
