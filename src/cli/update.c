// SPDX-License-Identifier: GPL-2.0-or-later
/* update: new limits for a container, from options or as the specification's JSON. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cli/verbs.h"

#define RESOURCES_MAX (1u << 20)

enum limit {
	BLKIO_WEIGHT,
	CPU_PERIOD,
	CPU_QUOTA,
	CPU_BURST,
	CPU_SHARE,
	CPU_RT_PERIOD,
	CPU_RT_RUNTIME,
	CPU_IDLE,
	MEMORY,
	MEMORY_RESERVATION,
	MEMORY_SWAP,
	PIDS_LIMIT,
	LIMITS,
};

struct args {
	const char *resources, *cpus, *mems, *limit[LIMITS];
};

/* clang-format off */
#define A(field) offsetof(struct args, field)
static const struct opt update_opts[] = {
	{ "resources", 'r', OPT_STRING, A(resources), "FILE",
	  "linux.resources as JSON, - for stdin; other options are ignored", 0 },
	{ "blkio-weight", 0, OPT_STRING, A(limit[BLKIO_WEIGHT]), "N", "10 to 1000", 0 },
	{ "cpu-period", 0, OPT_STRING, A(limit[CPU_PERIOD]), "USEC", "period of the quota", 0 },
	{ "cpu-quota", 0, OPT_STRING, A(limit[CPU_QUOTA]), "USEC", "time in each period", 0 },
	{ "cpu-burst", 0, OPT_STRING, A(limit[CPU_BURST]), "USEC", "unused time to be kept", 0 },
	{ "cpu-share", 0, OPT_STRING, A(limit[CPU_SHARE]), "N", "2 to 262144", 0 },
	{ "cpu-rt-period", 0, OPT_STRING, A(limit[CPU_RT_PERIOD]), "USEC",
	  "period of real-time tasks", 0 },
	{ "cpu-rt-runtime", 0, OPT_STRING, A(limit[CPU_RT_RUNTIME]), "USEC",
	  "time of real-time tasks in each period", 0 },
	{ "cpu-idle", 0, OPT_STRING, A(limit[CPU_IDLE]), "0|1", "1: after everybody else", 0 },
	{ "cpuset-cpus", 0, OPT_STRING, A(cpus), "LIST", "processors, 0-3,7", 0 },
	{ "cpuset-mems", 0, OPT_STRING, A(mems), "LIST", "memory nodes, 0-1", 0 },
	{ "memory", 0, OPT_STRING, A(limit[MEMORY]), "SIZE", "64M, 1g; -1: no limit", 0 },
	{ "memory-reservation", 0, OPT_STRING, A(limit[MEMORY_RESERVATION]), "SIZE",
	  "what is left to it under pressure", 0 },
	{ "memory-swap", 0, OPT_STRING, A(limit[MEMORY_SWAP]), "SIZE",
	  "memory and swap together; -1: no limit", 0 },
	{ "pids-limit", 0, OPT_STRING, A(limit[PIDS_LIMIT]), "N", "tasks; -1: no limit", 0 },
	{ "kernel-memory", 0, OPT_IGNORED, 0, "SIZE", "ignored", OPT_HIDDEN },
	{ "kernel-memory-tcp", 0, OPT_IGNORED, 0, "SIZE", "ignored", OPT_HIDDEN },
};

#define R(field) offsetof(struct spec_resources, field)
static const struct {
	const char *flag;
	enum { COUNT, NUMBER, SIZE } kind;
	size_t field;		/* COUNT: struct spec_opt_u64; else struct spec_opt_i64 */
} limits[LIMITS] = {
	[BLKIO_WEIGHT]       = { "-blkio-weight",       COUNT,  R(blkio_weight) },
	[CPU_PERIOD]         = { "-cpu-period",         COUNT,  R(cpu_period) },
	[CPU_QUOTA]          = { "-cpu-quota",          NUMBER, R(cpu_quota) },
	[CPU_BURST]          = { "-cpu-burst",          COUNT,  R(cpu_burst) },
	[CPU_SHARE]          = { "-cpu-share",          COUNT,  R(cpu_shares) },
	[CPU_RT_PERIOD]      = { "-cpu-rt-period",      COUNT,  R(cpu_rt_period) },
	[CPU_RT_RUNTIME]     = { "-cpu-rt-runtime",     NUMBER, R(cpu_rt_runtime) },
	[CPU_IDLE]           = { "-cpu-idle",           NUMBER, R(cpu_idle) },
	[MEMORY]             = { "-memory",             SIZE,   R(memory_limit) },
	[MEMORY_RESERVATION] = { "-memory-reservation", SIZE,   R(memory_reservation) },
	[MEMORY_SWAP]        = { "-memory-swap",        SIZE,   R(memory_swap) },
	[PIDS_LIMIT]         = { "-pids-limit",         NUMBER, R(pids_limit) },
};
/* clang-format on */

static int set_limit(struct spec_resources *r, enum limit i, const char *value)
{
	void *field = (char *)r + limits[i].field;
	struct spec_opt_i64 *number = field;
	struct spec_opt_u64 *count = field;

	if (limits[i].kind == COUNT) {
		count->has = true;
		return str_parse_u64(value, &count->v);
	}
	number->has = true;
	return limits[i].kind == SIZE ? str_parse_size(value, &number->v) :
					str_parse_i64(value, &number->v);
}

static int from_options(const struct args *a, struct spec_resources *r, struct err *e)
{
	r->present = true;
	r->cpuset_cpus = a->cpus;
	r->cpuset_mems = a->mems;
	for (int i = 0; i < LIMITS; i++)
		if (a->limit[i] && set_limit(r, (enum limit)i, a->limit[i]) < 0)
			return verb_bad_value(limits[i].flag, a->limit[i],
					      limits[i].kind == SIZE ?
						      "a size such as 64M" :
						      "a number",
					      e);
	/* Without a limit on memory one on memory and swap makes no sense. */
	if (r->memory_limit.has && r->memory_limit.v == -1 && !r->memory_swap.has)
		r->memory_swap = r->memory_limit;
	return 0;
}

static int from_file(const char *file, struct spec *s, struct err *e)
{
	const bool is_stdin = str_eq(file, "-");
	auto_free char *text = NULL;
	size_t len;
	int r = is_stdin ? fd_read_all(STDIN_FILENO, RESOURCES_MAX, &text, &len) :
			   fd_read_file(AT_FDCWD, file, RESOURCES_MAX, &text, &len);

	if (r < 0)
		return err_set(e, -r, "read resources from '%s'",
			       is_stdin ? "stdin" : file);
	return spec_parse_resources(s, is_stdin ? "stdin" : file, text, len, e);
}

static int update(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	auto_(spec_done) struct spec s = { 0 };
	int r = a->resources ? from_file(a->resources, &s, e) :
			       from_options(a, &s.resources, e);

	return r < 0 ? r : container_update(&inv->ctx, inv->words[0], &s.resources, e);
}

const struct verb verb_update = {
	.name = "update",
	.run = update,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.opts = OPTS(update_opts),
	.args_size = sizeof(struct args),
	.help = "change the limits of a container",
};
