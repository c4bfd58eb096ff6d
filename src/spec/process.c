// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json's .process, also the whole file of `exec --process`. */
#include "process/process.h"

#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include "spec/load.h"
#include "spec/spec.h"

static const struct json_field console_fields[] = {
	{ "height", json_u16, offsetof(struct spec_process, console_height) },
	{ "width", json_u16, offsetof(struct spec_process, console_width) },
};

static int load_console(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, console_fields, dst);
}

static int load_umask(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_u64 *o = dst;
	int64_t v;
	int r = json_integer(l, j, 0, 0777, &v);

	if (r == 0)
		*o = (struct spec_opt_u64){ true, (uint64_t)v };
	return r;
}

static int load_gids(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(uint32_t), json_id, dst);
}

static const struct json_field user_fields[] = {
	{ "uid", json_id, offsetof(struct spec_process, uid) },
	{ "gid", json_id, offsetof(struct spec_process, gid) },
	{ "umask", load_umask, offsetof(struct spec_process, umask) },
	{ "additionalGids", load_gids, offsetof(struct spec_process, additional_gids) },
};

static int load_user(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, user_fields, dst);
}

/*
 * An unknown CAP_ name is a capability of a newer kernel: it is left out, which takes
 * rights away and never adds any.
 */
static int load_cap_set(const struct json_load *l, const struct json *j, void *dst)
{
	uint64_t set = 0;

	if (j->type != JSON_ARRAY)
		return json_expected(l, j, "an array");
	for (const struct json *c = j->first; c; c = c->next) {
		int cap;

		if (c->type != JSON_STRING)
			return json_expected(l, c, "a string");
		cap = caps_by_name(c->text);
		if (cap < 0 && !str_starts(c->text, "CAP_"))
			return json_error(l, c, "unknown capability '%s'", c->text);
		if (cap >= 0 && cap < 64)
			set |= UINT64_C(1) << cap;
	}
	*(uint64_t *)dst = set;
	return 0;
}

static const struct json_field caps_fields[] = {
	{ "bounding", load_cap_set, offsetof(struct spec_caps, bounding) },
	{ "effective", load_cap_set, offsetof(struct spec_caps, effective) },
	{ "inheritable", load_cap_set, offsetof(struct spec_caps, inheritable) },
	{ "permitted", load_cap_set, offsetof(struct spec_caps, permitted) },
	{ "ambient", load_cap_set, offsetof(struct spec_caps, ambient) },
};

static int load_caps(const struct json_load *l, const struct json *j, void *dst)
{
	((struct spec_caps *)dst)->present = true;
	return JSON_FIELDS(l, j, caps_fields, dst);
}

/* clang-format off */
static const struct json_word rlimit_words[] = {
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },         { "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_CORE", RLIMIT_CORE },             { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_STACK", RLIMIT_STACK },           { "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CPU", RLIMIT_CPU },               { "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },           { "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },     { "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_RSS", RLIMIT_RSS },               { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },         { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
};
/* clang-format on */

static int load_rlimit_type(const struct json_load *l, const struct json *j, void *dst)
{
	int64_t v;
	int r = JSON_WORD(l, j, rlimit_words, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static const struct json_field rlimit_fields[] = {
	{ "type", load_rlimit_type, offsetof(struct spec_rlimit, resource) },
	{ "soft", json_u64, offsetof(struct spec_rlimit, soft) },
	{ "hard", json_u64, offsetof(struct spec_rlimit, hard) },
};

static int load_rlimit(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_rlimit *rl = dst;
	int r;

	rl->resource = -1;
	r = JSON_FIELDS(l, j, rlimit_fields, rl);
	if (r < 0)
		return r;
	if (rl->resource < 0)
		return json_error(l, j, "type is missing");
	if (rl->soft > rl->hard)
		return json_error(l, j, "soft limit is above the hard limit");
	return 0;
}

static const char *rlimit_name(int resource)
{
	for (size_t i = 0; i < sizeof(rlimit_words) / sizeof(rlimit_words[0]); i++)
		if (rlimit_words[i].value == resource)
			return rlimit_words[i].word;
	return "";
}

static int load_rlimits(const struct json_load *l, const struct json *j, void *dst)
{
	const struct json_list *list = dst;
	const struct json *c = j->first;
	uint64_t seen = 0;
	int r = json_load_list(l, j, sizeof(struct spec_rlimit), load_rlimit, dst);

	for (size_t i = 0; r == 0 && i < list->n; i++, c = c->next) {
		const struct spec_rlimit *rl = (const struct spec_rlimit *)list->v + i;

		if (seen & (UINT64_C(1) << rl->resource))
			return json_error(l, c, "duplicated limit %s",
					  rlimit_name(rl->resource));
		seen |= UINT64_C(1) << rl->resource;
	}
	return r;
}

static int load_oom(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_i64 *o = dst;

	o->has = true;
	return json_integer(l, j, -1000, 1000, &o->v);
}

static int load_int(const struct json_load *l, const struct json *j, int64_t min,
		    int64_t max, void *dst)
{
	int64_t v;
	int r = json_integer(l, j, min, max, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static int load_policy(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "SCHED_OTHER", SCHED_NORMAL },
		{ "SCHED_FIFO", SCHED_FIFO },
		{ "SCHED_RR", SCHED_RR },
		{ "SCHED_BATCH", SCHED_BATCH },
		{ "SCHED_ISO", 4 },
		{ "SCHED_IDLE", SCHED_IDLE },
		{ "SCHED_DEADLINE", SCHED_DEADLINE },
	};
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static int load_sched_flags(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
		{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
		{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
		{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
		{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
		{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
		{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
	};
	uint64_t *flags = dst;

	if (j->type != JSON_ARRAY)
		return json_expected(l, j, "an array");
	for (const struct json *c = j->first; c; c = c->next) {
		int64_t v;
		int r = JSON_WORD(l, c, words, &v);

		if (r < 0)
			return r;
		*flags |= (uint64_t)v;
	}
	return 0;
}

static int load_nice(const struct json_load *l, const struct json *j, void *dst)
{
	return load_int(l, j, -20, 19, dst);
}

static int load_sched_prio(const struct json_load *l, const struct json *j, void *dst)
{
	return load_int(l, j, 0, 99, dst);
}

/* clang-format off */
static const struct json_field sched_fields[] = {
	{ "policy",   load_policy,      offsetof(struct spec_scheduler, policy) },
	{ "nice",     load_nice,        offsetof(struct spec_scheduler, nice) },
	{ "priority", load_sched_prio,  offsetof(struct spec_scheduler, priority) },
	{ "flags",    load_sched_flags, offsetof(struct spec_scheduler, flags) },
	{ "runtime",  json_u64,         offsetof(struct spec_scheduler, runtime) },
	{ "deadline", json_u64,         offsetof(struct spec_scheduler, deadline) },
	{ "period",   json_u64,         offsetof(struct spec_scheduler, period) },
};
/* clang-format on */

static int load_scheduler(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_scheduler *s = dst;
	int r;

	*s = (struct spec_scheduler){ .present = true, .policy = -1 };
	r = JSON_FIELDS(l, j, sched_fields, s);
	if (r == 0 && s->policy < 0)
		return json_error(l, j, "policy is missing");
	return r;
}

static int load_io_class(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
		{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
		{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
	};
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static int load_io_prio(const struct json_load *l, const struct json *j, void *dst)
{
	return load_int(l, j, 0, 7, dst);
}

static const struct json_field ioprio_fields[] = {
	{ "class", load_io_class, offsetof(struct spec_ioprio, class_) },
	{ "priority", load_io_prio, offsetof(struct spec_ioprio, priority) },
};

static int load_ioprio(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_ioprio *io = dst;
	int r;

	*io = (struct spec_ioprio){ .present = true, .class_ = -1 };
	r = JSON_FIELDS(l, j, ioprio_fields, io);
	if (r == 0 && io->class_ < 0)
		return json_error(l, j, "class is missing");
	return r;
}

static const struct json_field affinity_fields[] = {
	{ "initial", json_string, offsetof(struct spec_process, exec_cpu_initial) },
	{ "final", json_string, offsetof(struct spec_process, exec_cpu_final) },
};

static int load_affinity(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, affinity_fields, dst);
}

/* clang-format off */
static const struct json_field process_fields[] = {
	{ "terminal",        json_bool,        offsetof(struct spec_process, terminal) },
	{ "consoleSize",     load_console,     0 },
	{ "user",            load_user,        0 },
	{ "args",            json_strings,     offsetof(struct spec_process, args) },
	{ "env",             json_strings,     offsetof(struct spec_process, env) },
	{ "cwd",             json_string,      offsetof(struct spec_process, cwd) },
	{ "capabilities",    load_caps,        offsetof(struct spec_process, caps) },
	{ "rlimits",         load_rlimits,     offsetof(struct spec_process, rlimits) },
	{ "noNewPrivileges", json_bool,        offsetof(struct spec_process, no_new_privileges) },
	{ "apparmorProfile", json_string,      offsetof(struct spec_process, apparmor_profile) },
	{ "selinuxLabel",    json_string,      offsetof(struct spec_process, selinux_label) },
	{ "oomScoreAdj",     load_oom,         offsetof(struct spec_process, oom_score_adj) },
	{ "scheduler",       load_scheduler,   offsetof(struct spec_process, scheduler) },
	{ "ioPriority",      load_ioprio,      offsetof(struct spec_process, ioprio) },
	{ "execCPUAffinity", load_affinity,    0 },
	{ "commandLine",     spec_unsupported, 0 },
};
/* clang-format on */

int spec_load_process(const struct json_load *l, const struct json *j, void *dst)
{
	((struct spec_process *)dst)->present = true;
	return JSON_FIELDS(l, j, process_fields, dst);
}
