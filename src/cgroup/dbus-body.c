// SPDX-License-Identifier: GPL-2.0-or-later
/* D-Bus values: the little-endian wire format, and property lists made of it.  Pure. */
#include "cgroup/dbus.h"

#include <errno.h>
#include <string.h>

static void put(struct dbus_body *b, const void *p, size_t len)
{
	if (b->error == 0)
		b->error = strbuf_add(&b->out, p, len);
}

void dbus_align(struct dbus_body *b, size_t to)
{
	static const char zeroes[8];

	put(b, zeroes, -b->out.len & (to - 1));
}

void dbus_put_u8(struct dbus_body *b, uint8_t v)
{
	put(b, &v, sizeof(v));
}

void dbus_put_u32(struct dbus_body *b, uint32_t v)
{
	dbus_align(b, 4);
	put(b, &v, sizeof(v));
}

void dbus_put_u64(struct dbus_body *b, uint64_t v)
{
	dbus_align(b, 8);
	put(b, &v, sizeof(v));
}

void dbus_put_string(struct dbus_body *b, const char *s)
{
	dbus_put_u32(b, (uint32_t)strlen(s));
	put(b, s, strlen(s) + 1);
}

void dbus_put_signature(struct dbus_body *b, const char *s)
{
	dbus_put_u8(b, (uint8_t)strlen(s));
	put(b, s, strlen(s) + 1);
}

struct dbus_array dbus_open_array(struct dbus_body *b, size_t align)
{
	struct dbus_array a;

	dbus_put_u32(b, 0);
	a.len_at = b->out.len - sizeof(uint32_t);
	dbus_align(b, align);
	a.start = b->out.len;
	return a;
}

void dbus_close_array(struct dbus_body *b, struct dbus_array a)
{
	uint32_t len = (uint32_t)(b->out.len - a.start);

	if (b->error == 0)
		memcpy(b->out.s + a.len_at, &len, sizeof(len));
}

void dbus_prop_open(struct dbus_body *b, const char *name, const char *signature)
{
	dbus_align(b, 8);
	dbus_put_string(b, name);
	dbus_put_signature(b, signature);
}

void dbus_prop_string(struct dbus_body *b, const char *name, const char *value)
{
	dbus_prop_open(b, name, "s");
	dbus_put_string(b, value);
}

void dbus_prop_bool(struct dbus_body *b, const char *name, bool value)
{
	dbus_prop_open(b, name, "b");
	dbus_put_u32(b, value);
}

void dbus_prop_u64(struct dbus_body *b, const char *name, uint64_t value)
{
	dbus_prop_open(b, name, "t");
	dbus_put_u64(b, value);
}
