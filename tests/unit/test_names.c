// SPDX-License-Identifier: GPL-2.0-or-later
/* Names made, moved and removed; attributes by path; sockets with names. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "policy/release.h"
#include "sentry_guest.h"
#include "test.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452	/* Linux 6.6 */
#endif

static void file(const char *path)
{
	CHECK_INT(close(open(path, O_WRONLY | O_CREAT, 0644)), 0);
}

TEST(names_mkdir_and_rmdir_keep_the_odd_cases)
{
	guest_enter_tmp();
	CHECK_INT(GUEST2(mkdir, PTR("d"), 0755), 0);
	CHECK_INT(GUEST2(mkdir, PTR("d"), 0755), -EEXIST);
	CHECK_INT(GUEST2(mkdir, PTR("d/e///"), 0755), 0);
	CHECK_INT(GUEST2(mkdir, PTR("/"), 0755), -EEXIST);
	CHECK_INT(GUEST2(mkdir, PTR("d/.."), 0755), -EEXIST);
	CHECK_INT(GUEST2(mkdir, PTR("no/d"), 0755), -ENOENT);
	CHECK_INT(GUEST2(mkdir, PTR(""), 0755), -ENOENT);
	CHECK_INT(GUEST1(rmdir, PTR("d/.")), -EINVAL);
	CHECK_INT(GUEST1(rmdir, PTR("d/..")), -ENOTEMPTY);
	CHECK_INT(GUEST1(rmdir, PTR("/")), -EBUSY);
	CHECK_INT(GUEST1(rmdir, PTR("d")), -ENOTEMPTY);
	CHECK_INT(GUEST1(rmdir, PTR("d/e/")), 0);
	CHECK_INT(GUEST3(unlinkat, AT_FDCWD, PTR("d"), AT_REMOVEDIR), 0);
	CHECK_INT(GUEST3(unlinkat, AT_FDCWD, PTR("d"), 1), -EINVAL);
}

TEST(names_unlink_takes_the_name_not_its_target)
{
	guest_enter_tmp();
	file("f");
	CHECK_INT(symlink("f", "l"), 0);
	CHECK_INT(GUEST1(unlink, PTR("f/")), -ENOTDIR);
	CHECK_INT(GUEST1(unlink, PTR(".")), -EISDIR);
	CHECK_INT(GUEST1(unlink, PTR("l")), 0);
	CHECK_INT(access("f", F_OK), 0);
	CHECK_INT(GUEST1(unlink, PTR("l")), -ENOENT);
	CHECK_INT(GUEST1(unlink, 1), -EFAULT);
	CHECK_INT(GUEST1(unlink, PTR("/proc/self/cwd/f")), 0);
	CHECK_INT(access("f", F_OK), -1);
}

TEST(names_rename_moves_between_directories)
{
	int a, b;

	guest_enter_tmp();
	CHECK_INT(mkdir("a", 0755) | mkdir("b", 0755), 0);
	file("a/f");
	file("b/g");
	a = open("a", O_RDONLY);
	b = open("b", O_PATH);
	CHECK_INT(GUEST4(renameat, a, PTR("f"), b, PTR("../b/f")), 0);
	CHECK_INT(access("b/f", F_OK), 0);
	CHECK_INT(GUEST2(rename, PTR("b/f"), PTR("b/k")), 0);
	CHECK_INT(GUEST2(rename, PTR("b/k"), PTR("b/f")), 0);
	CHECK_INT(GUEST5(renameat2, b, PTR("f"), b, PTR("g"), RENAME_NOREPLACE), -EEXIST);
	CHECK_INT(GUEST5(renameat2, b, PTR("f"), b, PTR("g"), 1 << 20), -EINVAL);
	CHECK_INT(GUEST2(rename, PTR("b"), PTR("b/c")), -EINVAL);
	CHECK_INT(GUEST2(rename, PTR("b/f/"), PTR("h")), -ENOTDIR);
	CHECK_INT(GUEST2(rename, PTR("."), PTR("x")), -EBUSY);
}

TEST(names_link_and_symlink)
{
	char text[16] = "";
	struct stat st;
	int fd;

	guest_enter_tmp();
	file("f");
	CHECK_INT(GUEST2(symlink, PTR("f"), PTR("l")), 0);
	CHECK_INT(readlink("l", text, sizeof(text)), 1);
	CHECK_INT(GUEST2(symlink, PTR(""), PTR("m")), -ENOENT);
	CHECK_INT(GUEST2(symlink, PTR("f"), PTR("l")), -EEXIST);
	CHECK_INT(GUEST2(link, PTR("l"), PTR("l2")), 0);
	CHECK(lstat("l2", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_INT(GUEST5(linkat, AT_FDCWD, PTR("l"), AT_FDCWD, PTR("f2"),
			 AT_SYMLINK_FOLLOW),
		  0);
	CHECK(lstat("f2", &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 2);
	CHECK_INT(GUEST5(linkat, AT_FDCWD, PTR("l"), AT_FDCWD, PTR("f3"), 1), -EINVAL);
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	if (fd >= 0) {
		char name[64];

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		CHECK_INT(GUEST5(linkat, AT_FDCWD, PTR(name), AT_FDCWD, PTR("t"),
				 AT_SYMLINK_FOLLOW),
			  0);
		CHECK_INT(GUEST5(linkat, fd, PTR(""), AT_FDCWD, PTR("t2"), AT_EMPTY_PATH),
			  0);
		CHECK(fstat(fd, &st) == 0 && st.st_nlink == 2);
	}
}

TEST(names_mknod_makes_no_devices)
{
	struct stat st;

	guest_enter_tmp();
	CHECK_INT(GUEST3(mknod, PTR("p"), S_IFIFO | 0600, 0), 0);
	CHECK(stat("p", &st) == 0 && S_ISFIFO(st.st_mode));
	CHECK_INT(GUEST3(mknod, PTR("f"), 0600, 0), 0);
	CHECK_INT(GUEST3(mknod, PTR("c"), S_IFCHR | 0600, 0x103), -EPERM);
	CHECK_INT(GUEST3(mknod, PTR("b"), S_IFBLK | 0600, 0), -EPERM);
	CHECK_INT(GUEST3(mknod, PTR("d"), S_IFDIR | 0600, 0), -EPERM);
}

TEST(names_attributes_by_path)
{
	struct timespec times[2] = { { 5, 6 }, { 7, 8 } };
	struct timeval bad[2] = { { 0, 1000000 }, { 0, 0 } };
	char name[64], buf[8];
	struct stat st;
	int fd;

	guest_enter_tmp();
	file("f");
	CHECK_INT(symlink("f", "l"), 0);
	CHECK_INT(GUEST2(chmod, PTR("l"), 0601), 0);
	CHECK(stat("f", &st) == 0 && (st.st_mode & 0777) == 0601);
	CHECK_INT(GUEST4(fchmodat2, AT_FDCWD, PTR("l"), 0600, AT_SYMLINK_NOFOLLOW),
		  -EOPNOTSUPP);
	fd = open("f", O_PATH);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	CHECK_INT(GUEST2(chmod, PTR(name), 0622), 0);
	CHECK(stat("f", &st) == 0 && (st.st_mode & 0777) == 0622);
	CHECK_INT(GUEST5(fchownat, fd, PTR(""), -1, -1, AT_EMPTY_PATH), 0);
	CHECK_INT(GUEST3(chown, PTR(name), -1, -1), 0);
	CHECK_INT(GUEST5(fchownat, fd, PTR(""), -1, -1, 0), -ENOENT);
	CHECK_INT(GUEST2(truncate, PTR("l"), 10), 0);
	CHECK(stat("f", &st) == 0 && st.st_size == 10);
	CHECK_INT(GUEST2(truncate, PTR("f"), -1), -EINVAL);
	CHECK_INT(GUEST2(truncate, PTR("."), 1), -EISDIR);
	CHECK_INT(GUEST4(utimensat, AT_FDCWD, PTR("l"), PTR(times), AT_SYMLINK_NOFOLLOW),
		  0);
	CHECK(lstat("l", &st) == 0 && st.st_mtim.tv_sec == 7 && st.st_mtim.tv_nsec == 8);
	CHECK_INT(GUEST2(utimes, PTR("f"), PTR(bad)), -EINVAL);
	CHECK_INT(GUEST2(utimes, PTR("f"), 0), 0);
	CHECK_INT(GUEST4(utimensat, AT_FDCWD, 0, PTR(times), 0), -EFAULT);
	if (GUEST5(setxattr, PTR("l"), PTR("user.a"), PTR("v"), 1, 0) == 0) {
		CHECK_INT(getxattr("f", "user.a", buf, sizeof(buf)), 1);
		CHECK_INT(GUEST2(removexattr, PTR("f"), PTR("user.a")), 0);
		CHECK_INT(GUEST2(removexattr, PTR("f"), PTR("user.a")), -ENODATA);
	}
	CHECK_INT(GUEST5(setxattr, PTR("f"), PTR("user.a"), PTR("v"), 65537, 0), -E2BIG);
	CHECK_INT(GUEST5(setxattr, PTR("f"), PTR(""), PTR("v"), 1, 0), -ERANGE);
	CHECK_INT(GUEST5(setxattr, PTR("f"), PTR("user.a"), PTR("v"), 1, 8), -EINVAL);
}

TEST(names_unix_socket_is_made_where_the_caller_stands)
{
	struct sockaddr_un un = { AF_UNIX, "dir/sock" }, got;
	socklen_t len = sizeof(got);
	struct stat st;
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	guest_enter_tmp();
	CHECK_INT(mkdir("dir", 0755), 0);
	umask(0177);
	CHECK_INT(GUEST3(bind, s, PTR(&un), sizeof(un)), 0);
	CHECK(stat("dir/sock", &st) == 0 && S_ISSOCK(st.st_mode));
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(getsockname(s, (struct sockaddr *)&got, &len), 0);
	CHECK_STR(got.sun_path, "dir/sock");
	CHECK_INT(GUEST3(bind, s, PTR(&un), sizeof(un)), -EADDRINUSE);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/cwd/other");
	CHECK_INT(GUEST3(bind, s, PTR(&un), sizeof(un)), 0);
	CHECK_INT(access("other", F_OK), 0);
	CHECK_INT(GUEST3(bind, 9999, PTR(&un), sizeof(un)), -EBADF);
	CHECK_INT(GUEST3(bind, open("/", O_RDONLY), PTR(&un), sizeof(un)), -ENOTSOCK);
	CHECK_INT(GUEST3(bind, s, PTR(&un), 129), -EINVAL);
	CHECK_INT(GUEST3(bind, s, 8, sizeof(un)), -EFAULT);
}

TEST(names_connect_decides_by_the_socket)
{
	struct sockaddr_un un = { AF_UNIX, "/nowhere" };
	const uint64_t unix_args[6] = { (uint64_t)socket(AF_UNIX, SOCK_STREAM, 0),
					PTR(&un), sizeof(un) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(guest_reply(SYS_connect, unix_args).kind == REPLY_CONTINUE);
	CHECK_INT(GUEST3(connect, s, PTR(&un), sizeof(un)), -EAFNOSUPPORT);
	CHECK_INT(GUEST3(connect, s, 8, 16), -EFAULT);
	CHECK_INT(GUEST3(connect, s, PTR(&un), -1), -EINVAL);
}

TEST(names_uname_tells_the_chosen_kernel)
{
	struct utsname a, b;

	CHECK_INT(uname(&b), 0);
	CHECK_INT(GUEST1(uname, PTR(&a)), 0);
	CHECK_STR(a.nodename, b.nodename);
	CHECK_STR(a.machine, b.machine);
	CHECK_STR(a.release, "6.1.0");
	CHECK_INT(GUEST1(uname, 8), -EFAULT);
	release_set("5.15.7-x");
	CHECK_INT(GUEST1(uname, PTR(&a)), 0);
	CHECK_STR(a.release, "5.15.7-x");
	CHECK_HAS(release_banner(), "Linux version 5.15.7-x ");
}

TEST(names_release_of_a_program_that_knows_2_6_only)
{
	static const char *const names[][2] = {
		{ "6.1.0", "2.6.61" },	    { "6.18", "2.6.78" },
		{ "5.15.7-x", "2.6.75-x" }, { "4.19.1.2", "2.6.79.2" },
		{ "7.2x", "2.6.62x" },
	};
	char buf[65];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		release_set(names[i][0]);
		release_under_26(buf, sizeof(buf));
		CHECK_STR(buf, names[i][1]);
	}
}

TEST(names_the_kernels_log_is_empty)
{
	char buf[16];

	CHECK_INT(GUEST3(syslog, 3, PTR(buf), sizeof(buf)), 0);
	CHECK_INT(GUEST3(syslog, 3, 0, 16), -EINVAL);
	CHECK_INT(GUEST3(syslog, 3, PTR(buf), -1), -EINVAL);
	CHECK(GUEST3(syslog, 10, 0, 0) > 0);
	CHECK_INT(GUEST3(syslog, 2, PTR(buf), 16), -EPERM);
	CHECK_INT(GUEST3(syslog, 5, 0, 0), -EPERM);
}
