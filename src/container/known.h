/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container that exists: found by id, its record read, its status computed. */
#ifndef PICKET_CONTAINER_KNOWN_H
#define PICKET_CONTAINER_KNOWN_H

#include "container/container.h"

struct known {
	struct store store;
	int dirfd, lock;
	struct state state;
	enum status status;
};

#define KNOWN_LOCK 1

/* known_close() in every case.  -ENOENT: "container does not exist". */
int known_open(struct known *k, const struct context *ctx, const char *id, int flags,
	       struct err *e);
void known_close(struct known *k);

/* The saved config.json; spec_done() in every case. */
int known_spec(const struct known *k, struct spec *ret, struct err *e);

/* Run hooks of one kind if the saved config.json has any. */
int known_run_hooks(const struct known *k, enum spec_hook_kind kind, enum status status,
		    struct err *e);

/* Signal the init, if it is still the same process.  -ESRCH: "container not running". */
int known_signal(const struct known *k, int sig, struct err *e);

/* 0 when pid has ended (or is a zombie) within the time, else -ETIMEDOUT. */
int container_await_pid(pid_t pid, int timeout_ms);

#endif
