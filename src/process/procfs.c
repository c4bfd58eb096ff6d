// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The verified procfs.  Whatever the runtime writes to /proc by name goes through these
 * functions, so that no mount or symlink of a container can redirect it.
 */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "kernel/openat2.h"
#include "process/internal.h"

#define PROC_ROOT_INODE 1

static bool is_procfs_root(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
	       fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
}

static int open_private(void)
{
	auto_close int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
			  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_open(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do
		fd = kernel_openat2(dirfd, path, &how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : fd;
}

/* Nested runtimes find parts of /proc covered by mounts, which nothing here crosses. */
static bool is_covered(int procfs)
{
	auto_close int fd = proc_open(procfs, "sys/kernel", O_PATH);

	return fd == -EXDEV;
}

int process_open_procfs(struct err *e)
{
	auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd >= 0 && is_procfs_root(fd) && !is_covered(fd))
		return take_fd(fd);
	r = open_private();
	if (r < 0)
		return err_set(e, -r, "open a procfs ('/proc' is none, or covered)");
	return r;
}

/* "thread-self" is a symlink "PID/task/TID", in the numbers of that procfs's namespace. */
int proc_open_self(int procfs)
{
	char target[64];
	ssize_t n = readlinkat(procfs, "thread-self", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return proc_open(procfs, target, O_PATH | O_DIRECTORY);
}

int proc_read(int dirfd, const char *path, char *buf, size_t len)
{
	auto_close int fd = proc_open(dirfd, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, buf, len - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return (int)n;
}

int proc_write(int dirfd, const char *path, const char *text)
{
	auto_close int fd = proc_open(dirfd, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(text) ? 0 : -EIO;
}
