// SPDX-License-Identifier: GPL-2.0-or-later
/* debug: questions about a running container.  surface: which system calls reach the kernel. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/verbs.h"
#include "debug/debug.h"

struct args {
	const char *format;
};

static const struct opt debug_opts[] = {
	{ "format", 'f', OPT_STRING, offsetof(struct args, format), "FORMAT",
	  "table or json" },
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

static int debug(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	const char *format = a->format ? a->format : "table";
	struct surface s = { .tasks = 0 };
	auto_free char *text = NULL;
	int r;

	if (strcmp(inv->words[0], "surface") != 0)
		return err_text(e, EINVAL, "debug '%s': expected surface", inv->words[0]);
	if (strcmp(format, "table") && strcmp(format, "json"))
		return verb_bad_value("-format", format, "table or json", e);
	r = measure(&inv->ctx, inv->words[1], &s, e);
	if (r < 0)
		return r;
	text = *format == 'j' ? surface_json(&s) : surface_table(&s);
	return text ? verb_print(text, e) : err_set(e, ENOMEM, "print the surface");
}

const struct verb verb_debug = {
	.name = "debug",
	.run = debug,
	.words = "surface ID",
	.min = 2,
	.max = 2,
	.failure = 1,
	.opts = OPTS(debug_opts),
	.args_size = sizeof(struct args),
	.help = "show which system calls of a container reach the kernel",
};
