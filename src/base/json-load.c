// SPDX-License-Identifier: GPL-2.0-or-later
/* From the JSON tree to C structs: types, ranges, and where an error is. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char *const type_names[] = {
	[JSON_NULL] = "null",	    [JSON_BOOL] = "a boolean",
	[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
	[JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
};

/* Bounded text: what does not fit is cut off. */
struct place {
	char s[400];
	size_t n;
};

static void put(struct place *p, const char *s)
{
	size_t len = strlen(s), room = sizeof(p->s) - 1 - p->n;

	if (len > room)
		len = room;
	memcpy(p->s + p->n, s, len);
	p->n += len;
	p->s[p->n] = '\0';
}

static bool is_plain(const char *key)
{
	if (!*key)
		return false;
	for (; *key; key++)
		if (!(*key == '_' || (*key >= '0' && *key <= '9') ||
		      ((*key | 0x20) >= 'a' && (*key | 0x20) <= 'z')))
			return false;
	return true;
}

static void put_step(struct place *p, const struct json *j)
{
	char number[32];
	size_t i = 0;

	if (j->key) {
		put(p, is_plain(j->key) ? "." : "[\"");
		put(p, j->key);
		put(p, is_plain(j->key) ? "" : "\"]");
		return;
	}
	for (const struct json *s = j->parent->first; s && s != j; s = s->next)
		i++;
	snprintf(number, sizeof(number), "[%zu]", i);
	put(p, number);
}

static void put_path(struct place *p, const struct json *j)
{
	if (!j->parent)
		return;
	put_path(p, j->parent);
	put_step(p, j);
}

int json_error(const struct json_load *l, const struct json *j, const char *fmt, ...)
{
	struct place p = { "", 0 };
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	put_path(&p, j);
	return err_text(l->e, EINVAL, "%s: %s: %s", l->name, p.n ? p.s : ".", why);
}

int json_expected(const struct json_load *l, const struct json *j, const char *what)
{
	return json_error(l, j, "expected %s, got %s", what, type_names[j->type]);
}

int json_load_fields(const struct json_load *l, const struct json *j,
		     const struct json_field *fields, size_t n, void *dst)
{
	if (j->type != JSON_OBJECT)
		return json_expected(l, j, "an object");
	for (const struct json *m = j->first; m; m = m->next) {
		size_t i = 0;
		int r;

		while (i < n && strcmp(fields[i].name, m->key) != 0)
			i++;
		if (i == n || m->type == JSON_NULL)
			continue;
		r = fields[i].load(l, m, (char *)dst + fields[i].offset);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_children(const struct json_load *l, const struct json *j, size_t size,
			 json_loader *one, void *dst)
{
	struct json_list *list = dst;
	char *v = arena_alloc(l->arena, (j->n + 1) * size);
	size_t i = 0;

	if (!v)
		return err_set(l->e, ENOMEM, "load %s", l->name);
	list->v = v;
	list->n = j->n;
	for (const struct json *c = j->first; c; c = c->next, i++) {
		int r = one(l, c, v + i * size);

		if (r < 0)
			return r;
	}
	return 0;
}

int json_load_list(const struct json_load *l, const struct json *j, size_t size,
		   json_loader *one, void *dst)
{
	if (j->type != JSON_ARRAY)
		return json_expected(l, j, "an array");
	return load_children(l, j, size, one, dst);
}

int json_load_map(const struct json_load *l, const struct json *j, size_t size,
		  json_loader *one, void *dst)
{
	if (j->type != JSON_OBJECT)
		return json_expected(l, j, "an object");
	return load_children(l, j, size, one, dst);
}

int json_text(const struct json_load *l, const struct json *j, void *dst)
{
	if (j->type != JSON_STRING)
		return json_expected(l, j, "a string");
	*(const char **)dst = j->text;
	return 0;
}

int json_string(const struct json_load *l, const struct json *j, void *dst)
{
	if (j->type != JSON_STRING)
		return json_expected(l, j, "a string");
	*(const char **)dst = j->n ? j->text : NULL;
	return 0;
}

int json_strings(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(const char *), json_text, dst);
}

int json_bool(const struct json_load *l, const struct json *j, void *dst)
{
	if (j->type != JSON_BOOL)
		return json_expected(l, j, "true or false");
	*(bool *)dst = j->truth;
	return 0;
}

static int load_unsigned(const struct json_load *l, const struct json *j, uint64_t max,
			 uint64_t *ret)
{
	uint64_t v;

	if (j->type != JSON_NUMBER)
		return json_expected(l, j, "an integer");
	if (str_parse_u64(j->text, &v) < 0 || v > max)
		return json_error(l, j, "expected an integer from 0 to %llu, got %s",
				  (unsigned long long)max, j->text);
	*ret = v;
	return 0;
}

int json_u64(const struct json_load *l, const struct json *j, void *dst)
{
	return load_unsigned(l, j, UINT64_MAX, dst);
}

static int load_u32(const struct json_load *l, const struct json *j, uint32_t max,
		    void *dst)
{
	uint64_t v;
	int r = load_unsigned(l, j, max, &v);

	if (r == 0)
		*(uint32_t *)dst = (uint32_t)v;
	return r;
}

int json_u32(const struct json_load *l, const struct json *j, void *dst)
{
	return load_u32(l, j, UINT32_MAX, dst);
}

int json_id(const struct json_load *l, const struct json *j, void *dst)
{
	return load_u32(l, j, UINT32_MAX - 1, dst);
}

int json_u16(const struct json_load *l, const struct json *j, void *dst)
{
	uint64_t v;
	int r = load_unsigned(l, j, UINT16_MAX, &v);

	if (r == 0)
		*(uint16_t *)dst = (uint16_t)v;
	return r;
}

int json_integer(const struct json_load *l, const struct json *j, int64_t min,
		 int64_t max, int64_t *ret)
{
	int64_t v;

	if (j->type != JSON_NUMBER)
		return json_expected(l, j, "an integer");
	if (str_parse_i64(j->text, &v) < 0 || v < min || v > max)
		return json_error(l, j, "expected an integer from %lld to %lld, got %s",
				  (long long)min, (long long)max, j->text);
	*ret = v;
	return 0;
}

int json_i64(const struct json_load *l, const struct json *j, void *dst)
{
	return json_integer(l, j, INT64_MIN, INT64_MAX, dst);
}

int json_word(const struct json_load *l, const struct json *j,
	      const struct json_word *words, size_t n, int64_t *ret)
{
	if (j->type != JSON_STRING)
		return json_expected(l, j, "a string");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i].word, j->text) == 0) {
			*ret = words[i].value;
			return 0;
		}
	}
	return json_error(l, j, "unknown value '%s'", j->text);
}
