// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The container's label: see policy/label.h.  What the sentry opens, renames or connects to
 * for a guest is then decided, labelled and logged as if the guest had done it.
 */
#include "policy/label.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

static int set_apparmor(int procfs, const char *profile, struct err *e)
{
	auto_free char *text = str_printf("changeprofile %s", profile);
	int r = -ENOMEM;

	if (text)
		r = fd_write_file(procfs, "thread-self/attr/apparmor/current", text);
	/* No AppArmor, or not in charge: there is nothing to be unconfined by. */
	if ((r == -ENOENT || r == -EINVAL) && !strcmp(profile, "unconfined"))
		return 0;
	return r < 0 ? err_set(e, -r, "take apparmor profile '%s'", profile) : 0;
}

static int set_selinux(int procfs, const char *label, struct err *e)
{
	int r = fd_write_file(procfs, "thread-self/attr/current", label);

	return r < 0 ? err_set(e, -r, "take selinux label '%s'", label) : 0;
}

/* The permission that process_vm_readv(2) and pidfd_getfd(2) ask for, between equals. */
static int try_ptrace(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ? errno : 0);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

static int try_procfs(int procfs)
{
	auto_close int fd = openat(procfs, "thread-self/status", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

int label_take(int procfs, const char *apparmor, const char *selinux, struct err *e)
{
	const char *label = *selinux ? selinux : apparmor;
	int r = 0;

	if (*apparmor)
		r = set_apparmor(procfs, apparmor, e);
	if (r == 0 && *selinux)
		r = set_selinux(procfs, selinux, e);
	if (r < 0 || !*label)
		return r;
	r = try_procfs(procfs);
	if (r < 0)
		return err_set(e, -r,
			       "read a procfs as '%s' (apparmor: 'file' and flag "
			       "attach_disconnected; selinux: file { read } self)",
			       label);
	r = try_ptrace();
	if (r < 0)
		return err_set(e, -r,
			       "trace '%s' as itself (apparmor: 'ptrace peer=%s'; "
			       "selinux: process { ptrace } self)",
			       label, label);
	return 0;
}
