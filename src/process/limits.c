// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rlimits, oom_score_adj, scheduler, io priority and personality.  Each one is read first
 * and set only where it differs: a parent outside of the container's user namespace may
 * have set what the process itself has no privilege for.
 */
#include "process/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/str.h"
#include "process/internal.h"

#define IOPRIO_WHO_PROCESS	   1
#define IOPRIO_VALUE(class_, prio) (((class_) << 13) | (prio))

static int apply_rlimits(const struct spec_process *p, pid_t pid, struct err *e)
{
	for (size_t i = 0; i < p->rlimits_n; i++) {
		const struct spec_rlimit *l = &p->rlimits[i];
		const struct rlimit64 want = { l->soft, l->hard };
		struct rlimit64 now;

		if (syscall(SYS_prlimit64, pid, l->resource, NULL, &now) == 0 &&
		    now.rlim_cur == want.rlim_cur && now.rlim_max == want.rlim_max)
			continue;
		if (syscall(SYS_prlimit64, pid, l->resource, &want, NULL) < 0)
			return err_set(e, errno, "set .process.rlimits[%zu]", i);
	}
	return 0;
}

static int open_pid_dir(int procfs, pid_t pid)
{
	char name[32];

	if (pid == 0)
		return proc_open_self(procfs);
	snprintf(name, sizeof(name), "%d", pid);
	return proc_open(procfs, name, O_PATH | O_DIRECTORY);
}

static int apply_oom_score(const struct spec_process *p, pid_t pid, int procfs,
			   bool rootless, struct err *e)
{
	auto_close int dir = p->oom_score_adj.has ? open_pid_dir(procfs, pid) : -1;
	char want[32], now[32];
	int r;

	if (!p->oom_score_adj.has)
		return 0;
	if (dir < 0)
		return err_set(e, -dir, "open the process's directory in /proc");
	snprintf(want, sizeof(want), "%lld\n", (long long)p->oom_score_adj.v);
	if (proc_read(dir, "oom_score_adj", now, sizeof(now)) >= 0 && str_eq(now, want))
		return 0;
	r = proc_write(dir, "oom_score_adj", want);
	if ((r == -EACCES || r == -EPERM) && rootless) {
		log_debug("oom_score_adj %lld is not permitted, ignoring it",
			  (long long)p->oom_score_adj.v);
		return 0;
	}
	if (r < 0)
		return err_set(e, -r, "set .process.oomScoreAdj to %lld",
			       (long long)p->oom_score_adj.v);
	return 0;
}

/* struct sched_attr of sched_setattr(2), first version: glibc 2.36 does not have it. */
struct sched_attr_v0 {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static int apply_scheduler(const struct spec_scheduler *s, pid_t pid, struct err *e)
{
	struct sched_attr_v0 now = { 0 }, want = {
		.size = sizeof(want),
		.policy = (uint32_t)s->policy,
		.flags = s->flags,
		.nice = s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};

	if (!s->present)
		return 0;
	if (syscall(SYS_sched_getattr, pid, &now, sizeof(now), 0) == 0 &&
	    now.policy == want.policy && now.flags == want.flags &&
	    now.nice == want.nice && now.priority == want.priority &&
	    s->policy != SCHED_DEADLINE)
		return 0;
	if (syscall(SYS_sched_setattr, pid, &want, 0) < 0)
		return err_set(e, errno, "set .process.scheduler");
	return 0;
}

static int apply_ioprio(const struct spec_ioprio *io, pid_t pid, struct err *e)
{
	int want = IOPRIO_VALUE(io->class_, io->priority);

	if (!io->present || syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid) == want)
		return 0;
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, want) < 0)
		return err_set(e, errno, "set .process.ioPriority");
	return 0;
}

int process_apply_personality(const char *domain, struct err *e)
{
	unsigned long persona = PER_LINUX;

	if (!domain)
		return 0;
	if (str_eq(domain, "LINUX32"))
		persona = PER_LINUX32;
	else if (!str_eq(domain, "LINUX"))
		return err_text(e, EINVAL,
				"config.json: .linux.personality.domain: expected "
				"'LINUX' or 'LINUX32', got '%s'",
				domain);
	if (personality(persona) < 0)
		return err_set(e, errno, "set .linux.personality to '%s'", domain);
	return 0;
}

int process_apply_limits(pid_t pid, const struct spec_process *p, int procfs,
			 bool rootless, struct err *e)
{
	int r = apply_oom_score(p, pid, procfs, rootless, e);

	if (r == 0)
		r = apply_scheduler(&p->scheduler, pid, e);
	if (r == 0)
		r = apply_ioprio(&p->ioprio, pid, e);
	/* Last: a small RLIMIT_NOFILE would be in the way of the others. */
	if (r == 0)
		r = apply_rlimits(p, pid, e);
	return r;
}

/* One "N" or "N-M" of a cpu list; *s moves behind it. */
static int parse_range(const char **s, cpu_set_t *set)
{
	unsigned long first, last;
	char *end;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	first = last = strtoul(*s, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return -EINVAL;
		last = strtoul(end + 1, &end, 10);
	}
	if (first > last || last >= CPU_SETSIZE)
		return -EINVAL;
	for (; first <= last; first++)
		CPU_SET(first, set);
	*s = end;
	return 0;
}

int process_set_affinity(const char *cpus, struct err *e)
{
	cpu_set_t set;
	const char *s = cpus;

	if (!cpus || !*cpus)
		return 0;
	CPU_ZERO(&set);
	do {
		if (parse_range(&s, &set) < 0 || (*s && *s != ','))
			return err_text(e, EINVAL,
					"expected a list of CPUs such as '0-3,7', "
					"got '%s'",
					cpus);
	} while (*s++ == ',');
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return err_set(e, errno, "set the CPU affinity to '%s'", cpus);
	return 0;
}
