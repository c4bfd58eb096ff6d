/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options as data: one table serves parsing, help and picket.conf.  Spellings are those
 * of Go's flag package, because that is what the callers of a runtime write: --name
 * value, --name=value, -name value; booleans also --name=false; parsing stops at the
 * first word that is no option, or behind "--".
 */
#ifndef PICKET_CLI_OPTS_H
#define PICKET_CLI_OPTS_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum opt_kind {
	OPT_BOOL,		/* bool */
	OPT_STRING,		/* const char *: points into argv */
	OPT_STRINGS,		/* struct strv: may be repeated */
	OPT_UINT,		/* unsigned int */
	OPT_IGNORED,		/* takes a value that nobody reads */
};

#define OPT_CONF   1		/* also a key of picket.conf */
#define OPT_HIDDEN 2		/* accepted, not listed */

struct opt {
	const char *name;
	char letter;		/* 0: none */
	enum opt_kind kind;
	size_t offset;		/* of the value in the struct that is filled */
	const char *value;	/* what help calls the value; NULL for OPT_BOOL */
	const char *help;
	int flags;
};

struct opts {
	const struct opt *v;
	size_t n;
};
#define OPTS(table) { table, sizeof(table) / sizeof((table)[0]) }

#define OPTS_HELP 1		/* returned: --help or -h was met */

/*
 * Parse argv (NULL-terminated, without the command's name) into dst.  *ret_rest: the
 * first word that belongs to no option.  Returns 0, OPTS_HELP or a negative errno.
 */
int opts_parse(const struct opts *o, void *dst, char **argv, char ***ret_rest, struct err *e);

/* Set the option called `name`, which must have all of `flags`.  -ENOENT: no such one. */
int opts_set(const struct opts *o, int flags, const char *name, const char *value, void *dst,
	     struct err *e);

/* One line for each option that is not hidden. */
int opts_help(const struct opts *o, struct strbuf *out);

#endif
