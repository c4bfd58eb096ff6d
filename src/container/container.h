/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only sequencing code: verbs call these, these call ns, rootfs, cgroup, process,
 * seccomp, hooks, sandbox, which never call each other.
 *
 *   picket ── clone3 ─▶ (middle, where namespaces are joined by path ─ CLONE_PARENT ─▶) init
 *
 * The init ends up a child of picket, and when picket exits, of its caller's subreaper.
 */
#ifndef PICKET_CONTAINER_CONTAINER_H
#define PICKET_CONTAINER_CONTAINER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/mode.h"
#include "spec/spec.h"
#include "state/state.h"

/*
 * First of all in the verbs that enter a container (create, run, exec): continue as a
 * program whose file nobody can write to through /proc/PID/exe.  Returns once it is so.
 */
int container_protect_self(char *const argv[], struct err *e);

/* Global options, as main parsed them. */
struct context {
	const char *root; /* --root or NULL */
	enum cgroup_driver cgroup_driver;
	bool rootless;
	bool unprivileged; /* without rights over ids in the user namespace that we are in */
	enum sentry_mode
		sentry; /* after picket.conf and --sentry; annotation comes on top */
	const char *release; /* --release or NULL; annotation wins */
	bool debug, timings;
	const char *log_path;
};

struct create_args {
	const char *id, *bundle; /* bundle: absolute */
	const char *config; /* --config, or NULL for config.json */
	struct spec *spec; /* already loaded, or NULL: read from the bundle (picket do) */
	const char *console_socket, *pid_file, *pidfd_socket;
	bool no_pivot, no_new_keyring, no_subreaper, detach, keep;
	unsigned int preserve_fds;
};

/* Make the container; its init waits at the gate.  On failure nothing is left behind. */
int container_create(const struct context *ctx, const struct create_args *a,
		     struct err *e);

/* create + start without the gate; in the foreground unless detached.  *ret_status: exit
 * status of the program (128+signal), 0 when detached. */
int container_run(const struct context *ctx, const struct create_args *a, int *ret_status,
		  struct err *e);

int container_start(const struct context *ctx, const char *id, struct err *e);

struct exec_args {
	const char *id;
	const char *process_file; /* --process, or NULL: from config.json and the flags */
	char *const *argv; /* command, where process_file is NULL */
	const char *cwd, *user, *console_socket, *pid_file, *pidfd_socket;
	const char *process_label, *apparmor;
	char *const *env; /* --env, NULL-terminated or NULL */
	const uint32_t *gids;
	size_t gids_n;
	uint64_t caps; /* --cap, bit mask */
	char *const *cgroups; /* --cgroup */
	bool tty, detach, no_new_privs, ignore_paused;
	unsigned int preserve_fds;
};
int container_exec(const struct context *ctx, const struct exec_args *a, int *ret_status,
		   struct err *e);

#define KILL_ALL 1
int container_kill(const struct context *ctx, const char *id, int sig, int flags,
		   struct err *e);

#define DELETE_FORCE 1
int container_delete(const struct context *ctx, const char *id, int flags, struct err *e);

/* Only the fields that are present; memory stays the caller's. */
int container_update(const struct context *ctx, const char *id,
		     const struct spec_resources *r, struct err *e);

/*
 * One JSON object a line: statistics now and every interval_ms, out of memory when it
 * happens, until the container ends.  interval_ms 0: statistics of now only.
 */
int container_events(const struct context *ctx, const char *id, int interval_ms, FILE *f,
		     struct err *e);

/* What the sentry of a container has counted, and for how long. */
struct handover_stats;
int container_stats(const struct context *ctx, const char *id, struct handover_stats *ret,
		    enum sentry_mode *ret_mode, uint64_t *ret_uptime_ms, struct err *e);

/* Lines about its calls from now on: a socket, see sandbox_trace(). */
int container_trace(const struct context *ctx, const char *id, const char *names,
		    struct err *e);

/* All its processes, in picket's pid namespace; malloc'ed. */
int container_pids(const struct context *ctx, const char *id, pid_t **ret_pids,
		   size_t *ret_n, struct err *e);

int container_pause(const struct context *ctx, const char *id, struct err *e);
int container_resume(const struct context *ctx, const char *id, struct err *e);

#endif
