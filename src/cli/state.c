// SPDX-License-Identifier: GPL-2.0-or-later
/* state: what the specification says callers may know of one container. */
#include "base/cleanup.h"
#include "cli/verbs.h"

static int state(struct invocation *inv, struct err *e)
{
	auto_(store_close) struct store store = { .dirfd = -EBADF };
	auto_(state_done) struct state st = { 0 };
	auto_(spec_done) struct spec sp = { 0 };
	auto_close int dir = -EBADF;
	auto_free char *text = NULL;
	int r = store_open(inv->ctx.root, 0, &store, e);

	if (r < 0)
		return r;
	dir = store_find(&store, inv->words[0], e);
	if (dir < 0)
		return dir;
	r = state_load(dir, &st, e);
	if (r < 0)
		return r;
	/* Only annotations come from it: a damaged copy must not hide the state. */
	if (spec_load(dir, "config.json", &sp, NULL) < 0)
		spec_done(&sp);
	text = state_json(&st, state_status(dir, &st), &sp, STATE_JSON_PRETTY);
	return verb_print(text, e);
}

const struct verb verb_state = {
	.name = "state",
	.run = state,
	.words = "ID",
	.min = 1,
	.max = 1,
	.failure = 1,
	.help = "print a container's state as JSON",
};
