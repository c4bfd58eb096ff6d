/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of the sentry: what went wrong on its own side, never what guests did wrong. */
#ifndef PICKET_SENTRY_OBS_STATS_H
#define PICKET_SENTRY_OBS_STATS_H

#include <stdint.h>

enum stat_kind {
	STAT_CALLS,		/* notifications received */
	STAT_DROPPED,		/* replies that nobody waited for any more */
	STAT_FAILED,		/* replied -EPERM because the sentry itself failed */
	STAT_WORKERS_FAILED,	/* a worker that could not be started */
	STAT_KINDS,
};

void stats_count(enum stat_kind kind);
uint64_t stats_get(enum stat_kind kind);

#endif
