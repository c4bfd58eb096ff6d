// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Find picket-sentry and start it beside the container.  Its program is opened before
 * picket moves itself to a read-only mount (container/selfexe.c) and travels as a
 * descriptor from then on: no path is looked up twice.
 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "handover.h"
#include "kernel/pidfd.h"

#define PROGRAM "picket-sentry"

extern char **environ;

static int program_fd = -1;

void sandbox_set_program(int fd)
{
	program_fd = fd;
}

static int open_program(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -ENOENT;
}

/* Beside the running program (also in a build tree), else where it was installed. */
int sandbox_find_program(struct err *e)
{
	char path[PATH_MAX + sizeof(PROGRAM)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;
	int fd = -ENOENT;

	if (n > 0 && n < PATH_MAX) {
		path[n] = '\0';
		slash = strrchr(path, '/');
		if (slash) {
			strcpy(slash + 1, PROGRAM);
			fd = open_program(path);
		}
	}
	if (fd < 0)
		fd = open_program(BINDIR "/" PROGRAM);
	if (fd < 0)
		return err_text(e, ENOENT,
				"find " PROGRAM " beside picket or in '" BINDIR "': "
				"no such file (use --sentry=off to run without)");
	return fd;
}

/* Between vfork and exec: nothing but plain calls, nothing written but through them. */
__attribute__((noreturn)) static void exec_sentry(int program, int sock)
{
	char *argv[] = { (char *)PROGRAM, (char *)"serve", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* A session of its own: the terminal's ^C is for the container. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	if (sock == HANDOVER_SOCKET_FD ? fcntl(sock, F_SETFD, 0) < 0 :
					 dup2(sock, HANDOVER_SOCKET_FD) < 0)
		_exit(126);
	syscall(SYS_close_range, HANDOVER_SOCKET_FD + 1, ~0U,
		4U /* CLOSE_RANGE_CLOEXEC */);
	syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
	_exit(127);
}

/* A function of its own: what vfork's child could clobber must not live in the caller. */
__attribute__((noinline)) static pid_t vfork_sentry(int program, int sock)
{
	pid_t pid = vfork();

	if (pid == 0)
		exec_sentry(program, sock);
	return pid;
}

int sandbox_spawn(struct sandbox *ret, struct err *e)
{
	auto_close int ours = -1, theirs = -1;
	int pair[2];

	ret->pid = 0;
	ret->sock = -1;
	if (program_fd < 0) {
		int fd = sandbox_find_program(e);

		if (fd < 0)
			return fd;
		program_fd = fd;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "make the sentry's socket");
	ours = pair[0];
	theirs = pair[1];
	/* The program's descriptor must not be where the child puts its socket. */
	if (program_fd == HANDOVER_SOCKET_FD) {
		int fd = fcntl(program_fd, F_DUPFD_CLOEXEC, 10);

		if (fd < 0)
			return err_set(e, errno, "duplicate the sentry's program");
		close(program_fd);
		program_fd = fd;
	}
	ret->pid = vfork_sentry(program_fd, theirs);
	if (ret->pid < 0) {
		ret->pid = 0;
		return err_set(e, errno, "start the sentry");
	}
	ret->sock = take_fd(ours);
	return 0;
}

void sandbox_abort(struct sandbox *s)
{
	/* End of file on its socket ends it; SIGKILL is for one that hangs. */
	if (s->sock >= 0)
		close(s->sock);
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
	s->sock = -1;
}
