/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest is the test process itself: guest_call() runs dispatch() in a worker thread
 * on behalf of the calling thread, without seccomp and without root.
 */
#ifndef PICKET_TEST_SENTRY_GUEST_H
#define PICKET_TEST_SENTRY_GUEST_H

#include "abi/call.h"

struct reply guest_reply(int nr, const uint64_t arg[6]);

/* On behalf of another process: a child, whose memory is like ours. */
int64_t guest_call_of(pid_t pid, int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* The result as the system call would return it: a value, a descriptor, -errno. */
int64_t guest_call(int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

#define PTR(p) ((uint64_t)(uintptr_t)(p))
#define GUEST1(name, a)             guest_call(SYS_##name, (uint64_t)(a), 0, 0, 0, 0)
#define GUEST2(name, a, b)          guest_call(SYS_##name, (uint64_t)(a), (uint64_t)(b), 0, 0, 0)
#define GUEST3(name, a, b, c)       guest_call(SYS_##name, (uint64_t)(a), (uint64_t)(b), \
					       (uint64_t)(c), 0, 0)
#define GUEST4(name, a, b, c, d)    guest_call(SYS_##name, (uint64_t)(a), (uint64_t)(b), \
					       (uint64_t)(c), (uint64_t)(d), 0)
#define GUEST5(name, a, b, c, d, e) guest_call(SYS_##name, (uint64_t)(a), (uint64_t)(b), \
					       (uint64_t)(c), (uint64_t)(d), (uint64_t)(e))

/* chdir(2) as a guest makes it: announced to the sentry, then done. */
void guest_chdir(const char *path);

/* A fresh directory below /tmp, which becomes the working directory; removed at exit. */
void guest_enter_tmp(void);

#endif
