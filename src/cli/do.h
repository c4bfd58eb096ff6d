/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb `do`. */
#ifndef PICKET_CLI_DO_H
#define PICKET_CLI_DO_H

#include "base/err.h"
#include "container/container.h"

/*
 * argv[0] is "do".  *ret_status is what to exit with, also after a failure (125), whose
 * words are in e.
 */
int cli_do(const struct context *ctx, int argc, char **argv, int *ret_status, struct err *e);

#endif
