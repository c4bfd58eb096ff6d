// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree of /proc and /sys, and the texts that are made of others. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"
#include "views/internal.h"
#include "views/make.h"
#include "views/tree.h"

TEST(views_cpu_lists_and_masks)
{
	struct strbuf b = { 0 };
	cpu_set_t set;

	CHECK_INT(cpus_parse("0-2,5,33\n", &set), 0);
	CHECK_INT(CPU_COUNT(&set), 5);
	CHECK_INT(cpus_add_list(&set, &b), 0);
	CHECK_STR(b.s, "0-2,5,33\n");
	b.len = 0;
	CHECK_INT(cpus_add_mask(&set, &b), 0);
	CHECK_STR(b.s, "00000002,00000027\n");
	strbuf_done(&b);
}

TEST(views_cpuinfo_has_the_paragraphs_of_its_cpus)
{
	static const char text[] = "processor\t: 0\nmodel\t: a\n\n"
				   "processor\t: 1\nmodel\t: b\n\n"
				   "processor\t: 10\nmodel\t: c\n\n";
	struct strbuf b = { 0 };
	cpu_set_t set;

	CHECK_INT(cpus_parse("1", &set), 0);
	CHECK_INT(cpus_filter_info(text, &set, &b), 0);
	CHECK_STR(b.s, "processor\t: 1\nmodel\t: b\n\n");
	strbuf_done(&b);
}

TEST(views_tree_finds_what_it_lists_and_nothing_else)
{
	struct strv names = { 0 };
	view_node n, proc;
	char path[PATH_MAX];
	size_t at = 0;
	const char *name;

	CHECK_INT(view_lookup(VIEW_ROOT, "@proc", &proc), 0);
	CHECK_INT(view_lookup(proc, "meminfo", &n), 0);
	CHECK(!view_is_dir(n));
	view_path(n, path);
	CHECK_STR(path, "@proc/meminfo");
	CHECK_INT(view_lookup(proc, "kallsyms", &n), -ENOENT);
	CHECK_INT(view_lookup(proc, "", &n), -ENOENT);
	CHECK_INT(view_lookup(proc, "sys/kernel", &n), -ENOENT);
	CHECK_INT(view_lookup(12345, "x", &n), -ENOTDIR);
	CHECK_INT(view_list(VIEW_ROOT, &names), 0);
	CHECK(strv_has(names.v, "class"));
	strv_done(&names);
	while ((name = view_next_of_proc(&at)))
		CHECK(*name != '@' && *name != '/');
}

static int make_upper(char *text, struct strbuf *ret)
{
	for (char *c = text; *c; c++)
		*c = (char)toupper(*c);
	return strbuf_add(ret, text, strlen(text));
}

TEST(views_live_texts_are_found_by_number_while_they_are_open)
{
	static const char *const no_number[] = {
		"", "0", "x", "1x", "-1", "*", "18446744073709551615"
	};
	auto_close int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	struct strbuf b = { 0 };
	view_node dir, n;
	char name[24];
	uint64_t id;

	CHECK_INT(view_lookup(VIEW_ROOT, "@live", &dir), 0);
	for (size_t i = 0; i < ARRAY_SIZE(no_number); i++)
		CHECK_INT(view_lookup(dir, no_number[i], &n), -ENOENT);
	CHECK_INT(live_add(fd, make_upper, &id), 0);
	snprintf(name, sizeof(name), "%lu", id);
	CHECK_INT(view_lookup(dir, name, &n), 0);
	CHECK_INT(view_live_id(n), id);
	CHECK_INT(view_text(n, &b), 0);
	CHECK_STR(b.s, "UNIT-SENTRY\n");
	CHECK(live_get(id));
	live_put(id);
	CHECK_INT(view_text(n, &b), 0);
	live_put(id);
	CHECK_INT(view_text(n, &b), -ENOENT);
	CHECK(!live_get(id));
	strbuf_done(&b);
}

TEST(views_keep_what_config_mounts_below_sys)
{
	char text[] = "30 29 0:5 / /sys ro - sysfs sysfs ro\n"
		      "31 30 0:6 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
		      "32 31 0:7 / /sys/fs/cgroup/memory ro - cgroup cgroup rw\n"
		      "33 30 0:8 / /sys/fs/a\\040b rw - tmpfs x rw\n"
		      "34 29 0:9 / /sysroot rw - tmpfs x rw\n";
	struct strv paths = { 0 };

	CHECK_INT(keep_parse(text, &paths), 0);
	CHECK_INT(paths.n, 2);
	CHECK_STR(paths.v[0], "/sys/fs/cgroup");
	CHECK_STR(paths.v[1], "/sys/fs/a b");
	strv_done(&paths);
}
