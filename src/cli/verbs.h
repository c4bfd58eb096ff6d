/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs: each file exports its rows, main finds, checks and calls. */
#ifndef PICKET_CLI_VERBS_H
#define PICKET_CLI_VERBS_H

#include "base/err.h"
#include "cli/opts.h"
#include "container/container.h"

struct invocation {
	struct context ctx;
	char **argv;		/* of the whole program, for continuing as a copy of it */
	void *args;		/* the verb's options */
	char **words;		/* what stands behind them, NULL-terminated */
	int status;		/* exit status on success */
};

#define VERB_ENTERS 1		/* enters a container: container_protect_self() first */

struct verb {
	const char *name;
	int (*run)(struct invocation *inv, struct err *e);
	const char *words;	/* "ID [SIGNAL]" for help */
	int min, max;		/* how many words; max -1: any number */
	struct opts opts;
	size_t args_size;	/* of the struct that opts fill */
	int flags;
	int failure;		/* exit status of a failure of ours */
	const char *help;
};

extern const struct verb verb_create, verb_debug, verb_delete, verb_do, verb_events,
	verb_exec, verb_features, verb_kill, verb_list, verb_pause, verb_ps, verb_resume,
	verb_run, verb_spec, verb_start, verb_state, verb_update;

const struct verb *verb_find(const char *name);

/* Whole help, or that of one verb: malloc'ed text. */
char *verb_help_all(const struct opts *globals);
char *verb_help(const struct verb *v);

/* Set the guard's mode from a word of the command line or of picket.conf. */
int verb_set_sentry(const char *word, struct context *ctx, struct err *e);

/* The error about an option's value; `flag` with its dashes. */
int verb_bad_value(const char *flag, const char *value, const char *expected, struct err *e);

/* Write text to stdout; 0 or an error about stdout. */
int verb_print(const char *text, struct err *e);

/* `path` as an absolute one (against the working directory); NULL stays NULL. */
int verb_absolute(const char *path, char **ret, struct err *e);

#endif
