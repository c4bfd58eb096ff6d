// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From picket to the init: one clone3(2), or, where namespaces have to be joined first, a
 * middle process that joins them and clones the init as its own sibling (CLONE_PARENT),
 * so that the init is picket's child in both cases and nobody stays in between.
 */
#include "container/stage.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "container/sync.h"
#include "container/timings.h"
#include "kernel/pidfd.h"
#include "process/process.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static bool is_joining(const struct stage *st)
{
	return st->ns->join_n > 0 || st->join_pidfd >= 0;
}

bool stage_limits_from_outside(const struct stage *st)
{
	return st->ns->identity || st->spec->ns[SPEC_NS_USER].present;
}

/* Namespaces that the clone itself makes: none for exec. */
static uint64_t new_namespaces(const struct stage *st)
{
	return st->join_pidfd >= 0 ? 0 : st->ns->clone_flags;
}

/*
 * Returns the init's pid in the caller, -errno; the child does not return.  Where the
 * kernel refuses to clone into the cgroup (a threaded parent, no permission on the common
 * ancestor) the parent puts it there afterwards.
 */
static pid_t clone_init(struct stage *st, uint64_t extra)
{
	struct clone_args args = {
		.flags = new_namespaces(st) | CLONE_PIDFD | extra,
		.pidfd = (uint64_t)(uintptr_t)&st->pidfd,
		.exit_signal = extra & CLONE_PARENT ? 0 : SIGCHLD,
	};
	pid_t pid = -1;

	st->waits = st->attach || (new_namespaces(st) & CLONE_NEWUSER);
	if (!st->attach && st->cgroup->v2 >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)st->cgroup->v2;
		pid = kernel_clone3(&args);
		if (pid < 0) {
			args.flags &= ~CLONE_INTO_CGROUP;
			args.cgroup = 0;
			st->attach = st->waits = true;
		}
	}
	if (pid < 0)
		pid = kernel_clone3(&args);
	if (pid == 0) {
		cleanup_close(&st->cloned);
		stage_init(st);
	}
	return pid < 0 ? -errno : pid;
}

static int middle_work(struct stage *st, struct err *e)
{
	pid_t pid;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (st->join_pidfd >= 0) {
		/* Tasks of the container must not trace us: CVE-2016-9962. */
		prctl(PR_SET_DUMPABLE, 0);
		r = process_set_affinity(st->process->exec_cpu_initial, e);
		if (r == 0)
			r = ns_join_pidfd(st->join_pidfd, st->join_flags, e);
	} else {
		r = ns_join(st->ns, e);
		if (r == 0 && (st->ns->clone_flags & CLONE_NEWUSER))
			ns_net_open(st->ns, &st->process->caps, st->procfs);
	}
	if (r < 0)
		return r;
	pid = clone_init(st, CLONE_PARENT);
	if (pid < 0)
		return err_set(e, (int)-pid, "clone the container's init");
	r = sync_send(st->cloned, SYNC_CLONED, pid | (st->attach ? 1 << 30 : 0),
		      st->pidfd);
	return r < 0 ? err_set(e, -r, "report the container's init") : 0;
}

/* It answers on a socket of its own: the init may speak on the other before it does. */
static int clone_through_middle(struct stage *st, struct err *e)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	struct err failed = ERR_INIT;
	auto_close int answer = -EBADF;
	struct sync_in in;
	int r = sync_pair(&answer, &st->cloned, e);

	if (r < 0)
		return r;
	st->middle = kernel_clone3(&args);
	if (st->middle < 0) {
		st->middle = 0;
		return err_set(e, errno, "fork");
	}
	if (st->middle == 0) {
		r = middle_work(st, &failed);
		if (r < 0)
			sync_send_error(st->cloned, &failed);
		_exit(r < 0);
	}
	/* Else its death would not show as an end of file. */
	close(take_fd(st->cloned));
	r = sync_expect(answer, SYNC_CLONED, &in, e);
	if (r < 0)
		return r;
	st->attach = in.value & (1 << 30);
	st->pid = in.value & ~(1 << 30);
	st->pidfd = in.fd;
	st->waits = st->attach || (new_namespaces(st) & CLONE_NEWUSER);
	return st->pidfd < 0 ? err_text(e, EPROTO, "no pidfd of the container's init") :
			       0;
}

int stage_clone(struct stage *st, struct err *e)
{
	int r = sync_pair(&st->sync, &st->sync_child, e);
	pid_t pid;

	if (r < 0)
		return r;
	st->pid = st->middle = 0;
	st->pidfd = st->cloned = -1;
	if (is_joining(st)) {
		r = clone_through_middle(st, e);
	} else {
		pid = clone_init(st, 0);
		if (pid < 0)
			r = err_set(e, (int)-pid, "clone the container's init");
		else
			st->pid = pid;
	}
	if (st->sync_child >= 0)
		close(take_fd(st->sync_child));
	timings_mark("clone");
	return r;
}

int stage_release(struct stage *st, bool unprivileged, struct err *e)
{
	int r = 0;

	if (new_namespaces(st) & CLONE_NEWUSER)
		r = idmap_write(st->pid, st->ns, unprivileged, e);
	if (r == 0 && st->attach)
		r = cgroup_attach(st->where, st->pid, e);
	if (r == 0 && st->waits) {
		/* EPIPE: it has died, and its own message says why. */
		r = sync_send(st->sync, SYNC_GO, 0, -1);
		r = r == -EPIPE ? 0 : r;
		if (r < 0)
			err_set(e, -r, "let the container's init go on");
	}
	timings_mark("id maps");
	return r;
}

void stage_reap_middle(struct stage *st)
{
	if (st->middle > 0)
		waitpid(st->middle, NULL, 0);
	st->middle = 0;
}

void stage_kill(struct stage *st)
{
	if (st->sync >= 0)
		close(st->sync);
	st->sync = -1;
	if (st->pidfd >= 0)
		kernel_pidfd_send_signal(st->pidfd, SIGKILL);
	stage_reap_middle(st);
	if (st->pid > 0)
		waitpid(st->pid, NULL, __WALL);
	st->pid = 0;
	if (st->pidfd >= 0)
		close(st->pidfd);
	st->pidfd = -1;
}
