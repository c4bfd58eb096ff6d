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
static int spawn(const struct spec_hook *h, int in, int out, const char *cwd,
		 pid_t *ret_pid)
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
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_adddup2(&fa, out, 2);
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

/* Conversation with one hook that runs. */
struct talk {
	int pidfd;
	int in; /* our end of its stdin; -1 once all is written */
	int out; /* our end of its stdout and stderr */
	const char *state; /* what is still to be written */
	char said[512]; /* the beginning of its output, for the error */
	size_t said_len;
};

static void talk_done(struct talk *t)
{
	cleanup_close(&t->pidfd);
	cleanup_close(&t->in);
	cleanup_close(&t->out);
}

static void write_state(struct talk *t)
{
	ssize_t n = write(t->in, t->state, strlen(t->state));

	if (n > 0)
		t->state += n;
	/* All written, or nobody reads: both are fine, the exit status decides. */
	if (!*t->state || (n < 0 && errno != EAGAIN && errno != EINTR))
		close(take_fd(t->in));
}

/* What is there now: a process that the hook left behind may keep the pipe open. */
static void read_output(struct talk *t)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(t->out, buf, sizeof(buf))) > 0) {
		size_t room = sizeof(t->said) - 1 - t->said_len;
		size_t take = (size_t)n < room ? (size_t)n : room;

		memcpy(t->said + t->said_len, buf, take);
		t->said_len += take;
	}
	if (n == 0)
		close(take_fd(t->out));
}

/* Until the hook has ended: 0, -ETIMEDOUT, or another negative errno. */
static int talk_until_end(struct talk *t, int timeout_s)
{
	int64_t end = timeout_s > 0 ? now_ms() + timeout_s * 1000LL : 0;

	for (;;) {
		struct pollfd p[] = { { .fd = t->pidfd, .events = POLLIN },
				      { .fd = t->in, .events = POLLOUT },
				      { .fd = t->out, .events = POLLIN } };
		int64_t wait = end ? end - now_ms() : -1;

		if (end && wait <= 0)
			return -ETIMEDOUT;
		if (poll(p, ARRAY_SIZE(p), (int)wait) < 0 && errno != EINTR)
			return -errno;
		if (p[2].revents)
			read_output(t);
		if (p[0].revents)
			return 0;
		if (p[1].revents)
			write_state(t);
	}
}

/* One line of what it said: errors are one line. */
static const char *clean_output(struct talk *t)
{
	while (t->said_len && strchr(" \n\t", t->said[t->said_len - 1]))
		t->said_len--;
	t->said[t->said_len] = '\0';
	for (char *c = t->said; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return t->said;
}

static int describe(const struct spec_hook *h, int status, struct talk *t, struct err *e)
{
	const char *said = clean_output(t);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return err_text(e, EINVAL, "'%s': exit status %d%s%s", h->path,
				WEXITSTATUS(status), *said ? ", output: " : "", said);
	return err_text(e, EINVAL, "'%s': killed by signal %d%s%s", h->path,
			WTERMSIG(status), *said ? ", output: " : "", said);
}

/* Spawn the hook; the two ends that are ours go into *t. */
static int start(const struct spec_hook *h, const char *cwd, struct talk *t,
		 pid_t *ret_pid, struct err *e)
{
	auto_close int in = -1, out = -1;
	int a[2], b[2], r;

	if (pipe2(a, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe for '%s'", h->path);
	in = a[0];
	t->in = a[1];
	if (pipe2(b, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe for '%s'", h->path);
	t->out = b[0];
	out = b[1];
	fcntl(t->in, F_SETFL, O_NONBLOCK);
	fcntl(t->out, F_SETFL, O_NONBLOCK);
	r = spawn(h, in, out, cwd, ret_pid);
	return r < 0 ? err_set(e, -r, "exec '%s'", h->path) : 0;
}

static int run_one(const struct spec_hook *h, const char *state, const char *cwd,
		   struct err *e)
{
	auto_(talk_done) struct talk t = { .pidfd = -1,
					   .in = -1,
					   .out = -1,
					   .state = state };
	pid_t pid;
	int status, r = start(h, cwd, &t, &pid, e);

	if (r < 0)
		return r;
	t.pidfd = kernel_pidfd_open(pid, 0);
	r = t.pidfd < 0 ? -errno : talk_until_end(&t, h->timeout_s);
	if (r < 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "wait for '%s'", h->path);
	if (t.out >= 0)
		read_output(&t);
	if (r == -ETIMEDOUT)
		return err_text(e, ETIMEDOUT, "'%s': no end within its timeout of %d s",
				h->path, h->timeout_s);
	return r < 0 ? err_set(e, -r, "run '%s'", h->path) : describe(h, status, &t, e);
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
			r = err_prefix(e, "error running %s hook #%zu",
				       hooks_kind_name(kind), i);
	}
	sigaction(SIGPIPE, &saved, NULL);
	return r;
}
