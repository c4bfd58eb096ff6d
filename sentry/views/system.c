// SPDX-License-Identifier: GPL-2.0-or-later
/* The system as the container has it: load, uptime, names, and texts that never change. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/release.h"
#include "views/make.h"
#include "views/tree.h"

#define FIXED_1 65536

static char boot_id[64];

/*
 * Load without a timer: between two looks at it, the time that the container's tasks have
 * used for each second that went by is the average number of those that ran.
 */
static struct {
	pthread_mutex_t lock;
	uint64_t at_ms, used_us;
	double load[3];
} load = { .lock = PTHREAD_MUTEX_INITIALIZER };

void system_init(void)
{
	auto_free char *text = NULL;
	size_t len;

	if (source_read(VIEW_PROC "sys/kernel/random/uuid", &text, &len) == 0)
		snprintf(boot_id, sizeof(boot_id), "%s", text);
}

uint64_t system_tasks(void)
{
	uint64_t n;

	return source_cgroup_u64(VIEWS_PIDS, "pids.current", NULL, &n) == 0 ? n : 1;
}

/* e^-x for x >= 0, near enough for a load: (1 + x/64)^-64. */
static double decay(double x)
{
	double y = 1 / (1 + x / 64);

	for (int i = 0; i < 6; i++)
		y *= y;
	return y;
}

void system_loads(uint64_t ret[3])
{
	static const double minutes[] = { 1, 5, 15 };
	const uint64_t now = source_uptime_ms();
	struct cpu_usage u;
	double seconds, running, keep;

	cpus_usage(&u);
	pthread_mutex_lock(&load.lock);
	seconds = (double)(now - load.at_ms) / 1000;
	running = (double)(u.user_us + u.system_us - load.used_us) / 1e6 / seconds;
	if (now > load.at_ms + 100) {	/* ticks of accounting: no shorter time */
		for (int i = 0; i < 3; i++) {
			keep = decay(seconds / 60 / minutes[i]);
			load.load[i] = load.load[i] * keep + running * (1 - keep);
		}
		load.at_ms = now;
		load.used_us = u.user_us + u.system_us;
	}
	for (int i = 0; i < 3; i++)
		ret[i] = (uint64_t)(load.load[i] * FIXED_1);
	pthread_mutex_unlock(&load.lock);
}

int make_loadavg(const char *path, struct strbuf *ret)
{
	uint64_t l[3], tasks = system_tasks();
	int r = 0;

	(void)path;
	system_loads(l);
	for (int i = 0; r == 0 && i < 3; i++) {
		uint64_t hundredths = (l[i] * 100 + FIXED_1 / 2) / FIXED_1;

		r = strbuf_addf(ret, "%lu.%02lu ", hundredths / 100, hundredths % 100);
	}
	return r < 0 ? r : strbuf_addf(ret, "1/%lu %lu\n", tasks, tasks);
}

int make_uptime(const char *path, struct strbuf *ret)
{
	uint64_t up = source_clock_ms() / 10, idle = up;
	struct cpu_usage u;
	cpu_set_t set;

	(void)path;
	cpus_usage(&u);
	if (cpus_get(&set) == 0)
		idle *= (uint64_t)CPU_COUNT(&set);
	u.user_us = (u.user_us + u.system_us) / 10000;
	idle = idle > u.user_us ? idle - u.user_us : 0;
	return strbuf_addf(ret, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100,
			   idle % 100);
}

int make_version(const char *path, struct strbuf *ret)
{
	(void)path;
	return strbuf_addf(ret, "%s", release_banner());
}

int make_osrelease(const char *path, struct strbuf *ret)
{
	(void)path;
	return strbuf_addf(ret, "%s\n", release_release());
}

int make_uts_version(const char *path, struct strbuf *ret)
{
	(void)path;
	return strbuf_addf(ret, "%s\n", release_version());
}

int make_boot_id(const char *path, struct strbuf *ret)
{
	(void)path;
	return strbuf_add(ret, boot_id, strlen(boot_id));
}

/* How many cgroups the host has is its own affair. */
int make_cgroups(const char *path, struct strbuf *ret)
{
	auto_free char *text = NULL;
	char *save = NULL, name[32];
	unsigned int hierarchy, n, enabled;
	size_t len;
	int r = source_read(path, &text, &len);

	if (r == 0)
		r = strbuf_addf(ret, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	for (char *s = r < 0 ? NULL : strtok_r(text, "\n", &save); s && r == 0;
	     s = strtok_r(NULL, "\n", &save))
		if (sscanf(s, "%31s %u %u %u", name, &hierarchy, &n, &enabled) == 4)
			r = strbuf_addf(ret, "%s\t%u\t1\t%u\n", name, hierarchy, enabled);
	return r;
}

int make_file_nr(const char *path, struct strbuf *ret)
{
	auto_free char *text = NULL;
	size_t len;
	int r = source_read(VIEW_PROC "sys/fs/file-max", &text, &len);

	(void)path;
	return r < 0 ? r : strbuf_addf(ret, "0\t0\t%s", text);
}

#define TEXT(name_, text_)                                                             \
	int make_##name_(const char *path, struct strbuf *ret)                         \
	{                                                                              \
		(void)path;                                                            \
		return strbuf_add(ret, text_, sizeof(text_) - 1);                      \
	}

TEXT(nothing, "")
TEXT(newline, "\n")
TEXT(zero, "0\n")
TEXT(core_pattern, "core\n")
TEXT(distance, "10\n")
TEXT(devices, "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n"
	      "  5 /dev/ptmx\n128 ptm\n136 pts\n\nBlock devices:\n")
TEXT(filesystems, "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup\n"
		  "nodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\tmqueue\n"
		  "nodev\toverlay\n\text4\n\txfs\n\tbtrfs\nnodev\tfuse\n")
