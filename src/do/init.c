// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Process 1 of a sandbox.  Runs inside, under the sentry's filter like everything else:
 * it owns nothing that the command could not have.
 */
#include "do/do.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void run_command(char **argv, const sigset_t *mask)
{
	int err;

	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	dprintf(2, "picket: do: run '%s': %s\n", argv[0], strerror(err));
	_exit(err == ENOENT || err == ENOTDIR ? DO_NOT_FOUND : DO_NOT_EXECUTABLE);
}

/* What the terminal sends has reached the command already: it is in our process group. */
static void forward(const siginfo_t *si, pid_t child)
{
	int sig = si->si_signo;

	if (si->si_code == SI_KERNEL || si->si_pid == getpid())
		return;
	if (sig == SIGINT || sig == SIGQUIT || sig == SIGTSTP)
		kill(0, sig); /* as a terminal would: all of the foreground */
	else
		kill(child, sig);
}

/* Reap all there is.  Returns the command's exit status once it has ended, else -1. */
static int reap(pid_t child)
{
	int status, ret = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child)
			ret = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						    WEXITSTATUS(status);
	return ret;
}

int do_init(char **argv)
{
	sigset_t all, old;
	siginfo_t si;
	pid_t child;
	int status = -1;

	if (!argv[1])
		return DO_FAILED;
	/* A sandbox does not outlive the picket that waits for it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	child = fork();
	if (child < 0) {
		dprintf(2, "picket: do: fork: %s\n", strerror(errno));
		return DO_FAILED;
	}
	if (child == 0)
		run_command(argv + 1, &old);
	while (status < 0) {
		if (sigwaitinfo(&all, &si) < 0)
			continue;
		if (si.si_signo == SIGCHLD)
			status = reap(child);
		else
			forward(&si, child);
	}
	return status;
}
