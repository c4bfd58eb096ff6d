/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One intercepted system call, from notification to reply.
 *
 * A handler is `struct reply sys_NAME(struct call *c)`: decode, check flags, call a
 * module below, encode.  The reply is the return value, so a handler cannot forget to
 * answer and cannot answer twice.  An errno for the guest is a reply; a failure of the
 * sentry itself is turned into -EPERM by the loop, counted, and never into a CONTINUE.
 */
#ifndef PICKET_SENTRY_ABI_CALL_H
#define PICKET_SENTRY_ABI_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* An address in the guest.  Not a pointer on purpose: it cannot be dereferenced here. */
typedef struct { uint64_t addr; } gptr_t;
#define GPTR(a) ((gptr_t){ (a) })

/* Kernel-internal: make the call again; if a handler ran only with SA_RESTART, or never. */
#define ERESTARTSYS    512
#define ERESTARTNOHAND 514

struct task;

struct call {
	int nr;
	uint64_t arg[6];	/* 32-bit values arrive zero-extended: cast, (int)c->arg[0] */
	pid_t tid;		/* thread id in the sentry's pid namespace */
	int listener;
	uint64_t id;		/* notification id, for notify_is_valid() */
	struct task *task;	/* filled by task_get() on first use; NULL before */
	int restart;		/* what -EINTR becomes for a caller with a signal to handle:
				   ERESTARTSYS, unless the handler sets another errno */
};

struct reply {
	enum { REPLY_ERRNO, REPLY_VALUE, REPLY_FD, REPLY_CONTINUE } kind;
	int64_t val;		/* errno: negative; REPLY_FD: a descriptor the reply now owns */
	uint32_t fd_flags;	/* REPLY_FD: O_CLOEXEC or 0, for the guest's descriptor */
	bool fd_alone;		/* REPLY_FD: ours is closed before the guest goes on */
};

static inline struct reply reply_errno(int r)	/* r: negative errno */
{
	return (struct reply){ .kind = REPLY_ERRNO, .val = r };
}

static inline struct reply reply_value(int64_t v)
{
	return (struct reply){ .kind = REPLY_VALUE, .val = v };
}

/* 0 or a positive value, or a negative errno: the usual result of a system call. */
static inline struct reply reply_result(int64_t r)
{
	return r < 0 ? reply_errno((int)r) : reply_value(r);
}

/*
 * A second reference to an open file shows: a program that was just written cannot be
 * executed (ETXTBSY), a reader of a FIFO sees no end.  Where that matters: fd_alone.
 */
static inline struct reply reply_fd(int fd, uint32_t fd_flags)
{
	return (struct reply){ .kind = REPLY_FD, .val = fd, .fd_flags = fd_flags };
}

/* Only for rows of syscalls.def with MAY_CONTINUE: the funnel refuses it elsewhere. */
static inline struct reply reply_continue(void)
{
	return (struct reply){ .kind = REPLY_CONTINUE };
}

/*
 * The one funnel: looks the call up in syscalls.def, traces, checks, runs the handler.
 * The caller drops c->task afterwards (task_put).
 */
struct reply dispatch(struct call *c);

/* One prototype per mediated row, from the list. */
#define NATIVE(...)
#define NATIVE_IF(...)
#define DENY(...)
#define EMULATE(name, ...)  struct reply sys_##name(struct call *c);
#define BROKER(name, ...)   struct reply sys_##name(struct call *c);
#define CONTINUE(name, ...) struct reply sys_##name(struct call *c);
#include "abi/syscalls.def"
#undef NATIVE
#undef NATIVE_IF
#undef DENY
#undef EMULATE
#undef BROKER
#undef CONTINUE

#endif
