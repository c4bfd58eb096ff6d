/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mediated calls as text, in strace's manner, from the argument formats of the list. */
#ifndef PICKET_SENTRY_OBS_TRACE_H
#define PICKET_SENTRY_OBS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/call.h"

/*
 * Trace to stderr from now on: NULL: all mediated calls; else a comma-separated list of
 * names, or "file" for all that take a path.  Before threads are started.  -EINVAL for
 * a name that the sentry does not mediate.
 */
int trace_enable(const char *names);

bool trace_wants(int nr);

/* One line about a call whose reply is decided but not sent. */
void trace_call(struct call *c, const struct reply *r);

/* The line without the newline, cut to size.  For trace_call and tests. */
size_t trace_format(struct call *c, const struct reply *r, char *buf, size_t size);

#endif
