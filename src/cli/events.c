// SPDX-License-Identifier: GPL-2.0-or-later
/* events: statistics and out-of-memory events of a container, a JSON object in each line. */
#include <stdio.h>

#include "base/str.h"
#include "cli/verbs.h"

struct args {
	const char *interval;
	bool stats;
};

static const struct opt events_opts[] = {
	{ "interval", 0, OPT_STRING, offsetof(struct args, interval), "TIME",
	  "between two statistics: 500ms, 5s (default), 1m" },
	{ "stats", 0, OPT_BOOL, offsetof(struct args, stats), NULL,
	  "the statistics of now, and no more" },
};

static int events(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	const char *interval = a->interval ? a->interval : "5s";
	int64_t ms;

	if (str_parse_duration(interval, &ms) < 0 || ms > INT32_MAX)
		return verb_bad_value("-interval", interval, "a time such as 500ms or 5s",
				      e);
	return container_events(&inv->ctx, inv->words[0], a->stats ? 0 : (int)ms, stdout,
				e);
}

const struct verb verb_events = {
	.name = "events",
	.run = events,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.opts = OPTS(events_opts),
	.args_size = sizeof(struct args),
	.help = "show what a container uses, and when it runs out of memory",
};
