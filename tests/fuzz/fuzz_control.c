// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on the control socket from hostile bytes, with any number of descriptors: an
 * error, never a crash; no descriptor stays open.
 *
 * Input: number of descriptors (1 byte), the message.
 */
#define notify_serve fuzz_notify_serve
#define notify_watch_fd fuzz_notify_watch_fd
#include "../../sentry/serve/control.c"

#define FDS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A listener is taken over; this one ends at once. */
int fuzz_notify_serve(int listener)
{
	return close(listener);
}

/* A reader of a trace is gone as soon as it was there. */
void fuzz_notify_watch_fd(struct notify_fd *w)
{
	w->ready(w);
}

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = lowest_free(), pair[2], fds[FDS_MAX] = { 0 };
	const struct request *q = NULL;
	struct err e = ERR_INIT;
	struct handover h;

	if (size < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return -1;
	if (fd_send(pair[0], data + 1, size - 1, fds, data[0] % FDS_MAX) == 0 &&
	    serve_request(pair[1], &h, &q, &e) == 0 && q->follow)
		q->follow(&h, dup(pair[1]));
	close(pair[0]);
	close(pair[1]);
	if (lowest_free() != before)
		abort();
	return 0;
}
