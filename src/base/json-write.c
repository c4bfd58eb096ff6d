// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing JSON, in one line or indented.  A failure (memory) sticks and shows at the end. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static void raw(struct json_writer *w, const char *s)
{
	w->failed |= strbuf_add(&w->out, s, strlen(s)) < 0;
}

static void new_line(struct json_writer *w)
{
	if (!w->indent)
		return;
	raw(w, "\n");
	for (unsigned int i = 0; i < w->depth; i++)
		raw(w, w->indent);
}

/* What stands before a value: comma, line, name. */
static void lead(struct json_writer *w, const char *key)
{
	if (w->depth > 0) {
		if (w->filled)
			raw(w, ",");
		new_line(w);
	}
	if (key) {
		w->failed |= json_put_string(&w->out, key) < 0;
		raw(w, w->indent ? ": " : ":");
	}
	w->filled = true;
}

static void open_(struct json_writer *w, const char *key, const char *bracket)
{
	lead(w, key);
	raw(w, bracket);
	w->depth++;
	w->filled = false;
}

static void close_(struct json_writer *w, const char *bracket)
{
	w->depth--;
	if (w->filled)
		new_line(w);
	raw(w, bracket);
	w->filled = true;
}

void json_open_object(struct json_writer *w, const char *key)
{
	open_(w, key, "{");
}

void json_close_object(struct json_writer *w)
{
	close_(w, "}");
}

void json_open_array(struct json_writer *w, const char *key)
{
	open_(w, key, "[");
}

void json_close_array(struct json_writer *w)
{
	close_(w, "]");
}

void json_write(struct json_writer *w, const char *key, const char *value)
{
	lead(w, key);
	w->failed |= json_put_string(&w->out, value ? value : "") < 0;
}

void json_write_i64(struct json_writer *w, const char *key, int64_t value)
{
	lead(w, key);
	w->failed |= strbuf_addf(&w->out, "%lld", (long long)value) < 0;
}

void json_write_bool(struct json_writer *w, const char *key, bool value)
{
	lead(w, key);
	raw(w, value ? "true" : "false");
}

void json_write_list(struct json_writer *w, const char *key, const char *const *v)
{
	json_open_array(w, key);
	for (; v && *v; v++)
		json_write(w, NULL, *v);
	json_close_array(w);
}

char *json_finish(struct json_writer *w)
{
	if (w->failed)
		strbuf_done(&w->out);
	return w->out.s;
}

int json_put_string(struct strbuf *b, const char *s)
{
	int r = strbuf_add(b, "\"", 1);

	while (r == 0 && *s) {
		size_t plain = 0;
		unsigned char c;

		while ((c = (unsigned char)s[plain]) >= 0x20 && c != '"' && c != '\\')
			plain++;
		r = strbuf_add(b, s, plain);
		s += plain;
		if (r < 0 || !*s)
			break;
		if (*s == '"' || *s == '\\')
			r = strbuf_addf(b, "\\%c", *s);
		else
			r = strbuf_addf(b, "\\u%04x", (unsigned char)*s);
		s++;
	}
	return r < 0 ? r : strbuf_add(b, "\"", 1);
}
