/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only users of the listener.  N threads each RECV, handle and SEND inline: no queue
 * between them, at least one always blocked in RECV; the one that takes the last idle
 * place starts another (kernel-notes 4.2 and 4.3).
 */
#ifndef PICKET_SENTRY_NOTIFY_NOTIFY_H
#define PICKET_SENTRY_NOTIFY_NOTIFY_H

#include <stdbool.h>

#include "abi/call.h"

/* Serve a listener (owned from now on) with its own threads.  Returns 0 or negative errno. */
int notify_serve(int listener);

/* Number of listeners that still have guests. */
int notify_listeners(void);

/* Is the call still waiting for us?  To be asked after opening anything by pid. */
bool notify_is_valid(const struct call *c);

/*
 * Before a step that may block for long (FIFO open, connect): makes sure that another
 * thread receives, and that this one is interrupted (EINTR) when the caller dies.
 */
void notify_blocking_begin(struct call *c);
void notify_blocking_end(struct call *c);

#endif
