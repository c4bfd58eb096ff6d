// SPDX-License-Identifier: GPL-2.0-or-later
/* How guests' netlink sockets are made, and told from others: see net/netlink.h. */
#include "net/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/pair.h"
#include "net/relay.h"
#include "net/request.h"
#include "task/task.h"

static int read_cookie(int fd, uint64_t *ret)
{
	socklen_t len = sizeof(*ret);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, ret, &len) < 0 ? -errno : 0;
}

int netlink_open(struct call *c, int type)
{
	struct relay_socket ours = { .fd = -EBADF, .type = type & 0xf };
	auto_close int fd = -EBADF;
	int r = task_get(c);

	if (r < 0)
		return r;
	fd = pair_connect(&ours.fd);
	if (fd < 0)
		return fd;
	if (c->task->st.creds.cap_effective & 1ull << CAP_NET_ADMIN)
		ours.flags = REQUEST_ADMIN;
	ours.port = (uint32_t)c->task->st.ns_tgid;
	r = read_cookie(fd, &ours.cookie);
	if (r < 0)
		close(ours.fd);
	else
		r = relay_add(&ours);
	if (r == 0 && !(type & SOCK_NONBLOCK) && fcntl(fd, F_SETFL, O_RDWR) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(fd);
}

bool netlink_is_used(void)
{
	return relay_count() > 0;
}

bool netlink_is(int fd)
{
	struct sockaddr_nl name;

	return netlink_name(fd, &name) == 0;
}

int netlink_type(int fd)
{
	uint64_t cookie;
	int r = netlink_is_used() ? read_cookie(fd, &cookie) : -ENOENT;

	return r < 0 ? r : relay_type(cookie);
}

int netlink_bind(int fd, const struct sockaddr_nl *addr)
{
	uint64_t cookie;
	int r = read_cookie(fd, &cookie);

	return r < 0 ? r : relay_bind(cookie, addr->nl_pid, addr->nl_groups);
}

/* Of groups above 32 there are no events. */
int netlink_join(int fd, int option, uint32_t group)
{
	uint64_t cookie;
	int r = read_cookie(fd, &cookie);
	uint32_t bit = group <= 32 ? 1u << (group - 1) : 0;

	if (r < 0)
		return r;
	if (option == NETLINK_ADD_MEMBERSHIP)
		return relay_join(cookie, bit, 0);
	return relay_join(cookie, 0, bit);
}

int netlink_name(int fd, struct sockaddr_nl *ret)
{
	uint64_t cookie;
	int r = netlink_is_used() ? read_cookie(fd, &cookie) : -ENOENT;

	*ret = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	return r < 0 ? r : relay_name(cookie, &ret->nl_pid, &ret->nl_groups);
}

void netlink_settle(int fd)
{
	uint64_t cookie;

	if (read_cookie(fd, &cookie) == 0)
		relay_settle(cookie, fd);
}

int netlink_find(int fd, uint64_t *ret)
{
	uint32_t port, groups;
	int r = read_cookie(fd, ret);

	return r < 0 ? r : relay_name(*ret, &port, &groups) < 0 ? -EINVAL : 0;
}

void netlink_send(uint64_t socket, const void *buf, size_t len)
{
	relay_send(socket, buf, len);
}
