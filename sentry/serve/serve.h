/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picket-sentry serve: serve one container, watched by a second process. */
#ifndef PICKET_SENTRY_SERVE_SERVE_H
#define PICKET_SENTRY_SERVE_SERVE_H

#include <sys/types.h>

#include "base/err.h"

/* The verb.  Returns main's exit status. */
int serve_main(void);

/*
 * The sentry proper, in its own process: waits for the handover on sock, joins, confines
 * itself, serves until the last guest is gone.  link: to the watchdog, which is parent.
 * Exit status.
 */
int serve_container(int sock, int link, pid_t parent);

/*
 * The root directory of a procfs of this pid namespace, detached from any mount tree, in
 * which only tasks show that the reader may trace; /proc where that cannot be mounted.
 */
int serve_open_procfs(void);

/*
 * Join the namespaces (CLONE_NEW*) of the pidfd's task and become root there, so far as
 * its user namespace has one.
 */
int serve_join(int pidfd, int namespaces, struct err *e);

#endif
