// SPDX-License-Identifier: GPL-2.0-or-later
/* options -> verb -> exit status. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/table.h"
#include "obs/trace.h"
#include "run/run.h"
#include "serve/serve.h"

#define EXIT_SENTRY 125		/* the sentry's own failure, as env(1) and docker have it */

static const char usage[] =
	"usage: picket-sentry run [--trace[=NAMES]] [--] COMMAND [ARGUMENT...]\n"
	"       picket-sentry serve\n"
	"       picket-sentry --syscalls [--mode strict|balanced] [--format table|json]\n"
	"       picket-sentry --version | --help\n"
	"\n"
	"run         one command under the sentry, without a container\n"
	"            --trace  mediated calls to stderr; NAMES: open,rename,... or file\n"
	"serve       serve a container; started by picket, with its socket as descriptor 3\n"
	"--syscalls  the list: number, name, class, errno, arguments, note; as JSON with the\n"
	"            rules on arguments\n";

static int usage_error(void)
{
	fputs(usage, stderr);
	return EXIT_SENTRY;
}

static int verb_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "trace", optional_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct err e = ERR_INIT;
	int opt, r;

	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (opt != 't')
			return usage_error();
		if (trace_enable(optarg ?: "") < 0) {
			fprintf(stderr,
				"picket-sentry: trace '%s': a name that is not a mediated "
				"call\n",
				optarg);
			return EXIT_SENTRY;
		}
	}
	if (optind == argc)
		return usage_error();
	r = run_command(argv + optind, &e);
	if (r < 0) {
		fprintf(stderr, "picket-sentry: %s\n", e.msg);
		return EXIT_SENTRY;
	}
	return r;
}

static int print_syscalls(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	const char *mode = "strict", *format = "table";
	unsigned int native = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (opt == 'm')
			mode = optarg;
		else if (opt == 'f')
			format = optarg;
		else
			return usage_error();
	}
	if (!strcmp(mode, "balanced"))
		native = FILES;
	else if (strcmp(mode, "strict"))
		return usage_error();
	if (optind == argc && !strcmp(format, "json"))
		return table_print_json(stdout, native) < 0 ? EXIT_SENTRY : 0;
	if (optind != argc || strcmp(format, "table"))
		return usage_error();
	table_print(stdout, native);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	/* Memory that is not touched is not paid: one arena for all threads. */
	mallopt(M_ARENA_MAX, 1);
	if (!strcmp(verb, "run"))
		return verb_run(argc - 1, argv + 1);
	if (!strcmp(verb, "serve"))
		return serve_main();
	if (!strcmp(verb, "--syscalls"))
		return print_syscalls(argc - 1, argv + 1);
	if (!strcmp(verb, "--version")) {
		puts("picket-sentry " PACKAGE_VERSION);
		return 0;
	}
	if (!strcmp(verb, "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	return usage_error();
}
