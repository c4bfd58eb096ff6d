// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc, sysfs and mqueue show the pid, network or ipc namespace of whoever mounts them,
 * and demand privilege over it.  Where that namespace is the host's or was joined by
 * path, the container's own user namespace has none: the runtime mounts them in advance,
 * from a short-lived child inside the namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "rootfs/internal.h"

static const struct {
	const char *type;
	int flag;
} shown[] = {
	{ "proc", CLONE_NEWPID },
	{ "sysfs", CLONE_NEWNET },
	{ "mqueue", CLONE_NEWIPC },
};

/* What the child leaves behind for us. */
struct result {
	int fd;
	struct err e;
};

pid_t fsns_fork(uint64_t flags)
{
	struct clone_args args = { .flags = CLONE_FILES | flags, .exit_signal = SIGCHLD };

	return kernel_clone3(&args);
}

int fsns_reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void child(int ns, int flag, const struct mnt_fs *fs, struct result *ret)
{
	pid_t pid = 0;

	if (setns(ns, flag) < 0) {
		ret->fd = err_set(&ret->e, errno, "enter the namespace that it shows");
		return;
	}
	if (flag == CLONE_NEWPID)	/* counts for children only */
		pid = fsns_fork(0);
	if (pid == 0)
		ret->fd = mnt_new(fs, &ret->e);
	else if (pid > 0)
		fsns_reap(pid);
	else
		ret->fd = err_set(&ret->e, errno, "fork into the pid namespace");
}

static int new_in_ns(int ns, int flag, const struct mnt_fs *fs, struct err *e)
{
	struct result *res = mmap(NULL, sizeof(*res), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int fd;

	if (res == MAP_FAILED)
		return err_set(e, errno, "allocate memory");
	res->fd = -EIO;
	pid = fsns_fork(0);
	if (pid == 0) {
		child(ns, flag, fs, res);
		_exit(0);
	}
	if (pid < 0) {
		munmap(res, sizeof(*res));
		return err_set(e, errno, "fork into the namespace that it shows");
	}
	fsns_reap(pid);
	fd = res->fd;
	if (fd < 0 && e)
		*e = res->e;
	munmap(res, sizeof(*res));
	return fd;
}

static int new_joined(const struct ns_plan *ns, size_t i, const struct mnt_fs *fs,
		      struct err *e)
{
	auto_close int own = -EBADF;
	int fd = ns->join[i].fd;

	if (fd < 0)
		fd = own = open(ns->join[i].path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "open namespace '%s'", ns->join[i].path);
	return new_in_ns(fd, ns->join[i].flag, fs, e);
}

int fsns_prepare(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	const struct ns_plan *ns = r->args.ns;
	struct mnt_fs fs = { .type = st->type,
			     .source = st->spec->source,
			     .o = &st->opt };
	int flag = 0;

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (!strcmp(st->type, shown[i].type))
			flag = shown[i].flag;
	if (!flag || ((ns->clone_flags | ns->unshare_flags) & (unsigned int)flag))
		return 0;
	for (size_t i = 0; i < ns->join_n; i++) {
		if (ns->join[i].flag == flag) {
			st->mnt = new_joined(ns, i, &fs, e);
			return st->mnt < 0 ? st->mnt : 0;
		}
	}
	st->mnt = mnt_new(&fs, e);
	return st->mnt < 0 ? st->mnt : 0;
}
