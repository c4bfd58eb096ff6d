/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who makes the texts of tree.def, and from what.  For the files of views/ only. */
#ifndef PICKET_SENTRY_VIEWS_MAKE_H
#define PICKET_SENTRY_VIEWS_MAKE_H

#include <sched.h>
#include <stdint.h>

#include "base/str.h"
#include "views/views.h"

/* path: of the file, as view_path() has it.  0 or a negative errno. */
typedef int view_make_fn(const char *path, struct strbuf *ret);
/* What stands for the "*" of an EACH. */
typedef int view_names_fn(struct strv *ret);

/* --- source.c: what is read ------------------------------------------------------------- */

/* procfs: the sentry's; proc, sys: roots of the kernel's own, or -1; owned. */
void source_init(int procfs, int proc, int sys, const int cgroups[VIEWS_CGROUPS]);

/* The kernel's text of a path of the tree; NUL-terminated, malloc'ed. */
int source_read(const char *path, char **ret, size_t *ret_len);
bool source_has(const char *path);

/* What a file has that the sentry holds open, from its beginning, wherever fd stands. */
int source_again(int fd, char **ret);

/* A file of the container's cgroup, by its name in v2 or in v1; -ENOENT: no such limit. */
int source_cgroup(enum views_cgroup which, const char *v2, const char *v1, char **ret);
/* The same for one number; "max" is UINT64_MAX. */
int source_cgroup_u64(enum views_cgroup which, const char *v2, const char *v1, uint64_t *ret);

/* Value of "key N" in a line of text, 0 where it is missing; sep: what follows the key. */
uint64_t source_keyed(const char *text, const char *key, char sep);

/* Since the container was started. */
uint64_t source_uptime_ms(void);

/* CLOCK_BOOTTIME, which the guest has too, and which dates its processes in PID/stat. */
uint64_t source_clock_ms(void);

/* --- cpu.c ------------------------------------------------------------------------------- */

/* The container's CPUs, with the numbers that they have on the host. */
int cpus_get(cpu_set_t *ret);
/* "0-3,8" */
int cpus_parse(const char *list, cpu_set_t *ret);
int cpus_add_list(const cpu_set_t *set, struct strbuf *ret);
int cpus_add_mask(const cpu_set_t *set, struct strbuf *ret);
/* The paragraphs of a cpuinfo that are about these CPUs. */
int cpus_filter_info(const char *text, const cpu_set_t *set, struct strbuf *ret);

/* What the container has used, in microseconds. */
struct cpu_usage { uint64_t user_us, system_us; };
void cpus_usage(struct cpu_usage *ret);

/* --- memory.c ---------------------------------------------------------------------------- */

struct memory {			/* KiB */
	uint64_t total, free, available, cached, active_file, inactive_file, active_anon,
		inactive_anon, anon, shmem, mapped, dirty, writeback, slab_reclaimable,
		slab_unreclaimable, kernel_stack, page_tables, swap_total, swap_free;
};
void memory_get(struct memory *ret);

/* --- system.c ---------------------------------------------------------------------------- */

void system_init(void);
void system_loads(uint64_t ret[3]);	/* in 1/65536, as sysinfo(2) has them */
uint64_t system_tasks(void);

#define MADE(path_, name_) view_make_fn make_##name_;
#define DIR(path_)
#define KERNEL(path_)
#define LIVE(path_)
#define EACH(path_, each_) view_names_fn names_##each_;
#include "views/tree.def"
#undef MADE
#undef DIR
#undef KERNEL
#undef LIVE
#undef EACH

#endif
