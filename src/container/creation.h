/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container in the making: shared by create.c and run.c. */
#ifndef PICKET_CONTAINER_CREATION_H
#define PICKET_CONTAINER_CREATION_H

#include "container/container.h"
#include "container/stage.h"
#include "sandbox/sandbox.h"

struct sync_in;

struct creation {
	const struct context *ctx;
	const struct create_args *args;
	const struct spec *spec;
	struct spec loaded; /* where args has none */
	struct store store;
	const char *release; /* of the kernel, for the guest */
	int dirfd, lock; /* state directory */
	struct state state;
	struct ns_plan ns;
	struct cgroup_join join;
	int cgroup_views[CGROUP_VIEWS]; /* for the sentry */
	struct seccomp_program profile;
	struct sandbox sandbox;
	struct stage stage;
	int console; /* connected console socket, or -1 */
	int master; /* terminal of a foreground run, or -1 */
	bool made_dir, made_cgroup, wrote_pid_file;
};

#define CREATION_GATE 1 /* with start.fifo: create, not run */

/*
 * Everything up to the settled init, which waits for its last GO; state.json is written.
 * On failure nothing is left.  creation_done() in both cases.
 */
int creation_build(struct creation *c, const struct context *ctx,
		   const struct create_args *a, int flags, struct err *e);

/* Take back everything, also the hooks' poststop: after a failure behind creation_build(). */
void creation_undo(struct creation *c);
void creation_done(struct creation *c);

/* Answers to SYNC_MOUNTED, and to SYNC_LISTENER where there is a sentry. */
int creation_join_sentry(struct creation *c, const struct sync_in *in, struct err *e);
int creation_attach_sentry(struct creation *c, const struct sync_in *in, struct err *e);

/* Wait for the program's execve.  0, or what went wrong before it. */
int creation_wait_exec(struct stage *st, struct err *e);

/* The specification's state object for hooks that run beside the container. */
int creation_run_hooks(const struct spec *s, enum spec_hook_kind kind,
		       const struct state *st, enum status status, struct err *e);

/* Number of preserved descriptors is checked, all other inherited ones become O_CLOEXEC. */
int creation_guard_fds(unsigned int preserve, struct err *e);

/* Sockets that systemd passes to us (sd_listen_fds(3)), from descriptor 3 on: the program's. */
#define LISTEN_FDS_MAX 1000
unsigned int creation_listen_fds(void);

/* Text of config.json in the state directory: exec, start and delete outlive the bundle. */
#define SAVED_CONFIG "config.json"
#define CONFIG_MAX (64u << 20)

/* Connect to a --pidfd-socket and send it pidfd. */
int creation_send_pidfd(const char *path, int pidfd, struct err *e);

/* The pid, without newline, by rename. */
int creation_write_pid_file(const char *path, pid_t pid, struct err *e);

#endif
