// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of the options of `picket do`: what they mean and which are refused.  Pure. */
#include "do/do.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

int do_parse_cpus(const char *s, int64_t *ret_quota_us)
{
	int64_t milli;
	int r = str_parse_thousandths(s, strlen(s), &milli);

	if (r < 0)
		return r;
	if (milli < 10 ||
	    milli > 1000000000) /* the kernel's least quota is 1 ms in 100 */
		return -ERANGE;
	*ret_quota_us = milli * 100;
	return 0;
}

void do_options_done(struct do_options *o)
{
	strv_done(&o->rw);
	strv_done(&o->ro);
	strv_done(&o->env);
}
