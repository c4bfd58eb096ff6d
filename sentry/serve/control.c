// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket: further processes (picket exec), counters and traces (picket debug).
 * One request for each client; a client that does not read costs itself only.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "notify/notify.h"
#include "obs/stats.h"
#include "obs/trace.h"
#include "serve/internal.h"
#include "task/task.h"

#define CLIENT_TIMEOUT_MS 2000
#define EXEC_FDS 2

static int add_listener(const struct handover *h, int *fds, struct err *e)
{
	int r;

	(void)h;
	r = notify_serve(fds[HANDOVER_FD_LISTENER]);
	if (r < 0)
		return err_set(e, -r, "serve the listener");
	fds[HANDOVER_FD_LISTENER] = -EBADF;
	return 0;
}

static uint64_t own_pss_kb(void)
{
	auto_free char *text = NULL;
	unsigned long long kb = 0;
	const char *at;
	size_t len;

	if (fd_read_file(task_procfs(), "self/smaps_rollup", 1 << 16, &text, &len) < 0)
		return 0;
	at = strstr(text, "\nPss:");
	return at && sscanf(at, "\nPss: %llu kB", &kb) == 1 ? kb : 0;
}

static void send_stats(const struct handover *h, int client)
{
	auto_close int fd = client;
	struct handover_stats s = {
		.pss_kb = own_pss_kb(),
		.workers = notify_workers(),
		.failed = stats_get(STAT_FAILED),
		.dropped = stats_get(STAT_DROPPED),
		.workers_failed = stats_get(STAT_WORKERS_FAILED),
		.lines_dropped = stats_get(STAT_LINES_DROPPED),
	};

	(void)h;
	_Static_assert(HANDOVER_CALLS == STATS_CALLS, "one counter for each");
	for (int nr = 0; nr < HANDOVER_CALLS; nr++)
		s.calls[nr] = stats_calls(nr);
	(void)fd_send(fd, &s, sizeof(s), NULL, 0);
}

static int check_trace(const struct handover *h, int *fds, struct err *e)
{
	int r = trace_check(h->names);

	(void)fds;
	if (r == -EINVAL)
		return err_text(e, EINVAL,
				"trace '%s': a name that is not a mediated call",
				h->names);
	if (r == -EBUSY)
		return err_text(e, EBUSY, "trace: it has as many readers as it may have");
	return r < 0 ? err_set(e, -r, "trace") : 0;
}

/* The reader is gone; or it has said something, which it has no reason to. */
static void end_trace(struct notify_fd *w)
{
	trace_close(w->fd);
	close(w->fd);
	free(w);
}

static void begin_trace(const struct handover *h, int client)
{
	struct notify_fd *w = malloc(sizeof(*w));

	if (!w || trace_open(client, h->names) < 0) {
		close(client);
		free(w);
		return;
	}
	*w = (struct notify_fd){ .fd = client, .ready = end_trace };
	notify_watch_fd(w);
}

static const struct request {
	size_t fds;		/* that it comes with */
	/* Before the reply.  Descriptors that it keeps it replaces by something negative. */
	int (*serve)(const struct handover *h, int *fds, struct err *e);
	/* After a reply without an error; the client's socket is its own. */
	void (*follow)(const struct handover *h, int client);
} requests[] = {
	[HANDOVER_EXEC] = { EXEC_FDS, add_listener, NULL },
	[HANDOVER_STATS] = { 0, NULL, send_stats },
	[HANDOVER_TRACE] = { 0, check_trace, begin_trace },
};

static int serve_request(int client, struct handover *h, const struct request **ret,
			 struct err *e)
{
	struct pollfd wait = { .fd = client, .events = POLLIN };
	const struct request *q = NULL;
	int fds[EXEC_FDS], r;

	if (poll(&wait, 1, CLIENT_TIMEOUT_MS) <= 0)
		return err_text(e, ETIMEDOUT, "control socket: no message came");
	r = message_receive(client, h, fds, ARRAY_SIZE(fds), e);
	if (r < 0)
		return r;
	if (h->kind < ARRAY_SIZE(requests))
		q = &requests[h->kind];
	if (!q || (!q->serve && !q->follow))
		r = err_text(e, EPROTO, "control socket: unknown kind %u", h->kind);
	else
		r = message_check(h, h->kind, fds, q->fds, e);
	if (r == 0 && q->serve)
		r = q->serve(h, fds, e);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*ret = q;
	return r;
}

int control_check(int control, struct err *e)
{
	/* Asked before anybody is waited for; nobody knows the container yet. */
	auto_close int client = accept4(control, NULL, NULL, SOCK_CLOEXEC);

	if (client >= 0 || errno == EAGAIN)
		return 0;
	return err_set(e, errno,
		       "accept on picket's socket (selinux: unix_stream_socket "
		       "{ accept } of picket's domain)");
}

void control_serve(int control, uid_t owner)
{
	auto_close int client = accept4(control, NULL, NULL, SOCK_CLOEXEC);
	const struct request *q = NULL;
	struct err e = ERR_INIT;
	struct handover h;
	int r;

	if (client < 0)
		return;
	if (message_sender(client) == owner)
		r = serve_request(client, &h, &q, &e);
	else
		r = err_text(&e, EPERM, "control socket: only for the container's owner");
	if (message_reply(client, r, &e) == 0 && r == 0 && q->follow)
		q->follow(&h, take_fd(client));
}
