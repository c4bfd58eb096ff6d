// SPDX-License-Identifier: GPL-2.0-or-later
/* POSIX message queues. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ipc/internal.h"
#include "ipc/mq.h"

/* /proc/sys/fs/mqueue as Linux has it at first; HARD_: with CAP_SYS_RESOURCE. */
#define QUEUES_MAX	 256
#define COUNT_DEFAULT	 10
#define COUNT_MAX	 10
#define HARD_COUNT_MAX	 65536
#define SIZE_DEFAULT	 8192
#define SIZE_MAX_	 8192
#define HARD_SIZE_MAX	 (16 * 1024 * 1024)
#define MESSAGE_OVERHEAD (48 + 48) /* of Linux, for RLIMIT_MSGQUEUE */
#define DESCRIPTORS_MAX	 1024

TAILQ_HEAD(messages, ipc_msg);

struct mq {
	TAILQ_ENTRY(mq) link;
	char name[NAME_MAX + 1];	/* "": unlinked */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	uint64_t reserved;		/* bytes of the owner's RLIMIT_MSGQUEUE */
	int descriptors;
	struct mq_attr attr;
	struct messages messages;
	struct ipc_waiters waiters;
	struct mq_notice notice;
	const struct descriptor *notice_by;
};

/* An open one: what the guest's pipe stands for. */
struct descriptor {
	TAILQ_ENTRY(descriptor) link;
	struct mq_pipe pipe;
	struct mq *queue;
	int access;			/* O_RDONLY, O_WRONLY, O_RDWR */
};

/* A call that sends m, or that receives one. */
struct transfer {
	struct ipc_waiter waiter;	/* the first member */
	struct mq *queue;
	struct ipc_msg *m;
};

static TAILQ_HEAD(, mq) queues = TAILQ_HEAD_INITIALIZER(queues);
static TAILQ_HEAD(, descriptor) descriptors = TAILQ_HEAD_INITIALIZER(descriptors);
static int queues_n, descriptors_n;

static void release(struct mq *q)
{
	struct ipc_msg *m;

	if (q->name[0] || q->descriptors)
		return;
	while ((m = TAILQ_FIRST(&q->messages))) {
		TAILQ_REMOVE(&q->messages, m, link);
		ipc_msg_free(m);
	}
	mq_notice_end(&q->notice);
	TAILQ_REMOVE(&queues, q, link);
	queues_n--;
	ipc_free(q);
}

static void descriptor_close(struct descriptor *d)
{
	struct mq *q = d->queue;

	if (q->notice_by == d)
		mq_notice_end(&q->notice);
	TAILQ_REMOVE(&descriptors, d, link);
	descriptors_n--;
	close(d->pipe.fd);
	ipc_free(d);
	q->descriptors--;
	release(q);
}

/* Those that the guest has closed meanwhile: nobody tells. */
static void reap(void)
{
	struct descriptor *d = TAILQ_FIRST(&descriptors), *next;

	for (; d; d = next) {
		next = TAILQ_NEXT(d, link);
		if (mq_pipe_is_closed(&d->pipe))
			descriptor_close(d);
	}
}

static void show(const struct mq *q)
{
	int packets = q->attr.mq_curmsgs == 0		      ? 0 :
		      q->attr.mq_curmsgs == q->attr.mq_maxmsg ? 2 :
								1;
	struct descriptor *d;

	TAILQ_FOREACH(d, &descriptors, link)
	if (d->queue == q && d->pipe.packets != packets)
		mq_pipe_show(&d->pipe, packets);
}

static struct descriptor *find(int fd)
{
	struct descriptor *d;
	struct stat st;

	if (fd_stat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return NULL;
	TAILQ_FOREACH(d, &descriptors, link)
	if (d->pipe.ino == st.st_ino && d->pipe.dev == st.st_dev)
		return d;
	return NULL;
}

static struct mq *find_name(const char *name)
{
	struct mq *q;

	TAILQ_FOREACH(q, &queues, link)
	if (!strcmp(q->name, name))
		return q;
	return NULL;
}

static int check_name(const char *name)
{
	if (!name[0])
		return -ENOENT;
	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EACCES;
	return strlen(name) > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* As for a file: want has the bits of "rw-". */
static bool may_open(const struct mq *q, const struct creds *cr, mode_t want)
{
	mode_t granted = q->mode;

	if (cr->fsuid == q->uid)
		granted >>= 6;
	else if (ipc_in_group(cr, q->gid))
		granted >>= 3;
	return !(want & ~granted) || ipc_has_cap(cr, CAP_DAC_OVERRIDE) ||
	       (want == 04 && ipc_has_cap(cr, CAP_DAC_READ_SEARCH));
}

static int check_attr(const struct creds *cr, const struct mq_attr *a)
{
	bool more = ipc_has_cap(cr, CAP_SYS_RESOURCE);

	if (a->mq_maxmsg <= 0 || a->mq_msgsize <= 0 ||
	    a->mq_maxmsg > (more ? HARD_COUNT_MAX : COUNT_MAX) ||
	    a->mq_msgsize > (more ? HARD_SIZE_MAX : SIZE_MAX_))
		return -EINVAL;
	return 0;
}

/* RLIMIT_MSGQUEUE is about all queues of a user. */
static int check_limit(struct call *c, uint64_t more)
{
	struct rlimit limit;
	uint64_t sum = more;
	struct mq *q;
	int r = task_limit(c, RLIMIT_MSGQUEUE, NULL, &limit);

	TAILQ_FOREACH(q, &queues, link)
	if (q->uid == c->task->st.creds.fsuid)
		sum += q->reserved;
	return r < 0 ? r : sum > limit.rlim_cur ? -EMFILE : 0;
}

static int create(struct call *c, const char *name, mode_t mode,
		  const struct mq_attr *attr, struct mq **ret)
{
	static const struct mq_attr defaults = { .mq_maxmsg = COUNT_DEFAULT,
						 .mq_msgsize = SIZE_DEFAULT };
	const struct creds *cr = &c->task->st.creds;
	const struct mq_attr *a = attr ? attr : &defaults;
	uint64_t reserved =
		(uint64_t)a->mq_maxmsg * ((uint64_t)a->mq_msgsize + MESSAGE_OVERHEAD);
	int r = check_attr(cr, a);
	struct mq *q;

	if (queues_n >= QUEUES_MAX)
		return -ENOSPC;
	if (r == 0)
		r = check_limit(c, reserved);
	if (r < 0)
		return r;
	q = ipc_alloc(sizeof(*q));
	if (!q)
		return -ENOMEM;
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->uid = cr->fsuid;
	q->gid = cr->fsgid;
	q->mode = mode & ~c->task->st.umask & 0777;
	q->reserved = reserved;
	q->attr = (struct mq_attr){ .mq_maxmsg = a->mq_maxmsg,
				    .mq_msgsize = a->mq_msgsize };
	q->notice.pidfd = -1;
	TAILQ_INIT(&q->messages);
	TAILQ_INIT(&q->waiters);
	TAILQ_INSERT_TAIL(&queues, q, link);
	queues_n++;
	*ret = q;
	return 0;
}

/* The queue of that name, existing or new. */
static int open_queue(struct call *c, const char *name, int flags, mode_t mode,
		      const struct mq_attr *attr, struct mq **ret)
{
	static const mode_t wanted[] = { [O_RDONLY] = 04, [O_WRONLY] = 02, [O_RDWR] = 06 };
	struct mq *q = find_name(name);

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if (!q)
		return flags & O_CREAT ? create(c, name, mode, attr, ret) : -ENOENT;
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	*ret = q;
	return may_open(q, &c->task->st.creds, wanted[flags & O_ACCMODE]) ? 0 : -EACCES;
}

int ipc_mq_open(struct call *c, const char *name, int flags, mode_t mode,
		const struct mq_attr *attr)
{
	struct descriptor *d;
	struct mq *q;
	IPC_LOCKED;
	int fd, r = check_name(name);

	if (r < 0)
		return r;
	reap();
	if (descriptors_n >= DESCRIPTORS_MAX)
		return -ENFILE;
	r = open_queue(c, name, flags, mode, attr, &q);
	if (r < 0)
		return r;
	d = ipc_alloc(sizeof(*d));
	fd = d ? mq_pipe_open(&d->pipe, flags) : -ENOMEM;
	if (fd < 0) {
		ipc_free(d);
		return fd;
	}
	d->queue = q;
	d->access = flags & O_ACCMODE;
	q->descriptors++;
	TAILQ_INSERT_TAIL(&descriptors, d, link);
	descriptors_n++;
	show(q);
	return fd;
}

/* The directory of the queues belongs to root and is sticky. */
int ipc_mq_unlink(struct call *c, const char *name)
{
	const struct creds *cr = &c->task->st.creds;
	struct mq *q;
	IPC_LOCKED;
	int r = check_name(name);

	if (r < 0)
		return r;
	reap();
	q = find_name(name);
	if (!q)
		return -ENOENT;
	if (cr->fsuid != q->uid && cr->fsuid != 0 && !ipc_has_cap(cr, CAP_FOWNER))
		return -EPERM;
	q->name[0] = '\0';
	release(q);
	return 0;
}

int ipc_mq_notify(struct call *c, int fd, const struct ipc_event *ev)
{
	const struct descriptor *d;
	struct mq *q;
	IPC_LOCKED;
	int r;

	reap();
	d = find(fd);
	if (!d)
		return -EBADF;
	q = d->queue;
	if (mq_notice_is_taken(&q->notice)) {
		if (ev)
			return -EBUSY;
		if (q->notice.tgid == c->task->st.tgid)
			mq_notice_end(&q->notice);
		return 0;
	}
	r = ev ? mq_notice_take(&q->notice, c, ev) : 0;
	q->notice_by = d;
	return r;
}

static int attempt_send(struct ipc_waiter *w)
{
	struct transfer *t = (struct transfer *)w;
	struct mq *q = t->queue;
	struct ipc_msg *before;

	if (q->attr.mq_curmsgs >= q->attr.mq_maxmsg)
		return IPC_WAIT;
	TAILQ_FOREACH(before, &q->messages, link)
	if (before->type < t->m->type)
		break;
	if (before)
		TAILQ_INSERT_BEFORE(before, t->m, link);
	else
		TAILQ_INSERT_TAIL(&q->messages, t->m, link);
	q->attr.mq_curmsgs++;
	t->m = NULL;
	return 0;
}

static int attempt_receive(struct ipc_waiter *w)
{
	struct transfer *t = (struct transfer *)w;
	struct mq *q = t->queue;

	t->m = TAILQ_FIRST(&q->messages);
	if (!t->m)
		return IPC_WAIT;
	TAILQ_REMOVE(&q->messages, t->m, link);
	q->attr.mq_curmsgs--;
	return 0;
}

/* The caller's copy of the descriptor keeps the queue while it waits. */
static int transfer(struct call *c, int fd, struct transfer *t,
		    const struct ipc_deadline *until)
{
	struct mq *q = t->queue;
	bool was_empty = q->attr.mq_curmsgs == 0;
	int r = t->waiter.attempt(&t->waiter);

	if (r == IPC_WAIT) {
		if (fcntl(fd, F_GETFL) & O_NONBLOCK)
			return -EAGAIN;
		return ipc_wait(c, &q->waiters, &t->waiter, until);
	}
	ipc_retry(&q->waiters);
	if (was_empty && q->attr.mq_curmsgs == 1)
		mq_notice_give(&q->notice, c->task);
	show(q);
	return r;
}

/* The queue, for a caller that must not have opened it for `but` only. */
static int find_for(int fd, int but, struct mq **ret)
{
	const struct descriptor *d = find(fd);

	if (!d || d->access == but)
		return -EBADF;
	*ret = d->queue;
	return 0;
}

int ipc_mq_check(int fd, size_t len)
{
	struct mq *q;
	IPC_LOCKED;
	int r = find_for(fd, O_RDONLY, &q);

	return r < 0 ? r : len > (size_t)q->attr.mq_msgsize ? -EMSGSIZE : 0;
}

int ipc_mq_send(struct call *c, int fd, struct ipc_msg **m,
		const struct ipc_deadline *until)
{
	struct transfer t = { .waiter.attempt = attempt_send };
	IPC_LOCKED;
	int r = find_for(fd, O_RDONLY, &t.queue);

	if (r < 0)
		return r;
	t.m = take_ptr(*m);
	r = transfer(c, fd, &t, until);
	*m = t.m;
	return r;
}

int ipc_mq_receive(struct call *c, int fd, size_t size, const struct ipc_deadline *until,
		   struct ipc_msg **ret)
{
	struct transfer t = { .waiter.attempt = attempt_receive };
	IPC_LOCKED;
	int r = find_for(fd, O_WRONLY, &t.queue);

	if (r < 0)
		return r;
	if (size < (size_t)t.queue->attr.mq_msgsize)
		return -EMSGSIZE;
	r = transfer(c, fd, &t, until);
	*ret = t.m;
	return r;
}

int ipc_mq_attr(int fd, const struct mq_attr *set, struct mq_attr *ret_old)
{
	const struct descriptor *d;
	IPC_LOCKED;
	int flags = fcntl(fd, F_GETFL);

	d = flags < 0 ? NULL : find(fd);
	if (!d)
		return -EBADF;
	*ret_old = d->queue->attr;
	ret_old->mq_flags = flags & O_NONBLOCK;
	if (!set)
		return 0;
	flags = (flags & ~O_NONBLOCK) | (int)(set->mq_flags & O_NONBLOCK);
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}
