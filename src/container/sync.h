/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation between picket and the init over one SOCK_SEQPACKET pair.  Each
 * message is one packet: a kind and a number, or a struct err; some carry descriptors.
 * The parent believes nothing of it: sizes, kinds and counts are checked, text is cleaned.
 */
#ifndef PICKET_CONTAINER_SYNC_H
#define PICKET_CONTAINER_SYNC_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum sync_kind {
	SYNC_ERROR = 1, /* init: what went wrong; nothing follows */
	SYNC_CLONED, /* middle: value = pid of the init, descriptor = its pidfd */
	SYNC_HOOKS, /* init: mounts are done, run the runtime's hooks; waits for GO */
	SYNC_TTY, /* init: descriptor = master of its terminal */
	/* init: the mount tree stands; value = it waits for GO, until the sentry has joined */
	SYNC_MOUNTED,
	/* init: descriptor = seccomp listener, value = rootfs_is_sealed(); it may block from now on */
	SYNC_LISTENER,
	SYNC_SETTLED, /* init: all is set up; waits for GO */
	SYNC_GO, /* picket: go on */
};

struct sync_in {
	int32_t value;
	int fd; /* owned by the receiver, or -EBADF */
};

int sync_pair(int *ret_parent, int *ret_child, struct err *e);

/* fd: a descriptor to send along, or negative.  Returns 0 or a negative errno. */
int sync_send(int sock, enum sync_kind kind, int32_t value, int fd);
int sync_send_error(int sock, const struct err *e);

/*
 * Returns the kind (> 0), 0 at end of file, negative errno with text in e: a failure
 * of receiving, or the SYNC_ERROR of the other side.
 */
int sync_recv(int sock, struct sync_in *ret, struct err *e);

/* Receive exactly `kind`; end of file and anything else is an error. */
int sync_expect(int sock, enum sync_kind kind, struct sync_in *ret, struct err *e);

#endif
