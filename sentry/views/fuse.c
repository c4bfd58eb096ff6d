// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree as a FUSE server, by the bare protocol of fuse(4): one request at a time, no
 * state but the texts that somebody is reading.  The kernel keeps names for as long as it
 * likes, but neither contents nor sizes: a descriptor that stays open sees new text
 * whenever it is read from its beginning.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "views/internal.h"
#include "views/tree.h"

#define TEXTS_MAX 32
#define FOR_EVER 31536000	/* seconds */
#define REPLY_MAX 65536		/* of data; max_read of the mount */

/*
 * A text that is read in parts, by the number that its reader's descriptor was given.  One
 * that has been pushed out by newer ones is made again.
 */
static struct text {
	uint64_t fh;		/* 0: a free place */
	struct strbuf b;
} texts[TEXTS_MAX];
static uint64_t last_fh;

struct request {
	int fd;
	const struct fuse_in_header *h;
	const void *arg;	/* NUL-terminated: may be a name */
};

static void reply(const struct request *q, int error, const void *data, size_t len)
{
	static struct {
		struct fuse_out_header h;
		char data[REPLY_MAX];
	} out;

	len = error ? 0 : len;
	out.h = (struct fuse_out_header){
		.len = (uint32_t)(sizeof(out.h) + len),
		.error = error,
		.unique = q->h->unique,
	};
	memcpy(out.data, data, len);
	/* ENOENT: whoever asked was interrupted. */
	if (write(q->fd, &out, out.h.len) < 0)
		return;
}

/*
 * The length of the text as it is now.  sendfile(2) of Linux 6.5 and later hands out no
 * more than the size; opening asks for it.
 */
static uint64_t size_of(view_node n)
{
	struct strbuf b = { 0 };
	uint64_t len = view_text(n, &b) < 0 ? 0 : b.len;

	strbuf_done(&b);
	return len;
}

/* In seconds.  A live one is looked up for each who opens it, which tells its size. */
static uint64_t attr_valid(view_node n)
{
	if (view_live_id(n))
		return 1;
	return view_is_dir(n) && !view_is_volatile(n) ? FOR_EVER : 0;
}

static void fill_attr(view_node n, struct fuse_attr *ret)
{
	bool dir = view_is_dir(n);

	*ret = (struct fuse_attr){
		.ino = n,
		.size = dir ? 0 : size_of(n),
		.mode = dir ? S_IFDIR | 0555 : S_IFREG | 0444,
		.nlink = dir ? 2 : 1,
		.blksize = 1024,
	};
}

static void do_init(const struct request *q)
{
	const struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
		.time_gran = 1,
	};

	reply(q, 0, &out, sizeof(out));
}

static void do_lookup(const struct request *q)
{
	struct fuse_entry_out out = { 0 };
	int r = view_lookup(q->h->nodeid, q->arg, &out.nodeid);

	if (r == 0) {
		out.entry_valid = view_is_volatile(out.nodeid) ? 0 : FOR_EVER;
		out.attr_valid = attr_valid(out.nodeid);
		fill_attr(out.nodeid, &out.attr);
	}
	reply(q, r, &out, sizeof(out));
}

static void do_getattr(const struct request *q)
{
	struct fuse_attr_out out = {
		.attr_valid = attr_valid(q->h->nodeid),
	};

	fill_attr(q->h->nodeid, &out.attr);
	reply(q, 0, &out, sizeof(out));
}

static void do_open(const struct request *q)
{
	const struct fuse_open_out out = { .fh = ++last_fh,
					   .open_flags = FOPEN_DIRECT_IO };
	uint64_t live = view_live_id(q->h->nodeid);

	reply(q, !live || live_get(live) ? 0 : -ENOENT, &out, sizeof(out));
}

static void forget_text(struct text *t)
{
	strbuf_done(&t->b);
	*t = (struct text){ 0 };
}

static struct text *text_of(uint64_t fh)
{
	for (size_t i = 0; i < TEXTS_MAX; i++)
		if (texts[i].fh == fh)
			return &texts[i];
	return NULL;
}

static struct text *new_text(uint64_t fh)
{
	static size_t next;
	struct text *t = text_of(fh) ?: text_of(0);

	if (!t)
		t = &texts[next++ % TEXTS_MAX];
	forget_text(t);
	t->fh = fh;
	return t;
}

static void do_read(const struct request *q)
{
	const struct fuse_read_in *in = q->arg;
	struct text *t = in->offset ? text_of(in->fh) : NULL;
	size_t len;
	int r = 0;

	if (!t) {
		t = new_text(in->fh);
		r = view_text(q->h->nodeid, &t->b);
	}
	if (r < 0 || in->offset >= t->b.len) {
		reply(q, r, "", 0);
		return;
	}
	len = t->b.len - in->offset;
	len = len < in->size ? len : in->size;
	reply(q, 0, t->b.s + in->offset, len < REPLY_MAX ? len : REPLY_MAX);
}

static void do_release(const struct request *q)
{
	const struct fuse_release_in *in = q->arg;
	uint64_t live = view_live_id(q->h->nodeid);
	struct text *t = text_of(in->fh);

	if (t && in->fh)
		forget_text(t);
	if (live)
		live_put(live);
	reply(q, 0, "", 0);
}

static void do_poll(const struct request *q)
{
	const struct fuse_poll_in *in = q->arg;
	uint64_t live = view_live_id(q->h->nodeid);
	uint64_t waiter = in->flags & FUSE_POLL_SCHEDULE_NOTIFY ? in->kh : 0;
	const struct fuse_poll_out out = {
		.revents = live ? (uint32_t)live_poll(live, waiter) :
				  POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM,
	};

	reply(q, 0, &out, sizeof(out));
}

static void wake(int fd, uint64_t waiter)
{
	const struct {
		struct fuse_out_header h;
		struct fuse_notify_poll_wakeup_out out;
	} message = {
		{ .len = sizeof(message), .error = FUSE_NOTIFY_POLL },
		{ .kh = waiter },
	};

	if (write(fd, &message, sizeof(message)) < 0)
		return;		/* ENOENT: closed meanwhile */
}

/* One entry at p, in `room` bytes; its length, 0 where it does not fit. */
static size_t add_entry(char *p, size_t room, view_node n, const char *name,
			uint64_t next)
{
	const size_t namelen = strlen(name);
	const size_t len = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + namelen);
	struct fuse_dirent *d = (struct fuse_dirent *)p;

	if (len > room)
		return 0;
	memset(p, 0, len);
	d->ino = n;
	d->off = next;
	d->namelen = (uint32_t)namelen;
	d->type = view_is_dir(n) ? S_IFDIR >> 12 : S_IFREG >> 12;
	memcpy(d->name, name, namelen);
	return len;
}

static void do_readdir(const struct request *q)
{
	const struct fuse_read_in *in = q->arg;
	size_t size = in->size < REPLY_MAX ? in->size : REPLY_MAX, len = 0, got = 1;
	auto_free char *buf = malloc(size);
	struct strv names = { 0 };
	int r = buf ? view_list(q->h->nodeid, &names) : -ENOMEM;

	for (size_t i = in->offset; r == 0 && got && i < names.n; i++) {
		view_node n;

		if (view_lookup(q->h->nodeid, names.v[i], &n) < 0)
			continue;	/* gone meanwhile */
		if (q->h->nodeid == VIEW_ROOT && *names.v[i] == *VIEW_PROC)
			continue;
		got = add_entry(buf + len, size - len, n, names.v[i], i + 1);
		len += got;
	}
	strv_done(&names);
	reply(q, r, buf ?: "", len);
}

static void do_statfs(const struct request *q)
{
	const struct fuse_statfs_out out = {
		.st = { .bsize = 4096, .frsize = 4096, .namelen = 255 },
	};

	reply(q, 0, &out, sizeof(out));
}

static void handle(const struct request *q)
{
	switch (q->h->opcode) {
	case FUSE_INIT:
		do_init(q);
		break;
	case FUSE_LOOKUP:
		do_lookup(q);
		break;
	case FUSE_GETATTR:
		do_getattr(q);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		do_open(q);
		break;
	case FUSE_READ:
		do_read(q);
		break;
	case FUSE_READDIR:
		do_readdir(q);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		do_release(q);
		break;
	case FUSE_POLL:
		do_poll(q);
		break;
	case FUSE_STATFS:
		do_statfs(q);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;			/* nobody waits for an answer */
	default:
		reply(q, -ENOSYS, "", 0);
	}
}

int fuse_serve(int fd, int flags)
{
	char buf[FUSE_MIN_READ_BUFFER + 1] __attribute__((aligned(8)));
	const struct fuse_in_header *h = (const void *)buf;
	uint32_t opcode = 0;

	while (!(flags & FUSE_ONCE) || opcode != FUSE_STATFS) {
		ssize_t n;

		live_wait(fd, wake);
		n = read(fd, buf, FUSE_MIN_READ_BUFFER);
		if (n < 0 && errno != EINTR && errno != EAGAIN && errno != ENOENT)
			return -errno;	/* ENODEV: nobody has it mounted any more */
		if (n < (ssize_t)sizeof(*h))
			continue;
		buf[n] = '\0';
		opcode = h->opcode;
		handle(&(struct request){ fd, h, h + 1 });
	}
	return 0;
}
