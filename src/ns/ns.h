/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces: which are new, which are joined; id maps. */
#ifndef PICKET_NS_NS_H
#define PICKET_NS_NS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/mode.h"
#include "spec/spec.h"

struct ns_plan {
	uint64_t clone_flags;			/* CLONE_NEW* of the init's clone3(2) */
	struct { int flag; const char *path; int fd; } join[SPEC_NS_COUNT];
	size_t join_n;				/* in the order to enter: user first, pid last */
	struct spec_idmaps uid_maps, gid_maps;	/* for CLONE_NEWUSER */
	bool identity;				/* the sentry's own identity-mapped user namespace */
	bool host_net, host_pid, host_ipc;	/* no private one of its own: /sys, /proc fall back to binds */
};

/*
 * Pure: spec -> plan.  With a sentry a container without a user namespace gets an
 * identity-mapped one (0 0 4294967295): same file ownership, no capability over the host.
 */
int ns_plan(const struct spec *s, enum sentry_mode mode, bool rootless, struct ns_plan *ret,
	    struct err *e);

/* Open join[].path and check each one's type (NS_GET_NSTYPE). */
int ns_open(struct ns_plan *p, struct err *e);
void ns_close(struct ns_plan *p);

/* setns(2) into join[] in order; the pid namespace counts for the next child only. */
int ns_join(const struct ns_plan *p, struct err *e);

/*
 * Write uid_map, gid_map (and setgroups "deny" where needed) of the child `pid` that
 * waits in its new user namespace.  Without privilege: newuidmap/newgidmap by absolute
 * path, else a single id.
 */
int idmap_write(pid_t pid, const struct ns_plan *p, bool rootless, struct err *e);

/* Host id of a container id under maps; -1 if unmapped. */
int64_t idmap_to_host(const struct spec_idmaps *maps, uint32_t id);

/* In the new network namespace: bring `lo` up; open low ports and ping to its user
 * namespace (ip_unprivileged_port_start, ping_group_range). */
int ns_net_setup(bool low_ports, struct err *e);

#endif
