// SPDX-License-Identifier: GPL-2.0-or-later
/* create: from a bundle to a settled init at the gate; also the first part of run. */
#include "container/creation.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "container/sync.h"
#include "container/timings.h"
#include "hooks/hooks.h"
#include "kernel/pidfd.h"
#include "process/process.h"

/* Read, parse and keep a copy; a caller that brought its own spec brought its text too. */
static int load_config(struct creation *c, char **ret_text, size_t *ret_len,
		       struct err *e)
{
	const char *name = c->args->config ? c->args->config : "config.json";
	auto_close int bundle = open(c->args->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (bundle < 0)
		return err_set(e, errno, "open bundle '%s'", c->args->bundle);
	if (c->args->spec) {
		c->spec = c->args->spec;
		return 0;
	}
	r = fd_read_file(c->args->config ? AT_FDCWD : bundle, name, CONFIG_MAX, ret_text,
			 ret_len);
	if (r == -ENOENT)
		return err_text(e, ENOENT, "JSON specification file %s not found", name);
	if (r < 0)
		return err_set(e, -r, "read '%s'", name);
	c->spec = &c->loaded;
	return spec_parse(name, *ret_text, *ret_len, &c->loaded, e);
}

static int check_terminal(const struct creation *c, struct err *e)
{
	bool terminal = c->spec->process.terminal,
	     socket = c->args->console_socket != NULL;

	if (!c->spec->process.present)
		return err_text(e, EINVAL, "config.json: .process is required");
	if (terminal && c->args->detach && !socket)
		return err_text(e, EINVAL,
				"cannot allocate tty if runc will detach without "
				"setting console socket");
	if (socket && !(terminal && c->args->detach))
		return err_text(e, EINVAL,
				"cannot use console socket if runc will not detach "
				"or allocate tty");
	return 0;
}

static int now_text(char **ret)
{
	struct timespec t;
	struct tm tm;
	char day[32];

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	*ret = str_printf("%s.%09ldZ", day, t.tv_nsec);
	return *ret ? 0 : -ENOMEM;
}

static int fill_state(struct creation *c, struct err *e)
{
	const char *root = c->spec->root.path;
	struct state *s = &c->state;

	if (!root)
		return err_text(e, EINVAL, "config.json: .root.path is required");
	s->id = strdup(c->args->id);
	s->bundle = strdup(c->args->bundle);
	s->rootfs = root[0] == '/' ? strdup(root) :
				     str_printf("%s/%s", c->args->bundle, root);
	s->owner = geteuid();
	s->rootless = c->ctx->rootless;
	if (!s->id || !s->bundle || !s->rootfs || now_text(&s->created) < 0)
		return err_set(e, ENOMEM, "describe the container");
	return 0;
}

static int load_profile(struct creation *c, struct err *e)
{
	auto_close int cache = -1;
	int r;

	if (!c->spec->seccomp.present)
		return 0;
	cache = seccomp_cache_open(c->store.dirfd);
	r = seccomp_program_load(&c->spec->seccomp, cache, &c->profile, e);
	if (r == 0 && c->profile.notify && c->state.sentry != SENTRY_OFF)
		return err_text(e, EINVAL,
				"config.json: .linux.seccomp: SCMP_ACT_NOTIFY needs "
				"the listener that the sentry has: use --sentry=off");
	return r;
}

/* The part that knows no container yet: everything is checked before anything is made. */
static int prepare(struct creation *c, struct err *e)
{
	auto_free char *text = NULL;
	size_t len = 0;
	int r;

	r = load_config(c, &text, &len, e);
	if (r == 0)
		r = spec_validate(c->spec, e);
	if (r == 0)
		r = check_terminal(c, e);
	if (r == 0)
		r = sandbox_effective_mode(c->spec, c->ctx->sentry, &c->state.sentry, e);
	if (r == 0)
		r = sandbox_effective_release(c->spec, c->ctx->release, &c->release, e);
	if (r == 0)
		r = ns_plan(c->spec, c->state.sentry, c->ctx->unprivileged, &c->ns, e);
	if (r == 0)
		r = ns_open(&c->ns, e);
	/* A procfs that shows the sentry is only for paths that the sentry resolves. */
	if (r == 0 && c->state.sentry == SENTRY_BALANCED && ns_shares_pids(&c->ns))
		c->state.sentry = SENTRY_STRICT;
	if (r == 0)
		r = fill_state(c, e);
	timings_mark("config");
	if (r < 0)
		return r;
	c->dirfd = store_make(&c->store, c->args->id, &c->lock, e);
	if (c->dirfd < 0)
		return c->dirfd;
	c->made_dir = true;
	if (text)
		r = fd_replace_file(c->dirfd, SAVED_CONFIG, text, len, 0600);
	timings_mark("state directory");
	return r < 0 ? err_set(e, -r, "save config.json in the state directory") : 0;
}

static int make_cgroup(struct creation *c, struct err *e)
{
	/* Root of no more than a user namespace (picket do) has no rights over cgroups either. */
	bool rootless = c->ctx->rootless || geteuid() != 0;
	int r = cgroup_create(c->spec, c->args->id, c->ctx->cgroup_driver, rootless,
			      &c->state.cgroup, e);

	if (r < 0)
		return r;
	c->made_cgroup = true;
	if (c->state.sentry != SENTRY_OFF)
		cgroup_view_open(&c->state.cgroup, c->cgroup_views);
	timings_mark("cgroup");
	return cgroup_join_open(&c->state.cgroup, &c->join, e);
}

static int make_stage(struct creation *c, int flags, struct err *e)
{
	const struct rootfs_args ra = {
		.spec = c->spec,
		.ns = &c->ns,
		.cgroup = &c->state.cgroup,
		.bundle = c->args->bundle,
		.rootfs = c->state.rootfs,
		.no_pivot = c->args->no_pivot,
		.sentry = c->state.sentry,
	};
	struct stage *st = &c->stage;
	int r;

	st->spec = c->spec;
	st->process = &c->spec->process;
	st->ns = &c->ns;
	st->state = &c->state;
	st->sentry = c->state.sentry;
	st->profile = &c->profile;
	st->where = &c->state.cgroup;
	st->cgroup = &c->join;
	st->unprivileged = geteuid() != 0;
	st->new_keyring = !c->args->no_new_keyring;
	st->listen_fds = creation_listen_fds();
	st->preserve_fds = st->listen_fds + c->args->preserve_fds;
	st->attach = c->state.cgroup.driver == CGROUP_SYSTEMD;
	st->parent_hooks = c->spec->hooks[SPEC_HOOK_PRESTART].n ||
			   c->spec->hooks[SPEC_HOOK_CREATE_RUNTIME].n;
	st->procfs = process_open_procfs(e);
	if (st->procfs < 0)
		return st->procfs;
	r = rootfs_prepare(&ra, &st->rootfs, e);
	if (r < 0 || !(flags & CREATION_GATE))
		return r;
	r = fifo_make(c->dirfd, e);
	if (r == 0)
		r = st->gate = fifo_open_gate(c->dirfd, e);
	return r < 0 ? r : 0;
}

int creation_run_hooks(const struct spec *s, enum spec_hook_kind kind,
		       const struct state *st, enum status status, struct err *e)
{
	auto_free char *json = NULL;

	if (!s->hooks[kind].n)
		return 0;
	json = state_json(st, status, s, STATE_JSON_HOOK);
	if (!json)
		return err_set(e, ENOMEM, "write the state for hooks");
	return hooks_run(s, kind, json, st->bundle, e);
}

static int serve_hooks(struct creation *c, struct err *e)
{
	int r;

	if (!c->stage.parent_hooks)
		return err_text(e, EPROTO,
				"message out of order from the container's init");
	c->stage.parent_hooks = false;
	r = creation_run_hooks(c->spec, SPEC_HOOK_PRESTART, &c->state, STATUS_CREATING,
			       e);
	if (r == 0)
		r = creation_run_hooks(c->spec, SPEC_HOOK_CREATE_RUNTIME, &c->state,
				       STATUS_CREATING, e);
	if (r == 0 && sync_send(c->stage.sync, SYNC_GO, 0, -1) < 0)
		return err_text(e, EPIPE, "the container's init ended while hooks ran");
	timings_mark("hooks");
	return r;
}

static int serve_tty(struct creation *c, struct sync_in *in, struct err *e)
{
	if (c->master >= 0 || in->fd < 0 || !c->spec->process.terminal)
		return err_text(e, EPROTO,
				"message out of order from the container's init");
	if (c->console >= 0)
		return tty_send_to(c->console, in->fd, e);
	c->master = take_fd(in->fd);
	tty_copy_size(c->master);
	return 0;
}

static int serve_listener(struct creation *c, struct sync_in *in, struct err *e)
{
	auto_free char *json = NULL;

	if (in->fd < 0)
		return err_text(e, EPROTO, "no listener from the container's init");
	if (c->sandbox.pid)
		return creation_attach_sentry(c, in, e);
	if (!c->profile.notify)
		return err_text(e, EPROTO,
				"message out of order from the container's init");
	json = state_json(&c->state, STATUS_CREATING, c->spec, STATE_JSON_HOOK);
	return seccomp_send_listener(&c->spec->seccomp, -1, in->fd, c->stage.pid, json,
				     e);
}

/* The init is gone without a word: what the kernel says about it. */
static int explain_death(struct stage *st, struct err *e)
{
	int status = 0;

	if (st->pid > 0 && waitpid(st->pid, &status, 0) == st->pid) {
		st->pid = 0;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			return err_text(e, ENOMEM,
					"container init was killed (memory limit "
					"too low?)");
		if (WIFSIGNALED(status))
			return err_text(e, EPIPE, "container init died of signal %d",
					WTERMSIG(status));
	}
	return err_text(e, EPIPE, "container init ended unexpectedly (status %d)",
			WEXITSTATUS(status));
}

/* Answer the init until it has settled. */
static int serve(struct creation *c, struct err *e)
{
	for (;;) {
		struct sync_in in;
		int kind = sync_recv(c->stage.sync, &in, e), r;
		auto_close int fd = in.fd;

		switch (kind) {
		case 0:
			if (sandbox_has_ended(&c->sandbox))
				return err_text(e, EPIPE, "the sentry ended");
			return explain_death(&c->stage, e);
		case SYNC_SETTLED:
			timings_mark("settled");
			return 0;
		case SYNC_HOOKS:
			r = serve_hooks(c, e);
			break;
		case SYNC_TTY:
			r = serve_tty(c, &in, e);
			fd = in.fd;
			break;
		case SYNC_MOUNTED:
			r = creation_join_sentry(c, &in, e);
			break;
		case SYNC_LISTENER:
			r = serve_listener(c, &in, e);
			break;
		default:
			r = kind < 0 ? kind :
				       err_text(e, EPROTO,
						"message out of order from "
						"the container's init");
		}
		if (r < 0)
			return r;
	}
}

static int publish(struct creation *c, struct err *e)
{
	int r = 0;

	if (stage_limits_from_outside(&c->stage))
		r = process_apply_limits(c->stage.pid, c->stage.process, c->stage.procfs,
					 c->ctx->rootless, e);
	if (r == 0)
		r = state_save(c->dirfd, &c->state, e);
	if (r == 0 && c->args->pid_file) {
		r = creation_write_pid_file(c->args->pid_file, c->stage.pid, e);
		c->wrote_pid_file = r == 0;
	}
	if (r == 0 && c->args->pidfd_socket)
		r = creation_send_pidfd(c->args->pidfd_socket, c->stage.pidfd, e);
	timings_mark("published");
	return r;
}

static void creation_init(struct creation *c, const struct context *ctx,
			  const struct create_args *a)
{
	memset(c, 0, sizeof(*c));
	c->ctx = ctx;
	c->args = a;
	c->store.dirfd = c->dirfd = c->lock = c->console = c->master = -1;
	c->join.v2 = -1;
	for (size_t i = 0; i < CGROUP_VIEWS; i++)
		c->cgroup_views[i] = -1;
	c->sandbox.sock = -1;
	c->stage.join_cgroup_ns = c->stage.join_pidfd = c->stage.procfs = c->stage.gate =
		-1;
	c->stage.sync = c->stage.sync_child = c->stage.pidfd = -1;
}

static int build(struct creation *c, int flags, struct err *e)
{
	int r = prepare(c, e);

	if (r == 0 && c->state.sentry != SENTRY_OFF) {
		r = sandbox_spawn(&c->sandbox, e);
		timings_mark("sentry spawned");
	}
	if (r == 0)
		r = load_profile(c, e);
	timings_mark("seccomp profile");
	if (r == 0)
		r = make_cgroup(c, e);
	if (r == 0 && c->args->console_socket)
		r = c->console = tty_connect(c->args->console_socket, e);
	if (r >= 0)
		r = make_stage(c, flags, e);
	timings_mark("rootfs plan");
	if (r == 0)
		r = stage_clone(&c->stage, e);
	if (r < 0)
		return r;
	c->state.pid = c->stage.pid;
	c->state.pid_starttime = state_process_starttime(c->stage.pid);
	r = stage_release(&c->stage, c->ctx->unprivileged, e);
	if (r == 0)
		r = serve(c, e);
	return r < 0 ? r : publish(c, e);
}

int creation_build(struct creation *c, const struct context *ctx,
		   const struct create_args *a, int flags, struct err *e)
{
	int r;

	creation_init(c, ctx, a);
	if (ctx->timings)
		timings_start();
	signal(SIGCHLD, SIG_DFL);
	r = creation_guard_fds(creation_listen_fds() + a->preserve_fds, e);
	if (r == 0)
		r = store_check_id(a->id, e);
	if (r == 0)
		r = store_open(ctx->root, STORE_CREATE, &c->store, e);
	if (r == 0)
		r = build(c, flags, e);
	if (r < 0)
		creation_undo(c);
	return r;
}

void creation_undo(struct creation *c)
{
	struct err ignored = ERR_INIT;

	stage_kill(&c->stage);
	sandbox_abort(&c->sandbox);
	if (c->made_cgroup)
		cgroup_destroy(&c->state.cgroup, &ignored);
	if (c->made_dir)
		store_remove(&c->store, c->args->id, &ignored);
	if (c->wrote_pid_file)
		unlink(c->args->pid_file);
	c->made_cgroup = c->made_dir = c->wrote_pid_file = false;
}

void creation_done(struct creation *c)
{
	const int fds[] = { c->dirfd,	   c->lock,	    c->console,
			    c->master,	   c->stage.procfs, c->stage.gate,
			    c->stage.sync, c->stage.pidfd,  c->sandbox.sock };

	stage_reap_middle(&c->stage);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	cgroup_join_close(&c->join);
	cgroup_view_close(c->cgroup_views);
	rootfs_free(c->stage.rootfs);
	seccomp_program_done(&c->profile);
	ns_close(&c->ns);
	store_close(&c->store);
	state_done(&c->state);
	spec_done(&c->loaded);
	timings_mark("done");
	timings_print();
}

int container_create(const struct context *ctx, const struct create_args *a,
		     struct err *e)
{
	struct create_args args = *a;
	struct creation c;
	int r;

	args.detach = true;
	r = creation_build(&c, ctx, &args, CREATION_GATE, e);
	if (r == 0 && sync_send(c.stage.sync, SYNC_GO, 0, -1) < 0) {
		r = explain_death(&c.stage, e);
		creation_undo(&c);
	}
	creation_done(&c);
	return r;
}
