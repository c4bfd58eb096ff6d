// SPDX-License-Identifier: GPL-2.0-or-later
/* Into the container: a procfs from outside, then its namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "serve/serve.h"

static int open_private_procfs(void)
{
	auto_close int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "hidepid", "ptraceable", 0) <
		    0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "subset", "pid", 0) < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int serve_open_procfs(void)
{
	int fd = open_private_procfs();

	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Without an id 0 in the namespace (a single mapped id) we stay who we are. */
static int become_root(struct err *e)
{
	if (setresgid(0, 0, 0) < 0 && errno != EINVAL)
		return err_set(e, errno, "become group 0 of the container");
	/* EPERM: the namespace denies setgroups (rootless). */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return err_set(e, errno, "drop supplementary groups");
	if (setresuid(0, 0, 0) < 0 && errno != EINVAL)
		return err_set(e, errno, "become user 0 of the container");
	return 0;
}

int serve_join(int pidfd, int namespaces, struct err *e)
{
	const int joinable = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
			     CLONE_NEWIPC | CLONE_NEWTIME;

	if (namespaces & ~joinable)
		return err_text(e, EINVAL,
				"join namespaces %#x: not all of them are joinable",
				(unsigned int)namespaces);
	if (namespaces && setns(pidfd, namespaces) < 0)
		return err_set(e, errno, "join the container's namespaces");
	return namespaces & CLONE_NEWUSER ? become_root(e) : 0;
}
