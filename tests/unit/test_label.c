// SPDX-License-Identifier: GPL-2.0-or-later
/* policy/label.c: what can be seen where no label is in force.  tests/vm has the rest. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "policy/label.h"

static int take(const char *apparmor, const char *selinux, struct err *e)
{
	auto_close int procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return label_take(procfs, apparmor, selinux, e);
}

TEST(label_none_and_unconfined_are_taken_everywhere)
{
	struct err e = ERR_INIT;

	CHECK_INT(take("", "", &e), 0);
	CHECK_INT(take("unconfined", "", &e), 0);
}

TEST(label_that_cannot_be_taken_is_an_error)
{
	struct err e = ERR_INIT;

	CHECK(take("no-such-profile", "", &e) < 0);
	CHECK_HAS(e.msg, "take apparmor profile 'no-such-profile'");
	CHECK(take("", "no:such:label", &e) < 0);
	CHECK_HAS(e.msg, "take selinux label 'no:such:label'");
}

TEST(label_needs_a_procfs)
{
	struct err e = ERR_INIT;

	CHECK_INT(label_take(-EBADF, "unconfined", "", &e), -EBADF);
}
