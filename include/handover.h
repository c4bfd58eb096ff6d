/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the runtime tells the sentry.  The runtime starts `picket-sentry serve` with one
 * end of an AF_UNIX SOCK_SEQPACKET pair as descriptor 3, early.  Two messages follow:
 *
 * HANDOVER_JOIN	the container's mounts are made: the sentry joins its namespaces,
 *			makes its own mounts there and confines itself, while the init goes
 *			on.  With HANDOVER_WAITS it first answers, and confines itself later.
 * HANDOVER_SERVE	the init has installed its filter: the sentry answers with one
 *			struct handover_reply, also for what has failed before, and closes
 *			the socket.
 *
 * `picket exec` connects to the container's control socket (<state>/sentry.sock), sends
 * struct handover with the new process's pidfd and listener, and gets the same reply.
 * `picket debug` asks there too: after the reply to STATS comes a struct handover_stats,
 * after that to TRACE a message for each line of text, until one of both ends closes.
 *
 * The listener itself travels by SCM_RIGHTS from the init over the runtime to the sentry:
 * no ptrace permission over the init is needed (it is not dumpable), so this works
 * rootless too.  Docs: docs/decisions/.
 */
#ifndef PICKET_HANDOVER_H
#define PICKET_HANDOVER_H

#include <stdint.h>

#define HANDOVER_MAGIC   0x70636b74u
#define HANDOVER_VERSION 7
#define HANDOVER_SOCKET_FD 3

enum handover_kind {
	HANDOVER_JOIN = 1, HANDOVER_SERVE, HANDOVER_EXEC, HANDOVER_STATS, HANDOVER_TRACE
};
enum handover_mode { HANDOVER_STRICT = 1, HANDOVER_BALANCED = 2 };

#define HANDOVER_SHARED_PIDNS 1		/* the sentry is visible in the guest's pid namespace */
#define HANDOVER_SEALED 2		/* SERVE: the guests cannot take the mounts apart: they may make some */
#define HANDOVER_VIEW_PROC 4		/* config.json mounts a procfs at /proc */
#define HANDOVER_VIEW_SYS 8		/* and a sysfs at /sys */
#define HANDOVER_WAITS 16		/* JOIN: the init waits for a reply, and may change its root then */

#define HANDOVER_LABEL 256		/* with the NUL */

struct handover {
	uint32_t magic, version, kind, mode, flags;
	uint32_t namespaces;		/* CLONE_NEW* to join from the pidfd: user, mount, net, uts, ipc, time */
	uint32_t cgroups;		/* bits of enum handover_cgroup: which descriptors follow */
	uint64_t caps;			/* that the container's first process may have */
	char names[256];		/* TRACE: calls, comma-separated, or "file"; "": all */
	char release[65];		/* uname -r for the guest, NUL-terminated; "": the default */
	char apparmor[HANDOVER_LABEL];	/* JOIN: config.json's profile and label of the process, */
	char selinux[HANDOVER_LABEL];	/* to be the sentry's own too; "": none */
};

/* Descriptors with struct handover, in this order. */
enum handover_join_fd {
	HANDOVER_FD_INIT,		/* pidfd of the container's init */
	HANDOVER_FD_CONTROL,		/* listening SOCK_SEQPACKET, <state>/sentry.sock */
	HANDOVER_FD_STATE,		/* state directory (sentry.status is written there) */
	HANDOVER_JOIN_FDS		/* then HANDOVER_CGROUPS at most */
};
enum handover_fd {			/* SERVE has the first, EXEC both */
	HANDOVER_FD_LISTENER,		/* seccomp user-notify listener */
	HANDOVER_FD_PIDFD		/* the new process */
};

/* Directories of the container's cgroup, read-only; with v2 the same one four times. */
enum handover_cgroup {
	HANDOVER_CGROUP_CPU,		/* v1: cpuacct */
	HANDOVER_CGROUP_CPUSET,
	HANDOVER_CGROUP_MEMORY,
	HANDOVER_CGROUP_PIDS,
	HANDOVER_CGROUPS
};

struct handover_reply {
	int32_t error;			/* 0, or a negative errno */
	int32_t sentry_pid;		/* in the runtime's pid namespace */
	char msg[256];			/* where error != 0 */
};

#define HANDOVER_CALLS 512

struct handover_stats {
	uint64_t pss_kb;		/* of the sentry's memory; 0: unknown */
	uint64_t workers;		/* threads that answer calls */
	uint64_t failed;		/* calls answered EPERM because the sentry itself failed */
	uint64_t dropped;		/* answers that no caller waited for any more */
	uint64_t workers_failed;	/* threads that could not be started */
	uint64_t lines_dropped;		/* of traces, by readers that were too slow */
	uint64_t calls[HANDOVER_CALLS];	/* received, by number */
};

#endif
