// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of a procfs opened for reading and for writing, by names from hostile bytes: a
 * descriptor is of a file that procfs.def lets the caller have in that way, and never of
 * the sentry's own.  Nothing is written to it.
 *
 * Input: open's flags (4 bytes), the path below /proc, in which \1 stands for the caller's
 * number and \2 for the sentry's.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "vfs/path.h"
#include "vfs/proclist.h"
#include "world.h"

static struct open_how how;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_make(WORLD_PROC | WORLD_WRITABLE_PROC);
	return 0;
}

/* The caller's root directory is /mnt, and may be the worker's. */
static const char *below_proc(const char *path)
{
	static const char *const procs[] = { "/mnt/proc/", "/proc/" };

	for (size_t i = 0; i < ARRAY_SIZE(procs); i++)
		if (!strncmp(path, procs[i], strlen(procs[i])))
			return path + strlen(procs[i]);
	abort();
}

static void check(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	enum proc_answer answer;
	char link[64], path[PATH_MAX];
	const char *name;
	struct statfs fs;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0 || flags < 0)
		abort();
	if (fs.f_type != PROC_SUPER_MAGIC || !S_ISREG(st.st_mode) || flags & O_PATH)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	name = below_proc(path);
	answer = proclist_answer(name);
	/* There are no views here: the kernel's file in their place. */
	if (answer != PROC_PASS && ((answer != PROC_READ && answer != PROC_VIEW) ||
				    (flags & O_ACCMODE) != O_RDONLY))
		abort();
	if (atoi(name) == getpid())
		abort();
}

static void run(struct call *c)
{
	char path[PATH_MAX];
	int fd = vfs_read_path(c, path, c->arg[0]);

	if (fd < 0)
		return;
	fd = vfs_open(c, AT_FDCWD, path, &how);
	if (fd < -4095)
		abort();
	if (fd < 0)
		return;
	check(fd);
	close(fd);
}

/* The path with the numbers put in, NUL included.  Returns its length. */
static size_t spell(const uint8_t *data, size_t size, pid_t caller, char *out, size_t max)
{
	size_t len = (size_t)snprintf(out, max, "/proc/");

	for (size_t i = 0; i < size && len + 16 < max; i++) {
		if (data[i] == 1 || data[i] == 2)
			len += (size_t)snprintf(out + len, max - len, "%d",
						data[i] == 1 ? caller : getpid());
		else
			out[len++] = (char)data[i];
	}
	out[len++] = '\0';
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { 0 };
	char path[WORLD_MEMORY];
	uint32_t flags;
	size_t len;

	if (size < 5)
		return -1;
	memcpy(&flags, data, sizeof(flags));
	how = (struct open_how){ .flags = flags | O_NOCTTY | O_NONBLOCK };
	if (how.flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		how.mode = 0600;
	len = spell(data + 4, size - 4, world_caller(), path, sizeof(path));
	c.arg[0] = world_address(WORLD_MEMORY - len);
	world_run(&c, (const uint8_t *)path, len, run);
	return 0;
}
