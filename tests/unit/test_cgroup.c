// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans of limits for v1 and v2, paths, conversions. */
#include "cgroup/cgroup.h"

#include <errno.h>

#include "cgroup/ops.h"
#include "test.h"

TEST(cpu_weight_vectors)
{
	static const struct {
		uint64_t shares, weight;
	} v[] = {
		{ 0, 0 },	    { 1, 1 },	   { 2, 1 },	      { 3, 2 },
		{ 10, 4 },	    { 102, 17 },   { 512, 59 },	      { 1024, 100 },
		{ 2048, 174 },	    { 4096, 303 }, { 262143, 10000 }, { 262144, 10000 },
		{ 1000000, 10000 },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		CHECK_INT(cgroup_cpu_weight(v[i].shares), v[i].weight);
}

TEST(io_weight_vectors)
{
	CHECK_INT(cgroup_io_weight(0), 0);
	CHECK_INT(cgroup_io_weight(10), 1);
	CHECK_INT(cgroup_io_weight(100), 910);
	CHECK_INT(cgroup_io_weight(1000), 10000);
}

/* "file=value file=value ..." of a plan, or the error. */
static const char *text_of(int r, struct cgroup_plan *p, const struct err *e)
{
	static char buf[4096];
	size_t len = 0;

	if (r < 0)
		return e->msg;
	buf[0] = '\0';
	for (size_t i = 0; i < p->n; i++)
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%s%s=%s",
					i ? "; " : "", p->v[i].file, p->v[i].value);
	cgroup_plan_done(p);
	return buf;
}

static const char *v1(const struct spec_resources *r)
{
	static struct err e;
	struct cgroup_plan p;
	int ret = cgroup_plan_v1(r, &p, &e);

	return text_of(ret, &p, &e);
}

static const char *v2(const struct spec_resources *r)
{
	static struct err e;
	struct cgroup_plan p;
	int ret = cgroup_plan_v2(r, &p, &e);

	return text_of(ret, &p, &e);
}

#define I64(x)                                                                           \
	{                                                                                \
		true, x                                                                  \
	}

TEST(plan_is_empty_without_limits)
{
	const struct spec_resources r = { .present = true,
					  .memory_limit = I64(0),
					  .cpu_shares = I64(0) };

	CHECK_STR(v1(&r), "");
	CHECK_STR(v2(&r), "");
}

TEST(plan_memory)
{
	struct spec_resources r = { .memory_limit = I64(1000),
				    .memory_swap = I64(3000),
				    .memory_reservation = I64(500) };

	CHECK_STR(v1(&r), "memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=3000; "
			  "memory.soft_limit_in_bytes=500");
	CHECK_STR(v2(&r), "memory.swap.max=2000; memory.max=1000; memory.low=500");
	r = (struct spec_resources){ .memory_limit = I64(1000),
				     .memory_swap = I64(1000) };
	CHECK_STR(v2(&r), "memory.swap.max=0; memory.max=1000");
	r = (struct spec_resources){ .memory_limit = I64(-1) };
	CHECK_STR(v1(&r), "memory.limit_in_bytes=-1; memory.memsw.limit_in_bytes=-1");
	CHECK_STR(v2(&r), "memory.swap.max=max; memory.max=max");
	r = (struct spec_resources){ .memory_limit = I64(1000), .memory_swap = I64(-1) };
	CHECK_STR(v2(&r), "memory.swap.max=max; memory.max=1000");
	r = (struct spec_resources){ .memory_swap = I64(1000) };
	CHECK_STR(v2(&r), "unable to set swap limit without memory limit");
	r.memory_limit = (struct spec_opt_i64)I64(2000);
	CHECK_STR(v2(&r), "memory+swap limit should be >= memory limit");
}

TEST(plan_cpu)
{
	struct spec_resources r = { .cpu_shares = I64(1024),
				    .cpu_quota = I64(50000),
				    .cpu_period = I64(200000),
				    .cpu_burst = I64(1000),
				    .cpuset_cpus = "0-1",
				    .cpuset_mems = "0" };

	CHECK_STR(v1(&r),
		  "cpu.shares=1024; cpu.cfs_period_us=200000; "
		  "cpu.cfs_quota_us=50000; cpu.cfs_burst_us=1000; cpuset.cpus=0-1; "
		  "cpuset.mems=0");
	CHECK_STR(v2(&r), "cpu.weight=100; cpu.max=50000 200000; cpu.max.burst=1000; "
			  "cpuset.cpus=0-1; cpuset.mems=0");
	r = (struct spec_resources){ .cpu_quota = I64(-1) };
	CHECK_STR(v2(&r), "cpu.max=max 100000");
	r = (struct spec_resources){ .cpu_idle = I64(1), .cpu_shares = I64(1024) };
	CHECK_STR(v2(&r), "cpu.idle=1");
}

TEST(plan_pids)
{
	struct spec_resources r = { .pids_limit = I64(0) };

	CHECK_STR(v1(&r), "pids.max=1");
	CHECK_STR(v2(&r), "pids.max=1");
	r.pids_limit.v = -1;
	CHECK_STR(v1(&r), "pids.max=max");
	r.pids_limit.v = 100;
	CHECK_STR(v2(&r), "pids.max=100");
}

TEST(plan_block_io)
{
	struct spec_blkio_dev d = { 8, 16, 1048576 };
	const struct spec_resources r = { .blkio_weight = I64(100),
					  .blkio_read_bps = { &d, 1 },
					  .blkio_write_iops = { &d, 1 } };

	CHECK_STR(v1(&r),
		  "blkio.bfq.weight=100; blkio.throttle.read_bps_device=8:16 1048576; "
		  "blkio.throttle.write_iops_device=8:16 1048576");
	CHECK_STR(v2(&r), "io.bfq.weight=100; io.max=8:16 rbps=1048576; "
			  "io.max=8:16 wiops=1048576");
}

TEST(plan_names_what_a_layout_lacks)
{
	struct spec_resources r = { .memory_swappiness = I64(60) };
	struct spec_kv kv = { "memory.high", "1\n2" };

	CHECK_HAS(v2(&r),
		  ".linux.resources.memory.swappiness: not supported on cgroup v2");
	r = (struct spec_resources){ .cpu_rt_runtime = I64(1) };
	CHECK_HAS(v2(&r), ".linux.resources.cpu.realtimeRuntime");
	r = (struct spec_resources){ .memory_disable_oom_killer = true };
	CHECK_HAS(v2(&r), ".linux.resources.memory.disableOOMKiller");
	r = (struct spec_resources){ .net_class_id = I64(1) };
	CHECK_HAS(v2(&r), ".linux.resources.network.classID");
	r = (struct spec_resources){ .unified = { &kv, 1 } };
	CHECK_HAS(v1(&r), ".linux.resources.unified");
	CHECK_STR(v2(&r), "memory.high=1; memory.high=2");
	kv.key = "../x";
	CHECK_HAS(v2(&r), "must be a file name without path");
}

static const char *clean(const char *path)
{
	static char *ret;
	static struct err e;

	e = (struct err)ERR_INIT;
	return cgroup_clean_path(path, &ret, &e) < 0 ? e.msg : ret;
}

TEST(cgroup_paths_are_cleaned)
{
	CHECK_STR(clean("/a//b/./c/"), "/a/b/c");
	CHECK_STR(clean("a/b"), "a/b");
	CHECK_STR(clean("system.slice:docker:x"), "system.slice:docker:x");
	CHECK_STR(clean("/..a"), "/..a");
	CHECK_HAS(clean("/a/../b"), "without '..'");
	CHECK_HAS(clean("/"), "expected the path of a cgroup");
	CHECK_HAS(clean("."), "expected the path of a cgroup");
}

TEST(cgroup_own_path_is_read)
{
	const char *text =
		"9:name=systemd:/user\n4:cpu,cpuacct:/c:d\n3:cpuset:/\n0::/v2\n";

	CHECK_STR(cgroup_path_in(text, "systemd"), "/user");
	CHECK_STR(cgroup_path_in(text, "cpuacct"), "/c:d");
	CHECK_STR(cgroup_path_in(text, "cpu"), "/c:d");
	CHECK_STR(cgroup_path_in(text, "cpuset"), "/");
	CHECK_STR(cgroup_path_in(text, ""), "/v2");
	CHECK(!cgroup_path_in(text, "memory"));
	CHECK(!cgroup_path_in("garbage\n::\n", "cpu"));
}

TEST(cgroup_dir_matches_whole_names)
{
	static char cpu[] = "cpu,cpuacct", cpuset[] = "cpuset", d1[] = "/1", d2[] = "/2";
	const struct cgroup cg = { .layout = CGROUP_V1,
				   .dirs = { { cpuset, d1 }, { cpu, d2 } },
				   .n = 2 };

	CHECK_STR(cgroup_dir(&cg, "cpu"), "/2");
	CHECK_STR(cgroup_dir(&cg, "cpuacct"), "/2");
	CHECK_STR(cgroup_dir(&cg, "cpuset"), "/1");
	CHECK(!cgroup_dir(&cg, "pids"));
	CHECK_STR(cgroup_members_dir(&cg), "/1");
}

TEST(no_cgroup_is_accepted_everywhere)
{
	struct cgroup cg = { 0 };
	struct cgroup_join j;
	struct err e = ERR_INIT;
	pid_t *pids;
	size_t n;

	CHECK_INT(cgroup_join_open(&cg, &j, &e), 0);
	CHECK_INT(cgroup_join_self(&j, &e), 0);
	cgroup_join_close(&j);
	CHECK_INT(cgroup_attach(&cg, 1, &e), 0);
	CHECK_INT(cgroup_pids(&cg, &pids, &n, &e), 0);
	CHECK_INT(n, 0);
	CHECK_INT(cgroup_signal_all(&cg, 9, &e), 0);
	CHECK(!cgroup_is_frozen(&cg));
	CHECK_INT(cgroup_destroy(&cg, &e), 0);
	cgroup_done(&cg);
}
