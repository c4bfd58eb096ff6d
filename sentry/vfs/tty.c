// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/tty.  The sentry has no controlling terminal, so that its open gives ENXIO; the
 * caller's is known by device number.  Any descriptor of the caller that is this terminal
 * may be opened again, as /dev/tty could; by name only with the caller's own rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "task/task.h"
#include "vfs/internal.h"

/* What is left of a session that the sentry was started in: `picket-sentry run`. */
void tty_disown(void)
{
	auto_close int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	/* As its leader it would end the session. */
	if (fd >= 0 && getsid(0) != getpid())
		ioctl(fd, TIOCNOTTY);
}

static bool is_device(int fd, dev_t dev)
{
	struct stat st;

	return fd >= 0 && fd_stat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == dev;
}

static int reopen(int fd, const struct open_how *how)
{
	struct open_how h = { .flags = how->flags & ~(uint64_t)(O_CREAT | O_NOFOLLOW) };
	char name[VFS_FD_NAME_MAX];

	return open_for_guest(task_procfs(), vfs_fd_name(fd, name), &h);
}

/* Where shells keep their terminal: the standard three, and bash's copy. */
static int from_descriptors(struct call *c, dev_t tty, const struct open_how *how)
{
	static const int likely[] = { 0, 1, 2, 255, 10 };

	for (size_t i = 0; i < ARRAY_SIZE(likely); i++) {
		auto_close int fd = task_get_fd(c, likely[i]);

		/* O_PATH can be had of any terminal. */
		if (fd < 0 || (fcntl(fd, F_GETFL) & O_PATH))
			continue;
		if (is_device(fd, tty) && task_own_caps() == 0)
			return reopen(fd, how);
	}
	return -ENXIO;
}

static int from_name(dev_t tty, const struct open_how *how)
{
	struct open_how h = { .flags = O_PATH | O_CLOEXEC };
	auto_close int fd = -EBADF;
	char name[32];

	snprintf(name, sizeof(name), "/dev/pts/%u", minor(tty));
	fd = kernel_openat2(AT_FDCWD, name, &h);
	if (!is_device(fd, tty)) {
		cleanup_close(&fd);
		fd = kernel_openat2(AT_FDCWD, "/dev/console", &h);
	}
	return is_device(fd, tty) ? reopen(fd, how) : -ENXIO;
}

int tty_open(struct call *c, int base, const char *path, const struct open_how *how)
{
	struct open_how h = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = how->resolve | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int node = kernel_openat2(base, path, &h);
	dev_t tty;
	int r;

	if (!is_device(node, makedev(5, 0)))
		return -ENXIO;
	tty = task_tty(c);
	if (tty == 0)
		return -ENXIO;
	r = from_descriptors(c, tty, how);
	if (task_assume(c, 0) < 0)
		return r >= 0 ? (close(r), -EPERM) : -EPERM;
	return r == -ENXIO ? from_name(tty, how) : r;
}
