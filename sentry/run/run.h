/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picket-sentry run: one command under the sentry, no container.  For development. */
#ifndef PICKET_SENTRY_RUN_RUN_H
#define PICKET_SENTRY_RUN_RUN_H

#include "base/err.h"

/*
 * Run argv under the strict filter and serve it from this process.  Returns the exit
 * status for main (128 + signal where one ended the command; 126, 127 as shells have
 * them), or a negative errno when the sentry could not start.
 */
int run_command(char *const *argv, struct err *e);

#endif
