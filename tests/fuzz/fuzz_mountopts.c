// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: a guest's mount options.  What is accepted has its pieces within the
 * data, and ended.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfs/mountopts.h"

static void check_within(const char *piece, const char *data, size_t size)
{
	if (piece < data || piece > data + size || piece + strlen(piece) > data + size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct overlay_options o;
	char *data = malloc(size + 1);

	if (!data)
		return 0;
	memcpy(data, bytes, size);
	data[size] = '\0';
	mountopts_tmpfs_valid(data);
	if (mountopts_parse_overlay(data, &o) == 0) {
		if (o.lower_n == 0 || o.lower_n > OVERLAY_LOWER_MAX ||
		    !o.upper != !o.work)
			abort();
		for (size_t i = 0; i < o.lower_n; i++)
			check_within(o.lower[i], data, size);
		if (o.upper) {
			check_within(o.upper, data, size);
			check_within(o.work, data, size);
		}
	}
	free(data);
	return 0;
}
