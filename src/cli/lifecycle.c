// SPDX-License-Identifier: GPL-2.0-or-later
/* start, pause, resume, delete: one word, one call. */
#include "cli/verbs.h"

static int start(struct invocation *inv, struct err *e)
{
	return container_start(&inv->ctx, inv->words[0], e);
}

static int pause_(struct invocation *inv, struct err *e)
{
	return container_pause(&inv->ctx, inv->words[0], e);
}

static int resume(struct invocation *inv, struct err *e)
{
	return container_resume(&inv->ctx, inv->words[0], e);
}

struct delete_args {
	bool force;
};

static const struct opt delete_opts[] = {
	{ "force", 'f', OPT_BOOL, offsetof(struct delete_args, force), NULL,
	  "kill what runs; no error where nothing is" },
};

static int delete_(struct invocation *inv, struct err *e)
{
	const struct delete_args *a = inv->args;

	return container_delete(&inv->ctx, inv->words[0], a->force ? DELETE_FORCE : 0, e);
}

const struct verb verb_start = {
	.name = "start",
	.run = start,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.help = "let a created container's program run",
};

const struct verb verb_pause = {
	.name = "pause",
	.run = pause_,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.help = "freeze all processes of a container",
};

const struct verb verb_resume = {
	.name = "resume",
	.run = resume,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.help = "let a paused container go on",
};

const struct verb verb_delete = {
	.name = "delete",
	.run = delete_,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.opts = OPTS(delete_opts),
	.args_size = sizeof(struct delete_args),
	.help = "remove a stopped container and what it held",
};
