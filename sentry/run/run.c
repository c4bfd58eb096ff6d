// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One command under the sentry: see run/run.h.  The child filters itself and sends the
 * listener; this process serves.  No namespaces: the command is as free as its caller,
 * but for what the sentry refuses.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/pidfd.h"
#include "kernel/seccomp.h"
#include "notify/notify.h"
#include "policy/self.h"
#include "task/task.h"
#include "trap-filter.h"
#include "vfs/path.h"

static int install_filter(void)
{
	const struct sock_fprog prog = {
		ARRAY_SIZE(trap_filter_strict),
		(struct sock_filter *)trap_filter_strict,
	};
	const unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = kernel_seccomp_filter(flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
	if (fd < 0 && errno == EINVAL)
		fd = kernel_seccomp_filter(flags, &prog);
	return fd < 0 ? -errno : fd;
}

/* From the filter on, every mediated call waits for the parent: nothing but exec is left. */
__attribute__((noreturn)) static void child(int sock, char *const *argv)
{
	int r = install_filter();

	if (r >= 0)
		fd_send(sock, &r, sizeof(r), &r, 1);
	else
		fd_send(sock, &r, sizeof(r), NULL, 0);
	if (r < 0)
		_exit(126);
	close(r);
	close(sock);
	execvp(argv[0], argv);
	r = errno;
	fprintf(stderr, "picket-sentry: run '%s': %s\n", argv[0], strerror(r));
	_exit(r == ENOENT ? 127 : 126);
}

static int receive_listener(int sock, struct err *e)
{
	int r, fd;
	ssize_t n = fd_recv(sock, &r, sizeof(r), &fd, 1);

	if (n == sizeof(r) && r < 0)
		return err_set(e, -r, "install the filter");
	if (n != sizeof(r) || fd < 0)
		return err_text(e, EPIPE,
				"receive the listener: the command's process ended");
	return fd;
}

static int serve(pid_t pid, int pidfd, int sock, struct err *e)
{
	int listener, status, procfs, r;

	if (pidfd < 0)
		return err_set(e, errno, "open pidfd");
	listener = receive_listener(sock, e);
	if (listener < 0)
		return listener;
	procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = procfs < 0 ? -errno : task_init(procfs, TASK_SHARED_PIDNS);
	if (r == 0)
		r = vfs_init(0);
	if (r == 0)
		r = notify_init(procfs);
	if (r == 0)
		r = self_confine();
	if (r == 0)
		r = notify_serve(listener);
	/* First the command, to be reaped; then whatever it has left in the background. */
	if (r == 0)
		r = notify_watch(pidfd);
	if (r < 0)
		return err_set(e, -r, "serve");
	if (waitpid(pid, &status, 0) < 0)
		return err_set(e, errno, "wait for the command");
	while (notify_watch(-1) > 0)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_command(char *const *argv, struct err *e)
{
	auto_close int ours = -1, theirs = -1, pidfd = -1;
	int pair[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "fork");
	if (pid == 0)
		child(theirs, argv);
	close(take_fd(theirs));
	/* The terminal's keys are for the command. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	pidfd = kernel_pidfd_open(pid, 0);
	r = serve(pid, pidfd, ours, e);
	if (r < 0 && pidfd >= 0)
		kernel_pidfd_send_signal(pidfd, SIGKILL);
	return r;
}
