/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings: strict numbers, growing buffers, NULL-terminated vectors. */
#ifndef PICKET_BASE_STR_H
#define PICKET_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whole-string decimal numbers: no sign (u64), no blanks, no overflow, at least one
 * digit.  "1x", "", "4294967296" for u32 are -EINVAL/-ERANGE.  (crun CVE-2026-30892,
 * containerd CVE-2024-40635: lenient parsers turned ids into 0.)
 */
int str_parse_u64(const char *s, uint64_t *ret);
int str_parse_u32(const char *s, uint32_t *ret);
int str_parse_i64(const char *s, int64_t *ret);

/* "64M", "1g", "512", "-1": bytes with an optional binary suffix kKmMgGtT[b|B]. */
int str_parse_size(const char *s, int64_t *ret);

/* A decimal number with up to three places, in thousandths: no sign, no exponent. */
int str_parse_thousandths(const char *s, size_t len, int64_t *ret);

/* "500ms", "1.5s", "90", "2m", "1h", "1d": milliseconds, at least one. */
int str_parse_duration(const char *s, int64_t *ret_ms);

bool str_eq(const char *a, const char *b);			/* NULL-safe */
bool str_starts(const char *s, const char *prefix);	/* never for path decisions */

/* In place: "\040" is a blank, as /proc/PID/mountinfo writes blanks and backslashes. */
void str_unescape_octal(char *s);

/* printf into malloc'ed memory.  NULL when out of memory. */
char *str_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing text buffer: zero-initialise, append, take or free .s */
struct strbuf {
	char *s;		/* NUL-terminated once anything was appended */
	size_t len, cap;
};
int strbuf_add(struct strbuf *b, const char *s, size_t len);
int strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_done(struct strbuf *b);

/* A NULL-terminated growing vector of malloc'ed strings: zero-initialise. */
struct strv {
	char **v;
	size_t n;
};
int strv_add(struct strv *v, const char *s);		/* copies */
int strv_take(struct strv *v, char *s);			/* owns s, also on failure */
void strv_done(struct strv *v);
bool strv_has(char *const *v, const char *s);		/* v may be NULL */

#endif
