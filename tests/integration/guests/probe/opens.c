// SPDX-License-Identifier: GPL-2.0-or-later
/* Every way to open every kind of path. */
#define _GNU_SOURCE
#include <linux/openat2.h>

#include "probe.h"

void probe_opens(void)
{
	static char longest[PATH_MAX + 10];
	static const int ways[] = { O_RDONLY,
				    O_WRONLY,
				    O_RDWR,
				    3,
				    O_WRONLY | O_TRUNC,
				    O_WRONLY | O_APPEND,
				    O_RDONLY | O_NONBLOCK,
				    O_RDONLY | O_CLOEXEC,
				    O_PATH,
				    O_PATH | O_NOFOLLOW,
				    O_RDONLY | O_NOFOLLOW,
				    O_RDONLY | O_DIRECTORY,
				    O_PATH | O_DIRECTORY,
				    O_WRONLY | O_CREAT,
				    O_WRONLY | O_CREAT | O_EXCL,
				    O_RDONLY | O_NOATIME,
				    O_RDWR | O_SYNC,
				    O_RDWR | O_DSYNC,
				    O_RDWR | O_ASYNC,
				    O_RDONLY | O_NOCTTY,
				    1 << 30,
				    O_CREAT | O_DIRECTORY,
				    O_TMPFILE,
				    O_TMPFILE | O_RDWR,
				    O_TMPFILE | O_RDWR | O_EXCL };
	static const char *const what[] = { "f",	  "d",
					    "lf",	  "ld",
					    "ld/",	  "f/",
					    "dangling",	  "loop",
					    "loop/x",	  "none",
					    "none/",	  "d/f",
					    "ld/f",	  "f/x",
					    ".",	  "..",
					    "/",	  "",
					    "./f",	  "d/../f",
					    "d/./f",	  "//proc/self/limits",
					    "/etc/",	  "/dev/null",
					    "/dev/null/", "/proc",
					    "fifo_" };
	int d;

	mkdir("d", 0755);
	mknod("d/f", S_IFREG | 0644, 0);
	mknod("f", S_IFREG | 0644, 0);
	symlink("f", "lf");
	symlink("d", "ld");
	symlink("none2/x", "dangling");
	symlink("loop", "loop");
	d = open("d", O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++) {
			printf("open('%s', 0%o):\n", what[i], ways[k]);
			FD(syscall(SYS_open, what[i], ways[k], 0640));
			if (ways[k] & O_CREAT && !access("none", F_OK))
				unlink("none");
			if (ways[k] & O_PATH)	/* the documented difference of openat2 */
				continue;
			FD(open2(AT_FDCWD, what[i], (uint64_t)ways[k], 0));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_BENEATH));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_IN_ROOT));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_NO_SYMLINKS));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_NO_XDEV));
		}
	}
	memset(longest, '/', PATH_MAX);
	FD(open(longest, O_RDONLY));
	longest[PATH_MAX - 1] = '\0';
	FD(open(longest, O_RDONLY));
	FD(open(bad(), O_RDONLY));
	FD(openat(d, "f", O_RDONLY));
	FD(openat(d, "../f", O_RDONLY));
	FD(openat(-1, "f", O_RDONLY));
	FD(openat(-1, "/etc/passwd", O_RDONLY));
	FD(openat(-1, "", O_RDONLY));
	FD(openat(9999, "f", O_RDONLY));
	FD(openat(open("f", O_RDONLY), "f", O_RDONLY));
	FD(creat("new", 0642));
	FD(creat("d", 0642));
	umask(077);
	FD(creat("new2", 0666));
	FD(open("d", O_TMPFILE | O_WRONLY, 0666));
	umask(022);
	FD(creat("new3", 0666));
}
