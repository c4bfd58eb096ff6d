// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json, process.json and resources.json of any bytes: an error, never a crash. */
#include <stddef.h>
#include <stdint.h>

#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct err e = ERR_INIT;
	struct spec s;

	if (spec_parse("config.json", text, len, &s, &e) == 0)
		(void)spec_validate(&s, &e);
	(void)spec_parse_process(&s, "process.json", text, len, &e);
	(void)spec_parse_resources(&s, "resources.json", text, len, &e);
	spec_done(&s);
	return 0;
}
