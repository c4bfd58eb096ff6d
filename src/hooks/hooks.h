/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OCI hooks: state JSON on stdin, env exactly as given, timeout kills the whole process group. */
#ifndef PICKET_HOOKS_HOOKS_H
#define PICKET_HOOKS_HOOKS_H

#include "base/err.h"
#include "spec/spec.h"

/*
 * Run the hooks of one kind in order.  state_json goes to each one's stdin.  cwd: directory
 * for runtime hooks (the bundle), or NULL.  The first failure ends the list:
 * "error running createRuntime hook #1: ...".
 */
int hooks_run(const struct spec *s, enum spec_hook_kind kind, const char *state_json,
	      const char *cwd, struct err *e);
const char *hooks_kind_name(enum spec_hook_kind kind);

#endif
