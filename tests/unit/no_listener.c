// SPDX-License-Identifier: GPL-2.0-or-later
/* notify, for handlers that are called without a listener: the caller always waits. */
#include "notify/notify.h"

#include <unistd.h>

pid_t notify_pid(void)
{
	return getpid();
}

bool notify_is_valid(const struct call *c)
{
	return c->tid > 0;
}

void notify_blocking_begin(struct call *c)
{
	(void)c;
}

void notify_blocking_end(struct call *c)
{
	(void)c;
}

/* Nobody watches: what asks for it looks for itself as well, or stays unstarted. */
void notify_watch_fd(struct notify_fd *w)
{
	(void)w;
}
