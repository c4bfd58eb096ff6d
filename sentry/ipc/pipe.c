// SPDX-License-Identifier: GPL-2.0-or-later
/* The descriptors of POSIX queues: see ipc/mq.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ipc/mq.h"
#include "kernel/openat2.h"
#include "task/task.h"
#include "vfs/path.h"

#define PACKETS_MAX 2
#define PAGE	    4096

/* The pipe behind a descriptor, opened anew. */
static int reopen(int fd, uint64_t flags)
{
	struct open_how how = { .flags = flags };
	char name[VFS_FD_NAME_MAX];
	int r = task_own_caps();

	if (r < 0)
		return r;
	r = kernel_openat2(task_procfs(), vfs_fd_name(fd, name), &how);
	return r < 0 ? -errno : r;
}

int mq_pipe_open(struct mq_pipe *p, int flags)
{
	auto_close int writer = -EBADF;
	int ends[2], guest, r;
	struct stat st;

	/* O_DIRECT: a packet fills a slot, however short it is. */
	if (pipe2(ends, O_DIRECT | O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	writer = ends[1];
	guest = reopen(writer, O_RDWR | O_CLOEXEC | (uint64_t)(flags & O_NONBLOCK));
	close(ends[0]);
	if (guest < 0)
		return guest;
	r = fcntl(writer, F_SETPIPE_SZ, PACKETS_MAX * PAGE) < 0 ? -errno :
								  fd_stat(writer, &st);
	if (r < 0) {
		close(guest);
		return r;
	}
	*p = (struct mq_pipe){ st.st_dev, st.st_ino, take_fd(writer), 0 };
	return guest;
}

/* What a guest reads or writes itself only misleads itself. */
void mq_pipe_show(struct mq_pipe *p, int packets)
{
	auto_close int reader = -EBADF;
	char byte = 0;

	if (p->packets > packets) {
		reader = reopen(p->fd, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (reader < 0)
			return;		/* the next change tries again */
	}
	while (p->packets > packets && read(reader, &byte, 1) == 1)
		p->packets--;
	while (p->packets < packets && write(p->fd, &byte, 1) == 1)
		p->packets++;
	p->packets = packets;
}

bool mq_pipe_is_closed(const struct mq_pipe *p)
{
	struct pollfd fd = { .fd = p->fd };

	return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}
