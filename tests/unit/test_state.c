// SPDX-License-Identifier: GPL-2.0-or-later
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static struct err e;

static struct state sample(void)
{
	return (struct state){
		.id = strdup("c1"),
		.bundle = strdup("/b \"x\""),
		.rootfs = strdup("/b/r"),
		.created = strdup("2026-01-02T03:04:05.000000006Z"),
		.pid = 42,
		.pid_starttime = 7,
		.owner = 4294967294U,
		.sentry = SENTRY_STRICT,
		.cgroup = { .driver = CGROUP_SYSTEMD,
			    .layout = CGROUP_V1,
			    .path = strdup("/p"),
			    .unit = strdup("u.scope"),
			    .n = 1,
			    .dirs = { { strdup("cpu,cpuacct"),
					strdup("/sys/fs/cgroup/cpu/p") } } },
	};
}

TEST(state_json_has_runc_layout)
{
	struct spec_kv kv = { "k", "v" };
	struct spec spec = { .oci_version = "1.0.2", .annotations = { &kv, 1 } };
	struct state s = sample();

	CHECK_STR(state_json(&s, STATUS_RUNNING, &spec, STATE_JSON_PRETTY),
		  "{\n  \"ociVersion\": \"1.0.2\",\n  \"id\": \"c1\",\n  \"pid\": 42,\n"
		  "  \"status\": \"running\",\n  \"bundle\": \"/b \\\"x\\\"\",\n"
		  "  \"rootfs\": \"/b/r\",\n"
		  "  \"created\": \"2026-01-02T03:04:05.000000006Z\",\n"
		  "  \"annotations\": {\n    \"k\": \"v\"\n  },\n"
		  "  \"owner\": \"#4294967294\"\n}");
	CHECK_STR(state_json(&s, STATUS_STOPPED, NULL, STATE_JSON_HOOK),
		  "{\"ociVersion\":\"" SPEC_OCI_VERSION "\",\"id\":\"c1\",\"pid\":0,"
		  "\"status\":\"stopped\",\"bundle\":\"/b \\\"x\\\"\"}");
}

TEST(state_is_what_was_saved)
{
	char dir[] = "/tmp/picket-test-XXXXXX";
	struct state s = sample(), got;
	int fd;

	CHECK(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	CHECK_INT(state_load(fd, &got, &e), -ENOENT);
	CHECK_STR(e.msg, "container does not exist");
	CHECK_INT(state_save(fd, &s, &e), 0);
	CHECK_INT(state_load(fd, &got, &e), 0);
	CHECK_INT(unlinkat(fd, "state.json", 0), 0);
	CHECK_INT(rmdir(dir), 0);
	CHECK_STR(got.bundle, s.bundle);
	CHECK_STR(got.created, s.created);
	CHECK_INT(got.pid, 42);
	CHECK_INT(got.pid_starttime, 7);
	CHECK_INT(got.owner, s.owner);
	CHECK_INT(got.sentry, SENTRY_STRICT);
	CHECK_INT(got.cgroup.driver, CGROUP_SYSTEMD);
	CHECK_INT(got.cgroup.layout, CGROUP_V1);
	CHECK_STR(got.cgroup.unit, "u.scope");
	CHECK_INT(got.cgroup.n, 1);
	CHECK_STR(got.cgroup.dirs[0].dir, "/sys/fs/cgroup/cpu/p");
	state_done(&got);
	state_done(&s);
}

TEST(state_process_times)
{
	uint64_t mine = state_process_starttime(getpid());
	siginfo_t si;
	pid_t pid;

	CHECK(mine > 0);
	CHECK(state_process_lives(getpid(), mine));
	CHECK(!state_process_lives(getpid(), mine + 1));
	CHECK(!state_process_lives(0, 0));
	pid = fork();
	if (pid == 0)
		_exit(0);
	CHECK_INT(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	CHECK(!state_process_lives(pid, state_process_starttime(pid)));
}
