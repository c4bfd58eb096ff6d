// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fail closed.  The process that picket started only waits for the sentry proper, its
 * child: when that dies before its time, mediated calls fail with ENOSYS and the others
 * still work, so the container's init is killed at once, and its pid namespace with it.
 *
 * The other way round, the sentry gets SIGTERM when the watchdog dies (serve.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "handover.h"
#include "kernel/pidfd.h"
#include "policy/self.h"
#include "serve/serve.h"

#define STATUS_NAME "sentry.status"

static void write_status(int statedir, int status)
{
	auto_close int fd = openat(statedir, STATUS_NAME,
				   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[100];
	int n;

	if (fd < 0)
		return;
	if (WIFSIGNALED(status))
		n = snprintf(text, sizeof(text), "killed by signal %d (SIG%s)\n",
			     WTERMSIG(status), sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		n = snprintf(text, sizeof(text), "exited with status %d\n",
			     WEXITSTATUS(status));
	if (write(fd, text, (size_t)n) < 0)
		return;
}

/* What the sentry proper sends as soon as it knows: the init's pidfd, the state directory. */
static int receive_container(int link, int fds[2])
{
	char byte;
	ssize_t n = fd_recv(link, &byte, sizeof(byte), fds, 2);

	return n == 1 && fds[0] >= 0 && fds[1] >= 0 ? 0 : -EPIPE;
}

static int watch(pid_t child, int link)
{
	int fds[2] = { -1, -1 }, status = 0;
	bool armed = receive_container(link, fds) == 0;

	close(link);
	if (self_drop_caps_watchdog() < 0 || self_confine() < 0)
		kill(child, SIGKILL);	/* better none than a lax one */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (armed) {
		kernel_pidfd_send_signal(fds[0], SIGKILL);
		write_status(fds[1], status);
	}
	return 1;
}

int serve_main(void)
{
	const pid_t self = getpid();
	pid_t child;
	int link[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0)
		return 1;
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		close(link[0]);
		return serve_container(HANDOVER_SOCKET_FD, link[1], self);
	}
	close(link[1]);
	close(HANDOVER_SOCKET_FD);
	return watch(child, link[0]);
}
