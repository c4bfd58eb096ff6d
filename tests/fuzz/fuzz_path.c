// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths from hostile bytes, opened for a caller that has a /proc: the resolver's fast ways
 * and its walk.  What it yields is a descriptor or an errno.
 *
 * Input: openat2's flags (4 bytes) and resolve (1 byte), the directory (1 byte), the path.
 */
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

#include "task/task.h"
#include "vfs/path.h"
#include "world.h"

static struct open_how how;
static int dirfd_of_caller;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_make(WORLD_PROC);
	return 0;
}

static void run(struct call *c)
{
	char path[PATH_MAX];
	int fd = vfs_read_path(c, path, c->arg[0]);

	if (fd < 0)
		return;
	fd = vfs_open(c, dirfd_of_caller, path, &how);
	if (fd < -4095)
		abort();
	if (fd >= 0)
		close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { 0 };
	uint32_t flags;
	size_t len;

	if (size < 7)
		return -1;
	memcpy(&flags, data, sizeof(flags));
	how = (struct open_how){ .flags = flags | O_NOCTTY | O_NONBLOCK,
				 .resolve = data[4] };
	if (how.flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		how.mode = 0600;
	dirfd_of_caller = data[5] % 8 ? AT_FDCWD : 3;
	data += 6;
	len = size - 6 < WORLD_MEMORY ? size - 6 : WORLD_MEMORY;
	c.arg[0] = world_address(WORLD_MEMORY - len);
	world_run(&c, data, len, run);
	return 0;
}
