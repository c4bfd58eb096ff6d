// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes by path: mode, owner, size, times, extended ones. */
#define _GNU_SOURCE
#include <sys/time.h>
#include <sys/xattr.h>

#include "probe.h"

void probe_attributes(void)
{
	struct timespec ts[2] = { { 1000, 5 }, { 2000, 6 } };
	const struct timespec omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	const struct timespec wrong[2] = { { 0, 2000000000 }, { 0, 0 } };
	struct timeval tv[2] = { { 10, 20 }, { 30, 40 } };
	static char value[70000];
	struct stat st;
	int d;

	mkdir("d", 0755);
	mknod("d/f", S_IFREG | 0644, 0);
	symlink("d/f", "l");
	symlink("none", "dangling");
	d = open("d", O_RDONLY);
	SHOW(chmod("l", 04711));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mode);
	SHOW(chmod("d/", 0700));
	SHOW(chmod("d/f/", 0700));
	SHOW(chmod("dangling", 0700));
	SHOW(chmod("", 0700));
	SHOW(chmod(bad(), 0700));
	SHOW(chmod("d/f", 0777777));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mode);
	SHOW(fchmodat(d, "f", 0600, 0));
	SHOW(fchmodat(d, "none", 0600, 0));
	SHOW(syscall(SYS_fchmodat2, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_fchmodat2, d, "", 0710, AT_EMPTY_PATH));
	SHOW(syscall(SYS_fchmodat2, d, "", 0710, 0));
	SHOW(syscall(SYS_fchmodat2, d, "f", 0710, 1));
	SHOW(chown("l", -1, -1));
	SHOW(chown("none", -1, -1));
	SHOW(lchown("dangling", getuid(), getgid()));
	SHOW(chown("dangling", getuid(), getgid()));
	SHOW(fchownat(d, "", -1, -1, AT_EMPTY_PATH));
	SHOW(fchownat(d, "f", -1, -1, 1));
	SHOW(fchownat(AT_FDCWD, "", -1, -1, AT_EMPTY_PATH));
	SHOW(truncate("l", 1234));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_size);
	SHOW(truncate("d", 0));
	SHOW(truncate("d/f", -1));
	SHOW(truncate("none", 0));
	SHOW(truncate("d/f/", 0));
	SHOW(utimensat(AT_FDCWD, "l", ts, 0));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mtim.tv_sec);
	SHOW(utimensat(AT_FDCWD, "dangling", ts, AT_SYMLINK_NOFOLLOW));
	SHOW(lstat("dangling", &st) ? -1 : (long)st.st_mtim.tv_sec);
	SHOW(utimensat(AT_FDCWD, "none", omit, 0));
	SHOW(utimensat(AT_FDCWD, "l", wrong, 0));
	SHOW(utimensat(AT_FDCWD, "l", NULL, 0));
	SHOW(syscall(SYS_utimensat, d, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, d, NULL, ts, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, 9999, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, "l", bad(), 0));
	SHOW(utimes("l", tv));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mtim.tv_nsec);
	SHOW(syscall(SYS_futimesat, d, "f", tv));
	SHOW(syscall(SYS_futimesat, d, NULL, tv));
	SHOW(syscall(SYS_utime, "l", NULL));
	SHOW(setxattr("l", "user.a", "hello", 5, 0));
	SHOW(getxattr("d/f", "user.a", value, 100));
	SHOW(setxattr("l", "user.a", "hello", 5, XATTR_CREATE));
	SHOW(setxattr("l", "user.b", "hello", 5, XATTR_REPLACE));
	SHOW(setxattr("l", "user.b", "hello", 5, 4));
	SHOW(setxattr("l", "user.b", value, 65537, 0));
	SHOW(setxattr("l", "user.b", bad(), 5, 0));
	SHOW(setxattr("l", bad(), "x", 1, 0));
	SHOW(setxattr("l", "", "x", 1, 0));
	SHOW(setxattr("l", "nonsense", "x", 1, 0));
	SHOW(setxattr("none", "user.a", "x", 1, 0));
	SHOW(lsetxattr("l", "user.a", "x", 1, 0));
	SHOW(removexattr("l", "user.a"));
	SHOW(removexattr("l", "user.a"));
	SHOW(lremovexattr("l", "user.a"));
}
