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
	uint64_t clone_flags; /* CLONE_NEW* of the init's clone3(2) */
	uint64_t unshare_flags; /* CLONE_NEWTIME, NEWCGROUP, NEWIPC: by the init itself, after
						 * it has joined its cgroup and is root */
	struct {
		int flag;
		const char *path;
		int fd;
	} join[SPEC_NS_COUNT];
	size_t join_n; /* in the order to enter: user first, pid last */
	struct spec_idmaps uid_maps, gid_maps; /* for CLONE_NEWUSER */
	bool foreign_net; /* joins a network namespace that is not ours: ns_open */
	bool identity; /* the sentry's own identity-mapped user namespace */
	bool boots; /* a time namespace that config.json does not ask for; CLOCK_BOOTTIME is 0 at: */
	int64_t boot_s; /* before any process of the container was started */
	bool host_net, host_pid,
		host_ipc; /* no private one of its own: /sys, /proc fall back to binds */
};

/*
 * spec -> plan.  unprivileged: no rights over ids here, an ordinary user.  With a sentry a
 * container without a user namespace gets an identity-mapped one (0 0 4294967295, or the
 * ids of the namespace that we are in): same file ownership, no capability over the host;
 * and one with a new pid namespace a new time namespace, where the kernel has them.
 */
int ns_plan(const struct spec *s, enum sentry_mode mode, bool unprivileged,
	    struct ns_plan *ret, struct err *e);

/* Open join[].path and check each one's type (NS_GET_NSTYPE). */
int ns_open(struct ns_plan *p, struct err *e);
void ns_close(struct ns_plan *p);

/*
 * setns(2) into join[]: what the caller's own user namespace allows first, then the user
 * namespace, then the rest.  The pid namespace counts for the next child only.
 */
int ns_join(const struct ns_plan *p, struct err *e);

/* All namespaces of the process behind pidfd that `flags` (CLONE_NEW*) names, at once. */
int ns_join_pidfd(int pidfd, uint64_t flags, struct err *e);

/* Is the container's pid namespace picket's own?  Then it shows the sentry.  After ns_open. */
bool ns_shares_pids(const struct ns_plan *p);

/* CLONE_NEW* flags of every namespace that the container does not share with the host. */
uint64_t ns_private_flags(const struct ns_plan *p);

/* In the init: unshare_flags, and the offsets of a new time namespace. */
int ns_unshare(const struct ns_plan *p, const struct spec *s, int procfs, struct err *e);

/* In a new user namespace with its maps written: become its root. */
int ns_become_root(const struct ns_plan *p, struct err *e);

/*
 * Write uid_map, gid_map (and setgroups "deny" where needed) of the child `pid` that
 * waits in its new user namespace.  unprivileged: by newuidmap/newgidmap by absolute
 * path, else a single id.
 */
int idmap_write(pid_t pid, const struct ns_plan *p, bool unprivileged, struct err *e);

/* Pure: the text of /proc/self/uid_map as maps of each id to itself.  Returns how many. */
size_t idmap_same(const char *text, struct spec_idmap *ret, size_t max);

/* The same of the file itself, or of gid_map: the ids that exist in our user namespace. */
int idmap_same_file(const char *file, struct spec_idmap *ret, size_t max, size_t *ret_n,
		    struct err *e);

/* Host id of a container id under maps; -1 if unmapped. */
int64_t idmap_to_host(const struct spec_idmaps *maps, uint32_t id);

/* In a new network namespace: bring `lo` up. */
int ns_net_up(struct err *e);

/*
 * In a joined network namespace that a container's other user namespace will use: open low
 * ports and ping to it, where caps, which do not reach there, would have (CAP_NET_BIND_SERVICE,
 * CAP_NET_RAW).  Nothing is changed where it is the host's own.  Failures are ignored: the
 * container then lacks these.
 */
void ns_net_open(const struct ns_plan *p, const struct spec_caps *caps, int procfs);

#endif
