// SPDX-License-Identifier: GPL-2.0-or-later
/* What is below /proc, and links in it, mean the guest. */
#define _GNU_SOURCE
#include <linux/openat2.h>
#include <sys/socket.h>

#include "probe.h"

void probe_procs(void)
{
	char name[64];
	int p[2], fd;

	mknod("f", S_IFREG | 0644, 0);
	fd = open("f", O_RDWR);
	if (write(fd, "content", 7) != 7)
		exit(1);
	FD(open("/proc/self/status", O_RDONLY));
	FD(open("/proc/self/stat", O_WRONLY));
	FD(open("/proc/self/none", O_RDONLY));
	FD(open("/proc/self", O_RDONLY | O_DIRECTORY));
	FD(open("/proc/self/", O_RDONLY | O_DIRECTORY));
	FD(open("/proc/self", O_RDONLY | O_NOFOLLOW));
	FD(open("/proc/self", O_PATH | O_NOFOLLOW));
	FD(open("/proc/thread-self/stat", O_RDONLY));
	/* What the sentry makes itself has other attributes: its text is tested elsewhere. */
	SHOW(close(open("/proc/mounts", O_RDONLY)));
	FD(open("/etc/mtab", O_RDONLY));
	FD(open("/proc/self/exe", O_RDONLY));
	FD(open("/proc/self/exe", O_WRONLY));
	FD(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW));
	FD(open("/proc/self/exe/x", O_RDONLY));
	FD(open("/proc/self/root", O_RDONLY));
	FD(open("/proc/self/root/etc/passwd", O_RDONLY));
	FD(open("/proc/self/cwd", O_RDONLY));
	TEXT(open("/proc/self/cwd/f", O_RDONLY));
	FD(open("/proc/self/cwd/../../etc", O_RDONLY));
	FD(open("/proc/self/mem", O_RDWR));
	FD(open("/proc/self/maps", O_RDONLY));
	FD(open("/proc/self/environ", O_RDONLY));
	FD(open("/proc/self/oom_score_adj", O_RDWR));
	FD(open("/proc/self/ns/net", O_RDONLY));
	FD(open("/proc/self/fd", O_RDONLY));
	FD(open("/proc/self/fd/9999", O_RDONLY));
	FD(open("/proc/self/task", O_RDONLY));
	FD(open("/proc/99999999/stat", O_RDONLY));
	FD(open("/proc/none", O_RDONLY));
	FD(open("/proc/none", O_RDWR | O_CREAT, 0600));
	FD(open("/proc/self/none", O_RDWR | O_CREAT, 0600));
	FD(open("/proc/self/cwd/created", O_RDWR | O_CREAT, 0604));
	FD(open("/proc/self/cwd/created", O_RDWR | O_CREAT | O_EXCL, 0604));
	FD(open("/proc/self/cwd/created/", O_RDWR));
	TEXT(open("/proc/self/comm", O_RDONLY));
	TEXT(open("/proc/thread-self/comm", O_RDONLY));
	TEXT(open("/proc/sys/kernel/ostype", O_RDONLY));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	TEXT(open(name, O_RDONLY));
	FD(open(name, O_RDONLY));
	FD(open(name, O_PATH));
	FD(open(name, O_RDONLY | O_NOFOLLOW));
	FD(open(name, O_WRONLY | O_CREAT, 0600));
	FD(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600));
	SHOW(chmod(name, 0611));
	SHOW(truncate(name, 3));
	TEXT(open(name, O_RDONLY));
	SHOW(rename(name, "x"));
	SHOW(mkdir("/proc/self/cwd/dir", 0750));
	SHOW(rmdir("/proc/self/cwd/dir"));
	SHOW(mkdir("/proc/self/x", 0750));
	SHOW(rename("/proc/self/cwd/f", "/proc/self/cwd/g"));
	SHOW(linkat(AT_FDCWD, name, AT_FDCWD, "h", AT_SYMLINK_FOLLOW));
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", getpid(), fd);
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/%d/cwd/g", getppid());
	FD(open(name, O_RDONLY) < 0 ? -1 : 0);
	SHOW(symlink("/proc/self/fd", "fds"));
	snprintf(name, sizeof(name), "fds/%d", fd);
	TEXT(open(name, O_RDONLY));
	SHOW(symlink(name, "thefd"));
	TEXT(open("thefd", O_RDONLY));
	SHOW(pipe(p));
	snprintf(name, sizeof(name), "/dev/fd/%d", p[0]);
	SHOW(write(p[1], "pipe", 4));
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", socket(AF_UNIX, SOCK_STREAM, 0));
	FD(open(name, O_RDWR));
	FD(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_SYMLINKS));
	FD(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
	FD(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV));
	SHOW(chdir("/proc/self"));
	TEXT(open("comm", O_RDONLY));
	TEXT(open("../self/comm", O_RDONLY));
	FD(open("fd", O_RDONLY));
	SHOW(chdir("fd"));
	snprintf(name, sizeof(name), "%d", fd);
	TEXT(open(name, O_RDONLY));
	fd = open("/proc", O_RDONLY | O_DIRECTORY);
	TEXT(openat(fd, "self/comm", O_RDONLY));
	TEXT(openat(fd, "thread-self/comm", O_RDONLY));
	FD(openat(fd, "../etc/passwd", O_RDONLY));
}
