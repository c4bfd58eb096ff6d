// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON text to a tree in an arena.  yajl's event interface is used, not its own tree:
 * that one allocates every node and grows every object by realloc.
 */
#include "base/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "base/cleanup.h"

#define DEPTH_MAX 200

struct build {
	struct arena *arena;
	struct json *root, *in; /* in: the open array or object */
	struct json **tail; /* where the next value is linked */
	const char *key, *why;
	unsigned int depth;
};

static struct json *add(struct build *b, enum json_type type)
{
	struct json *j = arena_alloc(b->arena, sizeof(*j));

	if (!j) {
		b->why = "out of memory";
		return NULL;
	}
	j->type = type;
	j->key = b->key;
	j->parent = b->in;
	b->key = NULL;
	*b->tail = j;
	b->tail = &j->next;
	if (b->in)
		b->in->n++;
	return j;
}

static const char *copy(struct build *b, const void *s, size_t len)
{
	const char *p;

	if (len && memchr(s, '\0', len)) {
		b->why = "strings with a NUL character are not accepted";
		return NULL;
	}
	p = arena_copy(b->arena, s, len);
	if (!p)
		b->why = "out of memory";
	return p;
}

static int on_null(void *ctx)
{
	return add(ctx, JSON_NULL) != NULL;
}

static int on_bool(void *ctx, int truth)
{
	struct json *j = add(ctx, JSON_BOOL);

	if (j)
		j->truth = truth;
	return j != NULL;
}

static int put_text(struct build *b, enum json_type type, const void *s, size_t len)
{
	struct json *j = add(b, type);

	if (!j)
		return 0;
	j->text = copy(b, s, len);
	j->n = len;
	return j->text != NULL;
}

static int on_number(void *ctx, const char *s, size_t len)
{
	return put_text(ctx, JSON_NUMBER, s, len);
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
	return put_text(ctx, JSON_STRING, s, len);
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
	struct build *b = ctx;

	b->key = copy(b, s, len);
	return b->key != NULL;
}

static int begin(struct build *b, enum json_type type)
{
	struct json *j = add(b, type);

	if (!j)
		return 0;
	if (++b->depth > DEPTH_MAX) {
		b->why = "nested too deeply";
		return 0;
	}
	b->in = j;
	b->tail = &j->first;
	return 1;
}

static int on_object(void *ctx)
{
	return begin(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return begin(ctx, JSON_ARRAY);
}

static int on_end(void *ctx)
{
	struct build *b = ctx;

	b->depth--;
	b->tail = &b->in->next;
	b->in = b->in->parent;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

static void free_handle(yajl_handle *h)
{
	if (*h)
		yajl_free(*h);
}

/* yajl's one-line message ends in a newline and says nothing of the place. */
static int parse_error(const struct json_load *l, yajl_handle h, const char *why,
		       const char *text, size_t at)
{
	size_t line = 1, column = 1;
	unsigned char *said = NULL;
	int n;

	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	if (!why) {
		said = yajl_get_error(h, 0, NULL, 0);
		why = said ? (const char *)said : "malformed";
	}
	n = (int)strcspn(why, "\n");
	err_text(l->e, EINVAL, "%s: line %zu, column %zu: %.*s", l->name, line, column, n,
		 why);
	if (said)
		yajl_free_error(h, said);
	return -EINVAL;
}

int json_parse(const struct json_load *l, const char *text, size_t len,
	       const struct json **ret)
{
	struct build b = { .arena = l->arena, .tail = &b.root };
	auto_(free_handle) yajl_handle h = yajl_alloc(&callbacks, NULL, &b);

	if (!h)
		return err_set(l->e, ENOMEM, "parse %s", l->name);
	/* As in Go's decoder, bytes that are not UTF-8 are no reason to refuse. */
	yajl_config(h, yajl_dont_validate_strings, 1);
	if (yajl_parse(h, (const unsigned char *)text, len) != yajl_status_ok) {
		size_t at = yajl_get_bytes_consumed(h);

		return parse_error(l, h, b.why, text, at < len ? at : len);
	}
	if (yajl_complete_parse(h) != yajl_status_ok || !b.root || b.in)
		return parse_error(l, h, "unexpected end of the text", text, len);
	*ret = b.root;
	return 0;
}
