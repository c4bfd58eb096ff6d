/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of the sentry: calls, and what went wrong on its own side. */
#ifndef PICKET_SENTRY_OBS_STATS_H
#define PICKET_SENTRY_OBS_STATS_H

#include <stdint.h>

enum stat_kind {
	STAT_DROPPED,		/* replies that nobody waited for any more */
	STAT_FAILED,		/* replied -EPERM because the sentry itself failed */
	STAT_WORKERS_FAILED,	/* a worker that could not be started */
	STAT_LINES_DROPPED,	/* lines of a trace whose reader was too slow */
	STAT_KINDS,
};

void stats_count(enum stat_kind kind);
uint64_t stats_get(enum stat_kind kind);

#define STATS_CALLS 512		/* numbers; a larger one counts as the last, which is no call's */

/* A notification was received. */
void stats_call(int nr);
uint64_t stats_calls(int nr);

#endif
