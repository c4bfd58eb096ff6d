// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time and processors, where programs rarely ask by a system call: the vDSO answers, or
 * the answer never changes.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "sys/sys.h"

#define TICKS_PER_S 100		/* USER_HZ */
#define PRIORITY_MAX 99		/* of the real-time policies */
#define SCHED_EXTENSIBLE 7	/* SCHED_EXT, Linux 6.12 */

struct reply sys_time(struct call *c)
{
	time_t now = time(NULL);
	int r = task_get(c);

	if (r == 0 && c->arg[0])
		r = guest_write(c, GPTR(c->arg[0]), &now, sizeof(now));
	return r < 0 ? reply_errno(r) : reply_value(now);
}

/* No time zone: the kernel has none either, unless somebody set one at boot. */
struct reply sys_gettimeofday(struct call *c)
{
	const struct timezone utc = { 0 };
	struct timespec now;
	struct timeval tv;
	int r = task_get(c);

	clock_gettime(CLOCK_REALTIME, &now);
	TIMESPEC_TO_TIMEVAL(&tv, &now);
	if (r == 0 && c->arg[0])
		r = guest_write(c, GPTR(c->arg[0]), &tv, sizeof(tv));
	if (r == 0 && c->arg[1])
		r = guest_write(c, GPTR(c->arg[1]), &utc, sizeof(utc));
	return reply_result(r);
}

/*
 * The vDSO again, but for auxiliary clocks (Linux 6.17), which it calls fine where there are
 * none.  What it has not got is for the kernel to tell, which reads no pointer and looks for
 * a task at most, whose clock it would be.
 */
struct reply sys_clock_getres(struct call *c)
{
	struct timespec res;
	int r;

	if (arg_u32(c, 0) > CLOCK_TAI || clock_getres((clockid_t)c->arg[0], &res) < 0)
		return reply_continue();
	r = task_get(c);
	if (r == 0 && c->arg[1])
		r = guest_write(c, GPTR(c->arg[1]), &res, sizeof(res));
	return reply_result(r);
}

/* Ticks since an arbitrary point in the past, as everywhere. */
struct reply sys_times(struct call *c)
{
	int64_t v[TASK_STAT_FIELDS];
	struct timespec now;
	struct tms tms;
	int r = task_stat(c, v);

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (r == 0 && c->arg[0]) {
		memcpy(&tms, &v[TASK_STAT_UTIME], sizeof(tms));
		r = guest_write(c, GPTR(c->arg[0]), &tms, sizeof(tms));
	}
	if (r < 0)
		return reply_errno(r);
	return reply_value(now.tv_sec * TICKS_PER_S +
			   now.tv_nsec / (1000000000 / TICKS_PER_S));
}

/* One node: the placement of memory is the host's (mbind). */
struct reply sys_getcpu(struct call *c)
{
	int64_t v[TASK_STAT_FIELDS];
	const unsigned int node = 0;
	unsigned int cpu;
	int r = task_stat(c, v);

	cpu = r < 0 ? 0 : (unsigned int)v[TASK_STAT_CPU];
	if (r == 0 && c->arg[0])
		r = guest_write(c, GPTR(c->arg[0]), &cpu, sizeof(cpu));
	if (r == 0 && c->arg[1])
		r = guest_write(c, GPTR(c->arg[1]), &node, sizeof(node));
	return reply_result(r);
}

static struct reply priority(int policy, int real_time)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return reply_value(real_time);
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
	case SCHED_EXTENSIBLE:
		return reply_value(0);
	}
	return reply_errno(-EINVAL);
}

struct reply sys_sched_get_priority_max(struct call *c)
{
	return priority((int)c->arg[0], PRIORITY_MAX);
}

struct reply sys_sched_get_priority_min(struct call *c)
{
	return priority((int)c->arg[0], 1);
}
