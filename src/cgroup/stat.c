// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `events --stats` prints: the kernel's counters in runc's JSON.  A file that this
 * kernel or layout does not have leaves its member out, or zero where runc has zero.
 */
#include "cgroup/ops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

#define FILE_MAX (1u << 20)

/* Whole file, or NULL. */
static char *slurp(const char *dir, const char *file)
{
	auto_free char *path = dir ? str_printf("%s/%s", dir, file) : NULL;
	char *text = NULL;
	size_t len;

	if (!path || fd_read_file(AT_FDCWD, path, FILE_MAX, &text, &len) < 0)
		return NULL;
	return text;
}

static uint64_t number(const char *dir, const char *file)
{
	uint64_t v = 0;

	if (dir)
		(void)cgroup_read_u64(dir, file, &v);
	return v;
}

/* "1 2 3" as a JSON list. */
static void put_list(FILE *f, const char *name, const char *text)
{
	const char *separator = "";

	fprintf(f, ",\"%s\":[", name);
	for (const char *s = text; s && (s += strspn(s, " \n")) && *s;
	     s += strcspn(s, " \n")) {
		fprintf(f, "%s%" PRIu64, separator, (uint64_t)strtoull(s, NULL, 10));
		separator = ",";
	}
	fputc(']', f);
}

/* Lines "some avg10=0.00 avg60=0.00 avg300=0.00 total=0": the kernel's names are JSON's. */
static void put_pressure(FILE *f, const char *dir, const char *file)
{
	auto_free char *text = slurp(dir, file);
	const char *separator = "";
	char *save = NULL;

	if (!text)
		return;
	fputs(",\"psi\":{", f);
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char kind[8];
		double avg10, avg60, avg300;
		uint64_t total;

		if (sscanf(line, "%7s avg10=%lf avg60=%lf avg300=%lf total=%" SCNu64,
			   kind, &avg10, &avg60, &avg300, &total) != 5)
			continue;
		fprintf(f,
			"%s\"%s\":{\"avg10\":%.2f,\"avg60\":%.2f,\"avg300\":%.2f,"
			"\"total\":%" PRIu64 "}",
			separator, kind, avg10, avg60, avg300, total);
		separator = ",";
	}
	fputc('}', f);
}

static void put_throttling(FILE *f, const char *stat, const char *time_key,
			   uint64_t unit_ns)
{
	fprintf(f,
		"\"throttling\":{\"periods\":%" PRIu64 ",\"throttledPeriods\":%" PRIu64
		",\"throttledTime\":%" PRIu64 "}",
		cgroup_keyed(stat, "nr_periods"), cgroup_keyed(stat, "nr_throttled"),
		cgroup_keyed(stat, time_key) * unit_ns);
}

static void put_cpu_v1(FILE *f, const struct cgroup *cg)
{
	const char *dir = cgroup_dir(cg, "cpuacct");
	auto_free char *percpu = slurp(dir, "cpuacct.usage_percpu");
	auto_free char *kernel = slurp(dir, "cpuacct.usage_percpu_sys");
	auto_free char *user = slurp(dir, "cpuacct.usage_percpu_user");
	auto_free char *stat = slurp(cgroup_dir(cg, "cpu"), "cpu.stat");

	fprintf(f, "\"cpu\":{\"usage\":{\"total\":%" PRIu64,
		number(dir, "cpuacct.usage"));
	put_list(f, "percpu", percpu);
	put_list(f, "percpu_kernel", kernel);
	put_list(f, "percpu_user", user);
	fprintf(f, ",\"kernel\":%" PRIu64 ",\"user\":%" PRIu64 "},",
		number(dir, "cpuacct.usage_sys"), number(dir, "cpuacct.usage_user"));
	put_throttling(f, stat, "throttled_time", 1);
	fputc('}', f);
}

static void put_cpu_v2(FILE *f, const char *dir)
{
	auto_free char *stat = slurp(dir, "cpu.stat");

	fprintf(f,
		"\"cpu\":{\"usage\":{\"total\":%" PRIu64 ",\"kernel\":%" PRIu64
		",\"user\":%" PRIu64 "},",
		cgroup_keyed(stat, "usage_usec") * 1000,
		cgroup_keyed(stat, "system_usec") * 1000,
		cgroup_keyed(stat, "user_usec") * 1000);
	put_throttling(f, stat, "throttled_usec", 1000);
	put_pressure(f, dir, "cpu.pressure");
	fputc('}', f);
}

/* "0-2,7" as a list of numbers. */
static void put_cpus(FILE *f, const char *name, const char *dir, const char *file)
{
	auto_free char *text = slurp(dir, file);
	const char *separator = "";

	fprintf(f, "\"%s\":[", name);
	for (char *s = text; s && *s >= '0' && *s <= '9'; s += *s == ',') {
		unsigned long first = strtoul(s, &s, 10), last = first;

		if (*s == '-')
			last = strtoul(s + 1, &s, 10);
		for (; first <= last && last < 1u << 16; first++) {
			fprintf(f, "%s%lu", separator, first);
			separator = ",";
		}
	}
	fputc(']', f);
}

static void put_cpuset(FILE *f, const struct cgroup *cg)
{
	static const char *const flags[] = {
		"cpu_exclusive",      "mem_hardwall",	    "mem_exclusive",
		"memory_migrate",     "memory_spread_page", "memory_spread_slab",
		"sched_load_balance", "memory_pressure",
	};
	const char *dir = cgroup_dir(cg, "cpuset");
	char file[64], level[16] = "0";

	fputs(",\"cpuset\":{", f);
	put_cpus(f, "cpus", dir,
		 cg->layout == CGROUP_V2 ? "cpuset.cpus.effective" : "cpuset.cpus");
	fputc(',', f);
	put_cpus(f, "mems", dir,
		 cg->layout == CGROUP_V2 ? "cpuset.mems.effective" : "cpuset.mems");
	for (size_t i = 0; cg->layout == CGROUP_V1 && i < ARRAY_SIZE(flags); i++) {
		snprintf(file, sizeof(file), "cpuset.%s", flags[i]);
		fprintf(f, ",\"%s\":%" PRIu64, flags[i], number(dir, file));
	}
	if (dir && cgroup_read_at(dir, "cpuset.sched_relax_domain_level", level,
				  sizeof(level)) == 0)
		fprintf(f, ",\"sched_relax_domain_level\":%ld", strtol(level, NULL, 10));
	fputc('}', f);
}

static void put_raw(FILE *f, const char *stat)
{
	const char *separator = "";

	fputs(",\"raw\":{", f);
	for (const char *line = stat; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char key[64];
		uint64_t v;

		if (sscanf(line, "%63[a-z0-9_] %" SCNu64, key, &v) != 2)
			continue;
		fprintf(f, "%s\"%s\":%" PRIu64, separator, key, v);
		separator = ",";
	}
	fputc('}', f);
}

/* One of memory's four counters on v1: files PREFIX.limit_in_bytes and so on. */
static void put_counter_v1(FILE *f, const char *name, const char *dir, const char *prefix)
{
	static const struct {
		const char *key, *file;
	} members[] = {
		{ "limit", "limit_in_bytes" },
		{ "usage", "usage_in_bytes" },
		{ "max", "max_usage_in_bytes" },
		{ "failcnt", "failcnt" },
	};
	char file[96];

	fprintf(f, ",\"%s\":{", name);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		snprintf(file, sizeof(file), "%s.%s", prefix, members[i].file);
		fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", members[i].key,
			number(dir, file));
	}
	fputc('}', f);
}

static void put_memory_v1(FILE *f, const struct cgroup *cg)
{
	const char *dir = cgroup_dir(cg, "memory");
	auto_free char *stat = slurp(dir, "memory.stat");

	fprintf(f, ",\"memory\":{\"cache\":%" PRIu64, cgroup_keyed(stat, "cache"));
	put_counter_v1(f, "usage", dir, "memory");
	put_counter_v1(f, "swap", dir, "memory.memsw");
	put_counter_v1(f, "kernel", dir, "memory.kmem");
	put_counter_v1(f, "kernelTCP", dir, "memory.kmem.tcp");
	put_raw(f, stat);
	fputc('}', f);
}

/* runc's "swap" is memory and swap together, as on v1. */
static void put_memory_v2(FILE *f, const char *dir)
{
	auto_free char *stat = slurp(dir, "memory.stat");
	auto_free char *events = slurp(dir, "memory.events");
	uint64_t usage = number(dir, "memory.current"), limit = UINT64_MAX;
	uint64_t swap = number(dir, "memory.swap.current"), swap_limit = UINT64_MAX;

	(void)cgroup_read_u64(dir, "memory.max", &limit); /* the root has none */
	(void)cgroup_read_u64(dir, "memory.swap.max", &swap_limit);
	swap_limit = swap_limit > UINT64_MAX - limit ? UINT64_MAX : swap_limit + limit;
	fprintf(f,
		",\"memory\":{\"cache\":%" PRIu64 ",\"usage\":{\"limit\":%" PRIu64
		",\"usage\":%" PRIu64 ",\"max\":%" PRIu64 ",\"failcnt\":%" PRIu64
		"},\"swap\":"
		"{\"limit\":%" PRIu64 ",\"usage\":%" PRIu64 ",\"failcnt\":0}",
		cgroup_keyed(stat, "file"), limit, usage, number(dir, "memory.peak"),
		cgroup_keyed(events, "max"), swap_limit, usage + swap);
	put_raw(f, stat);
	put_pressure(f, dir, "memory.pressure");
	fputc('}', f);
}

static void put_pids(FILE *f, const struct cgroup *cg)
{
	const char *dir = cgroup_dir(cg, "pids");
	uint64_t limit = number(dir, "pids.max");

	fprintf(f, ",\"pids\":{\"current\":%" PRIu64 ",\"limit\":%" PRIu64 "}",
		number(dir, "pids.current"), limit == UINT64_MAX ? 0 : limit);
}

static void put_io(FILE *f, const char **separator, unsigned int major,
		   unsigned int minor, const char *op, uint64_t value)
{
	fprintf(f, "%s{\"major\":%u,\"minor\":%u,\"op\":\"%s\",\"value\":%" PRIu64 "}",
		*separator, major, minor, op, value);
	*separator = ",";
}

/* v1: lines "8:0 Read 123". */
static void put_io_v1(FILE *f, const char *name, const char *dir, const char *suffix)
{
	static const char *const prefixes[] = { "blkio.bfq.", "blkio.throttle.",
						"blkio." };
	auto_free char *text = NULL;
	const char *separator = "";
	char *save = NULL, file[96];

	for (size_t i = 0; !text && i < ARRAY_SIZE(prefixes); i++) {
		snprintf(file, sizeof(file), "%s%s", prefixes[i], suffix);
		text = slurp(dir, file);
	}
	fprintf(f, "\"%s\":[", name);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned int major, minor;
		char op[16] = "";
		uint64_t v;

		if (sscanf(line, "%u:%u %15[A-Za-z] %" SCNu64, &major, &minor, op, &v) ==
			    4 ||
		    (op[0] = '\0',
		     sscanf(line, "%u:%u %" SCNu64, &major, &minor, &v) == 3))
			put_io(f, &separator, major, minor, op, v);
	}
	fputc(']', f);
}

/* v2: lines "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"; what: "bytes" or "ios". */
static void put_io_v2(FILE *f, const char *name, const char *text, const char *what)
{
	static const struct {
		char letter;
		const char *op;
	} ops[] = {
		{ 'r', "Read" },
		{ 'w', "Write" },
		{ 'd', "Discard" },
	};
	const char *separator = "", *next;

	fprintf(f, "\"%s\":[", name);
	for (const char *line = text; line && *line; line = next) {
		unsigned int major, minor;
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] != '\0');
		if (sscanf(line, "%u:%u", &major, &minor) != 2)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
			char key[16];
			const char *hit;

			snprintf(key, sizeof(key), " %c%s=", ops[i].letter, what);
			hit = strstr(line, key);
			if (hit && hit < line + len)
				put_io(f, &separator, major, minor, ops[i].op,
				       strtoull(hit + strlen(key), NULL, 10));
		}
	}
	fputc(']', f);
}

static void put_blkio(FILE *f, const struct cgroup *cg)
{
	static const struct {
		const char *name, *suffix;
	} v1[] = {
		{ "ioServiceBytesRecursive", "io_service_bytes_recursive" },
		{ "ioServicedRecursive", "io_serviced_recursive" },
		{ "ioQueueRecursive", "io_queued_recursive" },
		{ "ioServiceTimeRecursive", "io_service_time_recursive" },
		{ "ioWaitTimeRecursive", "io_wait_time_recursive" },
		{ "ioMergedRecursive", "io_merged_recursive" },
		{ "ioTimeRecursive", "time_recursive" },
		{ "sectorsRecursive", "sectors_recursive" },
	};
	const char *dir = cgroup_dir(cg, cg->layout == CGROUP_V2 ? "io" : "blkio");

	fputs(",\"blkio\":{", f);
	if (cg->layout == CGROUP_V2) {
		auto_free char *text = slurp(dir, "io.stat");

		put_io_v2(f, "ioServiceBytesRecursive", text, "bytes");
		fputc(',', f);
		put_io_v2(f, "ioServicedRecursive", text, "ios");
		put_pressure(f, dir, "io.pressure");
	}
	for (size_t i = 0; cg->layout == CGROUP_V1 && i < ARRAY_SIZE(v1); i++) {
		fputs(i ? "," : "", f);
		put_io_v1(f, v1[i].name, dir, v1[i].suffix);
	}
	fputc('}', f);
}

/* Page sizes are the names between "hugetlb." and the suffix. */
static void put_hugetlb(FILE *f, const struct cgroup *cg)
{
	const bool v2 = cg->layout == CGROUP_V2;
	const char *dir = cgroup_dir(cg, "hugetlb"), *separator = "";
	const char *suffix = v2 ? ".current" : ".usage_in_bytes";
	auto_closedir DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *ent;

	fputs(",\"hugetlb\":{", f);
	while (d && (ent = readdir(d))) {
		char size[16], file[64];
		const char *dot = strchr(ent->d_name, '.');

		if (!str_starts(ent->d_name, "hugetlb.") ||
		    sscanf(dot + 1, "%15[0-9KMGB]", size) != 1 ||
		    !str_eq(dot + 1 + strlen(size), suffix))
			continue;
		fprintf(f, "%s\"%s\":{\"usage\":%" PRIu64, separator, size,
			number(dir, ent->d_name));
		snprintf(file, sizeof(file), "hugetlb.%s.max_usage_in_bytes", size);
		fprintf(f, ",\"max\":%" PRIu64, number(dir, file));
		snprintf(file, sizeof(file), "hugetlb.%s.failcnt", size);
		fprintf(f, ",\"failcnt\":%" PRIu64 "}", number(dir, file));
		separator = ",";
	}
	fputc('}', f);
}

int cgroup_stats_json(const struct cgroup *cg, FILE *f, struct err *e)
{
	if (!cg->n)
		return err_text(e, ENODEV,
				"the container has no cgroup: there are no statistics");
	fputc('{', f);
	if (cg->layout == CGROUP_V2)
		put_cpu_v2(f, cg->dirs[0].dir);
	else
		put_cpu_v1(f, cg);
	put_cpuset(f, cg);
	if (cg->layout == CGROUP_V2)
		put_memory_v2(f, cg->dirs[0].dir);
	else
		put_memory_v1(f, cg);
	put_pids(f, cg);
	put_blkio(f, cg);
	put_hugetlb(f, cg);
	fputs(",\"intel_rdt\":{},\"network_interfaces\":null}", f);
	return ferror(f) ? err_set(e, EIO, "write the statistics") : 0;
}
