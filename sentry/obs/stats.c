// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters: see obs/stats.h. */
#include "obs/stats.h"

#include <stdatomic.h>

static _Atomic uint64_t counters[STAT_KINDS];

void stats_count(enum stat_kind kind)
{
	atomic_fetch_add_explicit(&counters[kind], 1, memory_order_relaxed);
}

uint64_t stats_get(enum stat_kind kind)
{
	return atomic_load_explicit(&counters[kind], memory_order_relaxed);
}
