// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a kernel says to requests that no library would send, to many sockets, and to ones
 * that nobody reads.  Prints what it sees: the same with and without the sentry.
 *
 * usage: netlink names|messages|many|unread|ifaddrs
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef __GLIBC__
#define strerrorname_np strerror /* musl has no names */
#endif

#define MARK 0x7777

struct message {
	struct nlmsghdr h;
	unsigned char rest[70000];
};

static struct message m;
static _Alignas(struct nlmsghdr) unsigned char buf[65536];

static const char *result(long r)
{
	return r < 0 ? strerrorname_np(errno) : "ok";
}

static int open_route(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0) {
		printf("socket: %s\n", result(fd));
		exit(1);
	}
	return fd;
}

static struct nlmsghdr *start(int type, int flags, size_t payload)
{
	memset(&m, 0, sizeof(m));
	m.h = (struct nlmsghdr){ (__u32)NLMSG_LENGTH(payload), (__u16)type,
				 (__u16)(NLM_F_REQUEST | flags), 1, 0 };
	return &m.h;
}

static void attr(int type, const void *value, size_t len)
{
	struct rtattr *a = (void *)((char *)&m + NLMSG_ALIGN(m.h.nlmsg_len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), value, len);
	m.h.nlmsg_len = NLMSG_ALIGN(m.h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* As libraries send: to the kernel's address. */
static long transmit(int fd, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(fd, &m, len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
}

static long receive(int fd)
{
	struct sockaddr_nl from;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	long n;

	memset(&from, 0xff, sizeof(from));
	n = recvmsg(fd, &msg, 0);
	if (n >= 0 && (msg.msg_namelen != sizeof(from) || from.nl_pid || from.nl_groups))
		printf("from port %u, groups %#x, %u bytes\n", from.nl_pid,
		       from.nl_groups, msg.msg_namelen);
	return n;
}

static void ask_mark(int fd)
{
	struct ifinfomsg *i = NLMSG_DATA(&m.h);

	start(RTM_GETLINK, 0, sizeof(*i))->nlmsg_seq = MARK;
	i->ifi_index = 1;
	transmit(fd, m.h.nlmsg_len);
}

/* What is in one answer; true: the end of what was asked for. */
static int look(long n, int *got, int *ret_error)
{
	struct nlmsghdr *h = (void *)buf;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_seq == MARK || h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			*ret_error = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
			*got |= *ret_error ? 4 : 2;
		} else {
			*got |= 1;
		}
	}
	return 0;
}

/* Everything up to the end of a dump, or to the answer of ask_mark(). */
static void show_dump(int fd, const char *what)
{
	int got = 0, error = 0;

	for (;;) {
		long n = receive(fd);

		if (n <= 0)
			printf("%s: receive: %s\n", what, result(n));
		if (n <= 0 || look(n, &got, &error))
			break;
	}
	printf("%s:%s%s%s%s\n", what, got & 1 ? " data" : "", got & 2 ? " ack" : "",
	       got & 4 ? " " : "", got & 4 ? strerrorname_np(error) : "");
}

static void show(int fd, const char *what)
{
	ask_mark(fd);
	show_dump(fd, what);
}

static void messages(void)
{
	int fd = open_route(), one = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	transmit(fd, 0);
	show(fd, "empty");
	start(RTM_GETLINK, NLM_F_DUMP, 1);
	transmit(fd, 10);
	show(fd, "less than a header");
	m.h = (struct nlmsghdr){ 4, RTM_GETLINK, NLM_F_REQUEST, 1, 0 };
	transmit(fd, 20);
	show(fd, "length below the header's");
	start(RTM_GETLINK, NLM_F_DUMP, 1)->nlmsg_len = 1000;
	transmit(fd, 40);
	show(fd, "length above the message's");
	start(RTM_GETLINK, NLM_F_DUMP, 1);
	transmit(fd, m.h.nlmsg_len);
	show_dump(fd, "family only");
	start(NLMSG_NOOP, NLM_F_ACK, 0);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "noop");
	start(RTM_GETLINK, NLM_F_DUMP | NLM_F_ACK, 16)->nlmsg_flags &= ~NLM_F_REQUEST;
	transmit(fd, m.h.nlmsg_len);
	show(fd, "no request");
	start(5000, 0, 16);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "no such type");
	start(RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	attr(IFLA_IFNAME, "nothing", 8);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "no such device");
	start(RTM_GETLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	attr(IFLA_IFNAME, "lo", 3);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "a device and an acknowledgement");
	start(RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	attr(IFLA_EXT_MASK, "", 1);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "an attribute of wrong length");
	start(RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	attr(RTA_METRICS, buf, 2000);
	transmit(fd, m.h.nlmsg_len);
	show_dump(fd, "nested rubbish");
	start(RTM_GETADDR, NLM_F_DUMP, 1);
	transmit(fd, 60000);
	show_dump(fd, "a long tail");
	start(RTM_NEWADDR, 0, 1);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "a change without privilege");
	start(RTM_DELQDISC, 0, 20);
	transmit(fd, m.h.nlmsg_len);
	show(fd, "an unknown change without privilege");
}

static long name(int fd, struct sockaddr_nl *a)
{
	socklen_t len = sizeof(*a);
	long r = getsockname(fd, (struct sockaddr *)a, &len);

	return r == 0 && (len != sizeof(*a) || a->nl_family != AF_NETLINK) ? -1 : r;
}

static long bind_port(int fd, int port)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_pid = (__u32)port };

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static void names(void)
{
	int first = open_route(), second = open_route(), third = open_route();
	int inet = socket(AF_INET, SOCK_STREAM, 0),
	    local = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_nl a = { .nl_family = AF_NETLINK }, b;
	socklen_t len = sizeof(a);

	printf("bind: %s\n", result(bind_port(first, 0)));
	printf("name: %s\n", result(name(first, &a)));
	printf("its port is the pid: %d\n", a.nl_pid == (unsigned int)getpid());
	printf("bind again: %s\n", result(bind_port(first, 12345)));
	printf("bind another to it: %s\n", result(bind_port(second, getpid())));
	printf("bind another: %s\n", result(bind_port(second, 0)));
	printf("name: %s\n", result(name(second, &b)));
	printf("ports differ: %d\n", a.nl_pid != b.nl_pid && b.nl_pid);
	printf("bind to a port: %s\n", result(bind_port(third, 12345)));
	printf("name: %s\n", result(name(third, &a)));
	printf("port: %u\n", a.nl_pid);
	a.nl_pid = 0;
	printf("connect: %s\n", result(connect(third, (struct sockaddr *)&a, sizeof(a))));
	printf("short bind: %s\n", result(bind(open_route(), (struct sockaddr *)&a, 6)));
	printf("other family: %s\n", result(bind(open_route(),
						 (struct sockaddr *)&(struct sockaddr_nl){
							 .nl_family = AF_INET },
						 sizeof(a))));
	len = 4;
	memset(&a, 0xff, sizeof(a));
	printf("short name: %s\n",
	       result(getsockname(third, (struct sockaddr *)&a, &len)));
	printf("family %d, port %#x, length %u\n", a.nl_family, a.nl_pid, len);
	len = (socklen_t)-1;
	printf("negative: %s\n", result(getsockname(third, (struct sockaddr *)&a, &len)));
	len = sizeof(a);
	printf("bad length: %s\n",
	       result(getsockname(third, (struct sockaddr *)&a, (socklen_t *)8)));
	printf("bad address: %s\n",
	       result(getsockname(third, (struct sockaddr *)8, &len)));
	printf("inet: %s\n", result(getsockname(inet, (struct sockaddr *)&a, &len)));
	printf("family %d\n", a.nl_family);
	printf("unix: %s\n", result(getsockname(local, (struct sockaddr *)&a, &len)));
	printf("family %d, length %u\n", a.nl_family, len);
	printf("no socket: %s\n",
	       result(getsockname(open("/", O_PATH), (struct sockaddr *)&a, &len)));
	printf("no file: %s\n", result(getsockname(1000, (struct sockaddr *)&a, &len)));
	printf("type: %s\n", result(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE)));
	printf("non-blocking: %d\n",
	       !!(fcntl(socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK, 0), F_GETFL) &
		  O_NONBLOCK));
	printf("blocking: %d\n", !(fcntl(first, F_GETFL) & O_NONBLOCK));
	printf("close on exec: %d\n", !!(fcntl(first, F_GETFD) & FD_CLOEXEC));
	printf("membership: %s\n",
	       result(setsockopt(first, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
				 &(int){ RTNLGRP_LINK }, sizeof(int))));
}

/* A thousand sockets, each with an answer; more that are closed with theirs unread. */
static void many(void)
{
	int fds[1000];

	for (int i = 0; i < 1000; i++) {
		fds[i] = open_route();
		ask_mark(fds[i]);
	}
	for (int i = 0; i < 1000; i++) {
		if (receive(fds[i]) <= 0)
			printf("socket %d: %s\n", i, result(-1));
		close(fds[i]);
	}
	for (int i = 0; i < 5000; i++) {
		int fd = open_route();

		start(RTM_GETLINK, NLM_F_DUMP, 1);
		transmit(fd, m.h.nlmsg_len);
		close(fd);
	}
	show(open_route(), "then");
}

/* Requests until no more fit; others are served meanwhile, and then the rest is there. */
static void unread(void)
{
	int fd = open_route();
	long n, messages = 0;

	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	for (int i = 0; i < 20000; i++) {
		start(RTM_GETADDR, NLM_F_DUMP, 1);
		if (transmit(fd, m.h.nlmsg_len) < 0)
			break;
	}
	show(open_route(), "others");
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		/* natively: what did not fit is lost */
		n = recv(fd, buf, sizeof(buf), 0);
		if (n > 0)
			messages++;
		else if (n < 0 && errno == EAGAIN && poll(&p, 1, 200) == 0)
			break;
	}
	printf("messages: %d\n", messages > 0);
	fcntl(fd, F_SETFL, O_RDWR);
	show(fd, "then");
}

static void show_ifaddrs(void)
{
	struct ifaddrs *list, *i;

	printf("getifaddrs: %s\n", result(getifaddrs(&list)));
	for (i = list; i; i = i->ifa_next)
		printf("%s %d\n", i->ifa_name, i->ifa_addr ? i->ifa_addr->sa_family : -1);
}

int main(int argc, char **argv)
{
	const struct {
		const char *name;
		void (*fn)(void);
	} groups[] = { { "names", names },
		       { "messages", messages },
		       { "many", many },
		       { "unread", unread },
		       { "ifaddrs", show_ifaddrs } };

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(groups) / sizeof(groups[0]); i++)
		if (!strcmp(argv[1], groups[i].name))
			groups[i].fn();
	return 0;
}
