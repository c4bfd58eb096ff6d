// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: bare PROGRAM [ARGUMENT...]
 *
 * PROGRAM under a supervisor by seccomp user notification that does nothing: it lets each
 * open go on at once.  What that costs is the least that any such supervisor can cost.
 */
#include "supervisor.h"

#include <linux/close_range.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>

#define NOTIFY(call)                                                                       \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),                             \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

/* Until the last program of the filter has gone. */
static void let_go_on(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	setsid();
	syscall(SYS_close_range, 0, listener - 1, CLOSE_RANGE_UNSHARE);
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

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NOTIFY(open),
		NOTIFY(openat),
		NOTIFY(openat2),
		NOTIFY(creat),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };
	int listener;

	if (argc < 2)
		return 2;
	listener = supervise(prog, let_go_on);
	if (listener < 0) {
		perror("bare");
		return 1;
	}
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
