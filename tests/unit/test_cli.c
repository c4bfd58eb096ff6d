// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>

#include "cli/globals.h"
#include "cli/opts.h"
#include "cli/signal.h"
#include "test.h"

struct args {
	bool flag, other;
	const char *text;
	struct strv list;
	unsigned int n;
};

static const struct opt table[] = {
	{ "flag", 'f', OPT_BOOL, offsetof(struct args, flag), NULL, "a flag" },
	{ "other", 0, OPT_BOOL, offsetof(struct args, other), NULL, "another" },
	{ "text", 't', OPT_STRING, offsetof(struct args, text), "WORD", "a word" },
	{ "list", 'l', OPT_STRINGS, offsetof(struct args, list), "WORD", "words" },
	{ "n", 0, OPT_UINT, offsetof(struct args, n), "N", "a number" },
	{ "old", 0, OPT_IGNORED, 0, "X", "", OPT_HIDDEN },
};
static const struct opts opts = OPTS(table);
static struct args args;
static struct err e;
static char **rest;

#define S(s) ((char *)(uintptr_t)(s))

TEST(opts_all_spellings)
{
	char *argv[] = { S("--flag"), S("-text"),	S("a"),	    S("--list=x"),
			 S("-l"),     S("y=z"),		S("--n=7"), S("--old"),
			 S("gone"),   S("-other=true"), S("ID"),    S("-f"),
			 NULL };

	CHECK_INT(opts_parse(&opts, &args, argv, &rest, &e), 0);
	CHECK(args.flag && args.other);
	CHECK_STR(args.text, "a");
	CHECK_INT(args.list.n, 2);
	CHECK_STR(args.list.v[1], "y=z");
	CHECK_INT(args.n, 7);
	CHECK_STR(rest[0], "ID");
	CHECK_STR(rest[1], "-f");
}

TEST(opts_stop_at_two_dashes_and_single_dash)
{
	char *one[] = { S("-f"), S("--"), S("--text"), NULL }, *two[] = { S("-"), NULL };

	CHECK_INT(opts_parse(&opts, &args, one, &rest, &e), 0);
	CHECK_STR(rest[0], "--text");
	CHECK_INT(opts_parse(&opts, &args, two, &rest, &e), 0);
	CHECK_STR(rest[0], "-");
}

TEST(opts_booleans_can_be_false)
{
	char *argv[] = { S("--flag"), S("--flag=false"), NULL };

	CHECK_INT(opts_parse(&opts, &args, argv, &rest, &e), 0);
	CHECK(!args.flag);
}

TEST(opts_errors)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ "--text", "flag needs an argument: --text" },
		{ "-t", "flag needs an argument: --text" },
		{ "--nope", "flag provided but not defined: --nope" },
		{ "--nope=x", "flag provided but not defined: --nope" },
		{ "-nope", "flag provided but not defined: -nope" },
		{ "--flag=maybe", "expected true or false" },
		{ "--n=-1", "expected a number" },
		{ "---flag", "not defined" },
		{ "--=x", "not defined" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *argv[] = { S(rows[i].word), NULL };

		CHECK_INT(opts_parse(&opts, &args, argv, &rest, &e), -EINVAL);
		CHECK_HAS(e.msg, rows[i].want);
	}
}

TEST(opts_help_is_found_and_made)
{
	char *a[] = { S("--help"), NULL }, *b[] = { S("-h"), NULL };
	struct strbuf out = { 0 };

	CHECK_INT(opts_parse(&opts, &args, a, &rest, &e), OPTS_HELP);
	CHECK_INT(opts_parse(&opts, &args, b, &rest, &e), OPTS_HELP);
	CHECK_INT(opts_help(&opts, &out), 0);
	CHECK_HAS(out.s, "-t, --text WORD");
	CHECK(!strstr(out.s, "old"));
}

static int conf(const char *text, struct globals *g)
{
	return globals_parse_conf("picket.conf", strdup(text), g, &e);
}

TEST(conf_lines)
{
	struct globals g = { 0 };

	CHECK_INT(conf("# comment\n\n  sentry =\toff \r\nlog=/x y\n", &g), 0);
	CHECK_STR(g.sentry, "off");
	CHECK_STR(g.log, "/x y");
	CHECK_INT(conf("\nsentry strict\n", &g), -EINVAL);
	CHECK_STR(e.msg, "picket.conf: line 2: expected 'key = value'");
	CHECK_INT(conf("colour = red", &g), -ENOENT);
	CHECK_STR(e.msg, "picket.conf: line 1: unknown key 'colour'");
	CHECK_INT(conf("version = true", &g), -ENOENT);
}

TEST(globals_words_are_checked)
{
	struct context ctx;
	struct globals g = { .sentry = "balanced" };

	CHECK_INT(globals_apply(&g, &ctx, &e), 0);
	CHECK_INT(ctx.sentry, SENTRY_BALANCED);
	g.sentry = "loose";
	CHECK_INT(globals_apply(&g, &ctx, &e), -EINVAL);
	g.sentry = NULL;
	g.cgroup_manager = "systemd";
	g.rootless = "true";
	CHECK_INT(globals_apply(&g, &ctx, &e), 0);
	CHECK_INT(ctx.sentry, SENTRY_STRICT);
	CHECK_INT(ctx.cgroup_driver, CGROUP_SYSTEMD);
	CHECK(ctx.rootless);
	g.log_format = "xml";
	CHECK_INT(globals_apply(&g, &ctx, &e), -EINVAL);
}

TEST(signal_names)
{
	CHECK_INT(signal_by_name("9"), 9);
	CHECK_INT(signal_by_name("TERM"), SIGTERM);
	CHECK_INT(signal_by_name("sigusr1"), SIGUSR1);
	CHECK_INT(signal_by_name("RTMIN+3"), 37);
	CHECK_INT(signal_by_name("SIGRTMAX"), 64);
	CHECK_INT(signal_by_name("SIGRTMAX-14"), 50);
	CHECK_INT(signal_by_name("0"), -EINVAL);
	CHECK_INT(signal_by_name("65"), -EINVAL);
	CHECK_INT(signal_by_name("-9"), -EINVAL);
	CHECK_INT(signal_by_name("RTMIN+99"), -EINVAL);
	CHECK_INT(signal_by_name(""), -EINVAL);
	CHECK_INT(signal_by_name("SIG"), -EINVAL);
}
