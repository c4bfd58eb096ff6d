/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running container's tasks may really do: read from the kernel, not from our files. */
#ifndef PICKET_DEBUG_DEBUG_H
#define PICKET_DEBUG_DEBUG_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* What a seccomp filter may answer, in the kernel's order: of several filters the first. */
enum outcome {
	OUTCOME_KILL = 1,	/* also TRAP and TRACE: a signal, or a tracer's decision */
	OUTCOME_ERRNO = 2,
	OUTCOME_NOTIFY = 4,	/* the sentry's, or an agent's */
	OUTCOME_NATIVE = 8,	/* also LOG */
};

/*
 * Pure: the outcomes that a filter may have for a call, whatever its arguments are.  Too
 * many where tests of one argument exclude each other; never too few.
 */
unsigned int outcomes_of(const struct sock_filter *f, size_t n, uint32_t arch, uint32_t nr);

/* Pure: those of two filters of one task. */
unsigned int outcomes_join(unsigned int a, unsigned int b);

#define SURFACE_CALLS 512

struct surface {
	uint8_t outcomes[3][SURFACE_CALLS];	/* by enum surface_abi and number */
	size_t tasks;
};

enum surface_abi { SURFACE_X86_64, SURFACE_X32, SURFACE_I386 };

/*
 * Add what the task may do (PTRACE_SECCOMP_GET_FILTER: needs CAP_SYS_ADMIN).  It is stopped
 * for a moment.  -ESRCH: it has ended.
 */
int surface_add_task(struct surface *s, pid_t pid, struct err *e);

/* Name of an x86-64 call, malloc'ed; NULL: no such number. */
char *debug_call_name(uint32_t nr);

/* malloc'ed text: a summary and one line for each call that is known by name; or JSON. */
char *surface_table(const struct surface *s);
char *surface_json(const struct surface *s);

/* malloc'ed text: a sentry's counters and its calls, the most frequent ones first. */
struct handover_stats;
char *stats_table(const struct handover_stats *s, const char *mode, uint64_t uptime_ms);
char *stats_json(const struct handover_stats *s, const char *mode, uint64_t uptime_ms);

#endif
