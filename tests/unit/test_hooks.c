// SPDX-License-Identifier: GPL-2.0-or-later
/* hooks/run.c: stdin, environment, failure, timeout. */
#include "test.h"

#include <errno.h>
#include <time.h>

#include "hooks/hooks.h"

static int run_sh(const char *script, int timeout_s, struct err *e)
{
	const char *args[] = { "sh", "-c", script, NULL };
	const char *env[] = { "A=1", "PATH=/bin:/usr/bin", NULL };
	struct spec_hook h = { .path = "/bin/sh",
			       .args = { args, 3 },
			       .env = { env, 2 },
			       .timeout_s = timeout_s };
	struct spec s = { 0 };

	s.hooks[SPEC_HOOK_CREATE_RUNTIME] = (struct spec_hooks){ &h, 1 };
	return hooks_run(&s, SPEC_HOOK_CREATE_RUNTIME, "{\"id\":\"x\"}", "/tmp", e);
}

TEST(hooks_get_the_state_their_env_and_cwd)
{
	struct err e = ERR_INIT;

	CHECK_INT(run_sh("read x; test \"$x\" = '{\"id\":\"x\"}'; a=$?; "
			 "test $a = 0 -a \"$A\" = 1 -a \"$PWD\" = /tmp",
			 0, &e),
		  0);
	CHECK_INT(run_sh("exec <&-; exit 0", 0, &e), 0);
}

TEST(hooks_failure_says_which_and_how)
{
	struct err e = ERR_INIT;

	CHECK(run_sh("exit 3", 0, &e) < 0);
	CHECK_STR(e.msg, "error running createRuntime hook #0: '/bin/sh': exit status 3");
	CHECK(run_sh("echo no; echo way >&2; sleep 9 & exit 3", 0, &e) < 0);
	CHECK_STR(e.msg, "error running createRuntime hook #0: '/bin/sh': exit status 3, "
			 "output: no way");
}

TEST(hooks_past_their_timeout_are_killed)
{
	struct err e = ERR_INIT;
	time_t start = time(NULL);

	CHECK_INT(run_sh("sleep 20 & wait", 1, &e), -ETIMEDOUT);
	CHECK(time(NULL) - start < 10);
}
