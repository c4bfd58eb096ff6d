// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages on the control socket and the handover from hostile bytes, with any number of
 * descriptors: an error, never a crash; no descriptor stays open.
 *
 * Input: kind and number of descriptors (1 byte), the message.
 */
#define notify_serve fuzz_notify_serve
#include "../../sentry/serve/serve.c"

#include <stdlib.h>

#define FDS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A listener is taken over; this one ends at once. */
int fuzz_notify_serve(int listener)
{
	return close(listener);
}

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void receive_handover(int sock)
{
	int fds[HANDOVER_FDS];
	struct err e = ERR_INIT;
	struct handover h;
	ssize_t n = fd_recv(sock, &h, sizeof(h), fds, ARRAY_SIZE(fds));

	(void)check_message(&h, n, HANDOVER_SERVE, fds, ARRAY_SIZE(fds), &e);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = lowest_free(), pair[2], fds[FDS_MAX] = { 0 };
	struct err e = ERR_INIT;

	if (size < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return -1;
	if (fd_send(pair[0], data + 1, size - 1, fds, (data[0] >> 1) % FDS_MAX) == 0) {
		if (data[0] & 1)
			receive_handover(pair[1]);
		else
			(void)add_listener(pair[1], &e);
	}
	close(pair[0]);
	close(pair[1]);
	if (lowest_free() != before)
		abort();
	return 0;
}
