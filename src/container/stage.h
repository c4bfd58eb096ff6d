/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the processes between picket and the container's program know.  The parent fills
 * a struct stage, stage_clone() makes the process (through a middle one where namespaces
 * are joined), and that process runs stage_init() and never returns.  The same for
 * create, run and exec.
 */
#ifndef PICKET_CONTAINER_STAGE_H
#define PICKET_CONTAINER_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "ns/ns.h"
#include "rootfs/rootfs.h"
#include "sandbox/mode.h"
#include "seccomp/seccomp.h"
#include "spec/spec.h"
#include "state/state.h"

struct stage {
	const struct spec *spec;
	const struct spec_process *process;
	const struct ns_plan *ns;
	const struct state *state; /* id, bundle; for hooks */
	enum sentry_mode sentry;
	const struct seccomp_program *profile;
	const struct cgroup *where; /* the cgroup, and the descriptors to join it: */
	const struct cgroup_join *cgroup;
	struct rootfs *rootfs; /* NULL: exec */
	int join_pidfd; /* exec: the container's init; else -1 */
	uint64_t join_flags; /* exec: CLONE_NEW* to join from it */
	int join_cgroup_ns; /* exec: after the cgroup itself was joined; or -1 */
	int procfs;
	int gate; /* start.fifo's reading end, or -1 */
	bool new_keyring;
	bool unprivileged; /* picket is an ordinary user's */
	bool parent_hooks; /* prestart or createRuntime exist */
	unsigned int preserve_fds; /* from 3 on, listen_fds included */
	unsigned int listen_fds;

	/* Made by stage_clone(). */
	int sync; /* the parent's end */
	pid_t middle; /* 0: none; to be reaped */
	pid_t pid;
	int pidfd;
	bool waits; /* the init waits for a first GO */
	bool attach; /* the parent has to put it into its cgroup */
	int sync_child;
	int cloned; /* the middle's answer; only while it runs */
};

/* Clone the init.  On failure nothing runs.  The first GO is stage_release()'s. */
int stage_clone(struct stage *st, struct err *e);

/*
 * rlimits and their like.  Privilege over them counts in the host's user namespace: an
 * init that is in another one is served by its parent, which owns that namespace; an init
 * in the same one does it itself before it changes its user (CAP_SYS_RESOURCE may be
 * missing, and then only the same user may).
 */
bool stage_limits_from_outside(const struct stage *st);

/* Maps, cgroup attachment: what the init's parent owes it before it goes on. */
int stage_release(struct stage *st, bool unprivileged, struct err *e);

/* The init's side; ends in execve or _exit. */
void stage_init(const struct stage *st) __attribute__((noreturn));

/* Kill and reap what stage_clone() made. */
void stage_kill(struct stage *st);

/* The middle process has ended long ago: reap it. */
void stage_reap_middle(struct stage *st);

#endif
