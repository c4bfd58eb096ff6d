// SPDX-License-Identifier: GPL-2.0-or-later
/* What reaches rtnetlink of what a guest asks. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/request.h"
#include "test.h"

static _Alignas(struct nlmsghdr) unsigned char asked[8192];
static struct request made;

static struct nlmsghdr *start(int type, int flags, size_t payload)
{
	struct nlmsghdr *h = (void *)asked;

	memset(asked, 0, sizeof(asked));
	*h = (struct nlmsghdr){ (uint32_t)NLMSG_LENGTH(payload), (uint16_t)type,
				(uint16_t)(flags | NLM_F_REQUEST), 77, 4711 };
	return h;
}

static struct rtattr *attr(struct nlmsghdr *h, int type, const void *value, size_t len)
{
	struct rtattr *a = (void *)(asked + NLMSG_ALIGN(h->nlmsg_len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), value, len);
	h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len) + (uint32_t)RTA_ALIGN(a->rta_len);
	return a;
}

static const struct nlmsghdr *result(void)
{
	return (const void *)made.bytes;
}

TEST(netlink_short_dump_becomes_a_whole_one)
{
	struct nlmsghdr *h = start(RTM_GETADDR, NLM_F_DUMP | NLM_F_ECHO, 1);

	asked[NLMSG_HDRLEN] = AF_INET6;
	CHECK_INT(request_make(h, 0, &made), 0);
	CHECK_INT(result()->nlmsg_len, NLMSG_LENGTH(sizeof(struct ifaddrmsg)));
	CHECK_INT(result()->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	CHECK_INT(result()->nlmsg_seq, 77);
	CHECK_INT(result()->nlmsg_pid, 0);
	CHECK_INT(made.bytes[NLMSG_HDRLEN], AF_INET6);
}

TEST(netlink_reading_leaves_out_what_is_unknown)
{
	struct nlmsghdr *h = start(RTM_GETLINK, 0, sizeof(struct ifinfomsg));

	attr(h, 200, "????", 4);
	attr(h, IFLA_IFNAME, "lo", 3);
	CHECK_INT(request_make(h, 0, &made), 0);
	CHECK_INT(result()->nlmsg_len, NLMSG_LENGTH(sizeof(struct ifinfomsg)) + 8);
	CHECK_INT(result()->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	CHECK(!memcmp(made.bytes + 36, "lo", 3));
}

TEST(netlink_changes_need_the_capability_and_nothing_unknown)
{
	struct nlmsghdr *h = start(RTM_NEWADDR, NLM_F_CREATE, sizeof(struct ifaddrmsg));

	asked[NLMSG_HDRLEN] = AF_INET;
	attr(h, IFA_LOCAL, "\300\0\2\1", 4);
	CHECK_INT(request_make(h, 0, &made), -EPERM);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), 0);
	CHECK_INT(result()->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
	attr(h, 99, "", 0);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EOPNOTSUPP);
	h = start(RTM_NEWADDR, 0, sizeof(struct ifaddrmsg) - 1);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EINVAL);
}

TEST(netlink_devices_are_changed_but_not_made)
{
	struct nlmsghdr *h = start(RTM_NEWLINK, 0, sizeof(struct ifinfomsg));

	attr(h, IFLA_MTU, "\0\5\0\0", 4);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), 0);
	h->nlmsg_flags |= NLM_F_CREATE;
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EOPNOTSUPP);
	h = start(RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
	attr(h, IFLA_NET_NS_PID, "\1\0\0\0", 4);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EOPNOTSUPP);
	h = start(RTM_DELLINK, 0, sizeof(struct ifinfomsg));
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EOPNOTSUPP);
}

TEST(netlink_nested_attributes_are_looked_into)
{
	const struct {
		struct rtattr mtu;
		uint32_t value;
		struct rtattr algorithm;
		char name[4];
	} metrics = { { 8, RTAX_MTU }, 1400, { 8, RTAX_CC_ALGO }, "bbr" };
	struct nlmsghdr *h = start(RTM_NEWROUTE, 0, sizeof(struct rtmsg));

	asked[NLMSG_HDRLEN] = AF_INET;
	attr(h, RTA_METRICS, &metrics, 8);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), 0);
	CHECK_INT(result()->nlmsg_len, h->nlmsg_len);
	h = start(RTM_NEWROUTE, 0, sizeof(struct rtmsg));
	asked[NLMSG_HDRLEN] = AF_INET;
	attr(h, RTA_METRICS, &metrics, sizeof(metrics));
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EOPNOTSUPP);
}

TEST(netlink_wrong_lengths_are_refused)
{
	struct nlmsghdr *h = start(RTM_DELADDR, 0, sizeof(struct ifaddrmsg));

	asked[NLMSG_HDRLEN] = AF_INET;
	attr(h, IFA_LOCAL, "....", 4)->rta_len = 9;
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -EINVAL);
	h = start(RTM_DELADDR, 0, sizeof(struct ifaddrmsg));
	asked[NLMSG_HDRLEN] = AF_INET;
	attr(h, IFA_FLAGS, "...", 3);
	CHECK_INT(request_make(h, REQUEST_ADMIN, &made), -ERANGE);
	CHECK_INT(request_make(start(RTM_GETLINK, NLM_F_DUMP, 0), 0, &made), -EINVAL);
	h = start(RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	for (int i = 0; i < 300; i++)
		attr(h, IFLA_IFNAME, "0123456789abcde", 16);
	CHECK_INT(request_make(h, 0, &made), -EMSGSIZE);
}

TEST(netlink_other_families_are_not_known)
{
	struct nlmsghdr *h = start(RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));

	asked[NLMSG_HDRLEN] = AF_PACKET;
	CHECK_INT(request_make(h, 0, &made), 0);
	CHECK_INT(made.bytes[NLMSG_HDRLEN], AF_UNSPEC);
	asked[NLMSG_HDRLEN] = AF_BRIDGE;
	CHECK_INT(request_make(h, 0, &made), -EOPNOTSUPP);
}
