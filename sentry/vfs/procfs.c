// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is a procfs, and what in it is the sentry's own.  The sentry must never open its
 * own files there for a guest: the kernel lets a process open its own memory without a
 * question.  In the container's procfs it does not appear; in any other it may.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "notify/notify.h"
#include "task/task.h"
#include "vfs/internal.h"

#define PROCFS_ROOT_INO 1
#define DEPTH_MAX 32

static dev_t blind_dev;
static int blind_fd = -1;	/* kept open: the device number cannot be given to another */

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool procfs_is_root(int fd)
{
	struct stat st;

	return is_procfs(fd) && fd_stat(fd, &st) == 0 && st.st_ino == PROCFS_ROOT_INO;
}

int vfs_init(int flags)
{
	auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	char buf[16];

	tty_disown();
	if (flags & VFS_LIST_PROCFS)
		answer_init();
	if (fd < 0 || !procfs_is_root(fd) || fd_stat(fd, &st) < 0)
		return 0;
	if (readlinkat(fd, "self", buf, sizeof(buf)) >= 0 || errno != ENOENT)
		return 0;
	blind_dev = st.st_dev;
	blind_fd = take_fd(fd);
	return 0;
}

bool procfs_is_blind(void)
{
	return blind_fd >= 0;
}

enum procfs_kind procfs_kind(int fd)
{
	struct stat st;

	if (!is_procfs(fd))
		return PROCFS_NOT;
	if (blind_fd >= 0 && fd_stat(fd, &st) == 0 && st.st_dev == blind_dev)
		return PROCFS_BLIND;
	return PROCFS_SEEING;
}

/* The thread group that a /proc/PID directory belongs to; 0: it is not such a directory;
 * -1: cannot tell. */
static pid_t owner_of(int dir)
{
	auto_close int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char buf[1024], *s;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	n = read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	s = strstr(buf, "\nTgid:\t");
	return s ? (pid_t)strtol(s + 7, NULL, 10) : -1;
}

static pid_t self_in(int root)
{
	char buf[16];
	ssize_t n = readlinkat(root, "self", buf, sizeof(buf) - 1);

	if (n <= 0)
		return 0;
	buf[n] = '\0';
	return (pid_t)strtol(buf, NULL, 10);
}

/*
 * Upwards from a directory until the root of the procfs: the last step before it is the
 * directory of a process, or not.  Returns its owner, 0, or -1 where that cannot be told
 * (a process's directory that is itself a mount); *ret_root is the root, or -1.
 */
static pid_t owner_above(int fd, int *ret_root)
{
	pid_t owner = -1;
	int dir = fd;

	*ret_root = -1;
	for (int i = 0; i < DEPTH_MAX; i++) {
		int up = -1;

		if (procfs_is_root(dir)) {
			owner = 0;
			break;
		}
		up = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			break;
		if (procfs_is_root(up)) {
			owner = owner_of(dir);
			*ret_root = up;
			break;
		}
		if (!is_procfs(up)) {
			owner = owner_of(dir) ? -1 : 0;
			close(up);
			break;
		}
		if (dir != fd)
			close(dir);
		dir = up;
	}
	if (dir != fd)
		close(dir);
	return owner;
}

bool procfs_is_ours(struct call *c, int dir)
{
	auto_close int root = -EBADF;
	struct stat st;
	pid_t owner;

	if (procfs_kind(dir) != PROCFS_SEEING)
		return false;
	if (c->task && c->task->st.tgid == notify_pid())
		return false;	/* only where the guest is this very process: unit tests */
	if (fd_stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return true;
	owner = owner_above(dir, &root);
	return owner < 0 || (owner > 0 && owner == self_in(root));
}

pid_t procfs_caller(struct call *c, int root, pid_t *ret_tid)
{
	if (procfs_kind(root) != PROCFS_BLIND)
		return task_tgid_in(c, root, ret_tid);
	*ret_tid = c->task->st.ns_tid;
	return c->task->st.ns_tgid;
}

bool procfs_is_callers(struct call *c, int dir)
{
	auto_close int root = -EBADF;
	struct stat st;
	pid_t owner, tid;

	if (procfs_kind(dir) == PROCFS_NOT || fd_stat(dir, &st) < 0 ||
	    !S_ISDIR(st.st_mode))
		return false;
	owner = owner_above(dir, &root);
	return owner > 0 && owner == procfs_caller(c, root, &tid);
}
