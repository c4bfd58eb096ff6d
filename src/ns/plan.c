// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.json's namespaces as a plan: which come with the init's clone3, which it makes
 * by itself, which are joined by path.
 */
#include "ns/ns.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "ns/internal.h"

static const struct {
	int flag;
	const char *name;
} kinds[SPEC_NS_COUNT] = {
	[SPEC_NS_USER] = { CLONE_NEWUSER, "user" },
	[SPEC_NS_MOUNT] = { CLONE_NEWNS, "mount" },
	[SPEC_NS_PID] = { CLONE_NEWPID, "pid" },
	[SPEC_NS_NETWORK] = { CLONE_NEWNET, "network" },
	[SPEC_NS_IPC] = { CLONE_NEWIPC, "ipc" },
	[SPEC_NS_UTS] = { CLONE_NEWUTS, "uts" },
	[SPEC_NS_CGROUP] = { CLONE_NEWCGROUP, "cgroup" },
	[SPEC_NS_TIME] = { CLONE_NEWTIME, "time" },
};

/* User namespace first, pid last. */
static const enum spec_ns_type order[] = {
	SPEC_NS_USER,	SPEC_NS_NETWORK, SPEC_NS_IPC,	SPEC_NS_UTS,
	SPEC_NS_CGROUP, SPEC_NS_TIME,	 SPEC_NS_MOUNT, SPEC_NS_PID,
};

#define IDMAPS_MAX 340 /* the kernel's limit: user_namespaces(7) */

static struct spec_idmap same_uids[IDMAPS_MAX], same_gids[IDMAPS_MAX];

const char *ns_flag_name(int flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].flag == flag)
			return kinds[i].name;
	return "unknown";
}

static bool is_new(const struct spec *s, enum spec_ns_type t)
{
	return s->ns[t].present && !s->ns[t].path;
}

static void plan_one(const struct spec *s, enum spec_ns_type t, struct ns_plan *p)
{
	const struct spec_ns *ns = &s->ns[t];

	if (!ns->present)
		return;
	if (ns->path) {
		p->join[p->join_n].flag = kinds[t].flag;
		p->join[p->join_n].path = ns->path;
		p->join[p->join_n++].fd = -1;
		return;
	}
	/* The mqueue of an ipc namespace is its maker's: of the user namespace's root. */
	if (t == SPEC_NS_TIME || t == SPEC_NS_CGROUP ||
	    (t == SPEC_NS_IPC && s->ns[SPEC_NS_USER].present))
		p->unshare_flags |= (uint64_t)kinds[t].flag;
	else
		p->clone_flags |= (uint64_t)kinds[t].flag;
}

/*
 * Under a sentry the time since boot is the container's: it begins when its first process
 * is started.  In a pid namespace of others, processes could be older than that.
 */
static void plan_clock(const struct spec *s, struct ns_plan *p)
{
	struct timespec now;

	if (s->ns[SPEC_NS_TIME].present || !is_new(s, SPEC_NS_PID))
		return;
	p->boots = access("/proc/self/ns/time", F_OK) == 0;
	if (!p->boots)
		return;
	clock_gettime(CLOCK_BOOTTIME, &now);
	p->boot_s = now.tv_sec;
	p->unshare_flags |= CLONE_NEWTIME;
}

/* The kernel maps only ids that exist in the user namespace that we are in (podman's). */
static int plan_identity(struct ns_plan *p, struct err *e)
{
	int r;

	p->identity = true;
	p->clone_flags |= CLONE_NEWUSER;
	p->uid_maps.v = same_uids;
	p->gid_maps.v = same_gids;
	r = idmap_same_file("/proc/self/uid_map", same_uids, IDMAPS_MAX, &p->uid_maps.n,
			    e);
	if (r == 0)
		r = idmap_same_file("/proc/self/gid_map", same_gids, IDMAPS_MAX,
				    &p->gid_maps.n, e);
	return r;
}

int ns_plan(const struct spec *s, enum sentry_mode mode, bool unprivileged,
	    struct ns_plan *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		plan_one(s, order[i], ret);
	ret->uid_maps = s->uid_maps;
	ret->gid_maps = s->gid_maps;
	ret->host_net = !is_new(s, SPEC_NS_NETWORK);
	ret->host_pid = !is_new(s, SPEC_NS_PID);
	ret->host_ipc = !is_new(s, SPEC_NS_IPC);
	if (!s->ns[SPEC_NS_MOUNT].present)
		return err_text(e, EINVAL,
				"config.json: .linux.namespaces: a mount namespace "
				"is required");
	if (mode != SENTRY_OFF)
		plan_clock(s, ret);
	if (s->ns[SPEC_NS_USER].present)
		return 0;
	if (unprivileged)
		return err_text(e, EPERM,
				"config.json: .linux.namespaces: without root "
				"privileges a user namespace is required");
	return mode == SENTRY_OFF ? 0 : plan_identity(ret, e);
}

uint64_t ns_private_flags(const struct ns_plan *p)
{
	uint64_t flags = p->clone_flags | p->unshare_flags;

	for (size_t i = 0; i < p->join_n; i++)
		flags |= (uint64_t)p->join[i].flag;
	return flags;
}

int64_t idmap_to_host(const struct spec_idmaps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct spec_idmap *m = &maps->v[i];

		if (id >= m->container && id - m->container < m->size)
			return (int64_t)m->host + (id - m->container);
	}
	return -1;
}
