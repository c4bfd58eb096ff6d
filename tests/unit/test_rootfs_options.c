// SPDX-License-Identifier: GPL-2.0-or-later
#include "rootfs/options.h"

#include <errno.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "rootfs/rootfs.h"
#include "test.h"

static int parse(const char *const *words, size_t n, struct rootfs_options *ret)
{
	struct spec_strings list = { (const char **)words, n };

	return rootfs_options_parse(&list, ret, NULL);
}
#define PARSE(ret, ...)								\
	do {									\
		const char *const words_[] = { __VA_ARGS__ };			\
		CHECK_INT(parse(words_, ARRAY_SIZE(words_), ret), 0);			\
	} while (0)

TEST(options_table_is_sorted_and_complete)
{
	static const char *const want[] = {
		"async",       "atime",	       "bind",		 "defaults",
		"dev",	       "diratime",     "dirsync",	 "exec",
		"iversion",    "lazytime",     "loud",		 "noatime",
		"nodev",       "nodiratime",   "noexec",	 "noiversion",
		"nolazytime",  "norelatime",   "nostrictatime",	 "nosuid",
		"private",     "rbind",	       "relatime",	 "remount",
		"ro",	       "rprivate",     "rshared",	 "rslave",
		"runbindable", "rw",	       "shared",	 "silent",
		"slave",       "strictatime",  "suid",		 "sync",
		"unbindable",  "nosymfollow",  "symfollow",	 "rro",
		"rrw",	       "rnosuid",      "rsuid",		 "rnodev",
		"rdev",	       "rnoexec",      "rexec",		 "rnodiratime",
		"rdiratime",   "rrelatime",    "rnorelatime",	 "rnoatime",
		"ratime",      "rstrictatime", "rnostrictatime", "rnosymfollow",
		"rsymfollow",  "idmap",	       "ridmap",	 "mand",
		"nomand",      "tmpcopyup",
	};
	const char *const *names = rootfs_mount_options();

	for (size_t i = 1; names[i]; i++)
		if (strcmp(names[i - 1], names[i]) >= 0)
			test_fail(__FILE__, __LINE__, "%s before %s", names[i - 1],
				  names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		struct rootfs_options o;

		PARSE(&o, want[i]);
		if (o.data_n)
			test_fail(__FILE__, __LINE__, "%s is not in the table", want[i]);
		rootfs_options_done(&o);
	}
}

TEST(options_later_ones_win)
{
	struct rootfs_options o;

	PARSE(&o, "ro", "nosuid", "rw");
	CHECK_INT(o.set, MOUNT_ATTR_NOSUID);
	CHECK_INT(o.clear, MOUNT_ATTR_RDONLY);
	CHECK_INT(o.sb_set, 0);
	CHECK_INT(o.sb_clear, MS_RDONLY);
	rootfs_options_done(&o);
	PARSE(&o, "rw", "ro");
	CHECK_INT(o.set, MOUNT_ATTR_RDONLY);
	CHECK_INT(o.clear, 0);
	CHECK_INT(o.sb_set, MS_RDONLY);
	rootfs_options_done(&o);
}

TEST(options_access_time_is_one_field)
{
	struct rootfs_options o;

	PARSE(&o, "noatime", "strictatime");
	CHECK_INT(o.set, MOUNT_ATTR_STRICTATIME);
	CHECK_INT(o.clear, MOUNT_ATTR__ATIME);
	rootfs_options_done(&o);
	PARSE(&o, "rnoatime", "rrelatime", "nodiratime");
	CHECK_INT(o.rec_set, 0);
	CHECK_INT(o.rec_clear, MOUNT_ATTR__ATIME);
	CHECK_INT(o.set, MOUNT_ATTR_NODIRATIME);
	rootfs_options_done(&o);
}

TEST(options_propagation_keeps_its_order)
{
	struct rootfs_options o;

	PARSE(&o, "rbind", "rslave", "shared");
	CHECK_INT(o.flags, OPT_BIND | OPT_REC);
	CHECK_INT(o.propagation_n, 2);
	CHECK(o.propagation[0].type == MS_SLAVE && o.propagation[0].recursive);
	CHECK(o.propagation[1].type == MS_SHARED && !o.propagation[1].recursive);
	rootfs_options_done(&o);
}

TEST(options_too_many_propagations_are_an_error)
{
	const char *const words[] = { "slave", "shared", "slave", "shared", "private" };
	struct rootfs_options o;

	CHECK_INT(parse(words, ARRAY_SIZE(words), &o), -EINVAL);
}

TEST(options_the_rest_is_for_the_file_system)
{
	struct rootfs_options o;

	PARSE(&o, "mode=755", "nosuid", "newinstance", "size=65536k");
	CHECK_INT(o.data_n, 3);
	CHECK_STR(o.data[0], "mode=755");
	CHECK_STR(o.data[2], "size=65536k");
	CHECK(rootfs_options_has_data(&o, "mode"));
	CHECK(rootfs_options_has_data(&o, "newinstance"));
	CHECK(!rootfs_options_has_data(&o, "mod"));
	CHECK(!rootfs_options_has_data(&o, "modes"));
	rootfs_options_done(&o);
}
