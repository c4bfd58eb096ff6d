// SPDX-License-Identifier: GPL-2.0-or-later
/* Units and their properties, as far as no systemd is needed for it. */
#include <errno.h>

#include "cgroup/dbus.h"
#include "cgroup/ops.h"
#include "cgroup/systemd-unit.h"
#include "test.h"

static const char *expand(const char *slice)
{
	static struct err e;
	char *path;

	e = (struct err)ERR_INIT;
	return cgroup_expand_slice(slice, &path, &e) < 0 ? e.msg : path;
}

TEST(slices_are_expanded)
{
	CHECK_STR(expand("-.slice"), "/");
	CHECK_STR(expand("system.slice"), "/system.slice");
	CHECK_STR(expand("a-b-c.slice"), "/a.slice/a-b.slice/a-b-c.slice");
	CHECK_HAS(expand("a"), "invalid slice name 'a'");
	CHECK_HAS(expand(".slice"), "invalid slice name");
	CHECK_HAS(expand("a--b.slice"), "invalid slice name");
	CHECK_HAS(expand("-a.slice"), "invalid slice name");
	CHECK_HAS(expand("a-.slice"), "invalid slice name");
	CHECK_HAS(expand("a/b.slice"), "invalid slice name");
}

static const char *unit(const char *path, bool user)
{
	static char buf[256];
	static struct err e;
	struct systemd_unit u = { 0 };

	e = (struct err)ERR_INIT;
	if (systemd_unit_of(path, "ID", user, &u, &e) < 0)
		return e.msg;
	snprintf(buf, sizeof(buf), "%s in %s%s", u.name, u.slice,
		 u.is_slice ? ", slice" : "");
	systemd_unit_done(&u);
	return buf;
}

TEST(units_follow_from_the_path)
{
	CHECK_STR(unit(NULL, false), "picket-ID.scope in system.slice");
	CHECK_STR(unit("", true), "picket-ID.scope in user.slice");
	CHECK_STR(unit("system.slice:docker:abc", false),
		  "docker-abc.scope in system.slice");
	CHECK_STR(unit(":runc:x", false), "runc-x.scope in system.slice");
	CHECK_STR(unit("a-b.slice::x", true), "x.scope in a-b.slice");
	CHECK_STR(unit("a.slice:p:a-x.slice", false), "a-x.slice in a.slice, slice");
	CHECK_HAS(unit("/a/b", false), "\"slice:prefix:name\" for systemd cgroups");
	CHECK_HAS(unit("a.slice:b", false), "to be of format");
	CHECK_HAS(unit("a.slice:b:c:d", false), "to be of format");
	CHECK_HAS(unit("a:b:c", false), "invalid slice name");
}

/* "name:signature" of one entry, or "" where the text is refused. */
static const char *gvariant(const char *text)
{
	static char buf[128];
	struct dbus_body b = { 0 };
	int r = dbus_prop_gvariant(&b, "N", text);

	buf[0] = '\0';
	if (r == 0) /* 4 length, "N", NUL, then the signature's length and text */
		snprintf(buf, sizeof(buf), "%s %zu", b.out.s + 7, b.out.len);
	else
		CHECK_INT(r, -EINVAL);
	strbuf_done(&b.out);
	return buf;
}

TEST(gvariant_texts)
{
	CHECK_STR(gvariant("true"), "b 16");
	CHECK_STR(gvariant("false"), "b 16");
	CHECK_STR(gvariant("'inactive-or-failed'"), "s 35");
	CHECK_STR(gvariant("\"a\\\"b\""), "s 20");
	CHECK_STR(gvariant("uint64 5"), "t 24");
	CHECK_STR(gvariant("uint32 0x10"), "u 16");
	CHECK_STR(gvariant("-3"), "i 16");
	CHECK_STR(gvariant("@as []"), "as 16");
	CHECK_STR(gvariant("['x', 'yy']"), "as 31");
	CHECK_STR(gvariant(""), "");
	CHECK_STR(gvariant("'open"), "");
	CHECK_STR(gvariant("uint64 -5"), "");
	CHECK_STR(gvariant("uint63 5"), "");
	CHECK_STR(gvariant("5x"), "");
	CHECK_STR(gvariant("truely"), "");
	CHECK_STR(gvariant("['x' 'y']"), "");
	CHECK_STR(gvariant("['x'"), "");
}

TEST(dbus_arrays_know_their_length)
{
	struct dbus_body b = { 0 };
	struct dbus_array a;

	dbus_put_u8(&b, 1);
	a = dbus_open_array(&b, 8); /* length at 4, elements from 8 */
	dbus_put_u64(&b, 7);
	dbus_put_string(&b, "ab");
	dbus_close_array(&b, a);
	CHECK_INT(b.out.len, 8 + 8 + 7);
	CHECK_INT(b.out.s[4], 15);
	CHECK_INT(b.error, 0);
	strbuf_done(&b.out);
}

TEST(limits_refuse_bad_cpu_lists)
{
	const char *const bad[] = { "x", "1-", "3-1", "0-99999", ",1" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct spec_resources r = { .present = true,
						  .cpuset_cpus = bad[i] };
		struct dbus_body b = { 0 };

		CHECK_INT(systemd_put_limits(&b, &r, true, &e), -EINVAL);
		strbuf_done(&b.out);
	}
}
