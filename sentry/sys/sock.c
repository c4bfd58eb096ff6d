// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bind, connect, listen: the address is copied once and given to a copy of the caller's
 * socket, with the caller's credentials.  What the socket is decides, not what the
 * address says.  The rest is about netlink, which is the sentry's.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/netlink.h"
#include "notify/notify.h"
#include "sys/sys.h"

struct address {
	struct sockaddr_storage ss;
	char nul;			/* ends any path in ss */
	socklen_t len;
};

/* The filter has left netlink with the protocol NETLINK_ROUTE. */
struct reply sys_socket(struct call *c)
{
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int type = (int)c->arg[1], fd;

	if ((int)c->arg[0] != AF_NETLINK)
		return reply_errno(-EAFNOSUPPORT);
	if (type & ~(flags | 0xf))
		return reply_errno(-EINVAL);
	if ((type & 0xf) != SOCK_RAW && (type & 0xf) != SOCK_DGRAM)
		return reply_errno(-ESOCKTNOSUPPORT);
	fd = netlink_open(c, type);
	return fd < 0 ? reply_errno(fd) :
			reply_fd(fd, type & SOCK_CLOEXEC ? O_CLOEXEC : 0);
}

/* A copy of the guest's socket; its family in *ret_domain. */
static int socket_get(struct call *c, int guest_fd, int *ret_domain)
{
	socklen_t len = sizeof(*ret_domain);
	int fd = task_get_fd(c, guest_fd);
	int r;

	if (fd < 0)
		return fd;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, ret_domain, &len) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static int address_read(struct call *c, struct address *a, uint64_t addr, uint64_t len)
{
	memset(a, 0, sizeof(*a));
	if ((int)len < 0 || (uint32_t)len > sizeof(a->ss))
		return -EINVAL;
	a->len = (socklen_t)len;
	return guest_read(c, &a->ss, GPTR(addr), a->len);
}

static int bind_as_is(int fd, const struct address *a)
{
	return bind(fd, (const struct sockaddr *)&a->ss, a->len) < 0 ? -errno : 0;
}

/* The path of an AF_UNIX address that names a file; NULL: abstract, or none. */
static const char *unix_path(const struct address *a)
{
	const struct sockaddr_un *un = (const void *)&a->ss;

	if (a->ss.ss_family != AF_UNIX ||
	    a->len <= offsetof(struct sockaddr_un, sun_path) || !un->sun_path[0])
		return NULL;
	return un->sun_path;
}

/*
 * A name in a file system: made from the caller's working directory, so that
 * getsockname(2) shows what the caller gave.  Where its directory is reached through a
 * procfs (which the kernel would resolve for the sentry) only the last component shows.
 */
static int bind_name(struct call *c, int fd, const struct address *a)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	int cwd = -EBADF;
	struct address last = { .ss = { .ss_family = AF_UNIX } };
	struct sockaddr_un *un = (void *)&last.ss;
	char path[sizeof(a->ss)];
	int r;

	snprintf(path, sizeof(path), "%s", unix_path(a));
	r = vfs_at_open(c, AT_FDCWD, path, &at);
	if (r == 0)
		r = cwd = task_cwd(c);
	if (r >= 0)
		r = task_assume(c, TASK_UMASK);
	if (r < 0)
		return r;
	if (!at.walked) {
		if (fchdir(cwd) < 0)
			return -errno;
		r = bind_as_is(fd, a);
	} else {
		snprintf(un->sun_path, sizeof(un->sun_path), "%s", at.name);
		last.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				       strlen(at.name) + 1);
		if (fchdir(at.dirfd) < 0)
			return -errno;
		r = bind_as_is(fd, &last);
	}
	return fchdir(task_procfs()) < 0 ? -errno : r;
}

struct reply sys_bind(struct call *c)
{
	auto_close int fd = -EBADF;
	struct address a;
	int domain, r;

	fd = socket_get(c, arg_fd(c, 0), &domain);
	if (fd < 0)
		return reply_errno(fd);
	r = address_read(c, &a, c->arg[1], c->arg[2]);
	if (r < 0)
		return reply_errno(r);
	if (a.ss.ss_family == AF_NETLINK && a.len >= sizeof(struct sockaddr_nl) &&
	    netlink_is(fd))
		return reply_result(netlink_bind(fd, (const void *)&a.ss));
	if (domain == AF_UNIX && a.len > sizeof(struct sockaddr_un))
		return reply_errno(-EINVAL);
	if (domain == AF_UNIX && unix_path(&a))
		return reply_result(bind_name(c, fd, &a));
	r = task_assume(c, 0);
	return reply_result(r < 0 ? r : bind_as_is(fd, &a));
}

/* What waits for a socket, on a copy of the caller's. */
typedef ssize_t wait_fn(int fd, void *arg);

/*
 * EINTR: the caller was killed, or has a signal; notify makes a restart of it, but for a
 * socket with a time limit (signal(7)), which is option.
 */
static ssize_t wait_for(struct call *c, int fd, int option, wait_fn *fn, void *arg)
{
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);
	ssize_t r;

	if (fcntl(fd, F_GETFL) & O_NONBLOCK)
		return fn(fd, arg);
	notify_blocking_begin(c);
	r = fn(fd, arg);
	notify_blocking_end(c);
	if (r == -EINTR && getsockopt(fd, SOL_SOCKET, option, &limit, &len) == 0 &&
	    (limit.tv_sec || limit.tv_usec))
		c->restart = EINTR;
	return r;
}

static ssize_t connect_to(int fd, void *arg)
{
	const struct address *a = arg;

	return connect(fd, (const struct sockaddr *)&a->ss, a->len) < 0 ? -errno : 0;
}

struct reply sys_connect(struct call *c)
{
	auto_close int fd = -EBADF;
	struct address a;
	int domain, r;

	fd = socket_get(c, arg_fd(c, 0), &domain);
	if (fd < 0)
		return reply_errno(fd);
	if (domain == AF_UNIX && netlink_is(fd))
		return reply_value(0);	/* it is: with the kernel */
	if (domain == AF_UNIX)
		return reply_continue();
	r = address_read(c, &a, c->arg[1], c->arg[2]);
	if (r == 0)
		r = task_assume(c, 0);
	return reply_result(r < 0 ? r : wait_for(c, fd, SO_SNDTIMEO, connect_to, &a));
}

struct reply sys_listen(struct call *c)
{
	auto_close int fd = -EBADF;
	int domain, r;

	fd = socket_get(c, arg_fd(c, 0), &domain);
	if (fd < 0)
		return reply_errno(fd);
	if (domain == AF_UNIX)
		return reply_continue();
	r = task_assume(c, 0);
	return r < 0 ? reply_errno(r) : reply_of(listen(fd, (int)c->arg[1]));
}

/*
 * As much of a value as there is room for; returns that.  The length is read after the
 * socket was asked, as the kernel does.
 */
static int value_write(struct call *c, const void *value, int full, gptr_t to,
		       gptr_t len_at)
{
	int len, r = guest_read(c, &len, len_at, sizeof(len));

	if (r < 0)
		return r;
	if (len < 0)
		return -EINVAL;
	if (len > full)
		len = full;
	r = guest_write(c, to, value, (size_t)len);
	return r < 0 ? r : len;
}

static int name_write(struct call *c, const struct sockaddr_nl *name, gptr_t to,
		      gptr_t len_at)
{
	const int full = sizeof(*name);
	int r = value_write(c, name, full, to, len_at);

	return r < 0 ? r : guest_write(c, len_at, &full, sizeof(full));
}

struct reply sys_getsockname(struct call *c)
{
	auto_close int fd = -EBADF;
	struct sockaddr_nl name;

	if (!netlink_is_used())
		return reply_continue();
	fd = task_get_fd(c, arg_fd(c, 0));
	if (fd < 0)
		return reply_errno(fd);
	if (netlink_name(fd, &name) < 0)
		return reply_continue();
	return reply_result(name_write(c, &name, GPTR(c->arg[1]), GPTR(c->arg[2])));
}

/* The filter has left what a socket is: netlink's connection is not what the guest asked for. */
struct reply sys_getsockopt(struct call *c)
{
	auto_close int fd = -EBADF;
	int value, r;

	if (!netlink_is_used())
		return reply_continue();
	fd = task_get_fd(c, arg_fd(c, 0));
	if (fd < 0)
		return reply_errno(fd);
	value = netlink_type(fd);
	if (value < 0)
		return reply_continue();
	if ((int)c->arg[2] != SO_TYPE)
		value = (int)c->arg[2] == SO_DOMAIN ? AF_NETLINK : NETLINK_ROUTE;
	r = value_write(c, &value, sizeof(value), GPTR(c->arg[3]), GPTR(c->arg[4]));
	if (r >= 0)
		r = guest_write(c, GPTR(c->arg[4]), &r, sizeof(r));
	return reply_result(r);
}

/* The filter has left the groups of a netlink socket. */
struct reply sys_setsockopt(struct call *c)
{
	auto_close int fd = -EBADF;
	uint32_t group;
	int domain, r;

	fd = socket_get(c, arg_fd(c, 0), &domain);
	if (fd < 0)
		return reply_errno(fd);
	if (!netlink_is(fd))
		return reply_errno(domain == AF_UNIX ? -EOPNOTSUPP : -ENOPROTOOPT);
	if ((int)c->arg[4] < (int)sizeof(group))
		return reply_errno(-EINVAL);
	r = guest_read(c, &group, GPTR(c->arg[3]), sizeof(group));
	if (r == 0 && (group == 0 || group > RTNLGRP_MAX))
		r = -EINVAL;
	return reply_result(r < 0 ? r : netlink_join(fd, (int)c->arg[2], group));
}

static ssize_t receive(int fd, void *arg)
{
	struct msghdr m = { .msg_iov = arg, .msg_iovlen = 1 };
	ssize_t n = recvmsg(fd, &m, 0);

	return n < 0 ? -errno : n;
}

/* A message of netlink's, from the kernel's port. */
static int64_t receive_named(struct call *c, int fd)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	auto_free void *buf = malloc(NETLINK_MESSAGE_MAX);
	struct iovec to = { buf, MIN((uint32_t)c->arg[2], NETLINK_MESSAGE_MAX) };
	ssize_t n = buf ? wait_for(c, fd, SO_RCVTIMEO, receive, &to) : -ENOMEM;
	int r;

	if (n < 0)
		return n;
	r = guest_write(c, GPTR(c->arg[1]), buf, (size_t)n);
	if (r == 0)
		r = name_write(c, &kernel, GPTR(c->arg[4]), GPTR(c->arg[5]));
	return r < 0 ? r : n;
}

/*
 * Linux answers before send(2) returns: musl does not wait for it, as others do.
 * vishvananda/netlink looks at the family of the sender.
 */
struct reply sys_recvfrom(struct call *c)
{
	auto_close int fd = -EBADF;

	if (!netlink_is_used())
		return reply_continue();
	fd = task_get_fd(c, arg_fd(c, 0));
	if (fd >= 0 && (int)c->arg[3] & MSG_DONTWAIT)
		netlink_settle(fd);
	else if (fd >= 0 && netlink_is(fd))
		return reply_result(receive_named(c, fd));
	return reply_continue();
}
