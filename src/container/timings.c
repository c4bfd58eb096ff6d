// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Marks in a page shared by picket and the init, so that the table shows both beside each
 * other.  The init writes while its parent does: a slot is taken by one atomic addition.
 */
#include "container/timings.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#define MARKS_MAX 128

struct marks {
	struct timespec start;
	unsigned int n;
	struct {
		const char *phase;
		bool init;
		long us;
	} v[MARKS_MAX];
};

static struct marks *marks;
static bool is_init;

void timings_start(void)
{
	void *p = mmap(NULL, sizeof(*marks), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	marks = p;
	clock_gettime(CLOCK_MONOTONIC, &marks->start);
}

void timings_enter_init(void)
{
	is_init = true;
}

void timings_mark(const char *phase)
{
	struct timespec now;
	unsigned int i;

	if (!marks)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	i = __atomic_fetch_add(&marks->n, 1, __ATOMIC_RELAXED);
	if (i >= MARKS_MAX)
		return;
	marks->v[i].init = is_init;
	marks->v[i].us = (now.tv_sec - marks->start.tv_sec) * 1000000L +
			 (now.tv_nsec - marks->start.tv_nsec) / 1000;
	marks->v[i].phase = phase;
}

void timings_print(void)
{
	long last[2] = { 0, 0 };

	if (!marks)
		return;
	for (unsigned int i = 0; i < marks->n && i < MARKS_MAX; i++) {
		bool init = marks->v[i].init;

		/* The init may have taken a slot that it has not filled yet. */
		if (!marks->v[i].phase)
			continue;
		fprintf(stderr, "timings: %-6s %-20s %7ld us (+%ld)\n",
			init ? "init" : "picket", marks->v[i].phase, marks->v[i].us,
			marks->v[i].us - (last[init] ? last[init] : last[0]));
		last[init] = marks->v[i].us;
	}
}
