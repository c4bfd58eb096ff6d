// SPDX-License-Identifier: GPL-2.0-or-later
/* A sentry's counters as text. */
#include "debug/debug.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/str.h"
#include "handover.h"

struct count {
	uint32_t nr;
	uint64_t n;
};

static int by_count(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->n == y->n ? (x->nr > y->nr) - (x->nr < y->nr) : x->n < y->n ? 1 : -1;
}

/* Those that were made, the most frequent ones first.  Returns how many. */
static size_t sort_calls(const struct handover_stats *s, struct count *calls,
			 uint64_t *ret_total)
{
	size_t n = 0;

	*ret_total = 0;
	for (uint32_t nr = 0; nr < HANDOVER_CALLS; nr++) {
		*ret_total += s->calls[nr];
		if (s->calls[nr])
			calls[n++] = (struct count){ nr, s->calls[nr] };
	}
	qsort(calls, n, sizeof(*calls), by_count);
	return n;
}

char *stats_table(const struct handover_stats *s, const char *mode, uint64_t uptime_ms)
{
	struct count calls[HANDOVER_CALLS];
	struct strbuf b = { 0 };
	uint64_t total;
	size_t n = sort_calls(s, calls, &total);
	int r = strbuf_addf(&b,
			    "mode            %s\n"
			    "uptime          %" PRIu64 ".%02" PRIu64 " s\n"
			    "memory (PSS)    %" PRIu64 " kB\n"
			    "workers         %" PRIu64 "\n"
			    "calls           %" PRIu64 "\n"
			    "failed          %" PRIu64 "\n"
			    "dropped         %" PRIu64 "\n"
			    "workers failed  %" PRIu64 "\n"
			    "lines dropped   %" PRIu64 "\n%s",
			    mode, uptime_ms / 1000, uptime_ms % 1000 / 10, s->pss_kb,
			    s->workers, total, s->failed, s->dropped, s->workers_failed,
			    s->lines_dropped,
			    n ? "\nCALL                           COUNT\n" : "");

	for (size_t i = 0; i < n && r == 0; i++) {
		auto_free char *name = debug_call_name(calls[i].nr);

		r = strbuf_addf(&b, "%-24s%12" PRIu64 "\n", name ?: "?", calls[i].n);
	}
	if (r < 0)
		strbuf_done(&b);
	return b.s;
}

char *stats_json(const struct handover_stats *s, const char *mode, uint64_t uptime_ms)
{
	struct json_writer w = { .indent = "  " };
	struct count calls[HANDOVER_CALLS];
	uint64_t total;
	size_t n = sort_calls(s, calls, &total);

	json_open_object(&w, NULL);
	json_write(&w, "mode", mode);
	json_write_i64(&w, "uptimeMs", (int64_t)uptime_ms);
	json_write_i64(&w, "pssKb", (int64_t)s->pss_kb);
	json_write_i64(&w, "workers", (int64_t)s->workers);
	json_write_i64(&w, "calls", (int64_t)total);
	json_write_i64(&w, "failed", (int64_t)s->failed);
	json_write_i64(&w, "dropped", (int64_t)s->dropped);
	json_write_i64(&w, "workersFailed", (int64_t)s->workers_failed);
	json_write_i64(&w, "linesDropped", (int64_t)s->lines_dropped);
	json_open_object(&w, "byCall");
	for (size_t i = 0; i < n; i++) {
		auto_free char *name = debug_call_name(calls[i].nr);

		json_write_i64(&w, name ?: "?", (int64_t)calls[i].n);
	}
	json_close_object(&w);
	json_close_object(&w);
	return json_finish(&w);
}
