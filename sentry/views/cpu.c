// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CPUs of the container: those of its cpuset, with the numbers that they have on the
 * host, as sched_getaffinity(2), getcpu(2) and the vDSO tell them.  A quota of time (cpu.max)
 * is no smaller number of CPUs: programs that care read the cgroup.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "views/make.h"

#define ONLINE "devices/system/cpu/online"

int cpus_parse(const char *list, cpu_set_t *ret)
{
	CPU_ZERO(ret);
	while (*list && *list != '\n') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return -EINVAL;
		if (*end == '-')
			last = strtoul(list = end + 1, &end, 10);
		if (end == list || last < first || last >= CPU_SETSIZE)
			return -EINVAL;
		for (; first <= last; first++)
			CPU_SET(first, ret);
		list = *end == ',' ? end + 1 : end;
		if (*end && *end != ',' && *end != '\n')
			return -EINVAL;
	}
	return 0;
}

int cpus_add_list(const cpu_set_t *set, struct strbuf *ret)
{
	const char *sep = "";
	int r = 0;

	for (int i = 0, last; r == 0 && i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, set))
			continue;
		for (last = i; last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set);)
			last++;
		r = last > i ? strbuf_addf(ret, "%s%d-%d", sep, i, last) :
			       strbuf_addf(ret, "%s%d", sep, i);
		sep = ",";
		i = last;
	}
	return r < 0 ? r : strbuf_add(ret, "\n", 1);
}

/* Groups of 32 bits, the highest first. */
int cpus_add_mask(const cpu_set_t *set, struct strbuf *ret)
{
	int groups = 1, r = 0;

	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, set))
			groups = i / 32 + 1;
	for (int g = groups - 1; r == 0 && g >= 0; g--) {
		unsigned int bits = 0;

		for (int i = 0; i < 32; i++)
			bits |= CPU_ISSET(32 * g + i, set) ? 1u << i : 0;
		r = strbuf_addf(ret, "%08x%s", bits, g ? "," : "\n");
	}
	return r;
}

int cpus_get(cpu_set_t *ret)
{
	auto_free char *own = NULL, *online = NULL;
	cpu_set_t set;
	size_t len;
	int r = source_cgroup(VIEWS_CPUSET, "cpuset.cpus.effective",
			      "cpuset.effective_cpus", &own);

	if (r == 0)
		r = cpus_parse(own, ret);
	if (r < 0 || !CPU_COUNT(ret)) {
		r = source_read(ONLINE, &online, &len);
		if (r == 0)
			r = cpus_parse(online, ret);
	}
	if (r == 0)
		return 0;
	/* Neither: as many as the sentry may use, which nobody has limited. */
	r = sched_getaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
	*ret = set;
	return r;
}

int cpus_filter_info(const char *text, const cpu_set_t *set, struct strbuf *ret)
{
	int r = 0;

	while (r == 0 && *text) {
		const char *end = strstr(text, "\n\n");
		size_t len = end ? (size_t)(end - text) + 2 : strlen(text);
		unsigned int cpu;

		if (sscanf(text, "processor : %u", &cpu) != 1 ||
		    (cpu < CPU_SETSIZE && CPU_ISSET(cpu, set)))
			r = strbuf_add(ret, text, len);
		text += len;
	}
	return r;
}

void cpus_usage(struct cpu_usage *ret)
{
	auto_free char *text = NULL, *v1 = NULL;
	const uint64_t tick_us = 10000;	/* USER_HZ */

	*ret = (struct cpu_usage){ 0 };
	if (source_cgroup(VIEWS_CPU, "cpuacct.stat", NULL, &v1) == 0) {
		ret->user_us = source_keyed(v1, "user", ' ') * tick_us;
		ret->system_us = source_keyed(v1, "system", ' ') * tick_us;
	} else if (source_cgroup(VIEWS_CPU, "cpu.stat", NULL, &text) == 0) {
		ret->user_us = source_keyed(text, "user_usec", ' ');
		ret->system_us = source_keyed(text, "system_usec", ' ');
	}
}

int make_cpuinfo(const char *path, struct strbuf *ret)
{
	auto_free char *text = NULL;
	cpu_set_t set;
	size_t len;
	int r = source_read(path, &text, &len);

	if (r == 0)
		r = cpus_get(&set);
	return r < 0 ? r : cpus_filter_info(text, &set, ret);
}

int make_cpu_list(const char *path, struct strbuf *ret)
{
	cpu_set_t set;
	int r = cpus_get(&set);

	(void)path;
	return r < 0 ? r : cpus_add_list(&set, ret);
}

int make_cpu_mask(const char *path, struct strbuf *ret)
{
	cpu_set_t set;
	int r = cpus_get(&set);

	(void)path;
	return r < 0 ? r : cpus_add_mask(&set, ret);
}

/* The CPUs of a list of the kernel's that the container has, too.  path: of a "_list". */
static int related(const char *path, cpu_set_t *ret)
{
	auto_free char *text = NULL;
	cpu_set_t own;
	size_t len;
	int r = source_read(path, &text, &len);

	if (r == 0)
		r = cpus_parse(text, ret);
	if (r == 0)
		r = cpus_get(&own);
	if (r == 0)
		CPU_AND(ret, ret, &own);
	return r;
}

int make_cpu_list_of(const char *path, struct strbuf *ret)
{
	cpu_set_t set;
	int r = related(path, &set);

	return r < 0 ? r : cpus_add_list(&set, ret);
}

int make_cpu_mask_of(const char *path, struct strbuf *ret)
{
	auto_free char *list = str_printf("%s_list", path);
	cpu_set_t set;
	int r = list ? related(list, &set) : -ENOMEM;

	return r < 0 ? r : cpus_add_mask(&set, ret);
}

int names_cpus(struct strv *ret)
{
	cpu_set_t set;
	int r = cpus_get(&set);

	for (int i = 0; r == 0 && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			r = strv_take(ret, str_printf("cpu%d", i));
	return r;
}

/*
 * Time used: the container's own, which the kernel counts for all of its CPUs together;
 * each is given the same part of it.
 */
int make_stat(const char *path, struct strbuf *ret)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	auto_free char *text = NULL;
	uint64_t user, sys, idle, all;
	struct cpu_usage u;
	cpu_set_t set;
	size_t len, n;
	int r = source_read(path, &text, &len);

	if (r == 0)
		r = cpus_get(&set);
	if (r < 0)
		return r;
	n = (size_t)CPU_COUNT(&set);
	cpus_usage(&u);
	user = u.user_us * hz / 1000000 / n;
	sys = u.system_us * hz / 1000000 / n;
	all = source_uptime_ms() * hz / 1000;
	idle = all > user + sys ? all - user - sys : 0;
	r = strbuf_addf(ret, "cpu  %lu 0 %lu %lu 0 0 0 0 0 0\n", user * n, sys * n,
			idle * n);
	for (int i = 0; r == 0 && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			r = strbuf_addf(ret, "cpu%d %lu 0 %lu %lu 0 0 0 0 0 0\n", i, user,
					sys, idle);
	/* The sentry is in the container's time namespace. */
	if (r == 0)
		r = strbuf_addf(
			ret,
			"intr 0\nctxt 0\nbtime %lu\nprocesses %lu\n"
			"procs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
			source_keyed(text, "btime", ' '), system_tasks());
	return r;
}
