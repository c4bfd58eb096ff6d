// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who reads a trace, and of which calls: see obs/trace.h.  A worker never waits here, but
 * for another one that hands a line to the kernel; the queue is the socket's.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "abi/table.h"
#include "base/cleanup.h"
#include "obs/stats.h"
#include "obs/trace.h"

#define NR_MAX 512
#define LINE_SIZE 1024
#define READERS 8		/* bits of `wanted` */
#define STDERR 0		/* the first one: `picket-sentry run --trace` */
#define FINISH_MS 100		/* for what a reader has missed, at the end */

struct reader {
	int fd;
	uint64_t dropped;	/* lines, since it was last told */
};

/* Bit i: reader i.  Written by the main thread, with the lock held. */
static _Atomic uint8_t wanted[NR_MAX];
static uint8_t open_readers;
static struct reader readers[READERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_mediated(const struct row *r)
{
	return r->class == CLASS_BROKER || r->class == CLASS_EMULATE ||
	       r->class == CLASS_CONTINUE;
}

/* One word of NAMES; NULL: all. */
static int want(const char *name, uint8_t bits)
{
	int n = 0;

	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *r = &table_rows[i];
		bool hit = !name || !strcmp(name, r->name) ||
			   (!strcmp(name, "file") && strstr(r->args, "path"));

		if (!hit || !is_mediated(r) || r->nr >= NR_MAX)
			continue;
		atomic_fetch_or(&wanted[r->nr], bits);
		n++;
	}
	return n ? 0 : -EINVAL;
}

static int want_names(const char *names, uint8_t bits)
{
	auto_free char *copy = strdup(names);
	char *next = copy;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	if (!*names)
		return want(NULL, bits);
	for (char *name; r == 0 && (name = strsep(&next, ","));)
		r = want(name, bits);
	return r;
}

int trace_enable(const char *names)
{
	return want_names(names, 1 << STDERR);
}

static int free_slot(void)
{
	for (int i = STDERR + 1; i < READERS; i++)
		if (!(open_readers & 1 << i))
			return i;
	return -EBUSY;
}

int trace_check(const char *names)
{
	int r = want_names(names, 0), slot = free_slot();

	return r < 0 ? r : slot < 0 ? slot : 0;
}

int trace_open(int fd, const char *names)
{
	int slot = free_slot(), r;

	if (slot < 0)
		return slot;
	pthread_mutex_lock(&lock);
	readers[slot] = (struct reader){ .fd = fd };
	open_readers |= (uint8_t)(1 << slot);
	r = want_names(names, (uint8_t)(1 << slot));
	pthread_mutex_unlock(&lock);
	if (r < 0)
		trace_close(fd);
	return r;
}

void trace_close(int fd)
{
	uint8_t gone = 0;

	pthread_mutex_lock(&lock);
	for (int i = STDERR + 1; i < READERS; i++)
		if (open_readers & 1 << i && readers[i].fd == fd)
			gone = (uint8_t)(1 << i);
	open_readers &= (uint8_t)~gone;
	for (int nr = 0; nr < NR_MAX; nr++)
		atomic_fetch_and(&wanted[nr], (uint8_t)~gone);
	pthread_mutex_unlock(&lock);
}

static bool send_text(const struct reader *to, const char *text, size_t len)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text, .iov_len = len };
	const struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sendmsg(to->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

static void tell_dropped(struct reader *to)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "--- %llu lines dropped ---\n",
			 (unsigned long long)to->dropped);

	if (to->dropped && send_text(to, text, (size_t)n))
		to->dropped = 0;
}

static void offer(struct reader *to, const char *line, size_t len)
{
	tell_dropped(to);
	if (!to->dropped && send_text(to, line, len))
		return;
	to->dropped++;
	stats_count(STAT_LINES_DROPPED);
}

void trace_finish(void)
{
	pthread_mutex_lock(&lock);
	for (int i = STDERR + 1; i < READERS; i++) {
		struct pollfd p = { .fd = readers[i].fd, .events = POLLOUT };

		if (open_readers & 1 << i && readers[i].dropped &&
		    poll(&p, 1, FINISH_MS) > 0)
			tell_dropped(&readers[i]);
	}
	pthread_mutex_unlock(&lock);
}

bool trace_wants(int nr)
{
	return nr >= 0 && nr < NR_MAX &&
	       atomic_load_explicit(&wanted[nr], memory_order_relaxed);
}

void trace_call(struct call *c, const struct reply *r)
{
	char line[LINE_SIZE + 1];
	size_t len = trace_format(c, r, line, LINE_SIZE);
	uint8_t who = atomic_load(&wanted[c->nr]);

	line[len++] = '\n';
	/* Nobody reads it: not the guest's problem. */
	if (who & 1 << STDERR && write(STDERR_FILENO, line, len) < 0)
		return;
	if (!(who & ~(1 << STDERR)))
		return;
	pthread_mutex_lock(&lock);
	who = atomic_load(&wanted[c->nr]);	/* one may have come or gone meanwhile */
	for (int i = STDERR + 1; i < READERS; i++)
		if (who & 1 << i)
			offer(&readers[i], line, len);
	pthread_mutex_unlock(&lock);
}
