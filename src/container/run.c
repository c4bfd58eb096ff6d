// SPDX-License-Identifier: GPL-2.0-or-later
/* run: create without the gate, then stay in the foreground, or leave. */
#include "container/creation.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "container/foreground.h"
#include "container/known.h"
#include "container/timings.h"
#include "hooks/hooks.h"

#define SENTRY_END_MS 2000

/* The sentry ends when its last guest has: it is our child, and must not be left a zombie. */
static void end_sentry(struct sandbox *s)
{
	if (!s->pid)
		return;
	if (container_await_pid(s->pid, SENTRY_END_MS) < 0)
		kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

static int start_program(struct creation *c, struct err *e)
{
	int r = creation_wait_exec(&c->stage, e);

	timings_mark("exec");
	return r < 0 ? r :
		       creation_run_hooks(c->spec, SPEC_HOOK_POSTSTART, &c->state,
					  STATUS_RUNNING, e);
}

/* The program has ended: what `delete` would do. */
static int end_container(struct creation *c, struct err *e)
{
	struct err hook = ERR_INIT;
	int r;

	if (c->args->keep) {
		end_sentry(&c->sandbox);
		return 0;
	}
	r = cgroup_destroy(&c->state.cgroup, e);
	timings_mark("cgroup removed");
	/* A failure is only worth a warning: the container is gone already. */
	c->state.pid = 0;
	creation_run_hooks(c->spec, SPEC_HOOK_POSTSTOP, &c->state, STATUS_STOPPED, &hook);
	end_sentry(&c->sandbox);
	timings_mark("sentry ended");
	return r < 0 ? r : store_remove(&c->store, c->args->id, e);
}

static int foreground(struct creation *c, int *ret_status, struct err *e)
{
	struct foreground f;
	int r;

	if (!c->args->no_subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	r = foreground_begin(&f, c->master, e);
	if (r == 0)
		r = start_program(c, e);
	if (r < 0) {
		creation_undo(c);
		return r;
	}
	stage_reap_middle(&c->stage);
	close(take_fd(c->lock));
	r = foreground_wait(&f, c->stage.pid, c->stage.pidfd, ret_status, e);
	timings_mark("program ended");
	c->stage.pid = 0;
	return r < 0 ? r : end_container(c, e);
}

int container_run(const struct context *ctx, const struct create_args *a, int *ret_status,
		  struct err *e)
{
	struct creation c;
	int r = creation_build(&c, ctx, a, 0, e);

	*ret_status = 0;
	if (r == 0 && a->detach) {
		r = start_program(&c, e);
		if (r < 0)
			creation_undo(&c);
	} else if (r == 0) {
		r = foreground(&c, ret_status, e);
	}
	creation_done(&c);
	return r;
}
