// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is calling: the status file, the cache, changes under way. */
#include "task/task.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include "sentry_guest.h"
#include "test.h"

static const char text[] = "Name:\tx\\nUid:\t7\n"
			   "Umask:\t0027\n"
			   "State:\tS (sleeping)\n"
			   "Tgid:\t400\n"
			   "Pid:\t401\n"
			   "Uid:\t1\t2\t3\t4\n"
			   "Gid:\t5\t6\t7\t8\n"
			   "Groups:\t8 9 4294967294 \n"
			   "NStgid:\t400\t12\n"
			   "NSpid:\t401\t13\n"
			   "CapEff:\t000001ffffffffff\n";

TEST(task_status_parses_what_the_kernel_writes)
{
	struct task_status st;

	CHECK_INT(task_status_parse(text, &st), 0);
	CHECK_INT(st.tgid, 400);
	CHECK_INT(st.ns_tgid, 12);
	CHECK_INT(st.ns_tid, 13);
	CHECK_INT(st.umask, 027);
	CHECK_INT(st.creds.uid, 1);
	CHECK_INT(st.creds.euid, 2);
	CHECK_INT(st.creds.suid, 3);
	CHECK_INT(st.creds.fsuid, 4);
	CHECK_INT(st.creds.sgid, 7);
	CHECK_INT(st.creds.fsgid, 8);
	CHECK_INT(st.creds.groups_n, 3);
	CHECK_INT(st.creds.groups[2], 4294967294);
	CHECK_INT(st.creds.cap_effective, 0x1ffffffffff);
	task_status_done(&st);
}

TEST(task_status_refuses_a_text_without_credentials)
{
	struct task_status st;

	CHECK_INT(task_status_parse("", &st), -EPROTO);
	CHECK_INT(task_status_parse("Tgid:\t1\nUid:\t1\t1\n", &st), -EPROTO);
}

TEST(task_status_keeps_long_lists_of_groups)
{
	struct task_status st;
	char buf[4096];
	int n = 0;

	n += sprintf(
		buf,
		"Tgid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nCapEff:\t0\nGroups:\t");
	for (int i = 0; i < 100; i++)
		n += sprintf(buf + n, "%d ", 1000 + i);
	CHECK_INT(task_status_parse(buf, &st), 0);
	CHECK_INT(st.creds.groups_n, 100);
	CHECK_INT(st.creds.groups[99], 1099);
	task_status_done(&st);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	CHECK_INT(stat(path, &st), 0);
	return st.st_mode & 07777;
}

TEST(task_umask_is_the_callers_also_after_a_change)
{
	const uint64_t mask[6] = { 0 };

	guest_enter_tmp();
	umask(027);
	CHECK_INT(GUEST2(mkdir, PTR("a"), 0777), 0);
	CHECK_INT(mode_of("a"), 0750);
	/* The call is let through, and then made. */
	CHECK(guest_reply(SYS_umask, mask).kind == REPLY_CONTINUE);
	umask(0);
	CHECK_INT(GUEST2(mkdir, PTR("b"), 0777), 0);
	CHECK_INT(mode_of("b"), 0777);
}

TEST(task_working_directory_is_the_callers_also_after_a_change)
{
	guest_enter_tmp();
	CHECK_INT(GUEST2(mkdir, PTR("d"), 0755), 0);
	guest_chdir("d");
	CHECK_INT(GUEST2(mkdir, PTR("e"), 0755), 0);
	CHECK_INT(access("../d/e", F_OK), 0);
	guest_chdir("e");
	CHECK_INT(GUEST2(mkdir, PTR("../f/"), 0755), 0);
	CHECK_INT(access("../../d/f", F_OK), 0);
}

TEST(task_credentials_are_read_again_after_setuid)
{
	const uint64_t none[6] = { 0 };
	struct stat st;

	if (geteuid() != 0)
		test_skip("needs root");
	guest_enter_tmp();
	CHECK_INT(chmod(".", 0777), 0);
	CHECK_INT(close((int)GUEST2(creat, PTR("a"), 0644)), 0);
	CHECK_INT(stat("a", &st), 0);
	CHECK_INT(st.st_uid, 0);
	CHECK(guest_reply(SYS_setfsuid, none).kind == REPLY_CONTINUE);
	syscall(SYS_setfsuid, 1234);
	CHECK_INT(close((int)GUEST2(creat, PTR("b"), 0644)), 0);
	CHECK_INT(stat("b", &st), 0);
	CHECK_INT(st.st_uid, 1234);
	CHECK_INT(GUEST2(open, PTR("/etc/shadow"), O_RDWR), -EACCES);
}

TEST(task_chroot_moves_the_start_of_absolute_paths)
{
	const uint64_t none[6] = { 0 };
	struct stat a, b;
	int fd;

	if (geteuid() != 0)
		test_skip("needs root");
	guest_enter_tmp();
	CHECK_INT(mkdir("etc", 0755), 0);
	CHECK(guest_reply(SYS_chroot, none).kind == REPLY_CONTINUE);
	CHECK_INT(stat("etc", &a), 0);
	CHECK_INT(chroot("."), 0);
	fd = (int)GUEST2(open, PTR("/etc"), O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	CHECK_INT(fstat(fd, &b), 0);
	CHECK_INT(b.st_ino, a.st_ino);
	CHECK_INT(GUEST2(open, PTR("/../../usr"), O_RDONLY), -ENOENT);
}
