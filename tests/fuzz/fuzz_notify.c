// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications from hostile bytes: number, arguments and memory of the caller go through
 * dispatch() and the real handlers.
 *
 * Input: number (2 bytes), per argument a kind and 8 bytes, the rest is the caller's memory.
 */
#include <fcntl.h>
#include <string.h>

#include "abi/table.h"
#include "world.h"

#define HEADER (2 + 6 * 9)

static int calls[512];
static size_t calls_n;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < table_rows_n; i++)
		if (table_rows[i].class >= CLASS_EMULATE)
			calls[calls_n++] = table_rows[i].nr;
	world_make(0);
	return 0;
}

/* Kinds: a plain value; an address in the memory; a small number; AT_FDCWD. */
static uint64_t argument(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p + 1, sizeof(v));
	switch (p[0] % 4) {
	case 1:
		return world_address(v % (WORLD_MEMORY + 16));
	case 2:
		return v % 64;
	case 3:
		return (uint32_t)AT_FDCWD;
	}
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { 0 };
	uint8_t header[HEADER] = { 0 };	/* a short input grows: it must not be refused */
	size_t n = size < HEADER ? size : HEADER;

	memcpy(header, data, n);
	c.nr = calls[(header[0] | header[1] << 8) % calls_n];
	for (int i = 0; i < 6; i++)
		c.arg[i] = argument(header + 2 + i * 9);
	world_run(&c, data + n, size - n, world_dispatch);
	return 0;
}
