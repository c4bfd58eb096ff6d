// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debug: questions about a running container.  surface: which system calls reach the
 * kernel; stats: what its sentry has counted; trace: which calls it answers, as they come.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cli/verbs.h"
#include "debug/debug.h"
#include "handover.h"
#include "sandbox/sandbox.h"

#define LINE_MAX 2048		/* bytes of a message of a trace; none is as long */

struct args {
	const char *format, *filter, *output;
};

#define A(m) offsetof(struct args, m)
static const struct opt debug_opts[] = {
	{ "format", 'f', OPT_STRING, A(format), "FORMAT",
	  "surface, stats: table or json" },
	{ "filter", 0, OPT_STRING, A(filter), "NAMES",
	  "trace: calls, comma-separated, or \"file\" for all with paths" },
	{ "output", 'o', OPT_STRING, A(output), "FILE", "trace: write to FILE" },
};

/* All processes of the container; one that ends meanwhile is none. */
static int measure(const struct context *ctx, const char *id, struct surface *s,
		   struct err *e)
{
	auto_free pid_t *pids = NULL;
	size_t n = 0;
	int r = container_pids(ctx, id, &pids, &n, e);

	for (size_t i = 0; i < n && r == 0; i++) {
		r = surface_add_task(s, pids[i], e);
		if (r == -ESRCH)
			r = 0;
	}
	if (r == 0 && !s->tasks)
		return err_text(e, ESRCH, "container not running");
	return r;
}

static int debug_surface(const struct context *ctx, const char *id, const struct args *a,
			 struct err *e)
{
	struct surface s = { .tasks = 0 };
	auto_free char *text = NULL;
	int r = measure(ctx, id, &s, e);

	if (r < 0)
		return r;
	text = *a->format == 'j' ? surface_json(&s) : surface_table(&s);
	return text ? verb_print(text, e) : err_set(e, ENOMEM, "print the surface");
}

static int debug_stats(const struct context *ctx, const char *id, const struct args *a,
		       struct err *e)
{
	auto_free char *text = NULL;
	struct handover_stats s;
	enum sentry_mode mode;
	uint64_t uptime_ms;
	int r = container_stats(ctx, id, &s, &mode, &uptime_ms, e);

	if (r < 0)
		return r;
	text = (*a->format == 'j' ? stats_json : stats_table)(&s, sandbox_mode_name(mode),
							      uptime_ms);
	return text ? verb_print(text, e) : err_set(e, ENOMEM, "print the counters");
}

/* Until the sentry ends, or we are killed. */
static int copy_lines(int sock, int out, const char *name, struct err *e)
{
	char line[LINE_MAX];
	ssize_t n;

	while ((n = fd_recv(sock, line, sizeof(line), NULL, 0)) > 0) {
		int r = fd_write_all(out, line, (size_t)n);

		if (r < 0)
			return err_set(e, -r, "write to '%s'", name);
	}
	/* It did not live to read what we may have said. */
	if (n < 0 && n != -ECONNRESET)
		return err_set(e, (int)-n, "read the trace");
	return 0;
}

static int debug_trace(const struct context *ctx, const char *id, const struct args *a,
		       struct err *e)
{
	auto_close int sock = container_trace(ctx, id, a->filter ?: "", e), file = -EBADF;

	if (sock < 0)
		return sock;
	if (!a->output)
		return copy_lines(sock, STDOUT_FILENO, "stdout", e);
	file = open(a->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (file < 0)
		return err_set(e, errno, "open '%s'", a->output);
	return copy_lines(sock, file, a->output, e);
}

static const struct question {
	const char *name;
	int (*run)(const struct context *ctx, const char *id, const struct args *a,
		   struct err *e);
} questions[] = {
	{ "surface", debug_surface },
	{ "stats", debug_stats },
	{ "trace", debug_trace },
};

static int debug(struct invocation *inv, struct err *e)
{
	struct args *a = inv->args;
	char **rest = inv->words + 1, *id = NULL;
	/* Options may stand anywhere. */
	int r = opts_parse(&verb_debug.opts, a, rest, &rest, e);

	if (r == 0 && (id = *rest))
		r = opts_parse(&verb_debug.opts, a, rest + 1, &rest, e);
	if (r < 0)
		return r;
	if (r == OPTS_HELP || !id || *rest)
		return err_text(e, EINVAL, "debug: expected '%s'", verb_debug.words);
	if (!a->format)
		a->format = "table";
	if (strcmp(a->format, "table") && strcmp(a->format, "json"))
		return verb_bad_value("-format", a->format, "table or json", e);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (!strcmp(inv->words[0], questions[i].name))
			return questions[i].run(&inv->ctx, id, a, e);
	return err_text(e, EINVAL, "debug '%s': expected surface, stats or trace",
			inv->words[0]);
}

const struct verb verb_debug = {
	.name = "debug",
	.run = debug,
	.words = "surface|stats|trace ID [OPTION...]",
	.min = 2,
	.max = -1,
	.failure = 1,
	.opts = OPTS(debug_opts),
	.args_size = sizeof(struct args),
	.help = "look into a running container: which calls reach the kernel, what its "
		"sentry does",
};
