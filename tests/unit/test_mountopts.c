// SPDX-License-Identifier: GPL-2.0-or-later
/* Mount options that a guest gives. */
#include <errno.h>
#include <string.h>

#include "test.h"
#include "vfs/mountopts.h"

static int overlay(const char *text, struct overlay_options *ret)
{
	static char data[4096];

	snprintf(data, sizeof(data), "%s", text);
	return mountopts_parse_overlay(data, ret);
}

TEST(mountopts_tmpfs_takes_what_is_listed)
{
	CHECK(mountopts_tmpfs_valid(""));
	CHECK(mountopts_tmpfs_valid("size=50%,nr_inodes=1k,mode=1777,uid=1,gid=2"));
	CHECK(mountopts_tmpfs_valid(",,size=1,,"));
	CHECK(!mountopts_tmpfs_valid("huge=always"));
	CHECK(!mountopts_tmpfs_valid("size=1,mpol=bind:0,1"));
	CHECK(!mountopts_tmpfs_valid("size"));
	CHECK(!mountopts_tmpfs_valid("xsize=1"));
	CHECK(!mountopts_tmpfs_valid("size=1,context=x"));
	/* To the kernel one word, a value of size. */
	CHECK(!mountopts_tmpfs_valid("size=1,5,huge=always"));
}

TEST(mountopts_overlay_finds_the_layers)
{
	struct overlay_options o;

	CHECK_INT(overlay("lowerdir=/a:/b:c,upperdir=/u,workdir=/w,volatile", &o), 0);
	CHECK_INT(o.lower_n, 3);
	CHECK_STR(o.lower[0], "/a");
	CHECK_STR(o.lower[2], "c");
	CHECK_STR(o.upper, "/u");
	CHECK_STR(o.work, "/w");
	CHECK(o.is_volatile);
	CHECK_INT(overlay("lowerdir=/a:/b,userxattr", &o), 0);
	CHECK(!o.upper && !o.work && !o.is_volatile);
}

TEST(mountopts_overlay_undoes_escapes)
{
	struct overlay_options o;

	CHECK_INT(overlay("lowerdir=/a\\:b\\,c:/d\\\\,upperdir=/u\\,v,workdir=w\\", &o),
		  0);
	CHECK_INT(o.lower_n, 2);
	CHECK_STR(o.lower[0], "/a:b,c");
	CHECK_STR(o.lower[1], "/d\\");
	CHECK_STR(o.upper, "/u,v");
	CHECK_STR(o.work, "w\\");
}

TEST(mountopts_overlay_refuses_what_it_does_not_know)
{
	struct overlay_options o;
	char many[4096] = "lowerdir=/l";

	CHECK_INT(overlay("", &o), -EINVAL);
	CHECK_INT(overlay("upperdir=/u,workdir=/w", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a::/data", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a:", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a,upperdir=/u", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a,workdir=/w", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a,redirect_dir=on", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir=/a,override_creds=off", &o), -EINVAL);
	CHECK_INT(overlay("lowerdir+=/a", &o), -EINVAL);
	for (int i = 1; i < OVERLAY_LOWER_MAX; i++)
		strcat(many, ":/l");
	CHECK_INT(overlay(many, &o), 0);
	strcat(many, ":/l");
	CHECK_INT(overlay(many, &o), -EINVAL);
}
