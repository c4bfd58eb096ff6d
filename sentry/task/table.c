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
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "notify/notify.h"
#include "task/internal.h"

#define SLOTS 512
#define NOFILE_WANTED 65536
#define SLOT_FDS 3		/* pidfd, /proc/TID, working directory */
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

bool proc_has(int dir, const char *name)
{
	auto_close int fd = openat(dir, name, O_PATH | O_CLOEXEC);

	return fd >= 0 || errno == EACCES;
}

static void reset(struct task *t)
{
	if (t->tid) {
		close(t->pidfd);
		close(t->dir);
		if (t->cwd >= 0)
			close(t->cwd);
		if (t->fds >= 0)
			close(t->fds);
	}
	task_status_done(&t->st);
	t->tid = 0;
	t->seen_ns = 0;
	t->pidfd = t->dir = t->fds = t->cwd = -1;
	t->known = t->umask_known = t->thread_pidfd = false;
	t->changing = false;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Is the thread that the entry was made for still there? */
static bool is_alive(struct task *t)
{
	struct pollfd p = { .fd = t->pidfd, .events = POLLIN };
	int64_t now = now_ns();
	bool alive;

	if (now - t->seen_ns < FRESH_NS)
		return true;
	if (t->leader || t->thread_pidfd)
		alive = poll(&p, 1, 0) == 0;
	else
		alive = proc_has(t->dir, "stat");
	t->seen_ns = now;
	return alive;
}

static int open_all(struct call *c, struct task *t)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", c->tid);
	t->dir = proc_open(task_procfs(), name, O_PATH | O_DIRECTORY);
	if (t->dir < 0)
		return t->dir == -ENOENT ? -ESRCH : t->dir;
	t->tid = c->tid;
	t->pidfd = kernel_pidfd_open(c->tid, 0);	/* refuses all but leaders */
	t->leader = t->pidfd >= 0;
	if (!t->leader)
		t->pidfd = kernel_pidfd_open(c->tid, PIDFD_OF_THREAD);
	t->thread_pidfd = t->pidfd >= 0;
	return 0;
}

/* A leader that another thread of the process is about to replace by itself (execve). */
static bool is_unsteady(const struct task *t)
{
	return t->leader && change_is_pending(CHANGE_EXEC, t->tid, t->tid);
}

/* Everything by number is right only if the caller still waits afterwards. */
static int fill(struct call *c, struct task *t)
{
	unsigned int all = change_epoch_all(CHANGE_UMASK);
	int r = 0;

	if (!t->tid)
		r = open_all(c, t);
	if (r < 0)
		return r;
	t->cwd_known = false;
	t->known = !is_unsteady(t);
	r = status_read(t);
	if (r < 0)
		return r;
	if (t->pidfd < 0)
		t->pidfd = kernel_pidfd_open(t->st.tgid, 0);
	if (t->pidfd < 0)
		return -errno;
	t->umask_epoch = change_epoch(CHANGE_UMASK, t->st.tgid);
	t->umask_known = !change_is_pending(CHANGE_UMASK, t->st.tgid, t->tid) &&
			 change_epoch_all(CHANGE_UMASK) == all;
	return notify_is_valid(c) ? 0 : -ESRCH;
}

static bool is_current(struct call *c, struct task *t)
{
	if (t->tid != c->tid || !is_alive(t)) {
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
	if (!is_current(c, t)) {
		r = fill(c, t);
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
	auto_close int fd = -EBADF;

	if (t) {
		bool leader = t->leader;

		atomic_store(&t->held, false);
		return leader;
	}
	fd = kernel_pidfd_open(c->tid, 0);
	return fd >= 0;
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
