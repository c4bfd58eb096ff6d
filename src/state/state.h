/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container's record on disk: <root>/<id>/ holds state.json (written last by create,
 * replaced atomically), config.json (a copy: exec and hooks outlive the bundle),
 * start.fifo while the container is created, lock, sentry.sock, sentry.status.
 * Status is computed from the kernel each time, never read from the file.
 */
#ifndef PICKET_STATE_STATE_H
#define PICKET_STATE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "sandbox/mode.h"
#include "spec/spec.h"

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };
const char *status_name(enum status s);		/* the specification's words */

struct state {
	char *id, *bundle, *rootfs;	/* absolute paths; malloc'ed */
	char *created;			/* RFC 3339 with nanoseconds, UTC */
	pid_t pid;
	uint64_t pid_starttime;		/* clock ticks since boot, field 22 of /proc/PID/stat */
	uid_t owner;
	bool rootless;
	enum sentry_mode sentry;
	pid_t sentry_pid;		/* 0: none */
	uint64_t sentry_starttime;
	char *sentry_end;		/* how the sentry has failed; NULL: it has not; not saved */
	struct cgroup cgroup;
};

void state_done(struct state *s);

struct store {
	int dirfd;		/* the root directory, or -ENOENT where it is missing */
	char *path;
};

#define STORE_CREATE 1		/* flags of store_open: make the root if it is missing */

/* Not root, or root of a user namespace that somebody else started. */
bool store_is_rootless(void);

/* root: value of --root, or NULL for /run/picket or $XDG_RUNTIME_DIR/picket. */
int store_open(const char *root, int flags, struct store *ret, struct err *e);
void store_close(struct store *s);

/* [A-Za-z0-9_+.-]+, not "." or "..": "invalid container ID format" otherwise. */
int store_check_id(const char *id, struct err *e);

/*
 * Make <root>/<id> (0700) and lock it.  -EEXIST: "container with given ID already exists".
 * Returns the directory's descriptor; the lock goes with *ret_lock's closing.
 */
int store_make(const struct store *s, const char *id, int *ret_lock, struct err *e);

/* Open <root>/<id>; -ENOENT: "container does not exist". */
int store_find(const struct store *s, const char *id, struct err *e);

/* Take the container's lock (flock), waiting for it.  Returns its descriptor. */
int store_lock(int dirfd, struct err *e);

/* Remove <root>/<id> and what is in it (one level). */
int store_remove(const struct store *s, const char *id, struct err *e);

/* Ids of all containers, sorted. */
struct strv;
int store_list(const struct store *s, struct strv *ret, struct err *e);

int state_save(int dirfd, const struct state *s, struct err *e);
int state_load(int dirfd, struct state *ret, struct err *e);

/* "" or "; its sentry was killed by ...": ends a message about a container that has ended. */
#define STATE_WHY_MAX 128
const char *state_why(const struct state *s, char buf[STATE_WHY_MAX]);

/*
 * created: start.fifo is there and the process lives; stopped: the process is gone, a
 * zombie, or another one has its pid; paused: its cgroup is frozen; running otherwise.
 * A directory without state.json is STATUS_CREATING (its lock held) or stopped leftovers.
 */
enum status state_status(int dirfd, const struct state *s);

/* True while `pid` is the process that started at `starttime` and is no zombie. */
bool state_process_lives(pid_t pid, uint64_t starttime);

/* Start time of a live process in clock ticks, 0 if it is gone. */
uint64_t state_process_starttime(pid_t pid);

/*
 * The specification's state object as JSON (malloc'ed), for `state`, `list` and hooks.
 * pid 0 when stopped.  spec may be NULL (no annotations).
 */
#define STATE_JSON_PRETTY 1	/* runc's two-space layout of `state` */
#define STATE_JSON_HOOK   2	/* only what the specification names, for hooks */
char *state_json(const struct state *s, enum status status, const struct spec *spec, int flags);

/* The name of a user in /etc/passwd, else "#uid". */
void state_owner_name(uid_t uid, char *buf, size_t size);

/*
 * The start gate.  create: fifo_make, then the init opens it for reading (non-blocking)
 * before it enters the container, waits with poll(2) for a byte and holds it O_CLOEXEC
 * until its execve.  start: writes the byte, waits until no reader is left (the program
 * runs, or has failed to), removes the fifo.
 */
int fifo_make(int dirfd, struct err *e);
int fifo_open_gate(int dirfd, struct err *e);		/* the init's side: a descriptor */
int fifo_wait(int fd);					/* 0: opened, negative errno */
int fifo_release(int dirfd, struct err *e);		/* start's side */

#endif
