// SPDX-License-Identifier: GPL-2.0-or-later
/* Pure parts of src/process, and those that change only the test's own child. */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "process/internal.h"
#include "test.h"

TEST(caps_are_found_by_name)
{
	CHECK_INT(caps_by_name("CAP_CHOWN"), 0);
	CHECK_INT(caps_by_name("cap_sys_admin"), 21);
	CHECK_INT(caps_by_name("NET_RAW"), 13);
	CHECK_INT(caps_by_name("CAP_CHECKPOINT_RESTORE"), 40);
	CHECK_INT(caps_by_name("CAP_"), -1);
	CHECK_INT(caps_by_name(""), -1);
	CHECK_INT(caps_by_name("CAP_CAP_CHOWN"), -1);
	CHECK_INT(caps_by_name("CAP_MADE_UP"), -1);
}

TEST(caps_names_have_no_holes)
{
	for (int cap = 0; cap <= 40; cap++) {
		CHECK(caps_name(cap));
		CHECK_INT(caps_by_name(caps_name(cap)), cap);
	}
	CHECK(!caps_name(41));
	CHECK(!caps_name(-1));
}

static char **env_of(const char **v, size_t n, uint32_t uid)
{
	const struct spec_process p = { .env = { v, n }, .uid = uid };
	struct err e = ERR_INIT;
	char **env = NULL;

	if (process_env(&p, &env, &e) < 0)
		test_fail(__FILE__, __LINE__, "%s", e.msg);
	return env;
}

TEST(env_later_duplicates_win)
{
	const char *v[] = { "A=1", "AB=x", "HOME=/h", "A=2", "A=3" };
	char **env = env_of(v, 5, 0);

	CHECK_STR(env[0], "AB=x");
	CHECK_STR(env[1], "HOME=/h");
	CHECK_STR(env[2], "A=3");
	CHECK(!env[3]);
}

TEST(env_gets_a_home)
{
	const char *v[] = { "HOME=" };
	char **env = env_of(v, 1, 4000000000u);

	CHECK_STR(env[0], "HOME=/");
	CHECK(!env[1]);
}

TEST(env_refuses_entries_without_a_name)
{
	const char *bad[] = { "NOVALUE", "=x" };

	for (size_t i = 0; i < 2; i++) {
		const struct spec_process p = { .env = { &bad[i], 1 } };
		struct err e = ERR_INIT;
		char **env = NULL;

		CHECK_INT(process_env(&p, &env, &e), -EINVAL);
		CHECK_HAS(e.msg, ".process.env[0]");
		CHECK(!env);
	}
}

TEST(sysctl_keys_become_paths)
{
	char buf[64];

	CHECK_INT(sysctl_path("net.ipv4.ip_forward", buf, sizeof(buf)), 0);
	CHECK_STR(buf, "net/ipv4/ip_forward");
	CHECK_INT(sysctl_path("net/ipv4/conf/eno2.100/x", buf, sizeof(buf)), 0);
	CHECK_STR(buf, "net/ipv4/conf/eno2.100/x");
	CHECK_INT(sysctl_path("net.ipv4.conf.eno2/100.x", buf, sizeof(buf)), 0);
	CHECK_STR(buf, "net/ipv4/conf/eno2.100/x");
	CHECK_INT(sysctl_path("", buf, sizeof(buf)), -EINVAL);
	CHECK_INT(sysctl_path("/etc", buf, sizeof(buf)), -EINVAL);
	CHECK_INT(sysctl_path("kernel.much_too_long", buf, 8), -EINVAL);
}

TEST(affinity_lists_are_strict)
{
	const char *const bad[] = { ",", "1-", "-1", "0,", "3-1", "x", "0-99999", "0 " };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_INT(process_set_affinity(bad[i], &e), -EINVAL);
	CHECK_INT(process_set_affinity("0", &e), 0);
	CHECK_INT(process_set_affinity("", &e), 0);
	CHECK_INT(process_set_affinity(NULL, &e), 0);
}

static int find(const char *name, char *const *env, struct err *e)
{
	const struct spec_process p = { .args = { &name, 1 } };
	char *path = NULL;
	int r = process_find_program(&p, env, &path, e);

	CHECK(r < 0 || path[0] == '/');
	free(path);
	return r;
}

TEST(program_errors_are_what_callers_match)
{
	static char path[] = "PATH=/nonexistent::/usr/bin:/bin";
	char *const env[] = { path, NULL };
	struct err e = ERR_INIT;

	CHECK_INT(find("sh", env, &e), 0);
	CHECK_INT(find("sh", NULL, &e), 0);
	CHECK_INT(find("no-such-program", env, &e), -ENOENT);
	CHECK_STR(e.msg, "exec: \"no-such-program\": executable file not found in $PATH");
	CHECK_INT(find("", env, &e), -ENOENT);
	CHECK_INT(find("/etc/passwd", env, &e), -EACCES);
	CHECK_STR(e.msg, "exec: \"/etc/passwd\": permission denied");
	CHECK_INT(find("/etc", env, &e), -EISDIR);
	CHECK_INT(find("/no/such", env, &e), -ENOENT);
	CHECK_HAS(e.msg, "no such file or directory");
}

TEST(procfs_opens_files_and_refuses_symlinks)
{
	struct err e = ERR_INIT;
	int procfs = process_open_procfs(&e), self;
	char buf[64];

	CHECK(procfs >= 0);
	CHECK(proc_read(procfs, "sys/kernel/ostype", buf, sizeof(buf)) > 0);
	CHECK_STR(buf, "Linux\n");
	CHECK_INT(proc_open(procfs, "self/stat", O_RDONLY), -ELOOP);
	CHECK_INT(proc_open(procfs, "../etc/passwd", O_RDONLY), -EXDEV);
	self = proc_open_self(procfs);
	CHECK(self >= 0);
	CHECK(proc_read(self, "comm", buf, sizeof(buf)) > 0);
}

TEST(limits_are_set_and_named_in_errors)
{
	struct spec_rlimit l = { RLIMIT_CORE, 0, 0 };
	struct spec_process p = { .rlimits = &l,
				  .rlimits_n = 1,
				  .oom_score_adj = { true, 900 } };
	struct err e = ERR_INIT;
	int procfs = process_open_procfs(&e);
	struct rlimit now;
	char buf[16];

	CHECK_INT(process_apply_limits(0, &p, procfs, false, &e), 0);
	getrlimit(RLIMIT_CORE, &now);
	CHECK_INT(now.rlim_max, 0);
	CHECK(proc_read(proc_open_self(procfs), "oom_score_adj", buf, sizeof(buf)) > 0);
	CHECK_STR(buf, "900\n");
	l.soft = 2, l.hard = 1;
	CHECK_INT(process_apply_limits(getpid(), &p, procfs, false, &e), -EINVAL);
	CHECK_HAS(e.msg, ".process.rlimits[0]");
}

TEST(caps_unavailable_ones_are_ignored)
{
	const struct spec_process p = {
		.uid = getuid(),
		.gid = getgid(),
		.caps = { true, 1ULL << 63 | 1, 1ULL << 63 | 1, 1, 1ULL << 63 | 1, 1 },
	};
	struct err e = ERR_INIT;

	if (getuid() != 0)
		test_skip("dropping the bounding set needs privilege");
	CHECK_INT(process_drop_ids(&p, false, &e), 0);
	CHECK_INT(process_drop_caps(&p, &e), 0);
}

TEST(caps_step_one_leaves_what_a_filter_needs)
{
	const struct spec_process p = { .uid = 65534,
					.gid = 65534,
					.caps = { .present = true } };
	struct err e = ERR_INIT;
	char buf[4096];
	int self;

	if (getuid() != 0)
		test_skip("changing ids needs privilege");
	CHECK_INT(process_drop_ids(&p, false, &e), 0);
	self = proc_open_self(process_open_procfs(&e));
	CHECK(proc_read(self, "status", buf, sizeof(buf)) > 0);
	CHECK_HAS(buf, "CapEff:\t0000000000200100");
	CHECK_HAS(buf, "CapBnd:\t0000000000000000");
	CHECK_INT(process_drop_caps(&p, &e), 0);
	CHECK(proc_read(self, "status", buf, sizeof(buf)) > 0);
	CHECK_HAS(buf, "CapPrm:\t0000000000000000");
	CHECK_HAS(buf, "Uid:\t65534\t65534\t65534\t65534");
}
