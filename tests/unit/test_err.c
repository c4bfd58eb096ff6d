// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/err.h"

#include <errno.h>

#include "test.h"

TEST(err_set_names_the_errno)
{
	struct err e = ERR_INIT;

	CHECK_INT(err_set(&e, ENOENT, "open '%s'", "/x"), -ENOENT);
	CHECK_STR(e.msg, "open '/x': No such file or directory");
	CHECK_INT(e.code, ENOENT);
}

TEST(err_prefix_goes_in_front)
{
	struct err e = ERR_INIT;

	err_text(&e, EPERM, "no");
	CHECK_INT(err_prefix(&e, "container '%s'", "a"), -EPERM);
	CHECK_STR(e.msg, "container 'a': no");
}

TEST(err_long_messages_are_cut_not_overrun)
{
	static char big[2 * ERR_MSG_MAX];
	struct err e = ERR_INIT;

	memset(big, 'x', sizeof(big) - 1);
	err_set(&e, EIO, "%s", big);
	err_prefix(&e, "%s", big);
	CHECK_INT(strlen(e.msg), ERR_MSG_MAX - 1);
}

TEST(err_accepts_no_object)
{
	CHECK_INT(err_set(NULL, EIO, "x"), -EIO);
	CHECK_INT(err_text(NULL, 0, "x"), -EINVAL);
}
