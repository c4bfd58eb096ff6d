// SPDX-License-Identifier: GPL-2.0-or-later
#include "rootfs/plan.h"

#include <errno.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "test.h"

static struct rootfs_plan plan;
static struct err err;

/* Plan one mount of the bundle "/b" with the root "/b/rootfs". */
static int plan_one(const char *type, const char *source, const char *dest,
		    const char *option)
{
	static struct spec_mount m;
	static struct spec s;
	static const char *words[2];
	struct rootfs_args args = { .spec = &s, .bundle = "/b", .rootfs = "/b/rootfs" };

	words[0] = option;
	m = (struct spec_mount){ .destination = dest,
				 .type = type,
				 .source = source,
				 .options = { words, option ? 1 : 0 } };
	s = (struct spec){ .mounts = &m, .mounts_n = 1 };
	err = (struct err)ERR_INIT;
	return rootfs_plan(&args, &plan, &err);
}

static void check_clean(const char *path, const char *want)
{
	auto_free char *got = rootfs_clean_path(path);

	CHECK_STR(got, want);
}

TEST(plan_paths_are_cleaned)
{
	check_clean("/", "/");
	check_clean("", "/");
	check_clean("//a///b/", "/a/b");
	check_clean("a/./b", "/a/b");
	check_clean("/a/../../b", "/b");
	check_clean("/..", "/");
	check_clean("/...", "/...");
}

TEST(plan_below_is_by_component)
{
	CHECK(rootfs_path_below("/a/b", "/a"));
	CHECK(rootfs_path_below("/a", "/a"));
	CHECK(!rootfs_path_below("/ab", "/a"));
	CHECK(rootfs_path_below("/ab", "/"));
}

TEST(plan_relative_sources_are_the_bundles)
{
	CHECK_INT(plan_one(NULL, "data", "/data", "bind"), 0);
	CHECK_INT(plan.steps[0].kind, STEP_BIND);
	CHECK_STR(plan.steps[0].source, "/b/data");
	CHECK(!plan.steps[0].in_rootfs);
	rootfs_plan_done(&plan);
}

TEST(plan_sources_inside_the_root_wait_for_earlier_mounts)
{
	CHECK_INT(plan_one("none", "rootfs/etc", "/etc2", "rbind"), 0);
	CHECK(plan.steps[0].in_rootfs);
	CHECK_STR(plan.steps[0].source, "/etc");
	rootfs_plan_done(&plan);
}

TEST(plan_type_bind_needs_no_option)
{
	CHECK_INT(plan_one("bind", "/x", "/y", NULL), 0);
	CHECK_INT(plan.steps[0].kind, STEP_BIND);
	CHECK_INT(plan.steps[0].opt.flags, OPT_BIND);
	rootfs_plan_done(&plan);
}

TEST(plan_binds_have_no_data)
{
	CHECK_INT(plan_one("bind", "/x", "/y", "size=1"), -EINVAL);
	CHECK_STR(err.msg,
		  "mount 'bind' on '/y': option 'size=1' is not for bind mounts");
}

TEST(plan_a_read_only_tmpfs_is_writable_at_first)
{
	CHECK_INT(plan_one("tmpfs", "tmpfs", "/dev", "ro"), 0);
	CHECK(plan.steps[0].late_ro);
	CHECK_INT(plan.steps[0].opt.set, 0);
	CHECK_INT(plan.steps[0].opt.sb_set, 0);
	CHECK(plan.dev == &plan.steps[0]);
	rootfs_plan_done(&plan);
}

TEST(plan_a_bound_dev_is_the_hosts)
{
	CHECK_INT(plan_one("bind", "/dev", "/dev/", "rbind"), 0);
	CHECK(plan.dev_is_bind);
	CHECK(!plan.dev);
	rootfs_plan_done(&plan);
}

TEST(plan_nothing_stands_in_for_proc)
{
	CHECK_INT(plan_one("tmpfs", "tmpfs", "/proc", NULL), -EINVAL);
	CHECK_INT(plan_one("tmpfs", "tmpfs", "/x/../proc/self", NULL), -EINVAL);
	CHECK_HAS(err.msg, "is inside /proc");
	CHECK_INT(plan_one("bind", "/x", "/proc/sys/kernel", NULL), -EINVAL);
	CHECK_INT(plan_one("bind", "/x", "/proc/meminfo", NULL), 0);
	rootfs_plan_done(&plan);
	CHECK_INT(plan_one("bind", "/x", "/procfoo", NULL), 0);
	rootfs_plan_done(&plan);
}

TEST(plan_a_mount_needs_a_type)
{
	CHECK_INT(plan_one("none", "x", "/y", NULL), -EINVAL);
	CHECK_HAS(err.msg, "mount 'none' on '/y'");
	CHECK_INT(plan_one("bind", NULL, "/y", NULL), -EINVAL);
	CHECK_INT(plan_one("proc", NULL, "/", NULL), -EINVAL);
}

TEST(plan_private_root_without_pivot_is_refused)
{
	struct spec s = { .rootfs_propagation = "rprivate" };
	struct rootfs_args args = { .spec = &s,
				    .bundle = "/b",
				    .rootfs = "/r",
				    .no_pivot = true };

	err = (struct err)ERR_INIT;
	CHECK_INT(rootfs_plan(&args, &plan, &err), -EINVAL);
	CHECK_HAS(err.msg, "is not safe without pivot_root");
	rootfs_plan_done(&plan);
	s.rootfs_propagation = "rshared";
	CHECK_INT(rootfs_plan(&args, &plan, &err), 0);
	CHECK_INT(plan.propagation.type, MS_SHARED);
	CHECK(plan.propagation.recursive);
	rootfs_plan_done(&plan);
	s.rootfs_propagation = "nosuid";
	CHECK_INT(rootfs_plan(&args, &plan, &err), -EINVAL);
	rootfs_plan_done(&plan);
}
