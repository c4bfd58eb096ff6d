// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start gate: see state.h.  The init holds both ends, so that a `start` that dies
 * between opening and writing shows as nothing at all and not as an end of file; both
 * go with its execve, which is what `start` waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "state/state.h"

#define NAME "start.fifo"

int fifo_make(int dirfd, struct err *e)
{
	if (mkfifoat(dirfd, NAME, 0600) < 0)
		return err_set(e, errno, "create " NAME);
	return 0;
}

int fifo_open_gate(int dirfd, struct err *e)
{
	int fd = openat(dirfd, NAME, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "open " NAME) : fd;
}

int fifo_wait(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return -errno;
		n = read(fd, &byte, 1);
		if (n == 1)
			return 0;
		if (n == 0)
			return -EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* Until no reader is left: the init has called execve, or is gone. */
static int wait_readers_gone(int fd)
{
	struct pollfd p = { .fd = fd };

	for (;;) {
		int n = poll(&p, 1, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && (p.revents & POLLERR))
			return 0;
	}
}

static int write_byte(int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int r = 0;

	sigaction(SIGPIPE, &ignore, &old);
	if (write(fd, "", 1) != 1)
		r = -errno;
	sigaction(SIGPIPE, &old, NULL);
	return r;
}

int fifo_release(int dirfd, struct err *e)
{
	auto_close int fd =
		openat(dirfd, NAME, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0 && errno == ENXIO)
		return err_text(e, ENXIO, "cannot start a container that has stopped");
	if (fd < 0 && errno == ENOENT)
		return err_text(e, ENOENT, "cannot start an already running container");
	if (fd < 0)
		return err_set(e, errno, "open " NAME);
	r = write_byte(fd);
	if (r == -EPIPE)
		return err_text(e, EPIPE, "cannot start a container that has stopped");
	if (r == 0)
		r = wait_readers_gone(fd);
	if (r == 0 && unlinkat(dirfd, NAME, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? err_set(e, -r, "start the container through " NAME) : 0;
}
