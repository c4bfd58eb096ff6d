// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first handover from hostile bytes, with any number of descriptors: a message that is taken
 * is whole, and of one that is not no descriptor stays open.
 *
 * Input: number of descriptors (1 byte), the message.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "serve/internal.h"

#define FDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void receive(int sock)
{
	int fds[HANDOVER_JOIN_FDS + HANDOVER_CGROUPS];
	struct err e = ERR_INIT;
	struct handover h;

	if (message_receive(sock, &h, fds, ARRAY_SIZE(fds), &e) < 0) {
		if (!e.msg[0])
			abort();
		return;
	}
	if (!memchr(h.release, 0, sizeof(h.release)) ||
	    !memchr(h.names, 0, sizeof(h.names)) ||
	    !memchr(h.apparmor, 0, sizeof(h.apparmor)) ||
	    !memchr(h.selinux, 0, sizeof(h.selinux)))
		abort();
	if (message_check(&h, HANDOVER_JOIN, fds, HANDOVER_JOIN_FDS, &e) == 0)
		for (size_t i = 0; i < HANDOVER_JOIN_FDS; i++)
			if (fds[i] < 0)
				abort();
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = lowest_free(), pair[2], fds[FDS_MAX] = { 0 };

	if (size < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return -1;
	if (fd_send(pair[0], data + 1, size - 1, fds, data[0] % FDS_MAX) == 0)
		receive(pair[1]);
	close(pair[0]);
	close(pair[1]);
	if (lowest_free() != before)
		abort();
	return 0;
}
