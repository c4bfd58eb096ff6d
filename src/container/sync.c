// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages between picket and the init. */
#include "container/sync.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"

struct packet {
	uint32_t kind;
	int32_t value;
	struct err err; /* SYNC_ERROR only; not sent otherwise */
};

#define SHORT_LEN offsetof(struct packet, err)

int sync_pair(int *ret_parent, int *ret_child, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "make a socket pair");
	*ret_parent = pair[0];
	*ret_child = pair[1];
	return 0;
}

int sync_send(int sock, enum sync_kind kind, int32_t value, int fd)
{
	const struct packet p = { .kind = kind, .value = value };

	return fd_send(sock, &p, SHORT_LEN, &fd, fd >= 0);
}

int sync_send_error(int sock, const struct err *e)
{
	struct packet p = { .kind = SYNC_ERROR };

	p.err = *e;
	return fd_send(sock, &p, sizeof(p), NULL, 0);
}

/* Text of a process that may be anyone's by now: ends, and cannot forge log lines. */
static int take_error(const struct err *from, struct err *e)
{
	int code = from->code > 0 && from->code < 4096 ? from->code : EPROTO;
	char msg[ERR_MSG_MAX];

	memcpy(msg, from->msg, sizeof(msg));
	msg[sizeof(msg) - 1] = '\0';
	for (char *c = msg; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return err_text(e, code, "%s", msg);
}

int sync_recv(int sock, struct sync_in *ret, struct err *e)
{
	struct packet p;
	ssize_t n;

	ret->value = 0;
	ret->fd = -EBADF;
	n = fd_recv(sock, &p, sizeof(p), &ret->fd, 1);
	if (n == 0 || n == -ECONNRESET)
		return 0;
	if (n < 0)
		return err_set(e, (int)-n, "read from the container's init");
	if (n == sizeof(p) && p.kind == SYNC_ERROR)
		return take_error(&p.err, e);
	if (n != SHORT_LEN || p.kind <= SYNC_ERROR || p.kind > SYNC_GO) {
		cleanup_close(&ret->fd);
		ret->fd = -EBADF;
		return err_text(e, EPROTO, "malformed message from the container's init");
	}
	ret->value = p.value;
	return (int)p.kind;
}

int sync_expect(int sock, enum sync_kind kind, struct sync_in *ret, struct err *e)
{
	int got = sync_recv(sock, ret, e);

	if (got < 0)
		return got;
	if (got == (int)kind)
		return 0;
	cleanup_close(&ret->fd);
	ret->fd = -EBADF;
	if (got == 0)
		return err_text(e, EPIPE, "the other side ended unexpectedly");
	return err_text(e, EPROTO, "message %d out of order, expected %d", got,
			(int)kind);
}
