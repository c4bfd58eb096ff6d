// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json's units, which are v1's, as v2's.  Pure. */
#include "cgroup/ops.h"

#include <errno.h>

#define LOG_BITS 27

/* log2(x) with LOG_BITS fractional bits, by squaring the mantissa. */
static uint64_t log2_fixed(uint64_t x)
{
	unsigned int whole = 63u - (unsigned int)__builtin_clzll(x);
	uint64_t y = (x << 31) >> whole; /* 1 <= y < 2, 31 fractional bits */
	uint64_t l = whole;

	for (int bit = 0; bit < LOG_BITS; bit++) {
		y = (y * y) >> 31;
		l <<= 1;
		if (y >> 32) {
			y >>= 1;
			l |= 1;
		}
	}
	return l;
}

/*
 * w = ceil(10^((l^2 + 125 l)/612 - 7/34)) with l = log2(shares): 2 -> 1, 1024 -> 100,
 * 262144 -> 10000.  Compared in logarithms, so that no libm is needed; the slack keeps
 * exact powers from being rounded up.
 */
uint64_t cgroup_cpu_weight(uint64_t shares)
{
	const int64_t log2_10 = 445861641; /* log2(10) << LOG_BITS */
	const int64_t slack = 1;
	uint64_t low = 1, high = 10000;
	int64_t l, exponent, want;

	if (shares == 0)
		return 0;
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = (int64_t)log2_fixed(shares);
	exponent = ((l * l >> LOG_BITS) + 125 * l) / 612 - (7LL << LOG_BITS) / 34;
	want = (exponent * log2_10 >> LOG_BITS) - slack;
	while (low < high) {
		uint64_t mid = (low + high) / 2;

		if ((int64_t)log2_fixed(mid) >= want)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

uint64_t cgroup_io_weight(uint64_t weight)
{
	if (weight == 0)
		return 0;
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

int cgroup_swap_v2(const struct spec_resources *r, int64_t *ret, struct err *e)
{
	int64_t limit = r->memory_limit.has ? r->memory_limit.v : 0;
	int64_t swap = r->memory_swap.has ? r->memory_swap.v : 0;

	*ret = INT64_MIN;
	if (limit == -1 && swap == 0)
		swap = -1;
	if (swap == 0)
		return 0;
	if (swap == -1 || limit == -1) {
		*ret = swap;
		return 0;
	}
	if (limit == 0)
		return err_text(e, EINVAL,
				"unable to set swap limit without memory limit");
	if (swap < limit)
		return err_text(e, EINVAL, "memory+swap limit should be >= memory limit");
	*ret = swap - limit;
	return 0;
}
