// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"

TEST(fd_descriptors_travel)
{
	int sv[2], pipefd[2], got[3];
	char buf[8];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == 0);
	CHECK(pipe(pipefd) == 0);
	CHECK_INT(fd_send(sv[0], "ab", 2, pipefd, 2), 0);
	CHECK_INT(fd_recv(sv[1], buf, sizeof(buf), got, 3), 2);
	CHECK(got[0] >= 0 && got[1] >= 0);
	CHECK_INT(got[2], -EBADF);
	CHECK(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
	CHECK_INT(write(got[1], "x", 1), 1);
	CHECK_INT(read(pipefd[0], buf, 1), 1);
}

TEST(fd_recv_closes_surplus_descriptors)
{
	int sv[2], three[3] = { 0, 1, 2 }, got[1];
	char buf[8];
	int before;

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == 0);
	before = dup(0);
	close(before);
	CHECK_INT(fd_send(sv[0], "a", 1, three, 3), 0);
	CHECK_INT(fd_recv(sv[1], buf, sizeof(buf), got, 1), 1);
	CHECK_INT(got[0], before);
	CHECK_INT(dup(0), before + 1);
}

TEST(fd_recv_refuses_cut_messages)
{
	char buf[4];
	int sv[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == 0);
	CHECK_INT(fd_send(sv[0], "abcdef", 6, NULL, 0), 0);
	CHECK_INT(fd_recv(sv[1], buf, sizeof(buf), NULL, 0), -EMSGSIZE);
	close(sv[0]);
	CHECK_INT(fd_recv(sv[1], buf, sizeof(buf), NULL, 0), 0);
}

TEST(fd_stat_is_fstat)
{
	static const char *const paths[] = { "/", "/proc/self/status", "/dev/null",
					     "/tmp" };
	struct stat a, b;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd = open(paths[i], O_PATH);

		CHECK_INT(fd_stat(fd, &a), 0);
		CHECK_INT(fstat(fd, &b), 0);
		CHECK(a.st_dev == b.st_dev && a.st_ino == b.st_ino &&
		      a.st_mode == b.st_mode);
		CHECK(a.st_uid == b.st_uid && a.st_gid == b.st_gid);
		CHECK(a.st_rdev == b.st_rdev && a.st_size == b.st_size);
		close(fd);
	}
	CHECK_INT(fd_stat(-1, &a), -EBADF);
}

TEST(fd_read_all_has_a_limit)
{
	char *buf, text[10000];
	size_t len;
	int p[2];

	memset(text, 'x', sizeof(text));
	CHECK(pipe(p) == 0);
	CHECK_INT(write(p[1], text, sizeof(text)), sizeof(text));
	close(p[1]);
	CHECK_INT(fd_read_all(p[0], 100000, &buf, &len), 0);
	CHECK_INT(len, sizeof(text));
	CHECK_INT(buf[len], 0);
	free(buf);
	CHECK_INT(fd_read_file(AT_FDCWD, "/proc/self/status", 10, &buf, &len), -EFBIG);
	CHECK_INT(fd_read_file(AT_FDCWD, "/nonexistent", 10, &buf, &len), -ENOENT);
}

TEST(fd_replace_file_replaces)
{
	char dir[] = "/tmp/picket-test-XXXXXX", *buf;
	size_t len;
	int fd;

	CHECK(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	CHECK_INT(fd_replace_file(fd, "f", "one", 3, 0600), 0);
	CHECK_INT(fd_replace_file(fd, "f", "two!", 4, 0600), 0);
	CHECK_INT(fd_read_file(fd, "f", 100, &buf, &len), 0);
	CHECK_STR(buf, "two!");
	free(buf);
	CHECK_INT(unlinkat(fd, "f", 0), 0);
	CHECK_INT(rmdir(dir), 0);
}
