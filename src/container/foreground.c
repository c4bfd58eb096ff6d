// SPDX-License-Identifier: GPL-2.0-or-later
/* Between our caller and a program that runs in the foreground. */
#include "container/foreground.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "process/process.h"

int foreground_begin(struct foreground *f, int master, struct err *e)
{
	sigset_t all;

	f->master = master;
	sigfillset(&all);
	/* Our own bugs must stay visible. */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGABRT);
	sigprocmask(SIG_SETMASK, &all, NULL);
	f->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return f->signals < 0 ? err_set(e, errno, "watch signals") : 0;
}

/* True once `pid` is among the dead. */
static bool reap(pid_t pid, int *ret_status)
{
	bool found = false;
	int status;
	pid_t dead;

	while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
		if (dead != pid)
			continue;
		found = true;
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						    WEXITSTATUS(status);
	}
	return found;
}

/* Forward what arrived; true when children have changed. */
static bool take_signals(struct foreground *f, int pidfd, struct tty_proxy *t)
{
	struct signalfd_siginfo si;
	bool children = false;

	while (read(f->signals, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			children = true;
			break;
		case SIGWINCH:
			if (t)
				tty_proxy_resize(t);
			break;
		case SIGPIPE:
		case SIGURG:
		case SIGTTIN:
		case SIGTTOU:
			break; /* about us, not about the program */
		default:
			kernel_pidfd_send_signal(pidfd, (int)si.ssi_signo);
		}
	}
	return children;
}

static int wait_loop(struct foreground *f, pid_t pid, int pidfd, struct tty_proxy *t,
		     int *ret_status, struct err *e)
{
	/* What died before the signals were ours has left no signal. */
	bool done = reap(pid, ret_status);

	while (!done) {
		struct pollfd fds[1 + TTY_PROXY_FDS] = { { .fd = f->signals,
							   .events = POLLIN } };
		size_t n = t ? tty_proxy_poll(t, fds + 1) : 0;

		if (poll(fds, 1 + n, -1) < 0 && errno != EINTR)
			return err_set(e, errno, "wait for the container");
		if (fds[0].revents && take_signals(f, pidfd, t))
			done = reap(pid, ret_status);
		if (t)
			tty_proxy_step(t, fds + 1, n);
	}
	return 0;
}

int foreground_wait(struct foreground *f, pid_t pid, int pidfd, int *ret_status,
		    struct err *e)
{
	struct tty_proxy t;
	int r;

	if (f->master < 0) {
		r = wait_loop(f, pid, pidfd, NULL, ret_status, e);
	} else {
		r = tty_proxy_open(&t, f->master, e);
		if (r < 0)
			return r;
		tty_proxy_resize(&t);
		r = wait_loop(f, pid, pidfd, &t, ret_status, e);
		if (r == 0)
			tty_proxy_drain(&t);
		tty_proxy_close(&t);
	}
	close(f->signals);
	return r;
}
