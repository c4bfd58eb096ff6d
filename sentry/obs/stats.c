// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters: see obs/stats.h. */
#include "obs/stats.h"

#include <stdatomic.h>

static _Atomic uint64_t counters[STAT_KINDS];
static _Atomic uint64_t calls[STATS_CALLS];

void stats_count(enum stat_kind kind)
{
	atomic_fetch_add_explicit(&counters[kind], 1, memory_order_relaxed);
}

uint64_t stats_get(enum stat_kind kind)
{
	return atomic_load_explicit(&counters[kind], memory_order_relaxed);
}

static unsigned int slot(int nr)
{
	return nr >= 0 && nr < STATS_CALLS ? (unsigned int)nr : STATS_CALLS - 1;
}

void stats_call(int nr)
{
	atomic_fetch_add_explicit(&calls[slot(nr)], 1, memory_order_relaxed);
}

uint64_t stats_calls(int nr)
{
	return atomic_load_explicit(&calls[slot(nr)], memory_order_relaxed);
}
