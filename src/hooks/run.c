// SPDX-License-Identifier: GPL-2.0-or-later
/* Run OCI hooks: spawn, feed the state, watch the clock. */
#include "hooks/hooks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"

extern char **environ;

const char *hooks_kind_name(enum spec_hook_kind kind)
{
	static const char *const names[SPEC_HOOK_COUNT] = {
		[SPEC_HOOK_PRESTART] = "prestart",
		[SPEC_HOOK_CREATE_RUNTIME] = "createRuntime",
		[SPEC_HOOK_CREATE_CONTAINER] = "createContainer",
		[SPEC_HOOK_START_CONTAINER] = "startContainer",
		[SPEC_HOOK_POSTSTART] = "poststart",
		[SPEC_HOOK_POSTSTOP] = "poststop",
	};

	return names[kind];
}

/* posix_spawn returns the errno of a failed execve.  Own process group: a timeout kills all. */
static int spawn(const struct spec_hook *h, int in, const char *cwd, pid_t *ret_pid)
{
	char *no_args[] = { (char *)h->path, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&fa, in, 0);
	posix_spawn_file_actions_adddup2(&fa, 2, 1);
	if (cwd)
		posix_spawn_file_actions_addchdir_np(&fa, cwd);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	r = posix_spawn(ret_pid, h->path, &fa, &attr,
			h->args.n ? (char **)h->args.v : no_args,
			h->env.v ? (char **)h->env.v : environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return -r;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/*
 * Write the state without blocking on a hook that does not read, until the hook ends.
 * Returns 0 when it has ended, -ETIMEDOUT, or another negative errno.
 */
static int feed_and_wait(int pidfd, int *out, const char *text, int timeout_s)
{
	int64_t end = timeout_s > 0 ? now_ms() + timeout_s * 1000LL : 0;
	size_t left = strlen(text);

	for (;;) {
		struct pollfd p[] = { { .fd = pidfd, .events = POLLIN },
				      { .fd = *out, .events = POLLOUT } };
		int64_t wait = end ? end - now_ms() : -1;
		ssize_t n;

		if (end && wait <= 0)
			return -ETIMEDOUT;
		if (poll(p, 2, (int)wait) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents)
			return 0;
		if (!p[1].revents)
			continue;
		n = left ? write(*out, text, left) : -1;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
		/* All written, or nobody reads: both are fine, the status decides. */
		if (left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			close(*out);
			*out = -1;
		}
	}
}

static int describe(const struct spec_hook *h, int status, struct err *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return err_text(e, EINVAL, "'%s': exit status %d", h->path, WEXITSTATUS(status));
	return err_text(e, EINVAL, "'%s': killed by signal %d", h->path, WTERMSIG(status));
}

static int run_one(const struct spec_hook *h, const char *state, const char *cwd,
		   struct err *e)
{
	auto_close int in = -1, out = -1, pidfd = -1;
	int pipefd[2], status, r;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe for '%s'", h->path);
	in = pipefd[0];
	out = pipefd[1];
	fcntl(out, F_SETFL, O_NONBLOCK);
	r = spawn(h, in, cwd, &pid);
	if (r < 0)
		return err_set(e, -r, "exec '%s'", h->path);
	close(take_fd(in));
	pidfd = kernel_pidfd_open(pid, 0);
	r = pidfd < 0 ? -errno : feed_and_wait(pidfd, &out, state, h->timeout_s);
	if (r < 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "wait for '%s'", h->path);
	if (r == -ETIMEDOUT)
		return err_text(e, ETIMEDOUT, "'%s': no end within its timeout of %d s", h->path,
				h->timeout_s);
	return r < 0 ? err_set(e, -r, "run '%s'", h->path) : describe(h, status, e);
}

int hooks_run(const struct spec *s, enum spec_hook_kind kind, const char *state_json,
	      const char *cwd, struct err *e)
{
	const struct spec_hooks *list = &s->hooks[kind];
	struct sigaction ignore = { .sa_handler = SIG_IGN }, saved;
	int r = 0;

	if (!list->n)
		return 0;
	sigaction(SIGPIPE, &ignore, &saved);
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		r = run_one(&list->v[i], state_json, cwd, e);
		if (r < 0)
			r = err_prefix(e, "error running %s hook #%zu", hooks_kind_name(kind), i);
	}
	sigaction(SIGPIPE, &saved, NULL);
	return r;
}
