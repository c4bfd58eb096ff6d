// SPDX-License-Identifier: GPL-2.0-or-later
/* POSIX message queues. */
#include <mqueue.h>
#include <signal.h>
#include <time.h>

#include "ipc/ipc.h"
#include "net/netlink.h"
#include "sys/sys.h"

#define PRIORITIES 32768

/* A name of a queue: as libc passes it, without its slash. */
static int read_name(struct call *c, char name[PATH_MAX], uint64_t addr)
{
	int r = task_get(c);

	return r < 0 ? r : guest_read_path(c, name, GPTR(addr));
}

struct reply sys_mq_open(struct call *c)
{
	struct mq_attr attr, *given = c->arg[3] ? &attr : NULL;
	char name[PATH_MAX];
	struct reply reply;
	int r = task_get(c);

	if (r == 0 && given)
		r = guest_read(c, &attr, GPTR(c->arg[3]), sizeof(attr));
	if (r == 0)
		r = read_name(c, name, c->arg[0]);
	if (r >= 0)
		r = task_assume(c, TASK_UMASK);	/* reads it, too */
	if (r == 0)
		r = ipc_mq_open(c, name, (int)c->arg[1], arg_u32(c, 2), given);
	if (r < 0)
		return reply_errno(r);
	reply = reply_fd(r, O_CLOEXEC);
	reply.fd_alone = true;		/* its last copy is to be the guest's */
	return reply;
}

struct reply sys_mq_unlink(struct call *c)
{
	char name[PATH_MAX];
	int r = read_name(c, name, c->arg[0]);

	return reply_result(r < 0 ? r : ipc_mq_unlink(c, name));
}

/* NULL in *ret where none is given. */
static int read_deadline(struct call *c, uint64_t addr, struct ipc_deadline *d,
			 const struct ipc_deadline **ret)
{
	int r;

	*ret = NULL;
	if (!addr)
		return 0;
	r = guest_read(c, &d->at, GPTR(addr), sizeof(d->at));
	if (r < 0)
		return r;
	if (d->at.tv_sec < 0 || d->at.tv_nsec < 0 || d->at.tv_nsec >= 1000000000)
		return -EINVAL;
	d->clock = CLOCK_REALTIME;
	*ret = d;
	return 0;
}

struct reply sys_mq_timedsend(struct call *c)
{
	auto_ipc_msg struct ipc_msg *m = NULL;
	const struct ipc_deadline *until;
	auto_close int fd = -EBADF;
	struct ipc_deadline d;
	size_t len = c->arg[2];
	int r = task_get(c);

	if (r == 0)
		r = read_deadline(c, c->arg[4], &d, &until);
	if (r == 0 && arg_u32(c, 3) >= PRIORITIES)
		r = -EINVAL;
	if (r == 0)
		r = fd = task_get_fd(c, arg_fd(c, 0));
	if (r >= 0)
		r = ipc_mq_check(fd, len);
	if (r < 0)
		return reply_errno(r);
	m = ipc_msg_new(len);
	if (!m)
		return reply_errno(-ENOMEM);
	m->type = arg_u32(c, 3);
	r = guest_read(c, m->text, GPTR(c->arg[1]), len);
	return reply_result(r < 0 ? r : ipc_mq_send(c, fd, &m, until));
}

struct reply sys_mq_timedreceive(struct call *c)
{
	auto_ipc_msg struct ipc_msg *m = NULL;
	const struct ipc_deadline *until;
	auto_close int fd = -EBADF;
	struct ipc_deadline d;
	unsigned int priority;
	int r = task_get(c);

	if (r == 0)
		r = read_deadline(c, c->arg[4], &d, &until);
	if (r == 0)
		r = fd = task_get_fd(c, arg_fd(c, 0));
	if (r >= 0)
		r = ipc_mq_receive(c, fd, c->arg[2], until, &m);
	if (r < 0)
		return reply_errno(r);
	priority = (unsigned int)m->type;
	r = guest_write(c, GPTR(c->arg[1]), m->text, m->len);
	if (r == 0 && c->arg[3])
		r = guest_write(c, GPTR(c->arg[3]), &priority, sizeof(priority));
	return reply_result(r < 0 ? r : (int64_t)m->len);
}

/* SIGEV_THREAD is libc's: its cookie goes to the netlink socket that sigev_signo is. */
static int read_thread_event(struct call *c, struct ipc_event *ev)
{
	gptr_t cookie = GPTR((uint64_t)(uintptr_t)ev->how.sigev_value.sival_ptr);
	auto_close int fd = -EBADF;
	int r = guest_read(c, ev->cookie, cookie, sizeof(ev->cookie));

	if (r == 0)
		r = fd = task_get_file(c, ev->how.sigev_signo);
	return r < 0 ? r : netlink_find(fd, &ev->socket);
}

static int read_event(struct call *c, gptr_t from, struct ipc_event *ev)
{
	int r = guest_read(c, &ev->how, from, sizeof(ev->how));

	if (r < 0)
		return r;
	switch (ev->how.sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		return ev->how.sigev_signo < 0 || ev->how.sigev_signo > SIGRTMAX ?
			       -EINVAL :
			       0;
	case SIGEV_THREAD:
		return read_thread_event(c, ev);
	default:
		return -EINVAL;
	}
}

struct reply sys_mq_notify(struct call *c)
{
	auto_close int fd = -EBADF;
	struct ipc_event ev;
	int r = task_get(c);

	if (r == 0 && c->arg[1])
		r = read_event(c, GPTR(c->arg[1]), &ev);
	if (r == 0)
		r = fd = task_get_fd(c, arg_fd(c, 0));
	return reply_result(r < 0 ? r : ipc_mq_notify(c, fd, c->arg[1] ? &ev : NULL));
}

struct reply sys_mq_getsetattr(struct call *c)
{
	auto_close int fd = -EBADF;
	struct mq_attr set, old;
	int r = task_get(c);

	if (r == 0 && c->arg[1])
		r = guest_read(c, &set, GPTR(c->arg[1]), sizeof(set));
	if (r == 0 && c->arg[1] && (set.mq_flags & ~O_NONBLOCK))
		r = -EINVAL;
	if (r == 0)
		r = fd = task_get_fd(c, arg_fd(c, 0));
	if (r >= 0)
		r = ipc_mq_attr(fd, c->arg[1] ? &set : NULL, &old);
	if (r == 0 && c->arg[2])
		r = guest_write(c, GPTR(c->arg[2]), &old, sizeof(old));
	return reply_result(r);
}
