// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of the options of `picket do`: what they mean and which are refused.  Pure. */
#include "do/do.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* A decimal number with up to three places, in thousandths: no sign, no exponent. */
static int parse_thousandths(const char *s, size_t len, int64_t *ret)
{
	int64_t v = 0;
	int places = -1;
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || places == 3)
			return -EINVAL;
		if (v > INT64_MAX / 100000)
			return -ERANGE;
		v = v * 10 + (s[i] - '0');
		digit = true;
		if (places >= 0)
			places++;
	}
	if (!digit)
		return -EINVAL;
	for (int i = places < 0 ? 0 : places; i < 3; i++)
		v *= 10;
	*ret = v;
	return 0;
}

int do_parse_cpus(const char *s, int64_t *ret_quota_us)
{
	int64_t milli;
	int r = parse_thousandths(s, strlen(s), &milli);

	if (r < 0)
		return r;
	if (milli < 10 ||
	    milli > 1000000000) /* the kernel's least quota is 1 ms in 100 */
		return -ERANGE;
	*ret_quota_us = milli * 100;
	return 0;
}

int do_parse_duration(const char *s, int64_t *ret_ms)
{
	static const struct {
		char suffix;
		int seconds;
	} units[] = {
		{ 's', 1 },
		{ 'm', 60 },
		{ 'h', 3600 },
		{ 'd', 86400 },
	};
	size_t len = strlen(s);
	int seconds = 1, r;
	int64_t milli;

	for (size_t i = 0; len && i < ARRAY_SIZE(units); i++) {
		if (s[len - 1] == units[i].suffix) {
			seconds = units[i].seconds;
			len--;
			break;
		}
	}
	r = parse_thousandths(s, len, &milli);
	if (r < 0)
		return r;
	if (milli <= 0 || milli > INT64_MAX / 86400000)
		return -ERANGE;
	*ret_ms = milli * seconds;
	return 0;
}

void do_options_done(struct do_options *o)
{
	strv_done(&o->rw);
	strv_done(&o->ro);
	strv_done(&o->env);
}
