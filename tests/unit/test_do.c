// SPDX-License-Identifier: GPL-2.0-or-later
/* picket do: option values, the plan, subordinate ids, the comparison of an overlay. */
#include "do/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ns/ns.h"
#include "test.h"

static struct do_host host_at(const char *cwd)
{
	struct do_host h = {
		.user = strdup("joe"),
		.home = strdup("/home/joe"),
		.cwd = strdup(cwd),
		.rootfs = strdup("/x/rootfs"),
		.overlay = strdup("/x/cwd"),
		.self = strdup("/usr/bin/picket"),
		.term = "vt100",
		.entries = { { "/usr", strdup("/usr"), "" },
			     { "/bin", NULL, "usr/bin" },
			     { "/etc", strdup("/x/etc"), "" } },
		.entries_n = 3,
		.uids = { { 0, 0, UINT32_MAX } },
		.gids = { { 0, 0, UINT32_MAX } },
		.uids_n = 1,
		.gids_n = 1,
	};

	return h;
}

static char *const argv_true[] = { (char *)"true", NULL };

static struct spec *plan(const struct do_options *o, const struct do_host *h)
{
	struct spec *s = calloc(1, sizeof(*s));
	struct err e = ERR_INIT;

	if (do_plan(o, h, "do-1", s, &e) < 0)
		test_fail(__FILE__, __LINE__, "%s", e.msg);
	return s;
}

static int find_mount(const struct spec *s, const char *dst)
{
	for (size_t i = 0; i < s->mounts_n; i++)
		if (!strcmp(s->mounts[i].destination, dst))
			return (int)i;
	return -1;
}

static bool has_option(const struct spec *s, int mount, const char *option)
{
	return strv_has((char *const *)s->mounts[mount].options.v, option);
}

TEST(do_cpus)
{
	int64_t us;

	CHECK_INT(do_parse_cpus("1.5", &us), 0);
	CHECK_INT(us, 150000);
	CHECK_INT(do_parse_cpus("0.01", &us), 0);
	CHECK_INT(us, 1000);
	CHECK(do_parse_cpus("0", &us) < 0);
	CHECK(do_parse_cpus("1s", &us) < 0);
}

TEST(do_cwd_is_overlaid_or_refused_or_visible)
{
	static const struct {
		const char *cwd;
		enum do_cwd want;
	} rows[] = {
		{ "/home/joe/src", DO_CWD_OVERLAY }, { "/home/joe", DO_CWD_OVERLAY },
		{ "/root", DO_CWD_OVERLAY },	     { "/tmp", DO_CWD_OVERLAY },
		{ "/srv/x", DO_CWD_OVERLAY },	     { "/usr2", DO_CWD_OVERLAY },
		{ "/usr", DO_CWD_VISIBLE },	     { "/usr/share", DO_CWD_VISIBLE },
		{ "/etc/ssh", DO_CWD_VISIBLE },	     { "/", DO_CWD_REFUSED },
		{ "/home", DO_CWD_REFUSED },	     { "/proc/1", DO_CWD_REFUSED },
		{ "/run", DO_CWD_REFUSED },	     { "/dev/shm", DO_CWD_REFUSED },
	};
	struct do_options o = { .argv = argv_true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct do_host h = host_at(rows[i].cwd);

		if (do_plan_cwd(&o, &h) != rows[i].want)
			test_fail(__FILE__, __LINE__, "%s: got %d", rows[i].cwd,
				  do_plan_cwd(&o, &h));
		do_host_done(&h);
	}
}

TEST(do_cwd_below_rw_is_not_overlaid)
{
	struct do_options o = { .argv = argv_true };
	struct do_host h = host_at("/home/joe/src/a");

	CHECK(strv_add(&o.rw, "/home/joe/src") == 0);
	CHECK(do_plan_cwd(&o, &h) == DO_CWD_VISIBLE);
	strv_done(&o.rw);
	CHECK(strv_add(&o.ro, "/home/joe/src") == 0);
	CHECK(do_plan_cwd(&o, &h) == DO_CWD_OVERLAY);
	do_options_done(&o);
	do_host_done(&h);
}

TEST(do_homes)
{
	static const struct {
		const char *cwd;
		bool home;
	} rows[] = {
		{ "/home/joe", true },	    { "/home/ann", true }, { "/root", true },
		{ "/home/joe/src", false }, { "/home", false },	   { "/root/x", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct do_host h = host_at(rows[i].cwd);

		CHECK_INT(do_is_home(&h), rows[i].home);
		do_host_done(&h);
	}
}

TEST(do_plan_is_closed)
{
	struct do_options o = { .argv = argv_true };
	struct do_host h = host_at("/srv/x");
	struct spec *s = plan(&o, &h);
	struct err e = ERR_INIT;
	int usr = find_mount(s, "/usr"), cwd = find_mount(s, "/srv/x");

	if (spec_validate(s, &e) < 0)
		test_fail(__FILE__, __LINE__, "%s", e.msg);
	CHECK(usr >= 0 && has_option(s, usr, "rro") && has_option(s, usr, "nosuid"));
	CHECK(find_mount(s, "/bin") < 0);
	CHECK(cwd > usr && has_option(s, cwd, "rw"));
	CHECK_STR(s->mounts[cwd].source, "/x/cwd");
	for (int i = 0; i < SPEC_NS_TIME; i++)
		CHECK(s->ns[i].present && !s->ns[i].path);
	CHECK(s->process.no_new_privileges);
	CHECK(!(s->process.caps.bounding & 1ull << 21)); /* CAP_SYS_ADMIN */
	CHECK_STR(s->process.args.v[1], "true");
	CHECK_STR(s->process.cwd, "/srv/x");
	CHECK(strv_has((char *const *)s->process.env.v, "HOME=/home/joe"));
	CHECK(strv_has((char *const *)s->process.env.v, "TERM=vt100"));
	CHECK(!s->resources.present);
	spec_done(s);
	free(s);
	do_host_done(&h);
}

TEST(do_plan_host_net_shares_only_that)
{
	struct do_options o = { .argv = argv_true, .net = DO_NET_HOST };
	struct do_host h = host_at("/srv/x");
	struct spec *s = plan(&o, &h);

	CHECK(!s->ns[SPEC_NS_NETWORK].present);
	CHECK(s->ns[SPEC_NS_PID].present);
	spec_done(s);
	free(s);
	do_host_done(&h);
}

TEST(do_plan_mounts_outer_directories_first)
{
	struct do_options o = { .argv = argv_true };
	struct do_host h = host_at("/srv/x");
	struct spec *s;

	CHECK(strv_add(&o.rw, "/srv/x/out") == 0 && strv_add(&o.ro, "/srv") == 0);
	s = plan(&o, &h);
	CHECK(find_mount(s, "/srv") < find_mount(s, "/srv/x"));
	CHECK(find_mount(s, "/srv/x") < find_mount(s, "/srv/x/out"));
	spec_done(s);
	free(s);
	do_options_done(&o);
	do_host_done(&h);
}

TEST(do_plan_maps_ids_to_themselves)
{
	struct do_options o = { .argv = argv_true };
	struct do_host h = host_at("/srv/x");
	struct spec *s;

	h.uid = h.gid = 1000;
	h.uids_n = idmap_same("      1000       1000          1\n", h.uids, DO_MAPS_MAX);
	h.gids_n = idmap_same("0 100000 1000\n1000 1000 1\n1001 101000 64536\n", h.gids,
			      DO_MAPS_MAX);
	CHECK_INT(h.uids_n, 1);
	CHECK_INT(h.gids_n, 3);
	s = plan(&o, &h);
	CHECK_INT(s->uid_maps.n, 1);
	CHECK_INT(s->uid_maps.v[0].container, 1000);
	CHECK_INT(s->uid_maps.v[0].host, 1000);
	CHECK_INT(s->gid_maps.v[2].container, 1001);
	CHECK_INT(s->gid_maps.v[2].host, 1001);
	CHECK_INT(s->process.uid, 1000);
	CHECK_INT(s->process.caps.bounding, 0);
	CHECK(has_option(s, find_mount(s, "/dev/pts"), "gid=5"));
	spec_done(s);
	free(s);
	h.gids_n = idmap_same("1000 1000 1\n", h.gids, DO_MAPS_MAX);
	s = plan(&o, &h);
	CHECK(!has_option(s, find_mount(s, "/dev/pts"), "gid=5"));
	spec_done(s);
	free(s);
	do_host_done(&h);
}

TEST(do_plan_limits)
{
	struct do_options o = { .argv = argv_true,
				.memory = 1 << 20,
				.cpu_quota_us = 50000 };
	struct do_host h = host_at("/srv/x");
	struct spec *s = plan(&o, &h);

	CHECK(s->resources.present && s->resources.memory_limit.v == 1 << 20);
	CHECK(s->resources.cpu_quota.v == 50000 && s->resources.cpu_period.v == 100000);
	CHECK(!s->resources.pids_limit.has);
	spec_done(s);
	free(s);
	do_host_done(&h);
}

TEST(do_subids)
{
	static const char text[] = "ann:100000:65536\n1000:200000:10\njoe:300000:5";
	uint32_t start, count;

	CHECK_INT(do_subid_find(text, "joe", 7, &start, &count), 0);
	CHECK_INT(start, 300000);
	CHECK_INT(count, 5);
	CHECK_INT(do_subid_find(text, "jo", 1000, &start, &count), 0);
	CHECK_INT(start, 200000);
	CHECK_INT(do_subid_find(text, "jo", 100, &start, &count), -ENOENT);
	CHECK_INT(do_subid_find("joe:x:5\njoe:1\njoe", "joe", 7, &start, &count),
		  -ENOENT);
	CHECK_INT(do_subid_find("", "joe", 7, &start, &count), -ENOENT);
}

static void put(int at, const char *name, const char *text)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int collect(void *arg, char kind, const char *path)
{
	do_print_change(arg, kind, path);
	return 0;
}

static char dir[] = "/tmp/picket-unit-XXXXXX";

static void remove_dirs(void)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	do_remove_below(at, NULL);
	close(at);
	rmdir(dir);
}

/* lower and upper in a fresh directory. */
static void two_dirs(int *ret_lower, int *ret_upper)
{
	int at;

	CHECK(mkdtemp(dir));
	at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(mkdirat(at, "lower", 0755) == 0 && mkdirat(at, "upper", 0755) == 0);
	*ret_lower = openat(at, "lower", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*ret_upper = openat(at, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(*ret_lower >= 0 && *ret_upper >= 0);
	close(at);
}

TEST(do_diff_names_each_change_once)
{
	struct timespec same[2] = { { 1, 0 }, { 1, 0 } };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int lower, upper;

	two_dirs(&lower, &upper);
	put(lower, "changed", "old");
	put(lower, "opened", "same");
	put(upper, "opened", "same");
	CHECK(utimensat(lower, "opened", same, 0) == 0);
	CHECK(utimensat(upper, "opened", same, 0) == 0);
	put(upper, "changed", "newer");
	put(upper, "new\nline", "");
	put(lower, "gone", "");
	CHECK(mkdirat(upper, "dir", 0755) == 0 && mkdirat(lower, "dir", 0755) == 0);
	CHECK(mkdirat(upper, "dir/sub", 0755) == 0);
	put(upper, "dir/sub/file", "");
	if (mknodat(upper, "gone", S_IFCHR, 0) < 0 ||
	    mknodat(upper, "never", S_IFCHR, 0) < 0) {
		remove_dirs();
		test_skip("no whiteouts on this file system");
	}
	CHECK_INT(do_diff(upper, lower, collect, f, NULL), 0);
	fclose(f);
	CHECK_STR(text, "M changed\nA dir/sub\nA dir/sub/file\nD gone\nA new\\012line\n");
	free(text);
	remove_dirs();
}

TEST(do_keep_copies_everything)
{
	struct stat st;
	char link[16] = "";
	int from, to;

	two_dirs(&to, &from);
	CHECK(mkdirat(from, "d", 0700) == 0);
	put(from, "d/f", "text");
	CHECK(fchmodat(from, "d/f", 0750, 0) == 0);
	CHECK(symlinkat("/etc/passwd", from, "l") == 0);
	CHECK_INT(do_keep(from, to, NULL), 0);
	CHECK(fstatat(to, "d/f", &st, 0) == 0 && st.st_size == 4);
	CHECK_INT(st.st_mode & 07777, 0750);
	CHECK(fstatat(to, "d", &st, 0) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(readlinkat(to, "l", link, sizeof(link)) == 11);
	remove_dirs();
}
