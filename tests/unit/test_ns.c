// SPDX-License-Identifier: GPL-2.0-or-later
/* ns/plan.c: what is new, what is joined, in which order. */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "kernel/pidfd.h"
#include "ns/ns.h"

TEST(ns_plan_separates_new_own_and_joined)
{
	struct spec s = { 0 };
	struct ns_plan p;

	s.ns[SPEC_NS_MOUNT].present = s.ns[SPEC_NS_CGROUP].present = true;
	s.ns[SPEC_NS_PID] = (struct spec_ns){ true, "/p" };
	s.ns[SPEC_NS_NETWORK] = (struct spec_ns){ true, "/n" };
	CHECK_INT(ns_plan(&s, SENTRY_OFF, false, &p, NULL), 0);
	CHECK_INT(p.clone_flags, CLONE_NEWNS);
	CHECK_INT(p.unshare_flags, CLONE_NEWCGROUP);
	CHECK_INT(p.join_n, 2);
	CHECK_INT(p.join[1].flag, CLONE_NEWPID);
	CHECK(p.host_net && p.host_pid && !p.identity);
	CHECK_INT(ns_private_flags(&p),
		  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWPID | CLONE_NEWNET);
}

TEST(ns_plan_gives_an_ipc_namespace_to_the_user_namespaces_root)
{
	struct spec s = { 0 };
	struct ns_plan p;

	s.ns[SPEC_NS_MOUNT].present = s.ns[SPEC_NS_IPC].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_OFF, false, &p, NULL), 0);
	CHECK_INT(p.clone_flags, CLONE_NEWNS | CLONE_NEWIPC);
	s.ns[SPEC_NS_USER].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_OFF, false, &p, NULL), 0);
	CHECK_INT(p.clone_flags, CLONE_NEWNS | CLONE_NEWUSER);
	CHECK_INT(p.unshare_flags, CLONE_NEWIPC);
}

TEST(ns_plan_adds_an_identity_user_namespace_for_the_sentry)
{
	struct spec s = { 0 };
	struct ns_plan p;

	s.ns[SPEC_NS_MOUNT].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_STRICT, false, &p, NULL), 0);
	CHECK(p.identity);
	CHECK_INT(p.clone_flags, CLONE_NEWNS | CLONE_NEWUSER);
	CHECK_INT(p.uid_maps.v[0].size, UINT32_MAX);
	CHECK_INT(idmap_to_host(&p.uid_maps, 1000), 1000);
}

TEST(ns_plan_lets_a_sentrys_container_boot_with_its_own_processes)
{
	struct spec s = { 0 };
	struct ns_plan p;
	bool possible = access("/proc/self/ns/time", F_OK) == 0;

	s.ns[SPEC_NS_MOUNT].present = s.ns[SPEC_NS_PID].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_OFF, false, &p, NULL), 0);
	CHECK(!p.boots && !p.unshare_flags);
	CHECK_INT(ns_plan(&s, SENTRY_BALANCED, false, &p, NULL), 0);
	CHECK_INT(p.boots, possible);
	CHECK_INT(p.unshare_flags, possible ? CLONE_NEWTIME : 0);
	s.ns[SPEC_NS_TIME].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_STRICT, false, &p, NULL), 0);
	CHECK(!p.boots);
	CHECK_INT(p.unshare_flags, CLONE_NEWTIME);
	s.ns[SPEC_NS_TIME].present = false;
	s.ns[SPEC_NS_PID].path = "/p";
	CHECK_INT(ns_plan(&s, SENTRY_STRICT, false, &p, NULL), 0);
	CHECK(!p.boots);
}

TEST(ns_plan_without_root_wants_a_user_namespace)
{
	struct spec s = { 0 };
	struct err e = ERR_INIT;
	struct ns_plan p;

	s.ns[SPEC_NS_MOUNT].present = true;
	CHECK_INT(ns_plan(&s, SENTRY_STRICT, true, &p, &e), -EPERM);
	CHECK_HAS(e.msg, "user namespace");
}

TEST(idmap_to_host_knows_gaps)
{
	struct spec_idmap v[] = { { 0, 1000, 1 }, { 1, 100000, 10 } };
	struct spec_idmaps m = { v, 2 };

	CHECK_INT(idmap_to_host(&m, 0), 1000);
	CHECK_INT(idmap_to_host(&m, 10), 100009);
	CHECK_INT(idmap_to_host(&m, 11), -1);
}
