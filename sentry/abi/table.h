/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list as data: rows by number, for dispatch, traces, --syscalls and the filters. */
#ifndef PICKET_SENTRY_ABI_TABLE_H
#define PICKET_SENTRY_ABI_TABLE_H

#include <stddef.h>
#include <stdio.h>

enum row_flags { NEW_FD = 1, MAY_CONTINUE = 2, FILES = 4 };

enum row_class {
	CLASS_UNKNOWN, CLASS_NATIVE, CLASS_NATIVE_IF, CLASS_DENY, CLASS_EMULATE,
	CLASS_BROKER, CLASS_CONTINUE,
};

struct row {
	const char *name, *args, *note;
	int nr;
	enum row_class class;
	int err;		/* DENY: the errno; NATIVE_IF: that of other arguments */
	unsigned int flags;
};

/* All rows in the order of the list. */
extern const struct row table_rows[];
extern const size_t table_rows_n;

/* The row of a number; NULL if the list has none. */
const struct row *table_find(int nr);

const char *table_class_name(enum row_class class);

/*
 * picket-sentry --syscalls.  native: rows with one of these flags are native (FILES in mode
 * balanced), or 0.  One line per row; or, as JSON, one object per row with the rules on
 * its arguments.
 */
void table_print(FILE *to, unsigned int native);
int table_print_json(FILE *to, unsigned int native);

#endif
