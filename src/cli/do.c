// SPDX-License-Identifier: GPL-2.0-or-later
/* `picket do [OPTION...] [--] COMMAND`: arguments to struct do_options. */
#include "do/do.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/verbs.h"
#include "sandbox/sandbox.h"

struct args {
	struct do_options o;
	const char *net, *memory, *cpus, *pids, *timeout, *sentry;
};

#define A(member) offsetof(struct args, member)
static const struct opt do_opts[] = {
	{ "rw", 0, OPT_STRINGS, A(o.rw), "DIR", "share DIR, writes go through" },
	{ "ro", 0, OPT_STRINGS, A(o.ro), "DIR", "share DIR, read-only" },
	{ "net", 0, OPT_STRING, A(net), "none|host",
	  "network: none (default) or the host's" },
	{ "env", 'e', OPT_STRINGS, A(o.env), "KEY=VALUE",
	  "set a variable (nothing else is passed but TERM and LANG)" },
	{ "workdir", 'w', OPT_STRING, A(o.workdir), "DIR",
	  "start there instead of in the current directory" },
	{ "memory", 0, OPT_STRING, A(memory), "SIZE", "limit memory: 512M, 2G" },
	{ "cpus", 0, OPT_STRING, A(cpus), "N", "limit processor time: 0.5, 2" },
	{ "pids", 0, OPT_STRING, A(pids), "N", "limit the number of tasks" },
	{ "timeout", 0, OPT_STRING, A(timeout), "TIME",
	  "kill after 90, 1.5m, 2h; exit status 124" },
	{ "keep", 0, OPT_STRING, A(o.keep), "DIR",
	  "save the changes of the current directory in DIR" },
	{ "diff", 0, OPT_BOOL, A(o.diff), NULL,
	  "list the changes at the end: A added, M modified, D deleted" },
	{ "sentry", 0, OPT_STRING, A(sentry), "MODE",
	  "strict (default), balanced or off" },
};

static int parse_net(struct args *a, struct err *e)
{
	if (!a->net || strcmp(a->net, "none") == 0)
		a->o.net = DO_NET_NONE;
	else if (strcmp(a->net, "host") == 0)
		a->o.net = DO_NET_HOST;
	else
		return verb_bad_value("--net", a->net, "none or host", e);
	return 0;
}

static int parse_limits(struct args *a, struct err *e)
{
	struct do_options *o = &a->o;

	if (a->memory && (str_parse_size(a->memory, &o->memory) < 0 || o->memory <= 0))
		return verb_bad_value("--memory", a->memory, "a size as 512M or 2G", e);
	if (a->cpus && do_parse_cpus(a->cpus, &o->cpu_quota_us) < 0)
		return verb_bad_value("--cpus", a->cpus, "a number from 0.01 on", e);
	if (a->pids && (str_parse_i64(a->pids, &o->pids) < 0 || o->pids <= 0))
		return verb_bad_value("--pids", a->pids, "a positive number", e);
	if (a->timeout && str_parse_duration(a->timeout, &o->timeout_ms) < 0)
		return verb_bad_value("--timeout", a->timeout, "a time as 90, 1.5m or 2h",
				      e);
	return 0;
}

static int parse_env(const struct strv *env, struct err *e)
{
	for (size_t i = 0; i < env->n; i++)
		if (env->v[i][0] == '=' || !strchr(env->v[i], '='))
			return verb_bad_value("--env", env->v[i], "KEY=VALUE", e);
	return 0;
}

static int do_(struct invocation *inv, struct err *e)
{
	struct args *a = inv->args;
	int r = parse_net(a, e);

	if (r == 0)
		r = parse_limits(a, e);
	if (r == 0)
		r = parse_env(&a->o.env, e);
	if (r == 0 && a->sentry)
		r = verb_set_sentry(a->sentry, &inv->ctx, e);
	if (r == 0) {
		a->o.argv = inv->words;
		r = do_run(&inv->ctx, &a->o, &inv->status, e);
	}
	do_options_done(&a->o);
	return r;
}

const struct verb verb_do = {
	.name = "do",
	.run = do_,
	.words = "COMMAND [ARGUMENT...]",
	.min = 1,
	.max = -1,
	.opts = OPTS(do_opts),
	.args_size = sizeof(struct args),
	/* No VERB_ENTERS: all that the sandbox could find of us is mounted read-only. */
	.failure = DO_FAILED,
	.help = "run a command in a sandbox: the host's programs read-only, the current\n"
		"               directory with its writes thrown away, no network",
};
