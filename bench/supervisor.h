/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that receives what a filter of this one sends it: for mediated.c and bare.c. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/*
 * Install the filter here; serve() has its listener in a process of its own, which finds it in
 * the table of descriptors that both share until an execve.  Returns the listener, or -1.
 */
static int supervise(struct sock_fprog prog, void (*serve)(int listener))
{
	int go[2], listener;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		if (read(go[0], &listener, sizeof(listener)) != sizeof(listener))
			_exit(1);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
		serve(listener);
		_exit(0);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
	if (pid < 0 || listener < 0 || write(go[1], &listener, sizeof(listener)) < 0)
		return -1;
	return listener;
}
