/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `picket do`: a sandbox in one command, without a bundle.  plan.c turns the options and
 * what is known of the host into a struct spec; view.c and overlay.c prepare, in a mount
 * namespace of our own, the trees that the spec refers to; container_run() does the rest;
 * diff.c and keep.c look at what the overlay has caught.
 */
#ifndef PICKET_DO_DO_H
#define PICKET_DO_DO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "container/container.h"

/* Exit statuses of our own, as env(1) and timeout(1) have them. */
enum { DO_TIMEOUT = 124, DO_FAILED = 125, DO_NOT_EXECUTABLE = 126, DO_NOT_FOUND = 127 };

enum do_net { DO_NET_NONE, DO_NET_HOST };

struct do_options {
	char *const *argv; /* the command, NULL-terminated */
	struct strv rw, ro; /* as given; do_run() makes them absolute */
	struct strv env; /* KEY=VALUE */
	enum do_net net;
	const char *workdir; /* NULL: the current directory */
	const char *keep; /* NULL: the overlay is thrown away */
	int64_t memory, pids; /* 0: no limit */
	int64_t cpu_quota_us; /* per 100 ms; 0: no limit */
	int64_t timeout_ms; /* 0: none */
	bool diff;
};
void do_options_done(struct do_options *o);

/* Pure: "1.5" -> 150000. */
int do_parse_cpus(const char *s, int64_t *ret_quota_us);

/*
 * Run the command.  *ret_status is its exit status (128+signal), 124 after a timeout, 126
 * or 127 where it could not be executed.  A failure is ours: the caller exits with 125.
 */
int do_run(const struct context *ctx, struct do_options *o, int *ret_status,
	   struct err *e);

/*
 * Process 1 of the sandbox: run argv[1..], forward signals, reap, return the exit status.
 * Without it the command itself would be process 1, which signals with default action
 * (Ctrl-C, abort) do not reach.
 */
#define DO_INIT_PATH \
	"/run/picket-init" /* where it is there, and argv[0] that selects it */
int do_init(char **argv);

#endif
