/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mediated calls as text, in strace's manner, from the argument formats of the list.
 * Nobody waits for a reader: what it does not take in time is dropped, counted and said.
 *
 * NAMES, below: comma-separated calls, or "file" for all that take a path; "": all.
 */
#ifndef PICKET_SENTRY_OBS_TRACE_H
#define PICKET_SENTRY_OBS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/call.h"

/* Trace to stderr from now on.  -EINVAL for a name that the sentry does not mediate. */
int trace_enable(const char *names);

/* Would trace_open() succeed?  -EINVAL as above; -EBUSY: as many readers as there may be. */
int trace_check(const char *names);

/*
 * From now on a message for each line to fd, a SOCK_SEQPACKET socket that stays the
 * caller's.  trace_close() before it is closed.  Both, and trace_check(), by the main
 * thread only.
 */
int trace_open(int fd, const char *names);
void trace_close(int fd);

/* The last of all calls was made: tell readers what they have missed, if they still read. */
void trace_finish(void);

/* Does anybody want such a call? */
bool trace_wants(int nr);

/* One line about a call whose reply is decided but not sent. */
void trace_call(struct call *c, const struct reply *r);

/* The line without the newline, cut to size.  For trace_call and tests. */
size_t trace_format(struct call *c, const struct reply *r, char *buf, size_t size);

#endif
