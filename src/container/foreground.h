/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run and exec in the foreground: signals, terminal, exit status. */
#ifndef PICKET_CONTAINER_FOREGROUND_H
#define PICKET_CONTAINER_FOREGROUND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct foreground {
	int signals; /* signalfd */
	int master; /* the container's terminal, or -1 */
};

/* Take all signals over: before the program is let go, so that none is lost. */
int foreground_begin(struct foreground *f, int master, struct err *e);

/*
 * Forward signals and copy the terminal until `pid`, a child, has ended; other children
 * (a subreaper has some) are reaped.  *ret_status: exit status, or 128 + signal.
 */
int foreground_wait(struct foreground *f, pid_t pid, int pidfd, int *ret_status,
		    struct err *e);

#endif
