// SPDX-License-Identifier: GPL-2.0-or-later
/* exec: one more process in a container that runs (or waits at its gate). */
#include "container/creation.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "container/exec-process.h"
#include "container/foreground.h"
#include "container/known.h"
#include "container/sync.h"
#include "container/timings.h"
#include "kernel/pidfd.h"
#include "process/process.h"

struct execution {
	const struct context *ctx;
	const struct exec_args *args;
	struct known known;
	struct spec spec;
	struct ns_plan ns;
	struct cgroup cgroup; /* of --cgroup, a copy otherwise */
	struct cgroup_join join;
	struct seccomp_program profile;
	struct stage stage;
	int console, master;
};

static int check_status(const struct execution *x, struct err *e)
{
	char why[STATE_WHY_MAX];

	switch (x->known.status) {
	case STATUS_STOPPED:
	case STATUS_CREATING:
		return err_text(e, EINVAL, "cannot exec in a stopped container%s",
				state_why(&x->known.state, why));
	case STATUS_PAUSED:
		if (!x->args->ignore_paused)
			return err_text(e, EINVAL,
					"cannot exec in a paused container (use "
					"--ignore-paused to override)");
		break;
	case STATUS_CREATED:
	case STATUS_RUNNING:
		break;
	}
	return 0;
}

static int check_terminal(const struct execution *x, struct err *e)
{
	bool terminal = x->spec.process.terminal,
	     socket = x->args->console_socket != NULL;

	if (terminal && x->args->detach && !socket)
		return err_text(e, EINVAL,
				"cannot allocate tty if runc will detach without "
				"setting console socket");
	if (socket && !(terminal && x->args->detach))
		return err_text(e, EINVAL,
				"cannot use console socket if runc will not detach "
				"or allocate tty");
	return 0;
}

/* The container's init, held by a pidfd and known to be the one that was started. */
static int open_init(struct execution *x, struct err *e)
{
	const struct state *s = &x->known.state;
	int fd = kernel_pidfd_open(s->pid, 0);

	if (fd >= 0 && state_process_lives(s->pid, s->pid_starttime)) {
		x->stage.join_pidfd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return err_text(e, ESRCH, "container with id %s is not running", s->id);
}

/*
 * From within the container's cgroup namespace the host's cgroups do not exist, and nobody
 * can be moved out of them: that one is joined when the new process is in its cgroup.
 */
static int open_cgroup_ns(struct execution *x, struct err *e)
{
	const struct state *s = &x->known.state;
	char path[64];

	if (!(x->stage.join_flags & CLONE_NEWCGROUP))
		return 0;
	x->stage.join_flags &= ~(uint64_t)CLONE_NEWCGROUP;
	snprintf(path, sizeof(path), "/proc/%d/ns/cgroup", (int)s->pid);
	x->stage.join_cgroup_ns = open(path, O_RDONLY | O_CLOEXEC);
	if (x->stage.join_cgroup_ns < 0)
		return err_set(e, errno, "open '%s'", path);
	/* It was the same process as join_pidfd's if that one still lives. */
	if (!state_process_lives(s->pid, s->pid_starttime))
		return err_text(e, ESRCH, "container with id %s is not running", s->id);
	return 0;
}

static int prepare(struct execution *x, struct err *e)
{
	const struct state *s = &x->known.state;
	struct stage *st = &x->stage;
	struct spec_process container;
	int r = known_spec(&x->known, &x->spec, e);

	container = x->spec.process;
	if (r == 0)
		r = exec_process(&x->spec, x->args, e);
	if (r == 0 && s->sentry != SENTRY_OFF)
		r = exec_keep_labels(&x->spec.process, &container, e);
	if (r == 0)
		r = check_terminal(x, e);
	if (r == 0)
		r = open_init(x, e);
	if (r == 0)
		r = ns_plan(&x->spec, s->sentry, x->ctx->unprivileged, &x->ns, e);
	if (r == 0 && x->spec.seccomp.present) {
		auto_close int cache = seccomp_cache_open(x->known.store.dirfd);

		r = seccomp_program_load(&x->spec.seccomp, cache, &x->profile, e);
	}
	if (r == 0)
		r = exec_cgroup(&s->cgroup, x->args->cgroups, &x->cgroup, e);
	if (r == 0 && (!x->args->cgroups || !x->args->cgroups[0]))
		r = cgroup_follow(&x->cgroup, s->pid, e);
	if (r == 0)
		r = cgroup_join_open(&x->cgroup, &x->join, e);
	if (r == 0 && x->args->console_socket)
		r = x->console = tty_connect(x->args->console_socket, e);
	if (r < 0)
		return r;
	st->join_flags = ns_private_flags(&x->ns);
	r = open_cgroup_ns(x, e);
	if (r < 0)
		return r;
	x->ns.join_n = 0; /* all by way of the init */
	st->spec = &x->spec;
	st->process = &x->spec.process;
	st->ns = &x->ns;
	st->state = s;
	st->sentry = s->sentry;
	st->profile = &x->profile;
	st->where = &x->cgroup;
	st->cgroup = &x->join;
	st->preserve_fds = x->args->preserve_fds;
	st->procfs = process_open_procfs(e);
	return st->procfs < 0 ? st->procfs : 0;
}

static int serve_tty(struct execution *x, struct sync_in *in, struct err *e)
{
	if (x->master >= 0 || in->fd < 0 || !x->spec.process.terminal)
		return err_text(e, EPROTO, "message out of order from the new process");
	if (x->console >= 0)
		return tty_send_to(x->console, in->fd, e);
	x->master = take_fd(in->fd);
	tty_copy_size(x->master);
	return 0;
}

static int serve_listener(struct execution *x, const struct sync_in *in, struct err *e)
{
	struct state s = x->known.state;
	auto_free char *json = NULL;

	if (in->fd < 0)
		return err_text(e, EPROTO, "no listener from the new process");
	if (s.sentry != SENTRY_OFF)
		return sandbox_attach_exec(x->known.dirfd, s.sentry, in->fd,
					   x->stage.pidfd, e);
	if (!x->profile.notify)
		return err_text(e, EPROTO, "message out of order from the new process");
	json = state_json(&s, x->known.status, &x->spec, STATE_JSON_HOOK);
	return seccomp_send_listener(&x->spec.seccomp, -1, in->fd, x->stage.pid, json, e);
}

/* Answer the new process until it has settled. */
static int serve(struct execution *x, struct err *e)
{
	for (;;) {
		struct sync_in in;
		int kind = sync_recv(x->stage.sync, &in, e), r;
		auto_close int fd = in.fd;

		switch (kind) {
		case 0:
			return err_text(e, EPIPE, "the new process ended unexpectedly");
		case SYNC_SETTLED:
			return 0;
		case SYNC_TTY:
			r = serve_tty(x, &in, e);
			fd = in.fd;
			break;
		case SYNC_LISTENER:
			r = serve_listener(x, &in, e);
			break;
		default:
			r = kind < 0 ? kind :
				       err_text(e, EPROTO,
						"message out of order from "
						"the new process");
		}
		if (r < 0)
			return r;
	}
}

static int launch(struct execution *x, struct err *e)
{
	int r = prepare(x, e);

	if (r == 0)
		r = stage_clone(&x->stage, e);
	if (r == 0)
		r = stage_release(&x->stage, x->ctx->unprivileged, e);
	if (r == 0)
		r = serve(x, e);
	if (r == 0 && stage_limits_from_outside(&x->stage))
		r = process_apply_limits(x->stage.pid, x->stage.process, x->stage.procfs,
					 x->ctx->rootless, e);
	timings_mark("settled");
	return r;
}

/* The pid file only says something once the program runs. */
static int go(struct execution *x, struct err *e)
{
	int r = creation_wait_exec(&x->stage, e);

	timings_mark("exec");
	if (r == 0 && x->args->pid_file)
		r = creation_write_pid_file(x->args->pid_file, x->stage.pid, e);
	if (r == 0 && x->args->pidfd_socket)
		r = creation_send_pidfd(x->args->pidfd_socket, x->stage.pidfd, e);
	return r;
}

static int execute(struct execution *x, int *ret_status, struct err *e)
{
	struct foreground f;
	int r = launch(x, e);

	if (r == 0 && !x->args->detach)
		r = foreground_begin(&f, x->master, e);
	if (r == 0)
		r = go(x, e);
	if (r < 0) {
		stage_kill(&x->stage);
		return r;
	}
	stage_reap_middle(&x->stage);
	*ret_status = 0;
	if (!x->args->detach)
		r = foreground_wait(&f, x->stage.pid, x->stage.pidfd, ret_status, e);
	return r;
}

static void execution_done(struct execution *x)
{
	const int fds[] = { x->console,
			    x->master,
			    x->stage.procfs,
			    x->stage.sync,
			    x->stage.pidfd,
			    x->stage.join_pidfd,
			    x->stage.join_cgroup_ns };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	cgroup_join_close(&x->join);
	cgroup_done(&x->cgroup);
	seccomp_program_done(&x->profile);
	spec_done(&x->spec);
	known_close(&x->known);
	timings_mark("done");
	timings_print();
}

int container_exec(const struct context *ctx, const struct exec_args *a, int *ret_status,
		   struct err *e)
{
	struct execution x;
	int r;

	memset(&x, 0, sizeof(x));
	x.ctx = ctx;
	x.args = a;
	x.console = x.master = x.join.v2 = -1;
	x.stage.join_cgroup_ns = x.stage.join_pidfd = x.stage.procfs = x.stage.gate = -1;
	x.stage.sync = x.stage.sync_child = x.stage.pidfd = -1;
	if (ctx->timings)
		timings_start();
	signal(SIGCHLD, SIG_DFL);
	r = creation_guard_fds(a->preserve_fds, e);
	x.known.store.dirfd = x.known.dirfd = x.known.lock = -1;
	if (r == 0)
		r = known_open(&x.known, ctx, a->id, 0, e);
	if (r == 0)
		r = check_status(&x, e);
	if (r == 0)
		r = execute(&x, ret_status, e);
	execution_done(&x);
	return r;
}
