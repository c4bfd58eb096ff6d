// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts that somebody has open and that the kernel tells changes of: the mounts that a process
 * sees.  Each keeps the kernel's file, as it was opened for whoever asked, and is made of
 * it anew when that has told a change.  Numbers are never used again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "views/internal.h"
#include "views/make.h"
#include "views/tree.h"

#define LIVE_MAX 64		/* each has a descriptor */
#define TEXT_MAX (8u << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct live {
	uint64_t id;		/* 0: a free place */
	unsigned int refs;
	int fd;
	view_live_fn *make;
	struct strbuf text;
	uint64_t waiter;	/* the last who asked to be woken, or 0 */
	short changed;		/* what the kernel has told, which it does once, */
	bool stale;		/* since poll(2) was answered; since the text was made */
} table[LIVE_MAX];

static struct live *find(uint64_t id)
{
	for (size_t i = 0; i < LIVE_MAX; i++)
		if (table[i].id == id)
			return &table[i];
	return NULL;
}

/* fd has its text yet to be read: that of a process that may end at any time. */
static int fill(struct live *l, int fd, view_live_fn *make)
{
	auto_free char *text = NULL;
	struct live new = { .make = make, .refs = 1 };
	size_t len;
	int r = fd_read_all(fd, TEXT_MAX, &text, &len);

	if (r == 0)
		r = make(text, &new.text);
	if (r == 0) {
		new.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		r = new.fd < 0 ? -errno : 0;
	}
	if (r < 0) {
		strbuf_done(&new.text);
		return r;
	}
	*l = new;
	return 0;
}

int live_add(int fd, view_live_fn *make, uint64_t *ret_id)
{
	static uint64_t last_id;
	struct live *l;
	int r = -ENFILE;

	pthread_mutex_lock(&lock);
	l = find(0);
	if (l)
		r = fill(l, fd, make);
	if (r == 0)
		*ret_id = l->id = ++last_id;
	pthread_mutex_unlock(&lock);
	return r;
}

bool live_get(uint64_t id)
{
	struct live *l;

	pthread_mutex_lock(&lock);
	l = find(id);
	if (l)
		l->refs++;
	pthread_mutex_unlock(&lock);
	return l;
}

void live_put(uint64_t id)
{
	struct live *l;

	pthread_mutex_lock(&lock);
	l = find(id);
	if (l && --l->refs == 0) {
		close(l->fd);
		strbuf_done(&l->text);
		*l = (struct live){ 0 };
	}
	pthread_mutex_unlock(&lock);
}

static void tell(struct live *l, short told)
{
	l->changed |= told;
	l->stale |= told != 0;
}

/* What the kernel tells; poll(2) of its file takes the news away. */
static void ask(struct live *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLPRI };

	if (poll(&p, 1, 0) == 1)
		tell(l, p.revents);
}

/* Of a process that has ended the last text stays: its file cannot be opened again. */
static void refresh(struct live *l)
{
	auto_free char *text = NULL;
	struct strbuf b = { 0 };
	int r = source_again(l->fd, &text);

	if (r == 0)
		r = l->make(text, &b);
	if (r < 0) {
		strbuf_done(&b);
		return;
	}
	strbuf_done(&l->text);
	l->text = b;
	l->stale = false;
}

static int text_of(struct live *l, struct strbuf *ret)
{
	ask(l);
	if (l->stale)
		refresh(l);
	return strbuf_add(ret, l->text.s ?: "", l->text.len);
}

int live_text(uint64_t id, struct strbuf *ret)
{
	struct live *l;
	int r = -ENOENT;

	pthread_mutex_lock(&lock);
	l = find(id);
	if (l)
		r = text_of(l, ret);
	pthread_mutex_unlock(&lock);
	return r;
}

short live_poll(uint64_t id, uint64_t waiter)
{
	short events = POLLIN | POLLRDNORM;
	struct live *l;

	pthread_mutex_lock(&lock);
	l = find(id);
	if (l) {
		ask(l);
		events |= l->changed;
		l->changed = 0;
		l->waiter = waiter ?: l->waiter;
	}
	pthread_mutex_unlock(&lock);
	return events;
}

/* Those for which somebody waits; after them, fd. */
static nfds_t collect(int fd, struct pollfd ret[LIVE_MAX + 1], struct live *of[LIVE_MAX])
{
	nfds_t n = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < LIVE_MAX; i++) {
		if (!table[i].waiter)
			continue;
		of[n] = &table[i];
		ret[n++] = (struct pollfd){ .fd = table[i].fd, .events = POLLPRI };
	}
	pthread_mutex_unlock(&lock);
	ret[n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return n;
}

static void wake_told(int fd, view_wake_fn *wake)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < LIVE_MAX; i++) {
		if (!table[i].waiter || !table[i].changed)
			continue;
		wake(fd, table[i].waiter);
		table[i].waiter = 0;
	}
	pthread_mutex_unlock(&lock);
}

/* The kernel tells once: what comes together with a request is kept for after that. */
void live_wait(int fd, view_wake_fn *wake)
{
	struct pollfd p[LIVE_MAX + 1];
	struct live *of[LIVE_MAX];
	nfds_t n;

	do {
		wake_told(fd, wake);
		n = collect(fd, p, of);
		if (!n || poll(p, n + 1, -1) < 0)
			return;
		for (nfds_t i = 0; i < n; i++)
			tell(of[i], p[i].revents);
	} while (!p[n].revents);
}
