/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors: whole reads and writes, small files, descriptors sent over sockets. */
#ifndef PICKET_BASE_FD_H
#define PICKET_BASE_FD_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * fstat(2) by means of statx(2), the one that the sentry's filter has: what an open file is,
 * whose, how large.  Returns 0 or negative errno.
 */
int fd_stat(int fd, struct stat *ret);

/* Write all of buf; restarts after EINTR and short writes.  Returns 0 or negative errno. */
int fd_write_all(int fd, const void *buf, size_t len);

/*
 * Read to the end of file, at most max bytes (-EFBIG beyond that).  *ret_buf is
 * malloc'ed and NUL-terminated behind *ret_len bytes; the caller frees it.
 */
int fd_read_all(int fd, size_t max, char **ret_buf, size_t *ret_len);

/* openat(dirfd, path, O_RDONLY|O_CLOEXEC) and fd_read_all. */
int fd_read_file(int dirfd, const char *path, size_t max, char **ret_buf, size_t *ret_len);

/* openat(dirfd, path, O_WRONLY|O_CLOEXEC) and one write of text: /proc, /sys, cgroup files. */
int fd_write_file(int dirfd, const char *path, const char *text);

/*
 * Create or replace a file by writing a temporary one beside it and renaming it: readers
 * see the old or the new text, never a part.
 */
int fd_replace_file(int dirfd, const char *name, const void *buf, size_t len, mode_t mode);

#define FD_SEND_MAX 16

/*
 * One message with n descriptors (SCM_RIGHTS) over a SOCK_SEQPACKET or SOCK_STREAM
 * AF_UNIX socket; len > 0.  Sent without SIGPIPE.  The descriptors stay the caller's.
 */
int fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n);

/*
 * Receive one message of at most len bytes and at most n descriptors (O_CLOEXEC, owned
 * by the caller; slots that got none are -EBADF; surplus ones are closed).  Returns the
 * number of bytes, 0 at end of file, negative errno (-EMSGSIZE if the message was longer).
 */
ssize_t fd_recv(int sock, void *buf, size_t len, int *fds, size_t n);

/* Set O_CLOEXEC on every descriptor from `first` on (close_range(2), or one by one). */
int fd_cloexec_from(unsigned int first);

/* Close every descriptor from `first` on. */
int fd_close_from(unsigned int first);

#endif
