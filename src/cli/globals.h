/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Global options: picket.conf first, then the command line, then struct context. */
#ifndef PICKET_CLI_GLOBALS_H
#define PICKET_CLI_GLOBALS_H

#include "base/err.h"
#include "cli/opts.h"
#include "container/container.h"

struct globals {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *sentry,
		*release;
	bool debug, systemd_cgroup, timings, version;
	char *conf;		/* text of picket.conf, which values point into */
};

extern const struct opts globals_opts;

/* Keys and values of a configuration file; `text` is cut up and must stay. */
int globals_parse_conf(const char *name, char *text, struct globals *g, struct err *e);

/* The same from /etc/picket/picket.conf, if there is one. */
int globals_load_conf(struct globals *g, struct err *e);

/* Check the words, open the log, fill the context. */
int globals_apply(const struct globals *g, struct context *ret, struct err *e);

#endif
