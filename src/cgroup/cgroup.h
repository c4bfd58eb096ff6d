/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container's place in the cgroup hierarchies.  v2, v1 (also hybrid hosts) and
 * systemd's scopes behind one struct; the ops live in ops.h.
 *
 * Joining is the expensive part: writing another process's pid to a v1 cgroup.procs
 * waits for an RCU grace period (10 ms here), a single-threaded process writing "0" to
 * `tasks` does not (80 us for nine hierarchies; Linux 5.4, 9a3284fad42f).  So on v1 the
 * init joins by itself through descriptors opened by its parent, on v2 it is cloned into
 * the cgroup.
 */
#ifndef PICKET_CGROUP_CGROUP_H
#define PICKET_CGROUP_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"
#include "spec/spec.h"

enum cgroup_driver { CGROUP_CGROUPFS, CGROUP_SYSTEMD, CGROUP_DISABLED };
enum cgroup_layout { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };

#define CGROUP_V1_MAX 16

/* Zero-initialised it is "no cgroup"; every function accepts that and does nothing. */
struct cgroup {
	enum cgroup_driver driver;
	enum cgroup_layout layout;
	char *path;		/* below each hierarchy's root, absolute; malloc'ed */
	char *unit;		/* systemd scope or slice, or NULL; malloc'ed */
	/* v1: one per mounted hierarchy (name: "cpu,cpuacct", "systemd", ...); v2: one, "" */
	struct cgroup_dir {
		char *controllers;	/* name of the directory in /sys/fs/cgroup; v2: "" */
		char *dir;	/* absolute directory on the host; malloc'ed */
		int made;	/* levels of it that cgroup_create() made; not kept on disk */
	} dirs[CGROUP_V1_MAX];
	size_t n;
	/* Keeps systemd's scope alive until the init has joined; 0: none.  Not on disk. */
	pid_t holder;
};

struct cgroup_join {		/* open descriptors for the coming init */
	int v2;			/* directory for CLONE_INTO_CGROUP, or -1 */
	int tasks[CGROUP_V1_MAX];
	size_t n;
	pid_t holder;		/* ended by cgroup_join_close(): the init is inside then */
};
#define CGROUP_JOIN_INIT { .v2 = -1 }

/*
 * Make the container's cgroup below spec->cgroups_path (or the driver's default) and
 * apply spec->resources except what needs a member.  On failure everything made is
 * removed.  An existing cgroup with processes, or a frozen one, is an error (runc's text).
 * rootless: without permission and without wanted limits this succeeds with no cgroup.
 */
int cgroup_create(const struct spec *spec, const char *id, enum cgroup_driver driver,
		  bool rootless, struct cgroup *ret, struct err *e);

/* Descriptors with which a child joins; close with cgroup_join_close(). */
int cgroup_join_open(const struct cgroup *cg, struct cgroup_join *ret, struct err *e);
void cgroup_join_close(struct cgroup_join *j);

/*
 * In the single-threaded child itself: write "0" to each v1 `tasks`.  A cgroup namespace's
 * root is where its maker is: unshare(CLONE_NEWCGROUP) after this, not by clone3(2).
 */
int cgroup_join_self(const struct cgroup_join *j, struct err *e);

/*
 * For who may read what the container is allowed and uses, and no more: its directories
 * of cpuacct, cpuset, memory and pids as read-only mounts of their own, so far as we may
 * make them; -1 where there is none.
 */
#define CGROUP_VIEWS 4
void cgroup_view_open(const struct cgroup *cg, int ret[CGROUP_VIEWS]);
void cgroup_view_close(int views[CGROUP_VIEWS]);

/* From outside, slowly: the fallback where CLONE_INTO_CGROUP was refused (EBUSY,
 * EOPNOTSUPP, EACCES). */
int cgroup_attach(const struct cgroup *cg, pid_t pid, struct err *e);

/*
 * exec: a v2 cgroup whose children have controllers takes no process itself (the program
 * is a systemd, say): point cg to the cgroup below it in which the process `init` is.
 */
int cgroup_follow(struct cgroup *cg, pid_t init, struct err *e);

/* Limits again (update), only the fields that are present. */
int cgroup_apply(const struct cgroup *cg, const struct spec_resources *r, struct err *e);

int cgroup_set_frozen(const struct cgroup *cg, bool frozen, struct err *e);
bool cgroup_is_frozen(const struct cgroup *cg);

/* Send sig to every member (also of sub-cgroups); SIGKILL reaches frozen ones too. */
int cgroup_signal_all(const struct cgroup *cg, int sig, struct err *e);

/* Pids of all members (also of sub-cgroups) in the caller's pid namespace; malloc'ed. */
int cgroup_pids(const struct cgroup *cg, pid_t **ret_pids, size_t *ret_n, struct err *e);

/* Kill what is left, remove all directories (sub-cgroups first), stop the unit. */
int cgroup_destroy(struct cgroup *cg, struct err *e);

/* The `data` object of `events --stats`, written as JSON. */
int cgroup_stats_json(const struct cgroup *cg, FILE *f, struct err *e);

/*
 * Out of memory.  fd: to poll for POLLIN (kernel: memory.oom_control, memory.events).
 * -ENODEV: no memory controller.
 */
struct cgroup_oom {
	int fd;
	uint64_t seen;
};
int cgroup_oom_open(const struct cgroup *cg, struct cgroup_oom *ret);
/* How often since it was opened or asked. */
uint64_t cgroup_oom_take(const struct cgroup *cg, struct cgroup_oom *o);
void cgroup_oom_close(struct cgroup_oom *o);

/* Forget the memory; the cgroup stays. */
void cgroup_done(struct cgroup *cg);

/* What this host has: one statfs of /sys/fs/cgroup. */
enum cgroup_layout cgroup_host_layout(void);

#endif
