// SPDX-License-Identifier: GPL-2.0-or-later
/* What create, run and exec have in common towards their caller: descriptors, pid files. */
#include "container/creation.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "container/sync.h"
#include "process/process.h"

int creation_guard_fds(unsigned int preserve, struct err *e)
{
	/* An inherited descriptor has no FD_CLOEXEC; every one of our own has. */
	for (unsigned int i = 0; i < preserve; i++)
		if (fcntl(3 + (int)i, F_GETFD) != 0)
			return err_text(e, EBADF,
					"please check that preserved-fd %u (of %u) is "
					"present",
					i + 3, preserve);
	return fd_cloexec_from(3) < 0 ?
		       err_set(e, errno, "mark descriptors close-on-exec") :
		       0;
}

unsigned int creation_listen_fds(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint32_t n, whom;

	if (!fds || !pid || str_parse_u32(fds, &n) < 0 || str_parse_u32(pid, &whom) < 0 ||
	    whom != (uint32_t)getpid() || n > LISTEN_FDS_MAX)
		return 0;
	return n;
}

int creation_send_pidfd(const char *path, int pidfd, struct err *e)
{
	auto_close int sock = tty_connect(path, e);
	int r;

	if (sock < 0)
		return sock;
	r = fd_send(sock, "pidfd", strlen("pidfd"), &pidfd, 1);
	return r < 0 ? err_set(e, -r, "send the pidfd to '%s'", path) : 0;
}

int creation_write_pid_file(const char *path, pid_t pid, struct err *e)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", (int)pid);
	int r = fd_replace_file(AT_FDCWD, path, text, (size_t)len, 0644);

	return r < 0 ? err_set(e, -r, "write pid file '%s'", path) : 0;
}

int creation_wait_exec(struct stage *st, struct err *e)
{
	struct sync_in in;
	int kind;

	if (sync_send(st->sync, SYNC_GO, 0, -1) < 0)
		return err_text(e, EPIPE, "container init ended unexpectedly");
	kind = sync_recv(st->sync, &in, e);
	if (kind <= 0)
		return kind; /* end of file: the socket went with the execve, or with its life */
	cleanup_close(&in.fd);
	return err_text(e, EPROTO, "message out of order from the container's init");
}
