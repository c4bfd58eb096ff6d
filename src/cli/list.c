// SPDX-License-Identifier: GPL-2.0-or-later
/* list: all containers below the root, as a table, as JSON, or only their ids. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/verbs.h"

struct args {
	const char *format;
	bool quiet;
};

static const struct opt list_opts[] = {
	{ "format", 'f', OPT_STRING, offsetof(struct args, format), "FORMAT",
	  "table or json" },
	{ "quiet", 'q', OPT_BOOL, offsetof(struct args, quiet), NULL, "only the ids" },
};

enum { COLUMNS = 6 };
#define WIDTH_MIN 12
#define PADDING 3

struct row {
	const char *cell[COLUMNS];
	struct state state;
	enum status status;
	char pid[16], owner[64];
};

struct rows {
	struct row *v;
	size_t n;
};

static void rows_done(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		state_done(&rows->v[i].state);
	free(rows->v);
}

/* A container that is deleted while we look is not there; that is no error. */
static bool load_row(const struct store *store, const char *id, struct row *row)
{
	auto_close int dir = store_find(store, id, NULL);

	if (dir < 0 || state_load(dir, &row->state, NULL) < 0)
		return false;
	row->status = state_status(dir, &row->state);
	snprintf(row->pid, sizeof(row->pid), "%d",
		 row->status == STATUS_STOPPED ? 0 : (int)row->state.pid);
	state_owner_name(row->state.owner, row->owner, sizeof(row->owner));
	row->cell[0] = row->state.id;
	row->cell[1] = row->pid;
	row->cell[2] = status_name(row->status);
	row->cell[3] = row->state.bundle;
	row->cell[4] = row->state.created;
	row->cell[5] = row->owner;
	return true;
}

static int load_rows(const struct store *store, struct rows *rows, struct err *e)
{
	auto_(strv_done) struct strv ids = { 0 };
	int r = store_list(store, &ids, e);

	if (r < 0)
		return r;
	rows->v = calloc(ids.n + 1, sizeof(*rows->v));
	if (!rows->v)
		return err_set(e, ENOMEM, "list the containers");
	for (size_t i = 0; i < ids.n; i++)
		rows->n += load_row(store, ids.v[i], &rows->v[rows->n]);
	return 0;
}

/* Columns as Go's tabwriter aligns them in runc: at least 12 wide, three blanks between. */
static int put_row(struct strbuf *b, const char *const *cell, const size_t *width)
{
	int r = 0;

	for (size_t c = 0; c < COLUMNS && r == 0; c++)
		r = c + 1 == COLUMNS ? strbuf_addf(b, "%s\n", cell[c]) :
				       strbuf_addf(b, "%-*s", (int)width[c], cell[c]);
	return r;
}

static int put_table(struct strbuf *b, const struct rows *rows)
{
	static const char *const head[COLUMNS] = { "ID",     "PID",	"STATUS",
						   "BUNDLE", "CREATED", "OWNER" };
	size_t width[COLUMNS];
	int r;

	for (size_t c = 0; c < COLUMNS; c++) {
		width[c] = WIDTH_MIN;
		for (size_t i = 0; i < rows->n; i++)
			if (strlen(rows->v[i].cell[c]) + PADDING > width[c])
				width[c] = strlen(rows->v[i].cell[c]) + PADDING;
	}
	r = put_row(b, head, width);
	for (size_t i = 0; i < rows->n && r == 0; i++)
		r = put_row(b, rows->v[i].cell, width);
	return r;
}

static int put_json(const struct store *store, struct strbuf *b, const struct rows *rows)
{
	int r = strbuf_add(b, rows->n ? "[" : "null", rows->n ? 1 : 4);

	for (size_t i = 0; i < rows->n && r == 0; i++) {
		const struct row *row = &rows->v[i];
		auto_close int dir = store_find(store, row->state.id, NULL);
		auto_(spec_done) struct spec spec = { 0 };
		auto_free char *text = NULL;

		if (dir >= 0 && spec_load(dir, "config.json", &spec, NULL) < 0)
			spec_done(&spec);
		text = state_json(&row->state, row->status, &spec, 0);
		r = text ? strbuf_addf(b, "%s%s", i ? "," : "", text) : -ENOMEM;
	}
	if (r == 0)
		r = strbuf_addf(b, "%s\n", rows->n ? "]" : "");
	return r;
}

static int put_ids(struct strbuf *b, const struct rows *rows)
{
	int r = 0;

	for (size_t i = 0; i < rows->n && r == 0; i++)
		r = strbuf_addf(b, "%s\n", rows->v[i].state.id);
	return r;
}

static int list(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	auto_(store_close) struct store store = { .dirfd = -EBADF };
	auto_(rows_done) struct rows rows = { 0 };
	auto_(strbuf_done) struct strbuf b = { 0 };
	bool json = str_eq(a->format, "json");
	int r;

	if (a->format && !json && strcmp(a->format, "table") != 0)
		return err_text(e, EINVAL, "invalid format option '%s'", a->format);
	r = store_open(inv->ctx.root, 0, &store, e);
	if (r < 0)
		return r;
	if (store.dirfd < 0 && inv->ctx.root)
		return err_set(e, ENOENT, "open the root directory '%s'", inv->ctx.root);
	r = load_rows(&store, &rows, e);
	if (r < 0)
		return r;
	r = a->quiet ? put_ids(&b, &rows) :
	    json     ? put_json(&store, &b, &rows) :
		       put_table(&b, &rows);
	if (r < 0)
		return err_set(e, -r, "list the containers");
	return b.s ? verb_print(b.s, e) : 0;
}

const struct verb verb_list = {
	.name = "list",
	.run = list,
	.words = "",
	.min = 0,
	.max = 0,
	.failure = 1,
	.opts = OPTS(list_opts),
	.args_size = sizeof(struct args),
	.help = "show all containers below the root",
};
