// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory as the container has it: the smaller one of its limit and the host's, used as
 * far as its cgroup has used it.  What is available is never more than the host has.
 */
#include <stdint.h>

#include "base/cleanup.h"
#include "views/make.h"
#include "views/tree.h"

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t read_kib(const char *v2, const char *v1, uint64_t otherwise)
{
	uint64_t bytes;

	return source_cgroup_u64(VIEWS_MEMORY, v2, v1, &bytes) == 0 ? bytes / 1024 :
								      otherwise;
}

/* A figure of memory.stat; v1 has those of the cgroups below only in its "total_" ones. */
static uint64_t stat_kib(const char *text, const char *v2, const char *v1)
{
	return (source_keyed(text, v2, ' ') ?: source_keyed(text, v1, ' ')) / 1024;
}

static void get_stat(struct memory *m)
{
	auto_free char *text = NULL;

	if (source_cgroup(VIEWS_MEMORY, "memory.stat", NULL, &text) < 0)
		return;
	m->cached = stat_kib(text, "file", "total_cache");
	m->anon = stat_kib(text, "anon", "total_rss");
	m->shmem = stat_kib(text, "shmem", "total_shmem");
	m->mapped = stat_kib(text, "file_mapped", "total_mapped_file");
	m->dirty = stat_kib(text, "file_dirty", "total_dirty");
	m->writeback = stat_kib(text, "file_writeback", "total_writeback");
	m->active_file = stat_kib(text, "active_file", "total_active_file");
	m->inactive_file = stat_kib(text, "inactive_file", "total_inactive_file");
	m->active_anon = stat_kib(text, "active_anon", "total_active_anon");
	m->inactive_anon = stat_kib(text, "inactive_anon", "total_inactive_anon");
	m->kernel_stack = stat_kib(text, "kernel_stack", "total_kernel_stack");
	m->page_tables = stat_kib(text, "pagetables", "total_pagetables");
	m->slab_reclaimable = stat_kib(text, "slab_reclaimable", "");
	m->slab_unreclaimable = stat_kib(text, "slab_unreclaimable", "");
}

static void get_swap(struct memory *m, const char *host)
{
	uint64_t limit = read_kib("memory.swap.max", NULL, UINT64_MAX), used, both;

	used = read_kib("memory.swap.current", NULL, 0);
	if (limit == UINT64_MAX) {
		both = read_kib("memory.memsw.limit_in_bytes", NULL, UINT64_MAX);
		limit = less(both, read_kib("memory.limit_in_bytes", NULL, 0));
		used = less(read_kib("memory.memsw.usage_in_bytes", NULL, 0),
			    read_kib("memory.usage_in_bytes", NULL, 0));
	}
	m->swap_total = min(source_keyed(host, "SwapTotal", ':'), limit);
	m->swap_free = less(m->swap_total, used);
}

void memory_get(struct memory *ret)
{
	auto_free char *host = NULL;
	uint64_t used;
	size_t len;

	*ret = (struct memory){ 0 };
	if (source_read(VIEW_PROC "meminfo", &host, &len) < 0)
		return;
	get_stat(ret);
	get_swap(ret, host);
	used = read_kib("memory.current", "memory.usage_in_bytes", 0);
	ret->total = min(source_keyed(host, "MemTotal", ':'),
			 read_kib("memory.max", "memory.limit_in_bytes", UINT64_MAX));
	ret->available = min(less(ret->total, used) + ret->active_file +
				     ret->inactive_file + ret->slab_reclaimable,
			     source_keyed(host, "MemAvailable", ':'));
	ret->free = min(less(ret->total, used), ret->available);
}

int make_meminfo(const char *path, struct strbuf *ret)
{
	struct memory m;
	int r = 0;

	(void)path;
	memory_get(&m);
	const struct {
		const char *name;
		uint64_t kib;
	} lines[] = {
		{ "MemTotal:", m.total },
		{ "MemFree:", m.free },
		{ "MemAvailable:", m.available },
		{ "Buffers:", 0 },
		{ "Cached:", m.cached },
		{ "SwapCached:", 0 },
		{ "Active:", m.active_anon + m.active_file },
		{ "Inactive:", m.inactive_anon + m.inactive_file },
		{ "Active(anon):", m.active_anon },
		{ "Inactive(anon):", m.inactive_anon },
		{ "Active(file):", m.active_file },
		{ "Inactive(file):", m.inactive_file },
		{ "Unevictable:", 0 },
		{ "Mlocked:", 0 },
		{ "SwapTotal:", m.swap_total },
		{ "SwapFree:", m.swap_free },
		{ "Dirty:", m.dirty },
		{ "Writeback:", m.writeback },
		{ "AnonPages:", m.anon },
		{ "Mapped:", m.mapped },
		{ "Shmem:", m.shmem },
		{ "KReclaimable:", m.slab_reclaimable },
		{ "Slab:", m.slab_reclaimable + m.slab_unreclaimable },
		{ "SReclaimable:", m.slab_reclaimable },
		{ "SUnreclaim:", m.slab_unreclaimable },
		{ "KernelStack:", m.kernel_stack },
		{ "PageTables:", m.page_tables },
		{ "CommitLimit:", m.total + m.swap_total },
		{ "Committed_AS:", m.anon },
		{ "VmallocTotal:", 34359738367 },
		{ "VmallocUsed:", 0 },
		{ "AnonHugePages:", 0 },
	};
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(lines); i++)
		r = strbuf_addf(ret, "%-15s %8lu kB\n", lines[i].name, lines[i].kib);
	if (r == 0)
		r = strbuf_addf(ret,
				"HugePages_Total:       0\nHugePages_Free:        0\n"
				"HugePages_Rsvd:        0\nHugePages_Surp:        0\n"
				"Hugepagesize:       2048 kB\n");
	return r;
}

int make_node_meminfo(const char *path, struct strbuf *ret)
{
	struct memory m;

	(void)path;
	memory_get(&m);
	return strbuf_addf(ret,
			   "Node 0 MemTotal:       %8lu kB\n"
			   "Node 0 MemFree:        %8lu kB\n"
			   "Node 0 MemUsed:        %8lu kB\n",
			   m.total, m.free, m.total - m.free);
}

int make_swaps(const char *path, struct strbuf *ret)
{
	struct memory m;
	int r;

	(void)path;
	memory_get(&m);
	r = strbuf_addf(ret, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	if (r == 0 && m.swap_total)
		r = strbuf_addf(ret, "none\t\t\t\t\tvirtual\t\t%lu\t\t%lu\t\t0\n",
				m.swap_total, m.swap_total - m.swap_free);
	return r;
}

/* What vmstat(8) and top(1) look for. */
int make_vmstat(const char *path, struct strbuf *ret)
{
	struct memory m;

	(void)path;
	memory_get(&m);
	return strbuf_addf(ret,
			   "nr_free_pages %lu\nnr_inactive_anon %lu\nnr_active_anon %lu\n"
			   "nr_inactive_file %lu\nnr_active_file %lu\nnr_dirty %lu\n"
			   "nr_writeback %lu\nnr_mapped %lu\nnr_shmem %lu\n"
			   "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault 0\n"
			   "pgmajfault 0\noom_kill 0\n",
			   m.free / 4, m.inactive_anon / 4, m.active_anon / 4,
			   m.inactive_file / 4, m.active_file / 4, m.dirty / 4,
			   m.writeback / 4, m.mapped / 4, m.shmem / 4);
}
