// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/str.h"

#include <errno.h>

#include "test.h"

TEST(str_parse_u32_is_strict)
{
	static const char *const bad[] = {
		"", "1x", " 1", "+1", "-1", "1 ", "0x1", "1.0"
	};
	uint32_t v = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(str_parse_u32(bad[i], &v), -EINVAL);
	CHECK_INT(str_parse_u32("4294967296", &v), -ERANGE);
	CHECK_INT(str_parse_u32("18446744073709551616", &v), -ERANGE);
	CHECK_INT(v, 7);
	CHECK_INT(str_parse_u32("4294967295", &v), 0);
	CHECK(v == 4294967295U);
}

TEST(str_parse_i64_knows_its_ends)
{
	int64_t v;

	CHECK_INT(str_parse_i64("-9223372036854775808", &v), 0);
	CHECK(v == INT64_MIN);
	CHECK_INT(str_parse_i64("9223372036854775807", &v), 0);
	CHECK(v == INT64_MAX);
	CHECK_INT(str_parse_i64("9223372036854775808", &v), -ERANGE);
	CHECK_INT(str_parse_i64("--1", &v), -EINVAL);
	CHECK_INT(str_parse_i64("-", &v), -EINVAL);
}

TEST(str_parse_size_takes_binary_suffixes)
{
	int64_t v;

	CHECK_INT(str_parse_size("64M", &v), 0);
	CHECK_INT(v, 64 << 20);
	CHECK_INT(str_parse_size("1gB", &v), 0);
	CHECK_INT(v, 1 << 30);
	CHECK_INT(str_parse_size("-1", &v), 0);
	CHECK_INT(v, -1);
	CHECK_INT(str_parse_size("512", &v), 0);
	CHECK_INT(v, 512);
	CHECK_INT(str_parse_size("-2", &v), -EINVAL);
	CHECK_INT(str_parse_size("M", &v), -EINVAL);
	CHECK_INT(str_parse_size("1MM", &v), -EINVAL);
	CHECK_INT(str_parse_size("1MBx", &v), -EINVAL);
	CHECK_INT(str_parse_size("9999999999T", &v), -ERANGE);
}

TEST(strv_grows_and_ends_with_null)
{
	struct strv v = { 0 };
	char word[16];

	for (int i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "w%d", i);
		CHECK_INT(strv_add(&v, word), 0);
		CHECK(v.v[v.n] == NULL);
	}
	CHECK_INT(v.n, 100);
	CHECK_STR(v.v[99], "w99");
	CHECK(strv_has(v.v, "w50"));
	CHECK(!strv_has(v.v, "w100"));
	CHECK(!strv_has(NULL, "w"));
	strv_done(&v);
}

TEST(strbuf_appends)
{
	struct strbuf b = { 0 };

	for (int i = 0; i < 1000; i++)
		CHECK_INT(strbuf_addf(&b, "%d,", i % 10), 0);
	CHECK_INT(b.len, 2000);
	CHECK_STR(b.s + 1994, "7,8,9,");
	strbuf_done(&b);
	CHECK(!b.s);
}

TEST(str_durations)
{
	static const struct {
		const char *s;
		long long ms;
	} good[] = {
		{ "1", 1000 },	    { "1.5", 1500 }, { "2m", 120000 }, { "1h", 3600000 },
		{ "1d", 86400000 }, { "0.01s", 10 }, { ".5", 500 },    { "100ms", 100 },
	};
	static const char *const bad[] = { "",
					   "s",
					   "ms",
					   "-1",
					   "0",
					   "1x",
					   "1.2345",
					   "1..2",
					   " 1",
					   "1e3",
					   "99999999999999999999" };
	int64_t ms;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK_INT(str_parse_duration(good[i].s, &ms), 0);
		CHECK_INT(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(str_parse_duration(bad[i], &ms) < 0);
}

TEST(str_octal_bytes_of_mountinfo)
{
	char text[] = "/a\\040b\\134\\011c\\08\\999\\04";

	str_unescape_octal(text);
	CHECK_STR(text, "/a b\\\tc\\08\\999\\04");
}
