// SPDX-License-Identifier: GPL-2.0-or-later
/* Descriptors: see base/fd.h.  Bare calls only: also used by the sentry and the init. */
#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

int fd_stat(int fd, struct stat *ret)
{
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x) < 0)
		return -errno;
	*ret = (struct stat){
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_ino = x.stx_ino,
		.st_mode = x.stx_mode,
		.st_uid = x.stx_uid,
		.st_gid = x.stx_gid,
		.st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor),
		.st_size = (off_t)x.stx_size,
	};
	return 0;
}

int fd_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Size of the first buffer: a regular file's size tells, anything else starts small. */
static size_t first_size(int fd, size_t max)
{
	struct stat st;
	size_t want = 4096;

	if (fd_stat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		want = (size_t)st.st_size + 1;
	return want > max ? max + 1 : want;
}

int fd_read_all(int fd, size_t max, char **ret_buf, size_t *ret_len)
{
	size_t cap = first_size(fd, max), len = 0;
	auto_free char *buf = malloc(cap + 1);

	if (!buf)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		if (len == cap) {
			size_t more = cap > max / 2 ? max + 1 : cap * 2;
			char *p = realloc(buf, more + 1);

			if (!p)
				return -ENOMEM;
			buf = p;
			cap = more;
		}
	}
	buf[len] = '\0';
	*ret_buf = take_ptr(buf);
	*ret_len = len;
	return 0;
}

int fd_read_file(int dirfd, const char *path, size_t max, char **ret_buf, size_t *ret_len)
{
	auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	return fd_read_all(fd, max, ret_buf, ret_len);
}

int fd_write_file(int dirfd, const char *path, const char *text)
{
	auto_close int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	/* Not fd_write_all: a file of the kernel takes a value whole or refuses it. */
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int fd_replace_file(int dirfd, const char *name, const void *buf, size_t len, mode_t mode)
{
	auto_free char *tmp = str_printf("%s.tmp%d", name, (int)getpid());
	auto_close int fd = -EBADF;
	int r;

	if (!tmp)
		return -ENOMEM;
	(void)unlinkat(dirfd, tmp, 0);
	fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    mode);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, buf, len);
	if (r == 0 && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, tmp, 0);
	return r;
}

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * FD_SEND_MAX)];
};

int fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n)
{
	union control ctl;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (n > FD_SEND_MAX || len == 0)
		return -EINVAL;
	if (n > 0) {
		struct cmsghdr *c;

		memset(&ctl, 0, sizeof(ctl));
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	}
	do
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	/* A stream may take a part: the descriptors went with its first byte. */
	if ((size_t)sent < len) {
		const char *rest = (const char *)buf + sent;

		return fd_write_all(sock, rest, len - (size_t)sent);
	}
	return 0;
}

/* Hand the received descriptors out; what does not fit is closed. */
static void take_rights(struct msghdr *msg, int *fds, size_t n)
{
	size_t used = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (used < n)
				fds[used++] = fd;
			else
				close(fd);
		}
	}
}

static void close_list(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -EBADF;
	}
}

ssize_t fd_recv(int sock, void *buf, size_t len, int *fds, size_t n)
{
	union control ctl;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = ctl.buf,
			      .msg_controllen = sizeof(ctl.buf) };
	ssize_t got;

	for (size_t i = 0; i < n; i++)
		fds[i] = -EBADF;
	do
		got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	take_rights(&msg, fds, n);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		close_list(fds, n);
		return -EMSGSIZE;
	}
	return got;
}

/* Where close_range(2) is missing (before Linux 5.9, or filtered): /proc/self/fd. */
static int each_from(unsigned int first, bool cloexec)
{
	auto_closedir DIR *d = opendir("/proc/self/fd");
	struct dirent *de;

	if (!d)
		return -errno;
	while ((de = readdir(d))) {
		uint32_t fd;

		if (str_parse_u32(de->d_name, &fd) < 0 || fd < first ||
		    (int)fd == dirfd(d))
			continue;
		if (cloexec)
			(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
		else
			close((int)fd);
	}
	return 0;
}

int fd_cloexec_from(unsigned int first)
{
	if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	return each_from(first, true);
}

int fd_close_from(unsigned int first)
{
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return 0;
	return each_from(first, false);
}
