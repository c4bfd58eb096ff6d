// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text format of GVariant, as far as unit properties use it: booleans, strings,
 * numbers with or without a type, lists of strings.  Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/dbus.h"

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n");
}

/* A quoted string at *s; malloc'ed, NULL if it is none.  *s moves behind it. */
static char *parse_string(const char **s)
{
	const char quote = **s, *p = *s + 1;
	char *out, *o;

	if (quote != '\'' && quote != '"')
		return NULL;
	o = out = malloc(strlen(p) + 1);
	if (!out)
		return NULL;
	for (; *p && *p != quote; p++) {
		if (*p == '\\' && p[1])
			p++;
		*o++ = *p;
	}
	*o = '\0';
	if (*p != quote) {
		free(out);
		return NULL;
	}
	*s = p + 1;
	return out;
}

static int put_strings(struct dbus_body *b, const char *name, const char *s)
{
	struct dbus_array a;

	if (str_starts(s, "@as"))
		s = skip_blanks(s + 3);
	if (*s++ != '[')
		return -EINVAL;
	dbus_prop_open(b, name, "as");
	a = dbus_open_array(b, 4);
	for (s = skip_blanks(s); *s != ']';) {
		auto_free char *item = parse_string(&s);

		if (!item)
			return -EINVAL;
		dbus_put_string(b, item);
		s = skip_blanks(s);
		if (*s == ',')
			s = skip_blanks(s + 1);
		else if (*s != ']')
			return -EINVAL;
	}
	dbus_close_array(b, a);
	return *skip_blanks(s + 1) ? -EINVAL : 0;
}

static int put_bool(struct dbus_body *b, const char *name, const char *s)
{
	bool value = str_starts(s, "true");

	s += strlen(value ? "true" : "false");
	dbus_prop_bool(b, name, value);
	return *skip_blanks(s) ? -EINVAL : 0;
}

static int put_string(struct dbus_body *b, const char *name, const char *s)
{
	auto_free char *value = parse_string(&s);

	if (!value || *skip_blanks(s))
		return -EINVAL;
	dbus_prop_string(b, name, value);
	return 0;
}

/* "uint64 5", "int32 -1", "5" (int32). */
static int put_number(struct dbus_body *b, const char *name, const char *s)
{
	/* clang-format off */
	static const struct { const char *word, *signature; int size; bool is_signed; }
	types[] = {
		{ "byte",   "y", 1, false },
		{ "int32",  "i", 4, true },
		{ "uint32", "u", 4, false },
		{ "int64",  "x", 8, true },
		{ "uint64", "t", 8, false },
	};
	/* clang-format on */
	size_t type = 1, word = strcspn(s, " \t");
	bool negative;
	uint64_t v;
	char *end;

	if (isalpha((unsigned char)*s)) {
		for (type = 0; type < ARRAY_SIZE(types); type++)
			if (strlen(types[type].word) == word &&
			    memcmp(types[type].word, s, word) == 0)
				break;
		if (type == ARRAY_SIZE(types))
			return -EINVAL;
		s = skip_blanks(s + word);
	}
	negative = *s == '-';
	if (!isdigit((unsigned char)s[negative]) || (negative && !types[type].is_signed))
		return -EINVAL;
	errno = 0;
	v = negative ? (uint64_t)strtoll(s, &end, 0) : strtoull(s, &end, 0);
	if (errno || *skip_blanks(end))
		return -EINVAL;
	dbus_prop_open(b, name, types[type].signature);
	if (types[type].size == 1)
		dbus_put_u8(b, (uint8_t)v);
	else if (types[type].size == 4)
		dbus_put_u32(b, (uint32_t)v);
	else
		dbus_put_u64(b, v);
	return 0;
}

int dbus_prop_gvariant(struct dbus_body *b, const char *name, const char *text)
{
	const char *s = skip_blanks(text);

	if (*s == '[' || str_starts(s, "@as"))
		return put_strings(b, name, s);
	if (*s == '\'' || *s == '"')
		return put_string(b, name, s);
	if (str_starts(s, "true") || str_starts(s, "false"))
		return put_bool(b, name, s);
	return put_number(b, name, s);
}
