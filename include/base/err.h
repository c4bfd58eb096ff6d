/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error text of the runtime: a fixed-size value, filled at the failing call, prefixed
 * on the way up, printed once by main, and small enough to travel whole through the
 * init->parent socket.  No heap, nothing to release.  Every function accepts e == NULL.
 *
 * Messages: lower case, verb first, object in 'quotes', no full stop.
 */
#ifndef PICKET_BASE_ERR_H
#define PICKET_BASE_ERR_H

#define ERR_MSG_MAX 1000

struct err {
	int code;		/* positive errno; 0: none */
	char msg[ERR_MSG_MAX];
};

#define ERR_INIT { 0, "" }

/* Record "<formatted text>: <strerror(code)>".  Returns -code (-EINVAL where code is 0). */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same without the strerror() part: the text says it all. */
int err_text(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "<formatted text>: " before what e says already.  Returns -e->code. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
