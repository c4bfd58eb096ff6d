// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cache of callers: one slot per tid modulo its size, held by one worker at a time.
 * A slot that is taken, by another tid or another worker, costs the caller a fresh entry
 * and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "notify/notify.h"
#include "task/internal.h"

#define SLOTS 512
#define NOFILE_WANTED 65536
#define SLOT_FDS 3		/* pidfd, /proc/TID/fd, working directory */
/* No tid comes round again this soon: the kernel would have to use up all others first. */
#define FRESH_NS 5000000
#define PIDFD_OF_THREAD O_EXCL	/* PIDFD_THREAD, Linux 6.9 */

static struct task slots[SLOTS];
static _Thread_local struct task spare;
static unsigned int slots_n = SLOTS;	/* as many as the limit on descriptors allows */

static struct task *slot_of(pid_t tid)
{
	return &slots[(unsigned int)tid % slots_n];
}

/* At most half of the descriptors for the cache. */
int table_init(void)
{
	struct rlimit lim = { NOFILE_WANTED, NOFILE_WANTED };

	setrlimit(RLIMIT_NOFILE, &lim);		/* where we may; else what there is */
	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return -errno;
	lim.rlim_cur = lim.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &lim) < 0)
		return -errno;
	if (lim.rlim_max / (2 * SLOT_FDS) < SLOTS)
		slots_n = (unsigned int)(lim.rlim_max / (2 * SLOT_FDS)) + 1;
	return 0;
}

/* In the sentry's procfs (hidepid) a task that may not be traced is not there at all. */
static bool is_refusal(int dir, int error)
{
	return error == EACCES || error == EPERM ||
	       (error == ENOENT && dir == task_procfs());
}

int proc_open(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CLOEXEC);

	if (fd < 0 && is_refusal(dir, errno) && task_own_caps() == 0)
		fd = openat(dir, name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_open_task(const struct call *c, const char *name, int flags)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "%d/%s", c->tid, name);
	fd = proc_open(task_procfs(), path, flags);
	if (fd < 0 || notify_is_valid(c))
		return fd;
	close(fd);
	return -ESRCH;
}

static void reset(struct task *t)
{
	if (t->tid) {
		if (t->pidfd >= 0)
			close(t->pidfd);
		if (t->cwd >= 0)
			close(t->cwd);
		if (t->fds >= 0)
			close(t->fds);
	}
	task_status_done(&t->st);
	t->tid = 0;
	t->pidfd = t->fds = t->cwd = -1;
	t->known = t->umask_known = t->own_pidfd = false;
	t->changing = false;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/*
 * Is the thread that the entry was made for still there?  Most processes are gone before
 * anybody has to ask: a pidfd, to ask by, is for those that outlive their first entry.
 */
static bool is_alive(struct task *t)
{
	struct pollfd p = { .fd = t->pidfd, .events = POLLIN };
	int64_t now = now_ns();

	if (now - t->seen_ns < FRESH_NS)
		return true;
	if (!t->own_pidfd || poll(&p, 1, 0) != 0)
		return false;
	t->seen_ns = now;
	return true;
}

int pidfd_fill(const struct call *c, struct task *t)
{
	if (t->pidfd >= 0)
		return 0;
	/* Without a flag for leaders only; before Linux 6.9 a thread has none of its own. */
	t->pidfd = kernel_pidfd_open(c->tid, 0);
	if (t->pidfd < 0)
		t->pidfd = kernel_pidfd_open(c->tid, PIDFD_OF_THREAD);
	t->own_pidfd = t->pidfd >= 0;
	if (t->pidfd < 0)
		t->pidfd = kernel_pidfd_open(t->st.tgid, 0);
	if (t->pidfd < 0)
		return -errno;
	if (notify_is_valid(c))
		return 0;
	close(t->pidfd);
	t->pidfd = -1;
	t->own_pidfd = false;
	return -ESRCH;
}

/* The leader is about to be replaced by another thread of the process (execve). */
static bool is_unsteady(const struct task *t)
{
	return change_is_pending(CHANGE_EXEC, t->tid, t->tid);
}

static int fill(struct call *c, struct task *t, bool stays)
{
	unsigned int all = change_epoch_all(CHANGE_UMASK);
	int r;

	t->tid = c->tid;
	t->cwd_known = false;
	t->known = !is_unsteady(t);
	r = status_read(c, t);
	if (r < 0)
		return r;
	t->umask_epoch = change_epoch(CHANGE_UMASK, t->st.tgid);
	t->umask_known = !change_is_pending(CHANGE_UMASK, t->st.tgid, t->tid) &&
			 change_epoch_all(CHANGE_UMASK) == all;
	t->seen_ns = now_ns();
	return stays ? pidfd_fill(c, t) : 0;
}

/* Is what the entry says right?  *ret_stays: it is not, only for its age. */
static bool is_current(struct call *c, struct task *t, bool *ret_stays)
{
	*ret_stays = false;
	if (t->tid != c->tid || !is_alive(t)) {
		*ret_stays = t->tid == c->tid;
		reset(t);
		return false;
	}
	if (t->changing) {
		change_over(t->tid);
		t->changing = false;
	}
	return t->known && !is_unsteady(t);
}

int task_get(struct call *c)
{
	struct task *t = slot_of(c->tid);
	bool stays;
	int r;

	if (c->task)
		return 0;
	r = worker_init();
	if (r < 0)
		return r;
	if (atomic_exchange(&t->held, true)) {
		t = &spare;
		t->spare = true;
	}
	if (!is_current(c, t, &stays)) {
		r = fill(c, t, stays);
		if (r < 0) {
			reset(t);
			atomic_store(&t->held, false);
			return r;
		}
	}
	c->task = t;
	return 0;
}

void task_put(struct call *c)
{
	struct task *t = c->task;

	c->task = NULL;
	if (!t)
		return;
	if (t->spare)
		reset(t);
	atomic_store(&t->held, false);
}

void task_leave_dirs(struct call *c)
{
	for (unsigned int i = 0; i < slots_n; i++) {
		struct task *t = &slots[i];

		if (t != c->task && atomic_exchange(&t->held, true))
			continue;
		if (t->tid && t->cwd >= 0)
			close(t->cwd);
		t->cwd = -1;
		if (t != c->task)
			atomic_store(&t->held, false);
	}
}

/* The caller's slot if it has one, held; NULL otherwise.  Costs no system call. */
static struct task *slot_hold(struct call *c)
{
	struct task *t = slot_of(c->tid);

	if (atomic_exchange(&t->held, true))
		return NULL;
	if (t->tid == c->tid)
		return t;
	atomic_store(&t->held, false);
	return NULL;
}

void task_forget(struct call *c)
{
	struct task *t = slot_hold(c);

	if (!t)
		return;
	t->known = false;
	atomic_store(&t->held, false);
}

static bool is_leader(struct call *c)
{
	struct task *t = slot_hold(c);
	bool leader;

	/* Of leaders only, whatever their label: an init may have picket's own yet. */
	if (!t) {
		auto_close int pidfd = kernel_pidfd_open(c->tid, 0);

		return pidfd >= 0;
	}
	leader = t->st.tgid == t->tid;
	atomic_store(&t->held, false);
	return leader;
}

void task_forget_exec(struct call *c)
{
	if (!is_leader(c) && task_get(c) == 0) {
		change_note(CHANGE_EXEC, c->task->st.tgid, c->tid);
		c->task->changing = true;
		task_put(c);
	}
	task_forget(c);
}

void task_note_umask(struct call *c, mode_t mask)
{
	struct task *t;

	if (task_get(c) < 0)
		return;
	t = c->task;
	change_note(CHANGE_UMASK, t->st.tgid, t->tid);
	t->changing = true;
	t->umask_epoch = change_epoch(CHANGE_UMASK, t->st.tgid);
	t->st.umask = mask & 0777;
	t->umask_known = true;
}

void task_note_cwd(struct call *c)
{
	if (task_get(c) < 0)
		return;
	change_note(CHANGE_CWD, c->task->st.tgid, c->task->tid);
	c->task->changing = true;
	c->task->cwd_known = false;
}
