// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The init's life before its program: from clone3 to execve.  Runs in the container's new
 * namespaces with everything inherited in memory from picket; errors go to the parent
 * over the sync socket until the gate has been passed.
 */
#include "container/stage.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "container/sync.h"
#include "container/timings.h"
#include "hooks/hooks.h"
#include "kernel/pidfd.h"
#include "process/process.h"
#include "sandbox/sandbox.h"

extern char **environ;

struct program {
	char *path;
	char **env;
};

/* The parent may be gone, or may have given up: then there is nobody to run for. */
static void wait_go(const struct stage *st)
{
	struct err ignored = ERR_INIT;
	struct sync_in in;

	if (sync_expect(st->sync_child, SYNC_GO, &in, &ignored) < 0)
		_exit(1);
}

static int send_fd(const struct stage *st, enum sync_kind kind, int fd, struct err *e)
{
	int r = sync_send(st->sync_child, kind, 0, fd);

	return r < 0 ? err_set(e, -r, "report to picket") : 0;
}

/* What picket's caller ignored or blocked is not the container's business. */
static void reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL }, old;
	sigset_t none;

	for (int sig = 1; sig < _NSIG; sig++)
		if (sigaction(sig, NULL, &old) == 0 && old.sa_handler != SIG_DFL)
			sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Hooks that run in the container: its own pid for them is its pid in there. */
static int run_hooks(const struct stage *st, enum spec_hook_kind kind, enum status status,
		     struct err *e)
{
	struct state s = *st->state;
	auto_free char *json = NULL;

	if (!st->spec->hooks[kind].n)
		return 0;
	s.pid = getpid();
	json = state_json(&s, status, st->spec, STATE_JSON_HOOK);
	if (!json)
		return err_set(e, ENOMEM, "write the state for hooks");
	return hooks_run(st->spec, kind, json, NULL, e);
}

static int enter(const struct stage *st, struct err *e)
{
	const struct spec *s = st->spec;
	bool user_ns = s->ns[SPEC_NS_USER].present;
	int r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (st->waits)
		wait_go(st);
	if (st->join_pidfd >= 0)
		prctl(PR_SET_DUMPABLE, 0);
	if (user_ns)
		r = ns_become_root(st->ns, e);
	if (r < 0)
		return r;
	if (setsid() < 0)
		return err_set(e, errno, "make a session");
	if (st->new_keyring)
		r = process_new_keyring(st->state->id, st->process, st->procfs, e);
	if (r == 0)
		r = cgroup_join_self(st->cgroup, e);
	if (r == 0 && st->join_cgroup_ns >= 0 &&
	    setns(st->join_cgroup_ns, CLONE_NEWCGROUP) < 0)
		return err_set(e, errno, "join the container's cgroup namespace");
	timings_mark("cgroup join");
	return r;
}

/* create and run: the container around the program. */
static int build(const struct stage *st, struct err *e)
{
	int r = ns_unshare(st->ns, st->spec, st->procfs, e);

	if (r == 0 && (st->ns->clone_flags & CLONE_NEWNET))
		r = ns_net_up(e);
	timings_mark("network");
	if (r == 0)
		r = rootfs_mount(st->rootfs, e);
	timings_mark("mounts");
	if (r == 0 && st->parent_hooks) {
		r = send_fd(st, SYNC_HOOKS, -1, e);
		if (r == 0)
			wait_go(st);
	}
	if (r == 0)
		r = run_hooks(st, SPEC_HOOK_CREATE_CONTAINER, STATUS_CREATING, e);
	if (r == 0)
		r = rootfs_pivot(st->rootfs, e);
	timings_mark("pivot");
	return r;
}

/*
 * An ordinary user's sentry may join our namespaces only while it may trace us (root's
 * has CAP_SYS_PTRACE).  Nobody else may then who could not before, as long as no
 * namespace is shared with another container.
 */
static void let_sentry_trace(const struct stage *st)
{
	if (st->unprivileged && st->ns->join_n == 0 && st->join_pidfd < 0)
		prctl(PR_SET_DUMPABLE, 1);
}

/* The sentry's mounts are made while we go on; before the seal, or while it may join. */
static int report_mounts(const struct stage *st, struct err *e)
{
	bool waits = st->unprivileged || rootfs_wants_seal(st->rootfs);
	int r;

	if (st->sentry == SENTRY_OFF)
		return 0;
	let_sentry_trace(st);
	r = sync_send(st->sync_child, SYNC_MOUNTED, waits, -1);
	if (r < 0)
		return err_set(e, -r, "report to picket");
	if (waits)
		wait_go(st);
	timings_mark("sentry joined");
	return rootfs_seal(st->rootfs, e);
}

static int take_terminal(const struct stage *st, struct err *e)
{
	const struct spec_process *p = st->process;
	auto_close int master = -1, slave = -1;
	int r = 0;

	if (p->terminal) {
		r = tty_open(p->console_height, p->console_width, &master, &slave, e);
		if (r == 0)
			r = send_fd(st, SYNC_TTY, master, e);
	}
	if (r == 0 && st->rootfs)
		r = rootfs_finish(st->rootfs, slave, e);
	if (r == 0 && st->rootfs)
		r = report_mounts(st, e);
	if (r < 0 || !p->terminal)
		return r;
	/* Its name would be that of a mount which is gone: see seal.c. */
	if (st->rootfs && rootfs_is_sealed(st->rootfs))
		tty_reopen(master, &slave);
	return tty_take(slave, e);
}

static int settle_system(const struct stage *st, struct err *e)
{
	int r = take_terminal(st, e);

	timings_mark("rootfs finish");
	if (r == 0 && st->rootfs)
		r = process_apply_uts(st->spec, e);
	if (r == 0 && st->rootfs)
		r = process_apply_sysctl(st->spec, st->procfs, e);
	if (r == 0)
		r = process_apply_lsm(st->process, st->procfs, e);
	if (r == 0)
		r = process_apply_personality(st->spec->personality, e);
	if (r == 0 && !st->rootfs)
		r = process_set_affinity(st->process->exec_cpu_final, e);
	return r;
}

/* sd_listen_fds(3) for the program, which will be what it calls process 1. */
static int add_listen_env(const struct stage *st, char ***env, struct err *e)
{
	size_t n = 0;
	char **v;

	if (!st->listen_fds)
		return 0;
	while ((*env)[n])
		n++;
	v = realloc(*env, (n + 3) * sizeof(*v));
	if (!v)
		return err_set(e, ENOMEM, "add LISTEN_FDS");
	*env = v;
	v[n] = str_printf("LISTEN_FDS=%u", st->listen_fds);
	v[n + 1] = v[n] ? str_printf("LISTEN_PID=%d", (int)getpid()) : NULL;
	v[n + 2] = NULL;
	return v[n + 1] ? 0 : err_set(e, ENOMEM, "add LISTEN_FDS");
}

/* Ids, working directory, program: what the user may not reach must fail here. */
static int become_user(const struct stage *st, struct program *ret, struct err *e)
{
	const struct spec_process *p = st->process;
	const char *keep = spec_annotation(st->spec, "run.oci.keep_original_groups");
	struct err first = ERR_INIT;
	int r, cwd;

	r = process_env(p, &ret->env, e);
	if (r == 0)
		r = add_listen_env(st, &ret->env, e);
	if (r == 0 && !stage_limits_from_outside(st))
		r = process_apply_limits(0, p, st->procfs, st->state->rootless, e);
	if (r == 0)
		r = process_take_stdio(p, e);
	if (r < 0)
		return r;
	prctl(PR_SET_DUMPABLE, 0);
	if (p->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "set no_new_privs");
	/* A directory that only root may enter, or only the user: both are wanted by someone. */
	cwd = process_chdir(p->cwd, st->rootfs ? PROCESS_CWD_MAKE : 0, &first);
	r = process_drop_ids(p, keep && str_eq(keep, "1"), e);
	if (r == 0 && cwd < 0)
		r = process_chdir(p->cwd, 0, e);
	/* Changed ids have switched it back. */
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (r == 0)
		r = process_find_program(p, ret->env, &ret->path, e);
	timings_mark("user");
	return r;
}

static int install_profile(const struct stage *st, struct err *e)
{
	auto_close int listener = -1;
	int r = 0;

	if (!st->profile || !st->profile->insns)
		return 0;
	r = seccomp_install(st->profile, &listener, e);
	if (r == 0 && listener >= 0)
		r = send_fd(st, SYNC_LISTENER, listener, e);
	return r;
}

static int install_sentry(const struct stage *st, struct err *e)
{
	auto_close int listener = -1;
	int r;

	if (st->sentry == SENTRY_OFF)
		return 0;
	listener = sandbox_install_filter(st->sentry, e);
	if (listener < 0)
		return listener;
	let_sentry_trace(st);
	/* Until the sentry has it, every mediated call of ours would wait. */
	r = sync_send(st->sync_child, SYNC_LISTENER,
		      st->rootfs && rootfs_is_sealed(st->rootfs), listener);
	return r < 0 ? err_set(e, -r, "report to picket") : 0;
}

/*
 * Filters and capabilities.  Without no_new_privs a filter needs CAP_SYS_ADMIN, so the
 * capabilities go last; with it they go first, so that a profile need not allow capset.
 */
static int restrict_self(const struct stage *st, struct err *e)
{
	bool nnp = st->process->no_new_privileges;
	int r = nnp ? process_drop_caps(st->process, e) : 0;

	if (r == 0)
		r = install_sentry(st, e);
	if (r == 0)
		r = install_profile(st, e);
	if (r == 0 && !nnp)
		r = process_drop_caps(st->process, e);
	timings_mark("filters");
	return r;
}

static void exit_by_signal(int sig)
{
	_exit(128 + sig);
}

/* From first up to, not including, end.  A profile may deny it: all are close-on-exec. */
static void close_between(unsigned int first, unsigned int end)
{
	if (first < end)
		syscall(SYS_close_range, first, end - 1, 0);
}

/*
 * create: wait for `start`.  The first process of a pid namespace is deaf to signals that
 * it has no handler for, but `kill` on a created container has to work.
 */
static int pass_gate(const struct stage *st, struct err *e)
{
	static const int signals[] = { SIGHUP,	SIGINT,	 SIGQUIT, SIGTERM,
				       SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction act = { .sa_handler = exit_by_signal };
	int r;

	if (st->gate < 0)
		return 0;
	/* It may wait for days, in the sight of others: nothing of the host's stays open. */
	close_between(3 + st->preserve_fds, (unsigned int)st->gate);
	close_between((unsigned int)st->gate + 1, ~0U);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &act, NULL);
	r = fifo_wait(st->gate);
	return r < 0 ? err_set(e, -r, "wait for start") : 0;
}

static int run_program(const struct stage *st, const struct program *prog, struct err *e)
{
	int r = 0;

	environ = prog->env;
	if (st->rootfs)
		r = run_hooks(st, SPEC_HOOK_START_CONTAINER, STATUS_CREATED, e);
	if (r < 0)
		return r;
	fd_cloexec_from(3 + st->preserve_fds);
	for (unsigned int i = 0; i < st->preserve_fds; i++)
		fcntl(3 + (int)i, F_SETFD, 0);
	execve(prog->path, (char **)st->process->args.v, prog->env);
	return err_set(e, errno, "exec %s", prog->path);
}

static int live(const struct stage *st, struct err *e)
{
	struct program prog = { 0 };
	int r = enter(st, e);

	if (r == 0 && st->rootfs)
		r = build(st, e);
	if (r == 0)
		r = settle_system(st, e);
	if (r == 0)
		r = become_user(st, &prog, e);
	if (r == 0)
		r = restrict_self(st, e);
	/* From here on an end of file says that picket died; after GO it may. */
	prctl(PR_SET_PDEATHSIG, 0);
	if (r == 0)
		r = send_fd(st, SYNC_SETTLED, -1, e);
	if (r < 0)
		return r;
	wait_go(st);
	if (st->gate >= 0) {
		/* create is over; what fails from here on has only stderr to say so. */
		close(st->sync_child);
		r = pass_gate(st, e);
	}
	return r < 0 ? r : run_program(st, &prog, e);
}

void stage_init(const struct stage *st)
{
	struct err e = ERR_INIT;

	timings_enter_init();
	timings_mark("born");
	if (st->sync >= 0)
		close(st->sync);
	reset_signals();
	live(st, &e);
	if (sync_send_error(st->sync_child, &e) < 0)
		dprintf(2, "picket: %s\n", e.msg);
	_exit(1);
}
