// SPDX-License-Identifier: GPL-2.0-or-later
/* The open family, as Linux answers it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sentry_guest.h"
#include "test.h"

static int open_(const char *path, int flags, int mode)
{
	return (int)GUEST3(open, PTR(path), flags, mode);
}

static int open_at(int dirfd, const char *path, int flags)
{
	return (int)GUEST4(openat, dirfd, PTR(path), flags, 0600);
}

TEST(open_gives_the_file_and_exactly_the_flags_asked_for)
{
	int fd, native;

	guest_enter_tmp();
	fd = open_("f", O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NONBLOCK, 0640);
	CHECK(fd >= 0);
	native = open("f", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK, 0640);
	CHECK_INT(fcntl(fd, F_GETFL), fcntl(native, F_GETFL));
	CHECK_INT(write(fd, "x", 1), 1);
	CHECK_INT(open_("f", O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
	/* Unknown bits mean nothing to open(2). */
	CHECK(open_("f", O_RDONLY | 1 << 30, 0) >= 0);
}

TEST(open_bad_arguments)
{
	static char deep[2 * PATH_MAX];
	char *hole = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	guest_enter_tmp();
	munmap(hole + 4096, 4096);
	memset(hole, 'a', 4096);
	CHECK_INT(GUEST3(open, PTR(hole + 10), O_RDONLY, 0), -EFAULT);
	CHECK_INT(GUEST3(open, 0, O_RDONLY, 0), -EFAULT);
	CHECK_INT(GUEST3(open, ~0ull, O_RDONLY, 0), -EFAULT);
	CHECK_INT(open_("", O_RDONLY, 0), -ENOENT);
	memset(deep, '/', PATH_MAX);
	CHECK_INT(open_(deep, O_RDONLY, 0), -ENAMETOOLONG);
	deep[PATH_MAX - 1] = '\0';
	CHECK(open_(deep, O_RDONLY, 0) >= 0);
	memset(deep, 'a', 256);
	deep[256] = '\0';
	CHECK_INT(open_(deep, O_RDONLY, 0), -ENAMETOOLONG);
	CHECK_INT(open_at(-1, "x", O_RDONLY), -EBADF);
	CHECK_INT(open_at(9999, "x", O_RDONLY), -EBADF);
	CHECK_INT(open_at(-1, "", O_RDONLY), -ENOENT);
	CHECK(open_at(-1, "/etc", O_RDONLY) >= 0);
	CHECK_INT(open_("/etc/passwd/x", O_RDONLY, 0), -ENOTDIR);
	CHECK_INT(open_("/etc/passwd", O_RDONLY | O_DIRECTORY, 0), -ENOTDIR);
	CHECK_INT(open_("/etc", O_WRONLY, 0), -EISDIR);
	CHECK_INT(open_("new/", O_WRONLY | O_CREAT, 0600), -EISDIR);
}

TEST(open_follows_links_as_the_kernel_does)
{
	guest_enter_tmp();
	CHECK_INT(symlink("loop", "loop"), 0);
	CHECK_INT(symlink("target", "link"), 0);
	CHECK_INT(symlink("/nowhere/at/all", "dangling"), 0);
	CHECK_INT(open_("loop", O_RDONLY, 0), -ELOOP);
	CHECK_INT(open_("loop/x", O_RDONLY, 0), -ELOOP);
	CHECK_INT(open_("link", O_RDONLY, 0), -ENOENT);
	CHECK_INT(open_("dangling", O_RDONLY, 0), -ENOENT);
	CHECK(open_("link", O_WRONLY | O_CREAT, 0600) >= 0);
	CHECK_INT(access("target", F_OK), 0);
	CHECK_INT(open_("link", O_RDONLY | O_NOFOLLOW, 0), -ELOOP);
	CHECK_INT(open_("link", O_WRONLY | O_CREAT | O_EXCL, 0600), -EEXIST);
}

TEST(open_temporary_file_has_no_name)
{
	struct stat st;
	int fd;

	guest_enter_tmp();
	fd = open_(".", O_TMPFILE | O_RDWR, 0600);
	if (fd == -EOPNOTSUPP)
		test_skip("/tmp has no O_TMPFILE");
	CHECK(fd >= 0);
	CHECK_INT(fstat(fd, &st), 0);
	CHECK_INT(st.st_nlink, 0);
	CHECK_INT(st.st_mode & 0777, 0600);
}

static int same_file(int fd, const char *path)
{
	struct stat a, b;

	CHECK_INT(fstat(fd, &a), 0);
	CHECK_INT(stat(path, &b), 0);
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

TEST(open_self_means_the_caller)
{
	char name[64], buf[4] = "";
	int fd;

	guest_enter_tmp();
	fd = open("f", O_RDWR | O_CREAT, 0600);
	CHECK_INT(write(fd, "abc", 3), 3);
	for (int i = 0; i < 3; i++) {
		static const char *const dirs[] = { "/proc/self/fd",
						    "/proc/thread-self/fd", "/dev/fd" };
		int again;

		snprintf(name, sizeof(name), "%s/%d", dirs[i], fd);
		again = open_(name, O_RDONLY, 0);
		CHECK(again >= 0);
		CHECK(same_file(again, "f"));
		/* Opened anew, not a copy: it starts at 0. */
		CHECK_INT(read(again, buf, 3), 3);
		CHECK_STR(buf, "abc");
		CHECK_INT(fcntl(again, F_GETFL) & O_ACCMODE, O_RDONLY);
	}
	CHECK_INT(open_("/proc/self/fd/9999", O_RDONLY, 0), -ENOENT);
	CHECK_INT(open_("/proc/self/nothing", O_RDONLY, 0), -ENOENT);
	fd = open_("/proc/self", O_RDONLY | O_DIRECTORY, 0);
	CHECK(fd >= 0 && same_file(fd, "/proc/self"));
	fd = open_("/proc/self/cwd/f", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "f"));
	fd = open_("/proc/self/root/etc/passwd", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "/etc/passwd"));
	fd = open_("/proc/self/cwd/new", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && same_file(fd, "new"));
	CHECK_INT(open_("/proc/self/cwd/new", O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);
}

TEST(open_through_links_into_procfs)
{
	int fd, dir;

	guest_enter_tmp();
	CHECK_INT(symlink("/proc/self/cwd", "here"), 0);
	CHECK_INT(symlink("here/f", "also"), 0);
	CHECK_INT(mknod("f", S_IFREG | 0600, 0), 0);
	fd = open_("here/here/f", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "f"));
	fd = open_("also", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "f"));
	CHECK_INT(open_("also", O_RDONLY | O_NOFOLLOW, 0), -ELOOP);
	dir = open("/proc", O_RDONLY | O_DIRECTORY);
	fd = open_at(dir, "self/cwd/f", O_RDONLY);
	CHECK(fd >= 0 && same_file(fd, "f"));
	guest_chdir("/proc");
	fd = open_("self/cwd/self/status", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "/proc/self/status"));
	fd = open_("mounts", O_RDONLY, 0);
	CHECK(fd >= 0 && same_file(fd, "/proc/self/mounts"));
	CHECK_INT(open_("self/exe/x", O_RDONLY, 0), -ENOTDIR);
}

TEST(open_pipe_by_name_is_the_same_pipe)
{
	char name[64], c;
	int p[2], fd;

	CHECK_INT(pipe(p), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", p[1]);
	fd = open_(name, O_WRONLY, 0);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, "!", 1), 1);
	CHECK_INT(read(p[0], &c, 1), 1);
	CHECK_INT(c, '!');
}

static int open2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return (int)GUEST4(openat2, dirfd, PTR(path), PTR(&how), sizeof(how));
}

/* What seccomp cannot inject: native (open, openat), or of another kind (openat2). */
TEST(open_o_path)
{
	int fd;

	CHECK_INT(open_("/etc/passwd", O_PATH | O_CLOEXEC, 0), -EPERM);
	fd = open2(AT_FDCWD, "/etc", O_PATH | O_CLOEXEC, 0);
	CHECK(fd >= 0 && same_file(fd, "/etc"));
	CHECK_INT(open2(AT_FDCWD, "/etc/passwd", O_PATH, 0), -ENOSYS);
	CHECK_INT(open2(AT_FDCWD, "/none", O_PATH, 0), -ENOENT);
	CHECK_INT(open2(AT_FDCWD, "/etc", O_PATH | O_APPEND, 0), -EINVAL);
}

TEST(openat2_checks_its_struct_and_keeps_its_promises)
{
	struct {
		struct open_how how;
		uint64_t more;
	} big = { .how.flags = O_RDONLY };
	int dir;

	guest_enter_tmp();
	CHECK_INT(mkdir("d", 0700), 0);
	CHECK_INT(symlink("/etc/passwd", "d/abs"), 0);
	CHECK_INT(symlink("../x", "d/up"), 0);
	CHECK_INT(mknod("x", S_IFREG | 0600, 0), 0);
	dir = open("d", O_PATH);
	CHECK_INT(GUEST4(openat2, AT_FDCWD, PTR("x"), PTR(&big), 8), -EINVAL);
	CHECK(GUEST4(openat2, AT_FDCWD, PTR("x"), PTR(&big), sizeof(big)) >= 0);
	big.more = 1;
	CHECK_INT(GUEST4(openat2, AT_FDCWD, PTR("x"), PTR(&big), sizeof(big)), -E2BIG);
	CHECK_INT(GUEST4(openat2, AT_FDCWD, PTR("x"), 8, sizeof(big.how)), -EFAULT);
	CHECK_INT(open2(AT_FDCWD, "x", 1ull << 40, 0), -EINVAL);
	CHECK_INT(open2(AT_FDCWD, "x", O_RDONLY, 1 << 20), -EINVAL);
	CHECK(open2(dir, "up", O_RDONLY, 0) >= 0);
	CHECK_INT(open2(dir, "up", O_RDONLY, RESOLVE_BENEATH), -EXDEV);
	CHECK_INT(open2(dir, "/etc", O_RDONLY, RESOLVE_BENEATH), -EXDEV);
	CHECK_INT(open2(dir, "abs", O_RDONLY, RESOLVE_IN_ROOT), -ENOENT);
	CHECK_INT(open2(dir, "up", O_RDONLY, RESOLVE_NO_SYMLINKS), -ELOOP);
	CHECK_INT(open2(AT_FDCWD, "/proc/self/fd", O_RDONLY, RESOLVE_NO_SYMLINKS),
		  -ELOOP);
	CHECK_INT(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS),
		  -ELOOP);
	CHECK_INT(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV),
		  -EXDEV);
}
