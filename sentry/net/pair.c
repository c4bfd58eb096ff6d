// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections that look like the kernel's own to one side: see net/pair.h. */
#include "net/pair.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "notify/notify.h"

#define TYPE (SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK)
#define BACKLOG 8

/*
 * A listener with an abstract name that reads as the kernel's port (0), but for its
 * family: what recvmsg(2) will say of the sender.  Any byte at the end of nl_pad will do:
 * somebody else may have the name.
 */
static int listen_as_kernel(struct sockaddr_nl *ret)
{
	auto_close int fd = socket(AF_UNIX, TYPE, 0);
	int r = -1;

	if (fd < 0)
		return -errno;
	for (unsigned int pad = 0; r < 0 && pad < 256; pad++) {
		*ret = (struct sockaddr_nl){ AF_UNIX, (unsigned short)(pad << 8), 0, 0 };
		r = bind(fd, (struct sockaddr *)ret, sizeof(*ret));
	}
	if (r < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return take_fd(fd);
}

/* The listener is in reach of the guest for a moment. */
static int accept_own(int listener)
{
	for (;;) {
		auto_close int fd =
			accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct ucred cred;
		socklen_t len = sizeof(cred);

		if (fd < 0)
			return -errno;
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
			return -errno;
		if (cred.pid == notify_pid())
			return take_fd(fd);
	}
}

int pair_connect(int *ret_other)
{
	struct sockaddr_nl name;
	auto_close int listener = listen_as_kernel(&name);
	auto_close int fd = socket(AF_UNIX, TYPE, 0);
	int r;

	if (listener < 0)
		return listener;
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		return -errno;
	r = accept_own(listener);
	if (r < 0)
		return r;
	*ret_other = r;
	return take_fd(fd);
}
