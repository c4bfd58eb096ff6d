// SPDX-License-Identifier: GPL-2.0-or-later
/* container/exec-process.c and exec-cgroup.c: what exec's flags make of the container. */
#include "test.h"

#include <errno.h>

#include "base/cleanup.h"
#include "container/exec-process.h"

static const char config[] =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\","
	"\"args\":[\"a\"],\"env\":[\"A=1\"],\"user\":{\"uid\":7,\"gid\":8},"
	"\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_CHOWN\"]}},"
	"\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}";

static int run(struct exec_args *a, struct spec *s, struct err *e)
{
	char *argv[] = { (char *)"x", (char *)"y", NULL };

	a->argv = argv;
	CHECK_INT(spec_parse("config.json", config, sizeof(config) - 1, s, e), 0);
	return exec_process(s, a, e);
}

TEST(exec_flags_go_on_top_of_the_configuration)
{
	char *env[] = { (char *)"B=2", NULL };
	struct exec_args a = { .env = env, .cwd = "/w", .user = "5", .tty = true };
	auto_(spec_done) struct spec s = { 0 };
	struct err e = ERR_INIT;

	CHECK_INT(run(&a, &s, &e), 0);
	CHECK_INT(s.process.args.n, 2);
	CHECK_STR(s.process.args.v[1], "y");
	CHECK_STR(s.process.env.v[0], "A=1");
	CHECK_STR(s.process.env.v[1], "B=2");
	CHECK(!s.process.env.v[2]);
	CHECK_STR(s.process.cwd, "/w");
	CHECK(s.process.terminal);
	CHECK_INT(s.process.uid, 5);
	CHECK_INT(s.process.gid, 8);
}

TEST(exec_user_is_parsed_strictly)
{
	static const char *const bad[] = { "",	 "root",       "1x",  "1:",
					   ":1", "4294967295", "1:-1" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct exec_args a = { .user = bad[i] };
		auto_(spec_done) struct spec s = { 0 };
		struct err e = ERR_INIT;

		CHECK(run(&a, &s, &e) < 0);
		CHECK_HAS(e.msg, "--user");
	}
}

static int keep(const char *apparmor, const char *selinux, struct spec_process *p,
		struct err *e)
{
	const struct spec_process container = { .apparmor_profile = "fence",
						.selinux_label = "" };

	p->apparmor_profile = apparmor;
	p->selinux_label = selinux;
	return exec_keep_labels(p, &container, e);
}

TEST(exec_beside_a_sentry_has_the_containers_labels)
{
	struct spec_process p = { 0 };
	struct err e = ERR_INIT;

	CHECK_INT(keep("fence", "", &p, &e), 0);
	CHECK_INT(keep(NULL, NULL, &p, &e), 0);
	CHECK_STR(p.apparmor_profile, "fence");
	CHECK_INT(keep("unconfined", NULL, &p, &e), -ENOTSUP);
	CHECK_HAS(e.msg, "apparmor profile 'unconfined'");
	CHECK_HAS(e.msg, "'fence'");
	CHECK_INT(keep("", "u:r:t:s0", &p, &e), -ENOTSUP);
	CHECK_HAS(e.msg, "selinux label 'u:r:t:s0'");
}

/* CVE-2022-29162: an added capability must not become inheritable. */
TEST(exec_cap_is_never_inheritable)
{
	const uint64_t chown = 1 << 0, kill = 1 << 5, net_raw = 1 << 13;
	struct exec_args a = { .caps = net_raw | chown };
	auto_(spec_done) struct spec s = { 0 };
	struct err e = ERR_INIT;

	CHECK_INT(run(&a, &s, &e), 0);
	CHECK_INT(s.process.caps.bounding, kill | net_raw | chown);
	CHECK_INT(s.process.caps.inheritable, chown);
	CHECK_INT(s.process.caps.ambient, chown);
}

static int sub_cgroup(enum cgroup_layout layout, const char *word, struct cgroup *ret,
		      struct err *e)
{
	struct cgroup cg = { .layout = layout, .n = 2 };
	char *words[] = { (char *)word, NULL };

	cg.dirs[0] = (struct cgroup_dir){ (char *)"cpu,cpuacct", (char *)"/c/x" };
	cg.dirs[1] = (struct cgroup_dir){ (char *)"pids", (char *)"/p/x" };
	return exec_cgroup(&cg, words, ret, e);
}

TEST(exec_cgroup_stays_below_the_container)
{
	auto_(cgroup_done) struct cgroup one = { 0 }, all = { 0 }, bad = { 0 },
					 unknown = { 0 };
	struct err e = ERR_INIT;

	CHECK_INT(sub_cgroup(CGROUP_V1, "cpuacct:sub", &one, &e), 0);
	CHECK_STR(one.dirs[0].dir, "/c/x/sub");
	CHECK_STR(one.dirs[1].dir, "/p/x");
	CHECK_INT(sub_cgroup(CGROUP_V2, "/a/b", &all, &e), 0);
	CHECK_STR(all.dirs[1].dir, "/p/x/a/b");
	CHECK(sub_cgroup(CGROUP_V2, "a/../../b", &bad, &e) < 0);
	CHECK_HAS(e.msg, "bad sub cgroup path");
	CHECK(sub_cgroup(CGROUP_V1, "nosuch:a", &unknown, &e) < 0);
	CHECK_HAS(e.msg, "unknown controller nosuch");
}
