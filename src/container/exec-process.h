/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What exec's flags and files make of config.json's process. */
#ifndef PICKET_CONTAINER_EXEC_PROCESS_H
#define PICKET_CONTAINER_EXEC_PROCESS_H

#include "container/container.h"

/*
 * A sentry carries the container's labels, and acts for its guests with them: a process of
 * another label is refused, one without gets the container's.
 */
int exec_keep_labels(struct spec_process *p, const struct spec_process *container,
		     struct err *e);

/* Replace s->process; memory comes from s, strings of `a` are referred to. */
int exec_process(struct spec *s, const struct exec_args *a, struct err *e);

/*
 * --cgroup: "PATH", or on v1 "CONTROLLER[,CONTROLLER]:PATH", below the container's own.
 * *ret is a copy of cg with the directories changed; cgroup_done() releases it.
 */
int exec_cgroup(const struct cgroup *cg, char *const *words, struct cgroup *ret,
		struct err *e);

#endif
