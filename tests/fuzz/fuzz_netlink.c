// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of netlink from hostile bytes: what is made of them is whole and on the list.
 *
 * Input: a byte of flags, then a message, whose length is set to what there is.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As deep as the list is. */
static void check_attrs(const unsigned char *at, size_t len)
{
	while (len > 0) {
		struct nlattr a;

		if (len < sizeof(a))
			abort();
		memcpy(&a, at, sizeof(a));
		if (a.nla_len < sizeof(a) || NLA_ALIGN((size_t)a.nla_len) > len)
			abort();
		if (a.nla_type & NLA_F_NESTED)
			check_attrs(at + NLA_HDRLEN, a.nla_len - (size_t)NLA_HDRLEN);
		at += NLA_ALIGN(a.nla_len);
		len -= NLA_ALIGN((size_t)a.nla_len);
	}
}

static size_t header_of(int type)
{
	if (type == RTM_GETADDR || type == RTM_NEWADDR || type == RTM_DELADDR)
		return 8;
	if (type == RTM_GETLINK || type == RTM_NEWLINK || type == RTM_SETLINK)
		return 16;
	return 12;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *asked;
	struct request made;
	const struct nlmsghdr *h = (const void *)made.bytes;
	size_t first;
	int r;

	if (size < 1 + sizeof(*asked))
		return -1;
	asked = malloc(size - 1);	/* of exactly that length */
	if (!asked)
		return -1;
	memcpy(asked, data + 1, size - 1);
	asked->nlmsg_len = (uint32_t)size - 1;
	r = request_make(asked, data[0] & REQUEST_ADMIN, &made);
	if (r > 0 || r < -4095)
		abort();
	if (r == 0) {
		first = NLMSG_HDRLEN + header_of(h->nlmsg_type);
		if (h->nlmsg_len != made.len || made.len < first ||
		    !(h->nlmsg_flags & NLM_F_REQUEST))
			abort();
		if (!(data[0] & REQUEST_ADMIN) && (h->nlmsg_type & 3) != 2)
			abort();
		check_attrs(made.bytes + first, made.len - first);
	}
	free(asked);
	return 0;
}
