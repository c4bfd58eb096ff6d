// SPDX-License-Identifier: GPL-2.0-or-later
/* vfs/proclist.c, vfs/mounttext.c: what of a procfs the guest sees, and how. */
#include <errno.h>
#include <stdlib.h>

#include "test.h"
#include "vfs/mounttext.h"
#include "vfs/proclist.h"

TEST(procfs_list_knows_processes_threads_and_the_system)
{
	CHECK_INT(proclist_answer("1/status"), PROC_PASS);
	CHECK_INT(proclist_answer("123/task/4/status"), PROC_PASS);
	CHECK_INT(proclist_answer("123/task/4/mountinfo"), PROC_MOUNTINFO);
	CHECK_INT(proclist_answer("7/fdinfo/12"), PROC_PASS);
	CHECK_INT(proclist_answer("7/net/tcp"), PROC_READ);
	CHECK_INT(proclist_answer("7/attr/current"), PROC_READ);
	CHECK_INT(proclist_answer("sys/net/ipv4/conf/eth0/forwarding"), PROC_PASS);
	CHECK_INT(proclist_answer("sys/kernel/osrelease"), PROC_RELEASE);
	CHECK_INT(proclist_answer("version"), PROC_BANNER);
}

TEST(procfs_list_knows_nothing_else)
{
	static const char *const absent[] = {
		"",
		"kallsyms",
		"kcore",
		"keys",
		"status",
		"PID/status",
		"1",
		"1/",
		"1/stack",
		"1/syscall",
		"1/pagemap",
		"1/status ",
		"1/status/x",
		"1/status (deleted)",
		"1/fdinfo/",
		"1/fdinfo/1/2",
		"1/task/status",
		"1/task/2/task/3/status",
		"1x/status",
		"1/attr/exec",
		"1/cpuinfo",
		"sys/kernel/modprobe",
		"sys/net/ipv4/conf/all",
		"sys/net/ipv4/conf/all/x/y",
		"net/tcp",
	};

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (proclist_answer(absent[i]) != PROC_ABSENT)
			test_fail(__FILE__, __LINE__, "'%s' is listed", absent[i]);
}

typedef int (*rewrite_t)(char *, struct strbuf *);

static void check_text(rewrite_t rewrite, const char *in, const char *want)
{
	struct strbuf out = { 0 };
	char *text = strdup(in);

	CHECK_INT(rewrite(text, &out), 0);
	CHECK_STR(out.s ? out.s : "", want);
	strbuf_done(&out);
	free(text);
}

TEST(procfs_mountinfo_shows_no_path_of_the_host)
{
	check_text(
		mounttext_info,
		"80 79 254:0 /srv/ct/rootfs / rw,noatime master:1 - ext4 /dev/sda1 rw,x=1\n"
		"81 80 254:0 /srv/ct/rootfs/data /mnt rw - ext4 /dev/sda1 rw\n"
		"82 80 254:0 /srv/ct/rootfs2 /two rw - ext4 /dev/sda1 rw\n"
		"83 80 254:0 /srv/vol /vol ro - ext4 /dev/sda1 rw,jqfmt=/a,errors=y\n"
		"84 80 0:40 / /o rw - overlay overlay rw,lowerdir=/a:/b,upperdir=/c,index=off\n"
		"85 80 0:41 / /proc rw shared:2 - proc proc rw\n"
		"86 85 0:41 /sys /proc/sys ro - proc proc rw\n",
		"80 79 254:0 / / rw,noatime master:1 - ext4 ext4 rw,x=1\n"
		"81 80 254:0 /data /mnt rw - ext4 ext4 rw\n"
		"82 80 254:0 / /two rw - ext4 ext4 rw\n"
		"83 80 254:0 / /vol ro - ext4 ext4 rw,errors=y\n"
		"84 80 0:40 / /o rw - overlay overlay rw,index=off\n"
		"85 80 0:41 / /proc rw shared:2 - proc proc rw\n"
		"86 85 0:41 /sys /proc/sys ro - proc proc rw\n");
}

TEST(procfs_mountinfo_keeps_odd_lines_in_shape)
{
	check_text(mounttext_info,
		   "1 2 0:1 / /a\\040b\\134 rw shared:1 master:2 unbindable - tmpfs  rw\n"
		   "2 2 0:4 net:[4026531840] /run/ns rw - nsfs nsfs rw\n"
		   "3 2 0:5 /x//deleted /d rw - tmpfs t rw\n"
		   "4 2 0:5 /x/y //deleted rw - tmpfs - rw,a\\0542\n",
		   "1 2 0:1 / /a\\040b\\134 rw shared:1 master:2 unbindable - tmpfs  rw\n"
		   "2 2 0:4 net:[4026531840] /run/ns rw - nsfs nsfs rw\n"
		   "3 2 0:5 / /d rw - tmpfs t rw\n"
		   "4 2 0:5 /y //deleted rw - tmpfs - rw,a\\0542\n");
}

TEST(procfs_mounts_lines_that_are_not_understood_are_left_out)
{
	check_text(mounttext_info,
		   "\n1 2\n1 2 0:1 / /host rw\n1 2 0:1 / /p rw -\n1 2 0:1 / /p rw - x y\n"
		   "no hyphen here but many fields and more of them\n",
		   "");
	check_text(mounttext_mounts, "a b\n\nsource point type\n", "");
	check_text(
		mounttext_stats,
		"\tevents: 1 2 3\ndevice a mounted on\n"
		"device /s mounted on /p with fstype nfs statvers=1.1\n"
		"\topts:\trw,addr=10.0.0.1\nno device mounted on /q with fstype tmpfs\n",
		"device nfs mounted on /p with fstype nfs\n"
		"no device mounted on /q with fstype tmpfs\n");
}

TEST(procfs_mounts_keep_their_six_fields)
{
	check_text(
		mounttext_mounts,
		"overlay / overlay rw,relatime,lowerdir=/l,upperdir=/u,workdir=/w 0 0\n"
		"/dev/sda1 /a\\040b ext4 ro 0 0\n"
		" /empty tmpfs rw 0 0\n",
		"overlay / overlay rw,relatime 0 0\n"
		"ext4 /a\\040b ext4 ro 0 0\n"
		" /empty tmpfs rw 0 0\n");
}

TEST(procfs_mountinfo_of_any_length)
{
	const size_t len = 3 << 20;
	struct strbuf out = { 0 };
	char *text = malloc(len + 64);
	int n = sprintf(text, "1 2 0:1 / / rw - overlay overlay rw,lowerdir=");

	memset(text + n, '/', len);
	strcpy(text + n + len, ",z\n");
	CHECK_INT(mounttext_info(text, &out), 0);
	CHECK_STR(out.s, "1 2 0:1 / / rw - overlay overlay rw,z\n");
	strbuf_done(&out);
	free(text);
}

TEST(procfs_mountinfo_by_lines)
{
	char info[] = "10 1 0:1 / / rw - tmpfs t rw\n"
		      "\n11 10 0:2\n"
		      "21 10 8:17 /sys /a\\040b rw,noexec shared:1 - ext4 /dev/sdb1 rw\n";
	struct mounttext_line line;
	char *text = info;

	CHECK(mounttext_next(&text, &line));
	CHECK_STR(line.dev, "0:1");
	CHECK_STR(line.point, "/");
	CHECK(mounttext_next(&text, &line));
	CHECK_STR(line.dev, "8:17");
	CHECK_STR(line.point, "/a b");
	CHECK(!mounttext_next(&text, &line));
}

static const char *inside(unsigned int id, const char *path)
{
	static char ret[PATH_MAX];
	char info[] = "10 1 0:1 / / rw - tmpfs t rw\n"
		      "20 10 0:2 / /proc rw - proc proc rw\n"
		      "21 10 0:2 /sys /a\\040b rw - proc proc rw\n"
		      "22 10 0:2 /kallsyms /proc/version rw - proc proc rw\n";

	return mounttext_inside(info, id, path, ret) < 0 ? "?" : ret;
}

TEST(procfs_a_mount_says_where_a_file_is)
{
	CHECK_STR(inside(20, "/proc/1/status"), "/1/status");
	CHECK_STR(inside(21, "/a b/kernel/hostname"), "/sys/kernel/hostname");
	CHECK_STR(inside(22, "/proc/version"), "/kallsyms");
	CHECK_STR(inside(10, "/x"), "/x");
	CHECK_STR(inside(20, "/procs/1/status"), "?");
	CHECK_STR(inside(20, "/elsewhere"), "?");
	CHECK_STR(inside(30, "/proc/version"), "?");
}
