/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A caller for handlers to be tried on: a child that sleeps, with a small tmpfs as its root
 * directory, some descriptors (3 a directory, 4 a file, 5 an AF_UNIX and 6 an AF_INET
 * socket) and memory that is filled for each call.  Everything else is mounted read-only
 * first, in namespaces of our own, and no descriptor from before is left (the mount behind
 * it would still be writable, and so would be its parents).
 */
#ifndef PICKET_FUZZ_WORLD_H
#define PICKET_FUZZ_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "abi/call.h"

#define WORLD_MEMORY 8192	/* of the caller; behind it there is none */
#define WORLD_PROC   1		/* the caller has /proc as well */
#define WORLD_WRITABLE_PROC 2	/* its files may be opened for writing, too */

void world_make(int flags);

/*
 * Put data at the end of the caller's memory and run one call in a thread that handles
 * calls; what waits there (for the other end of a FIFO, for a peer) is interrupted.
 */
void world_run(struct call *c, const uint8_t *data, size_t size, void (*run)(struct call *));

uint64_t world_address(size_t offset);	/* in the caller's memory */

pid_t world_caller(void);

/* For world_run: dispatch(), and abort where the reply is none. */
void world_dispatch(struct call *c);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
