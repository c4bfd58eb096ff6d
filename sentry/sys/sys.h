/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers share: argument types that arrive zero-extended. */
#ifndef PICKET_SENTRY_SYS_SYS_H
#define PICKET_SENTRY_SYS_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/limits.h>

#include "abi/call.h"
#include "base/cleanup.h"
#include "guest/mem.h"
#include "task/task.h"
#include "vfs/path.h"

static inline int arg_fd(const struct call *c, int i)
{
	return (int)c->arg[i];
}

static inline unsigned int arg_u32(const struct call *c, int i)
{
	return (unsigned int)c->arg[i];
}

/* The result of a libc-style call: its value, or the errno it left. */
#define reply_of(expr) reply_result(sys_result(expr))
static inline int64_t sys_result(int64_t r)
{
	return r < 0 ? -errno : r;
}

#endif
