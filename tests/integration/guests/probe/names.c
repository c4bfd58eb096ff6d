// SPDX-License-Identifier: GPL-2.0-or-later
/* Names: made, moved, linked and removed. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "probe.h"

void probe_names(void)
{
	static char longest[PATH_MAX + 10], name[300];
	struct stat st;
	int d, e;

	memset(name, 'n', 256);
	memset(longest, 'x', PATH_MAX);
	for (int i = 100; i < PATH_MAX; i += 100)
		longest[i] = '/';
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d/e/", 01777));
	SHOW(mkdir("d/e//f//", 0700));
	SHOW(mkdir("", 0700));
	SHOW(mkdir("/", 0700));
	SHOW(mkdir(".", 0700));
	SHOW(mkdir("..", 0700));
	SHOW(mkdir("d/none/x", 0700));
	SHOW(mkdir(name, 0700));
	SHOW(mkdir(longest, 0700));
	longest[PATH_MAX - 1] = '\0';
	SHOW(mkdir(longest, 0700));
	SHOW(mkdir(bad(), 0700));
	SHOW(syscall(SYS_mkdir, 0, 0700));
	SHOW(mkdir((char *)-1L, 0700));
	SHOW(stat("d/e", &st) ? -1 : (long)st.st_mode);
	SHOW(symlink("d", "ld"));
	SHOW(symlink("d/none", "dangling"));
	SHOW(symlink("loop", "loop"));
	SHOW(symlink("", "empty"));
	SHOW(symlink("x", ""));
	SHOW(symlink(bad(), "x"));
	SHOW(symlink("x", bad()));
	SHOW(symlink("x", "ld"));
	SHOW(mkdir("ld/g", 0700));
	SHOW(mkdir("ld", 0700));
	SHOW(mkdir("ld/", 0700));
	SHOW(mkdir("dangling", 0700));
	SHOW(mkdir("dangling/", 0700));
	SHOW(mkdir("loop/x", 0700));
	SHOW(rmdir("loop/x"));
	SHOW(rmdir("ld"));
	SHOW(rmdir("ld/"));
	SHOW(rmdir("."));
	SHOW(rmdir("d/.."));
	SHOW(rmdir("d/e/."));
	SHOW(rmdir("/"));
	SHOW(rmdir("d"));
	SHOW(rmdir("ld/g"));
	SHOW(rmdir(""));
	SHOW(rmdir("/proc"));
	SHOW(mknod("f", S_IFREG | 0640, 0));
	SHOW(mknod("f", S_IFREG | 0640, 0));
	SHOW(mknod("fifo", S_IFIFO | 0644, 0));
	SHOW(mknod("sock", S_IFSOCK | 0644, 0));
	SHOW(mknod("dir", S_IFDIR | 0644, 0));
	SHOW(mknod("odd", 0170000, 0));
	SHOW(mknod("f/", S_IFREG, 0));
	SHOW(mknod("f2/", S_IFREG, 0));
	SHOW(rmdir("f"));
	SHOW(unlink("f/"));
	SHOW(unlink("f/x"));
	SHOW(unlink("d"));
	SHOW(unlink("d/"));
	SHOW(unlink("/"));
	SHOW(unlink("."));
	SHOW(unlink("none"));
	SHOW(unlink("none/"));
	SHOW(unlink("dangling/"));
	SHOW(unlink("dangling"));
	SHOW(unlinkat(AT_FDCWD, "f", 1));
	SHOW(unlinkat(-1, "f", 0));
	SHOW(unlinkat(0, "f", 0));
	SHOW(unlinkat(9999, "/none", 0));
	d = open("d", O_RDONLY | O_DIRECTORY);
	e = open("d/e", O_PATH);
	SHOW(mkdirat(d, "m", 0755));
	SHOW(mkdirat(e, "../m2", 0755));
	SHOW(renameat(d, "m", e, "m"));
	SHOW(renameat(d, "m", e, "m"));
	SHOW(renameat(e, "m", d, "e"));
	SHOW(rename("d", "d/e/x"));
	SHOW(rename("d", "d"));
	SHOW(rename("f", "d"));
	SHOW(rename("d", "f"));
	SHOW(rename("f", "g/"));
	SHOW(rename("f/", "g"));
	SHOW(rename("f", "f/"));
	SHOW(rename("d/e", "."));
	SHOW(rename("d/e", ".."));
	SHOW(rename("/", "x"));
	SHOW(rename("x", "/"));
	SHOW(rename("", "x"));
	SHOW(rename("f", ""));
	SHOW(rename("f", "loop/x"));
	SHOW(rename(bad(), "x"));
	SHOW(rename("f", bad()));
	SHOW(rename("ld", "ld2"));
	SHOW(rename("f", "none/x"));
	SHOW(rename("f", "/proc/x"));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", RENAME_NOREPLACE));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", RENAME_EXCHANGE));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", 1 << 10));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "q", RENAME_EXCHANGE));
	SHOW(rename("ld2", "f"));
	SHOW(link("f", "hard"));
	SHOW(link("f", "hard"));
	SHOW(link("d", "harddir"));
	SHOW(link("none", "x"));
	SHOW(link("f/", "x"));
	SHOW(link("f", "x/"));
	SHOW(link("f", "/proc/x"));
	SHOW(symlink("f", "lf"));
	SHOW(link("lf", "hardlf"));
	SHOW(lstat("hardlf", &st) ? -1 : (long)(st.st_mode & S_IFMT));
	SHOW(linkat(AT_FDCWD, "lf", AT_FDCWD, "hardf", AT_SYMLINK_FOLLOW));
	SHOW(lstat("hardf", &st) ? -1 : (long)st.st_nlink);
	SHOW(linkat(AT_FDCWD, "lf", AT_FDCWD, "y", 0x2));
	SHOW(linkat(d, "", AT_FDCWD, "y", 0));
	SHOW(linkat(9999, "", AT_FDCWD, "y", AT_EMPTY_PATH));
}
