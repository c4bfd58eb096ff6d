// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of rtnetlink requests and of their attributes: see net/request.h.  Fixed
 * headers hold nothing but numbers and are taken as they are; attributes are copied one by
 * one.  Where something is read, unknown attributes are left out, as kernels that do not
 * know them do: they narrow what is shown, and programs do that again themselves.  Where
 * something is changed they are refused.
 */
#include "net/request.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define ADDRESS 1, 32		/* of any family or link layer */
#define NUMBER 4, 4
#define BYTE 1, 1

struct attr_rule {
	uint16_t type, min, max;	/* lengths of the value */
	const struct attr_rule *nested;	/* its value is a list of these, or NULL */
};
#define END                   \
	{                     \
		0, 0, 0, NULL \
	}
#define NESTED(type_, rules_)                     \
	{                                         \
		(type_), 0, REQUEST_MAX, (rules_) \
	}

/* clang-format off */
static const struct attr_rule link_kind[] = {
	{ IFLA_INFO_KIND, 1, 64, NULL },
	END
};
static const struct attr_rule link_get[] = {
	{ IFLA_IFNAME, 1, IFNAMSIZ, NULL },
	{ IFLA_ALT_IFNAME, 1, 128, NULL },
	{ IFLA_EXT_MASK, NUMBER, NULL },
	{ IFLA_MASTER, NUMBER, NULL },
	NESTED(IFLA_LINKINFO, link_kind),
	END
};
static const struct attr_rule link_set[] = {
	{ IFLA_IFNAME, 1, IFNAMSIZ, NULL },
	{ IFLA_EXT_MASK, NUMBER, NULL },
	{ IFLA_MTU, NUMBER, NULL },
	{ IFLA_TXQLEN, NUMBER, NULL },
	{ IFLA_ADDRESS, ADDRESS, NULL },
	{ IFLA_BROADCAST, ADDRESS, NULL },
	END
};
static const struct attr_rule addr_get[] = {
	{ IFA_ADDRESS, ADDRESS, NULL },
	{ IFA_LOCAL, ADDRESS, NULL },
	END
};
static const struct attr_rule addr_set[] = {
	{ IFA_ADDRESS, ADDRESS, NULL },
	{ IFA_LOCAL, ADDRESS, NULL },
	{ IFA_LABEL, 1, IFNAMSIZ, NULL },
	{ IFA_BROADCAST, ADDRESS, NULL },
	{ IFA_CACHEINFO, sizeof(struct ifa_cacheinfo), sizeof(struct ifa_cacheinfo), NULL },
	{ IFA_FLAGS, NUMBER, NULL },
	{ IFA_RT_PRIORITY, NUMBER, NULL },
	{ IFA_PROTO, BYTE, NULL },
	END
};
static const struct attr_rule route_get[] = {
	{ RTA_DST, ADDRESS, NULL },
	{ RTA_SRC, ADDRESS, NULL },
	{ RTA_IIF, NUMBER, NULL },
	{ RTA_OIF, NUMBER, NULL },
	{ RTA_TABLE, NUMBER, NULL },
	{ RTA_MARK, NUMBER, NULL },
	{ RTA_UID, NUMBER, NULL },
	{ RTA_IP_PROTO, BYTE, NULL },
	{ RTA_SPORT, 2, 2, NULL },
	{ RTA_DPORT, 2, 2, NULL },
	END
};
/* Not RTAX_CC_ALGO, which loads modules. */
static const struct attr_rule route_metrics[] = {
	{ RTAX_LOCK, NUMBER, NULL },
	{ RTAX_MTU, NUMBER, NULL },
	{ RTAX_WINDOW, NUMBER, NULL },
	{ RTAX_RTT, NUMBER, NULL },
	{ RTAX_RTTVAR, NUMBER, NULL },
	{ RTAX_SSTHRESH, NUMBER, NULL },
	{ RTAX_CWND, NUMBER, NULL },
	{ RTAX_ADVMSS, NUMBER, NULL },
	{ RTAX_REORDERING, NUMBER, NULL },
	{ RTAX_HOPLIMIT, NUMBER, NULL },
	{ RTAX_INITCWND, NUMBER, NULL },
	{ RTAX_FEATURES, NUMBER, NULL },
	{ RTAX_RTO_MIN, NUMBER, NULL },
	{ RTAX_INITRWND, NUMBER, NULL },
	{ RTAX_QUICKACK, NUMBER, NULL },
	END
};
static const struct attr_rule route_set[] = {
	{ RTA_DST, ADDRESS, NULL },
	{ RTA_SRC, ADDRESS, NULL },
	{ RTA_OIF, NUMBER, NULL },
	{ RTA_GATEWAY, ADDRESS, NULL },
	{ RTA_VIA, 3, 34, NULL },
	{ RTA_PRIORITY, NUMBER, NULL },
	{ RTA_PREFSRC, ADDRESS, NULL },
	{ RTA_TABLE, NUMBER, NULL },
	{ RTA_PREF, BYTE, NULL },
	NESTED(RTA_METRICS, route_metrics),
	END
};
static const struct attr_rule neigh_get[] = {
	{ NDA_DST, ADDRESS, NULL },
	{ NDA_IFINDEX, NUMBER, NULL },
	{ NDA_MASTER, NUMBER, NULL },
	END
};
static const struct attr_rule neigh_set[] = {
	{ NDA_DST, ADDRESS, NULL },
	{ NDA_LLADDR, ADDRESS, NULL },
	{ NDA_PROBES, NUMBER, NULL },
	{ NDA_PROTOCOL, BYTE, NULL },
	END
};
static const struct attr_rule nothing[] = { END };

enum { GET = 0, CHANGE = 1, DUMP_ONLY = 2 };

static const struct message_rule {
	uint16_t type, header;
	int flags;
	const struct attr_rule *attrs;
} messages[] = {
	{ RTM_GETLINK, sizeof(struct ifinfomsg), GET, link_get },
	{ RTM_GETADDR, sizeof(struct ifaddrmsg), GET, addr_get },
	{ RTM_GETROUTE, sizeof(struct rtmsg), GET, route_get },
	{ RTM_GETNEIGH, sizeof(struct ndmsg), GET, neigh_get },
	{ RTM_GETRULE, sizeof(struct rtmsg), GET | DUMP_ONLY, nothing },
	/* Of devices that exist: see make_flags(). */
	{ RTM_NEWLINK, sizeof(struct ifinfomsg), CHANGE, link_set },
	{ RTM_SETLINK, sizeof(struct ifinfomsg), CHANGE, link_set },
	{ RTM_NEWADDR, sizeof(struct ifaddrmsg), CHANGE, addr_set },
	{ RTM_DELADDR, sizeof(struct ifaddrmsg), CHANGE, addr_set },
	{ RTM_NEWROUTE, sizeof(struct rtmsg), CHANGE, route_set },
	{ RTM_DELROUTE, sizeof(struct rtmsg), CHANGE, route_set },
	{ RTM_NEWNEIGH, sizeof(struct ndmsg), CHANGE, neigh_set },
	{ RTM_DELNEIGH, sizeof(struct ndmsg), CHANGE, neigh_set },
};
/* clang-format on */

/* Of every four types the third is to get something. */
static bool is_change(uint16_t type)
{
	return type >= RTM_BASE && type <= RTM_MAX && (type & 3) != (RTM_GETLINK & 3);
}

static const struct message_rule *find_message(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].type == type)
			return &messages[i];
	return NULL;
}

static const struct attr_rule *find_attr(const struct attr_rule *rules, uint16_t type)
{
	for (; rules->max; rules++)
		if (rules->type == type)
			return rules;
	return NULL;
}

static void *append(struct request *r, size_t len)
{
	void *at = r->bytes + r->len;

	if (len > sizeof(r->bytes) - r->len)
		return NULL;
	memset(at, 0, NLMSG_ALIGN(len));
	r->len += NLMSG_ALIGN(len);
	return at;
}

/* The attribute at the start of a list, which advances; -ENOENT at its end. */
static int next_attr(const unsigned char **list, size_t *len, struct nlattr *ret)
{
	size_t step;

	if (*len < sizeof(*ret))
		return -ENOENT;
	memcpy(ret, *list, sizeof(*ret));
	if (ret->nla_len < sizeof(*ret) || ret->nla_len > *len)
		return -EINVAL;
	step = NLA_ALIGN((size_t)ret->nla_len);
	step = step < *len ? step : *len;
	*list += step;
	*len -= step;
	return 0;
}

static int copy_attrs(const struct attr_rule *rules, const unsigned char *list,
		      size_t len, int flags, struct request *ret);

static int copy_attr(const struct attr_rule *rule, const unsigned char *value, size_t len,
		     int flags, struct request *ret)
{
	size_t start = ret->len;
	struct nlattr *to;
	int r;

	if (len < rule->min || len > rule->max)
		return -ERANGE;
	to = append(ret, NLA_HDRLEN + (rule->nested ? 0 : len));
	if (!to)
		return -EMSGSIZE;
	*to = (struct nlattr){ (uint16_t)(NLA_HDRLEN + len), rule->type };
	if (!rule->nested) {
		memcpy(to + 1, value, len);
		return 0;
	}
	r = copy_attrs(rule->nested, value, len, flags, ret);
	to->nla_len = (uint16_t)(ret->len - start);
	to->nla_type |= NLA_F_NESTED;
	return r;
}

/* As deep as the rules are. */
static int copy_attrs(const struct attr_rule *rules, const unsigned char *list,
		      size_t len, int flags, struct request *ret)
{
	for (;;) {
		const unsigned char *at = list;
		const struct attr_rule *rule;
		struct nlattr a;
		int r = next_attr(&list, &len, &a);

		/* Bytes that are no attribute end what is read, too. */
		if (r == -ENOENT || (r < 0 && !(flags & CHANGE)))
			return 0;
		if (r < 0)
			return r;
		rule = find_attr(rules, a.nla_type & NLA_TYPE_MASK);
		if (!rule && flags & CHANGE)
			return -EOPNOTSUPP;
		if (!rule)
			continue;
		r = copy_attr(rule, at + NLA_HDRLEN, a.nla_len - (size_t)NLA_HDRLEN,
			      flags, ret);
		if (r < 0)
			return r;
	}
}

/*
 * Link-layer requests say AF_PACKET, which the kernel takes as any family, and so it does
 * with those that it has no number for: libraries read "all" with 255.
 */
static int check_family(const struct message_rule *m, unsigned char *family)
{
	if (*family == AF_PACKET)
		*family = AF_UNSPEC;
	if (*family == AF_INET || *family == AF_INET6)
		return 0;
	if (*family > RTNL_FAMILY_MAX && !(m->flags & CHANGE))
		return 0;
	if (*family == AF_UNSPEC &&
	    (!(m->flags & CHANGE) || m->header == sizeof(struct ifinfomsg)))
		return 0;
	return -EOPNOTSUPP;
}

static int make_flags(const struct message_rule *m, int asked, uint16_t *ret)
{
	const int change = NLM_F_REPLACE | NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND;

	*ret = NLM_F_REQUEST;
	if (m->flags & CHANGE) {
		/* Would make a device. */
		if (m->type == RTM_NEWLINK && asked & NLM_F_CREATE)
			return -EOPNOTSUPP;
		*ret |= NLM_F_ACK | (asked & change);
	} else if (asked & NLM_F_DUMP) {
		*ret |= asked & NLM_F_DUMP;
	} else if (m->flags & DUMP_ONLY) {
		return -EOPNOTSUPP;
	} else {
		*ret |= NLM_F_ACK;
	}
	return 0;
}

int request_make(const struct nlmsghdr *asked, int flags, struct request *ret)
{
	const struct message_rule *m = find_message(asked->nlmsg_type);
	const unsigned char *payload = (const unsigned char *)asked + NLMSG_HDRLEN;
	size_t len = asked->nlmsg_len - NLMSG_HDRLEN, header;
	struct nlmsghdr *h;
	unsigned char *to;
	int r;

	ret->len = 0;
	if (is_change(asked->nlmsg_type) && !(flags & REQUEST_ADMIN))
		return -EPERM;
	if (!m)
		return -EOPNOTSUPP;
	/* Who reads may give the family alone (struct rtgenmsg). */
	if (len < (m->flags & CHANGE ? m->header : sizeof(struct rtgenmsg)))
		return -EINVAL;
	header = len < m->header ? len : m->header;
	h = append(ret, sizeof(*h));
	to = append(ret, m->header);
	*h = (struct nlmsghdr){ .nlmsg_type = m->type, .nlmsg_seq = asked->nlmsg_seq };
	memcpy(to, payload, header);
	r = make_flags(m, asked->nlmsg_flags, &h->nlmsg_flags);
	if (r == 0)
		r = check_family(m, to);
	if (r < 0)
		return r;
	r = copy_attrs(m->attrs, payload + header, len - header, m->flags, ret);
	h->nlmsg_len = (uint32_t)ret->len;
	return r;
}
