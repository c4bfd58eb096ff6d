// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and messages from hostile bytes, for the calls about sockets that are mediated.
 *
 * Input: which call, which descriptor, the length that is claimed (2 bytes), the bytes.
 */
#include <string.h>

#include "abi/table.h"
#include "world.h"

static int calls[64];
static size_t calls_n;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < table_rows_n && calls_n < 64; i++)
		if (strstr(table_rows[i].args, "sockaddr") ||
		    strstr(table_rows[i].args, "msg"))
			calls[calls_n++] = table_rows[i].nr;
	world_make(0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { 0 };
	uint16_t claimed;

	if (size < 4)
		return -1;
	c.nr = calls[data[0] % calls_n];
	c.arg[0] = 3 + data[1] % 5;
	memcpy(&claimed, data + 2, sizeof(claimed));
	data += 4;
	size = size - 4 < WORLD_MEMORY ? size - 4 : WORLD_MEMORY;
	c.arg[1] = world_address(WORLD_MEMORY - size);
	c.arg[2] = claimed % 8 ? size : claimed;
	c.arg[4] = c.arg[1];
	c.arg[5] = c.arg[2];
	world_run(&c, data, size, world_dispatch);
	return 0;
}
