// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings: see base/str.h.  No locale, no stdio streams. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int str_parse_u64(const char *s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s || !*s)
		return -EINVAL;
	for (; *s; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (*s < '0' || *s > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit, &v))
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int str_parse_u32(const char *s, uint32_t *ret)
{
	uint64_t v;
	int r = str_parse_u64(s, &v);

	if (r < 0)
		return r;
	if (v > UINT32_MAX)
		return -ERANGE;
	*ret = (uint32_t)v;
	return 0;
}

int str_parse_i64(const char *s, int64_t *ret)
{
	bool negative = s && *s == '-';
	uint64_t v;
	int r = str_parse_u64(negative ? s + 1 : s, &v);

	if (r < 0)
		return r;
	if (v > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret = (int64_t)(negative ? -v : v);
	return 0;
}

/* Bits to shift for "k", "MB", ...; -1 if it is no suffix. */
static int suffix_shift(const char *s)
{
	static const char letters[] = "kmgt";
	const char *p;

	if (!*s)
		return 0;
	p = strchr(letters, *s | 0x20);
	if (!p || !*p)
		return -1;
	if (s[1] && ((s[1] | 0x20) != 'b' || s[2]))
		return -1;
	return 10 * (int)(p - letters + 1);
}

int str_parse_size(const char *s, int64_t *ret)
{
	size_t digits = 0;
	char number[32];
	int64_t v;
	int shift, r;

	if (!s)
		return -EINVAL;
	if (*s == '-')
		return str_parse_i64(s, ret) < 0 || *ret != -1 ? -EINVAL : 0;
	while (s[digits] >= '0' && s[digits] <= '9')
		digits++;
	if (digits >= sizeof(number))
		return -ERANGE;
	memcpy(number, s, digits);
	number[digits] = '\0';
	r = str_parse_i64(number, &v);
	if (r < 0)
		return r;
	shift = suffix_shift(s + digits);
	if (shift < 0)
		return -EINVAL;
	if (v > (INT64_MAX >> shift))
		return -ERANGE;
	*ret = v << shift;
	return 0;
}

int str_parse_thousandths(const char *s, size_t len, int64_t *ret)
{
	int64_t v = 0;
	int places = -1;
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || places == 3)
			return -EINVAL;
		if (v > INT64_MAX / 100000)
			return -ERANGE;
		v = v * 10 + (s[i] - '0');
		digit = true;
		if (places >= 0)
			places++;
	}
	if (!digit)
		return -EINVAL;
	for (int i = places < 0 ? 0 : places; i < 3; i++)
		v *= 10;
	*ret = v;
	return 0;
}

static bool ends_with(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && memcmp(s + len - n, suffix, n) == 0;
}

int str_parse_duration(const char *s, int64_t *ret_ms)
{
	static const struct {
		const char *suffix;
		int64_t ms;
	} units[] = {
		{ "ms", 1 },	  { "s", 1000 },     { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 }, { "", 1000 },
	};
	size_t len = strlen(s), i = 0;
	int64_t milli;
	int r;

	while (!ends_with(s, len, units[i].suffix))
		i++;
	r = str_parse_thousandths(s, len - strlen(units[i].suffix), &milli);
	if (r < 0)
		return r;
	if (milli > INT64_MAX / units[i].ms)
		return -ERANGE;
	*ret_ms = milli * units[i].ms / 1000;
	return *ret_ms > 0 ? 0 : -ERANGE;
}

static bool is_octal_byte(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	       s[2] <= '7';
}

void str_unescape_octal(char *s)
{
	char *to = s;

	while (*s) {
		if (*s == '\\' && is_octal_byte(s + 1)) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
	return s && strncmp(s, prefix, strlen(prefix)) == 0;
}

char *str_printf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : s;
}

static int reserve(struct strbuf *b, size_t more)
{
	size_t need, cap = b->cap ? b->cap : 256;
	char *s;

	if (__builtin_add_overflow(b->len + 1, more, &need))
		return -ENOMEM;
	if (need <= b->cap)
		return 0;
	while (cap < need) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			return -ENOMEM;
	}
	s = realloc(b->s, cap);
	if (!s)
		return -ENOMEM;
	b->s = s;
	b->cap = cap;
	return 0;
}

int strbuf_add(struct strbuf *b, const char *s, size_t len)
{
	int r = reserve(b, len);

	if (r < 0)
		return r;
	memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
	return 0;
}

int strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;
	int n, r;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -EINVAL;
	r = reserve(b, (size_t)n);
	if (r < 0)
		return r;
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void strbuf_done(struct strbuf *b)
{
	free(b->s);
	*b = (struct strbuf){ 0 };
}

int strv_take(struct strv *v, char *s)
{
	char **p;

	if (!s)
		return -ENOMEM;
	/* Room for a power of two plus the NULL: grown when n reaches one. */
	if ((v->n & (v->n - 1)) == 0) {
		p = reallocarray(v->v, 2 * v->n + 2, sizeof(*p));
		if (!p) {
			free(s);
			return -ENOMEM;
		}
		v->v = p;
	}
	v->v[v->n++] = s;
	v->v[v->n] = NULL;
	return 0;
}

int strv_add(struct strv *v, const char *s)
{
	return strv_take(v, strdup(s));
}

void strv_done(struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->v[i]);
	free(v->v);
	*v = (struct strv){ 0 };
}

bool strv_has(char *const *v, const char *s)
{
	for (; v && *v; v++)
		if (strcmp(*v, s) == 0)
			return true;
	return false;
}
