// SPDX-License-Identifier: GPL-2.0-or-later
/* `picket do [OPTIONS] [--] CMD`: arguments to struct do_options. */
#include "do/do.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/do.h"
#include "sandbox/sandbox.h"

static const char usage[] =
"usage: picket [GLOBAL OPTIONS] do [OPTIONS] [--] COMMAND [ARGUMENT...]\n"
"Run a command in a sandbox: the host's programs read-only, the current directory with\n"
"its writes thrown away at the end, nothing else of the host, no network.\n\n"
"  --rw DIR            share DIR, writes go through\n"
"  --ro DIR            share DIR, read-only\n"
"  --net none|host     network: none (default) or the host's\n"
"  --env KEY=VALUE     set a variable (nothing else is passed but TERM and LANG)\n"
"  --workdir DIR       start there instead of in the current directory\n"
"  --memory SIZE       limit memory: 512M, 2G\n"
"  --cpus N            limit processor time: 0.5, 2\n"
"  --pids N            limit the number of tasks\n"
"  --timeout TIME      kill after 90, 1.5m, 2h; exit status 124\n"
"  --keep DIR          save the changes of the current directory in DIR\n"
"  --diff              list the changes at the end: A added, M modified, D deleted\n"
"  --sentry MODE       strict (default), balanced or off\n"
"  --help              this text\n\n"
"Exit status: the command's, 128+N after signal N, 124 timeout, 125 picket failed,\n"
"126 not executable, 127 not found.\n";

enum { OPT_RW = 256, OPT_RO, OPT_NET, OPT_ENV, OPT_WORKDIR, OPT_MEMORY, OPT_CPUS, OPT_PIDS,
       OPT_TIMEOUT, OPT_KEEP, OPT_DIFF, OPT_SENTRY, OPT_HELP };

static const struct option options[] = {
	{ "rw", required_argument, NULL, OPT_RW },
	{ "ro", required_argument, NULL, OPT_RO },
	{ "net", required_argument, NULL, OPT_NET },
	{ "env", required_argument, NULL, OPT_ENV },
	{ "workdir", required_argument, NULL, OPT_WORKDIR },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "pids", required_argument, NULL, OPT_PIDS },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "diff", no_argument, NULL, OPT_DIFF },
	{ "sentry", required_argument, NULL, OPT_SENTRY },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int bad_value(const char *option, const char *value, const char *expected, struct err *e)
{
	return err_text(e, EINVAL, "option --%s: '%s': expected %s", option, value, expected);
}

static int set_net(struct do_options *o, const char *v, struct err *e)
{
	if (str_eq(v, "none"))
		o->net = DO_NET_NONE;
	else if (str_eq(v, "host"))
		o->net = DO_NET_HOST;
	else
		return bad_value("net", v, "none or host", e);
	return 0;
}

static int set_env(struct do_options *o, const char *v, struct err *e)
{
	const char *eq = strchr(v, '=');

	if (!eq || eq == v)
		return bad_value("env", v, "KEY=VALUE", e);
	return strv_add(&o->env, v);
}

/* The options with numbers. */
static int set_limit(struct do_options *o, int opt, const char *v, struct err *e)
{
	switch (opt) {
	case OPT_MEMORY:
		if (str_parse_size(v, &o->memory) < 0 || o->memory <= 0)
			return bad_value("memory", v, "a size as 512M or 2G", e);
		return 0;
	case OPT_CPUS:
		if (do_parse_cpus(v, &o->cpu_quota_us) < 0)
			return bad_value("cpus", v, "a number from 0.01 on", e);
		return 0;
	case OPT_PIDS:
		if (str_parse_i64(v, &o->pids) < 0 || o->pids <= 0)
			return bad_value("pids", v, "a positive number", e);
		return 0;
	default:
		if (do_parse_duration(v, &o->timeout_ms) < 0)
			return bad_value("timeout", v, "a time as 90, 1.5m or 2h", e);
		return 0;
	}
}

static int set_option(struct do_options *o, struct context *ctx, int opt, const char *v,
		      struct err *e)
{
	switch (opt) {
	case OPT_RW:
		return strv_add(&o->rw, v);
	case OPT_RO:
		return strv_add(&o->ro, v);
	case OPT_NET:
		return set_net(o, v, e);
	case OPT_ENV:
		return set_env(o, v, e);
	case OPT_WORKDIR:
		o->workdir = v;
		return 0;
	case OPT_KEEP:
		o->keep = v;
		return 0;
	case OPT_DIFF:
		o->diff = true;
		return 0;
	case OPT_SENTRY:
		if (sandbox_parse_mode(v, &ctx->sentry) < 0)
			return bad_value("sentry", v, "strict, balanced or off", e);
		return 0;
	default:
		return set_limit(o, opt, v, e);
	}
}

/* Returns 1 where --help was all. */
static int parse(int argc, char **argv, struct do_options *o, struct context *ctx, struct err *e)
{
	int opt, r;

	optind = 0;		/* main has scanned its own options */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (opt == OPT_HELP)
			return 1;
		if (opt == '?')
			return err_text(e, EINVAL, "do: unknown option '%s' (see picket do "
					"--help)", argv[optind - 1]);
		if (opt == ':')
			return err_text(e, EINVAL, "do: option '%s' needs a value",
					argv[optind - 1]);
		r = set_option(o, ctx, opt, optarg, e);
		if (r < 0)
			return e && e->code ? r : err_set(e, -r, "read the options");
	}
	o->argv = argv + optind;
	if (!o->argv[0])
		return err_text(e, EINVAL, "do: expected a command (see picket do --help)");
	return 0;
}

int cli_do(const struct context *ctx, int argc, char **argv, int *ret_status, struct err *e)
{
	auto_(do_options_done) struct do_options o = { 0 };
	struct context own = *ctx;
	int r = parse(argc, argv, &o, &own, e);

	if (r > 0) {
		fputs(usage, stdout);
		*ret_status = 0;
		return 0;
	}
	if (r == 0)
		r = do_run(&own, &o, ret_status, e);
	if (r < 0)
		*ret_status = DO_FAILED;
	return r;
}
