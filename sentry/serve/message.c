// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages from picket: nothing in them is believed before it is checked here. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "notify/notify.h"
#include "serve/internal.h"

static bool ends(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

static int check(const struct handover *h, ssize_t n, struct err *e)
{
	if (n != sizeof(*h) || h->magic != HANDOVER_MAGIC)
		return err_text(e, EPROTO, "handover: not a message for the sentry");
	if (h->version != HANDOVER_VERSION)
		return err_text(e, EPROTO,
				"handover: version %u, expected %d: picket and "
				"picket-sentry are of different releases",
				h->version, HANDOVER_VERSION);
	if (h->mode != HANDOVER_STRICT && h->mode != HANDOVER_BALANCED)
		return err_text(e, ENOTSUP, "handover: mode %u is not supported",
				h->mode);
	if (!ends(h->release, sizeof(h->release)) || !ends(h->names, sizeof(h->names)) ||
	    !ends(h->apparmor, sizeof(h->apparmor)) ||
	    !ends(h->selinux, sizeof(h->selinux)))
		return err_text(e, EPROTO, "handover: a string without an end");
	return 0;
}

int message_receive(int sock, struct handover *ret, int *fds, size_t n, struct err *e)
{
	ssize_t got = fd_recv(sock, ret, sizeof(*ret), fds, n);
	int r;

	if (got < 0)
		return err_set(e, (int)-got, "receive the handover");
	r = got ? check(ret, got, e) : err_text(e, ECANCELED, "handover: none came");
	for (size_t i = 0; i < n && r < 0; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return r;
}

int message_check(const struct handover *h, enum handover_kind kind, const int *fds,
		  size_t n, struct err *e)
{
	if (h->kind != kind)
		return err_text(e, EPROTO, "handover: kind %u, expected %d", h->kind,
				(int)kind);
	for (size_t i = 0; i < n; i++)
		if (fds[i] < 0)
			return err_text(e, EPROTO, "handover: descriptor %zu is missing",
					i);
	return 0;
}

int message_reply(int sock, int error, const struct err *e)
{
	struct handover_reply reply = { .error = error, .sentry_pid = notify_pid() };

	if (error)
		snprintf(reply.msg, sizeof(reply.msg), "%.*s", (int)sizeof(reply.msg) - 1,
			 e->msg);
	return fd_send(sock, &reply, sizeof(reply), NULL, 0);
}

uid_t message_sender(int sock)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return (uid_t)-1;
	return cred.uid;
}
