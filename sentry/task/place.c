// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a caller stands: its descriptors, its working directory, its own numbers in a
 * procfs, its terminal.  Asked from the kernel on each use.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/pidfd.h"
#include "task/internal.h"

#define PIDS_MAX 34		/* MAX_PID_NS_LEVEL is 32 */
#define FDS_FEW	 16

int task_get_fd(struct call *c, int guest_fd)
{
	int fd, r = task_get(c);

	if (r < 0)
		return r;
	if (guest_fd < 0)
		return -EBADF;
	r = pidfd_fill(c, c->task);
	if (r < 0)
		return r;
	fd = kernel_pidfd_getfd(c->task->pidfd, guest_fd);
	if (fd < 0 && errno == EPERM && task_own_caps() == 0)
		fd = kernel_pidfd_getfd(c->task->pidfd, guest_fd);
	return fd < 0 ? -errno : fd;
}

int task_get_file(struct call *c, int guest_fd)
{
	int fd = task_get_fd(c, guest_fd);

	if (fd < 0 || !(fcntl(fd, F_GETFL) & O_PATH))
		return fd;
	close(fd);
	return -EBADF;
}

int task_limit(struct call *c, unsigned int resource, const struct rlimit *new,
	       struct rlimit *ret_old)
{
	const enum __rlimit_resource which = resource;

	if (prlimit(c->tid, which, new, ret_old) == 0)
		return 0;
	/* Another user's task: CAP_SYS_RESOURCE. */
	if (errno == EPERM && task_own_caps() == 0 &&
	    prlimit(c->tid, which, new, ret_old) == 0)
		return 0;
	return -errno;
}

/*
 * The number of open descriptors is the size of /proc/TID/fd since Linux 6.2 (before: 0).
 * No limit worth its name is below a few.
 */
bool task_fds_full(struct call *c)
{
	struct task *t = c->task;
	struct rlimit lim;
	struct stat st;

	if (t->fds < 0)
		t->fds = proc_open_task(c, "fd", O_PATH);
	if (t->fds < 0 || fd_stat(t->fds, &st) < 0 || st.st_size < FDS_FEW)
		return false;
	return task_limit(c, RLIMIT_NOFILE, NULL, &lim) == 0 &&
	       (rlim_t)st.st_size >= lim.rlim_cur;
}

/* Threads may share it, as the umask: see umask_set(). */
int task_cwd(struct call *c)
{
	struct task *t;
	unsigned int epoch;
	int fd, r = task_get(c);

	if (r < 0)
		return r;
	t = c->task;
	epoch = change_epoch(CHANGE_CWD, t->st.tgid);
	if (t->cwd >= 0 && t->cwd_known && t->cwd_epoch == epoch)
		return t->cwd;
	t->cwd_known = !change_is_pending(CHANGE_CWD, t->st.tgid, t->tid);
	t->cwd_epoch = epoch;
	fd = proc_open_task(c, "cwd", O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	if (t->cwd >= 0)
		close(t->cwd);
	t->cwd = fd;
	t->cwd_kind = -1;
	return fd;
}

int task_base(struct call *c, int guest_dirfd)
{
	char name[24];
	int fd, r = task_get(c);

	if (r < 0)
		return r;
	if (guest_dirfd == AT_FDCWD) {
		fd = task_cwd(c);
		if (fd >= 0)
			fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		return fd < 0 && fd != -ESRCH ? -errno : fd;
	}
	r = pidfd_fill(c, c->task);
	if (r < 0)
		return r;
	if (c->task->own_pidfd)
		return task_get_fd(c, guest_dirfd);
	/* Linux before 6.9: the pidfd is the leader's; a thread may have its own table. */
	if (guest_dirfd < 0)
		return -EBADF;
	snprintf(name, sizeof(name), "fd/%d", guest_dirfd);
	fd = proc_open_task(c, name, O_PATH);
	return fd == -ENOENT ? -EBADF : fd;
}

/* A short procfs file of the caller's. */
static int read_text(struct call *c, const char *name, char *text, size_t size)
{
	auto_close int fd = -EBADF;
	ssize_t n;
	int r = task_get(c);

	if (r < 0)
		return r;
	fd = proc_open_task(c, name, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	n = read(fd, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

int task_personality(struct call *c, unsigned long *ret)
{
	char text[16];
	int r = read_text(c, "personality", text, sizeof(text));

	if (r == 0)
		*ret = strtoul(text, NULL, 16);
	return r;
}

/* The numbers after "key:" in the text of a status file.  Returns how many, 0 if none. */
static size_t pids_parse(const char *text, const char *key, pid_t v[PIDS_MAX])
{
	char *s = strstr(text, key);
	size_t n = 0;

	s = s ? s + strlen(key) : NULL;
	while (s && *s == '\t' && n < PIDS_MAX)
		v[n++] = (pid_t)strtol(s + 1, &s, 10);
	return n;
}

/* Those of one task by thread (tids) and by thread group.  Returns how many, 0 if none. */
static size_t pids_read(int status, pid_t tids[PIDS_MAX], pid_t tgids[PIDS_MAX])
{
	char buf[4096], *text = NULL;
	size_t n;

	if (status < 0 || proc_read(status, buf, sizeof(buf), &text) < 0)
		return 0;
	n = pids_parse(text, "\nNStgid:", tgids);
	if (pids_parse(text, "\nNSpid:", tids) != n)
		n = 0;
	if (text != buf)
		free(text);
	return n;
}

/*
 * The numbers of a task from the sentry's namespace inwards are known; those that another
 * procfs shows begin at its own namespace, so they are a tail of ours.  The longest tail
 * that is found there under its own first number is the right one.
 */
static pid_t number_in(int root, const pid_t *ours, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pid_t tids[PIDS_MAX], theirs[PIDS_MAX];
		auto_close int fd = -EBADF;
		char name[32];
		size_t m;

		snprintf(name, sizeof(name), "%d/status", ours[i]);
		fd = proc_open(root, name, O_RDONLY);
		m = pids_read(fd, tids, theirs);
		if (m == n - i && !memcmp(theirs, ours + i, m * sizeof(*ours)))
			return ours[i];
	}
	return 0;
}

pid_t task_tgid_in(struct call *c, int procfs_root, pid_t *ret_tid)
{
	auto_close int fd = proc_open_task(c, "status", O_RDONLY);
	pid_t tids[PIDS_MAX], tgids[PIDS_MAX], tgid;
	size_t n = pids_read(fd, tids, tgids);

	*ret_tid = 0;
	tgid = number_in(procfs_root, tgids, n);
	for (size_t i = 0; tgid && i < n; i++)
		if (tgids[i] == tgid)
			*ret_tid = tids[i];
	return tgid;
}

int task_stat(struct call *c, int64_t ret[TASK_STAT_FIELDS])
{
	auto_close int fd = -EBADF;
	char buf[1024], *s;
	ssize_t n;
	int r = task_get(c);

	if (r < 0)
		return r;
	fd = proc_open_task(c, "stat", O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	n = read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -ESRCH;
	buf[n] = '\0';
	memset(ret, 0, TASK_STAT_FIELDS * sizeof(*ret));
	/* "pid (name) state ppid ...": the name may hold anything. */
	s = strrchr(buf, ')');
	if (!s || strlen(s) < sizeof(") S"))
		return -EPROTO;
	s += strlen(") S");
	for (int i = 4; i < TASK_STAT_FIELDS && *s == ' '; i++)
		ret[i] = strtoll(s + 1, &s, 10);
	return 0;
}

dev_t task_tty(struct call *c)
{
	int64_t v[TASK_STAT_FIELDS];
	unsigned int tty;

	if (task_stat(c, v) < 0)
		return 0;
	tty = (unsigned int)v[TASK_STAT_TTY];
	return makedev((tty >> 8) & 0xfff, (tty & 0xff) | ((tty >> 12) & 0xfff00));
}
