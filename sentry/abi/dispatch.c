// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one funnel between a notification and its handler.  The array comes from the list:
 * a mediated row without a handler is a link error, two rows with one number a warning.
 */
#include <errno.h>

#include "abi/call.h"
#include "abi/nr.h"
#include "abi/table.h"
#include "base/cleanup.h"
#include "obs/trace.h"

struct entry {
	struct reply (*handler)(struct call *c);
	unsigned int flags;
};

#define NATIVE(...)
#define NATIVE_IF(...)
#define DENY(...)
#define EMULATE(name_, flags_, ...)	[__NR_##name_] = { sys_##name_, (flags_) },
#define BROKER(name_, flags_, ...)	[__NR_##name_] = { sys_##name_, (flags_) },
#define CONTINUE(name_, flags_, ...) \
	[__NR_##name_] = { sys_##name_, (flags_) | MAY_CONTINUE },
static const struct entry entries[] = {
#include "abi/syscalls.def"
};

/* A bug in a handler must not open a hole. */
static struct reply check(const struct entry *e, struct reply r)
{
	if (r.kind == REPLY_CONTINUE && !(e->flags & MAY_CONTINUE))
		return reply_errno(-EPERM);
	if (r.kind == REPLY_FD && !(e->flags & NEW_FD)) {
		close((int)r.val);
		return reply_errno(-EPERM);
	}
	return r;
}

struct reply dispatch(struct call *c)
{
	const struct entry *e = NULL;
	struct reply r;

	if (c->nr >= 0 && (size_t)c->nr < ARRAY_SIZE(entries))
		e = &entries[c->nr];
	if (!e || !e->handler)
		return reply_errno(-ENOSYS);
	r = check(e, e->handler(c));
	if (trace_wants(c->nr))
		trace_call(c, &r);
	return r;
}
