// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: bare PROGRAM [ARGUMENT...]
 *
 * PROGRAM under a supervisor by seccomp user notification that does nothing: it lets each
 * open go on at once.  What that costs is the least that any such supervisor can cost.
 */
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#define NOTIFY(call)                                                                       \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                             \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

static int install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NOTIFY(open),
		NOTIFY(openat),
		NOTIFY(openat2),
		NOTIFY(creat),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

/* Until the last program of the filter has gone. */
static void let_go_on(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	while (!(p.revents & (POLLHUP | POLLERR))) {
		struct seccomp_notif n = { 0 };
		struct seccomp_notif_resp r = {
			.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE
		};

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0) {
			poll(&p, 1, 0);
			continue;
		}
		r.id = n.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

/* The supervisor finds the listener in a table of descriptors that both share until exec. */
int main(int argc, char **argv)
{
	int go[2], listener;
	pid_t pid;

	if (argc < 2 || pipe2(go, O_CLOEXEC) < 0)
		return 2;
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		if (read(go[0], &listener, sizeof(listener)) != sizeof(listener))
			return 1;
		setsid();
		syscall(SYS_close_range, 0, listener - 1, CLOSE_RANGE_UNSHARE);
		let_go_on(listener);
		return 0;
	}
	listener = install_filter();
	if (pid < 0 || listener < 0 || write(go[1], &listener, sizeof(listener)) < 0) {
		perror("bare");
		return 1;
	}
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
