/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every byte that crosses the boundary.  The only user of process_vm_readv/writev.
 *
 * Another guest thread may rewrite the bytes at any time: copy once, decide on the copy,
 * act on the copy.  Never read the same address twice in one call.
 *
 * Where the kernel asks for CAP_SYS_PTRACE, these functions take the sentry's own
 * capabilities back (task_own_caps) and keep them: read everything before task_assume(),
 * write results after the last step that is made as the caller.
 */
#ifndef PICKET_SENTRY_GUEST_MEM_H
#define PICKET_SENTRY_GUEST_MEM_H

#include <limits.h>
#include <stddef.h>

#include "abi/call.h"

/*
 * Copy len bytes from the guest.  Returns 0; -EFAULT if any byte is unmapped (dst is
 * then unspecified); -ESRCH if the caller died meanwhile.
 */
int guest_read(struct call *c, void *dst, gptr_t src, size_t len);

/* Copy len bytes to the guest.  Between RECV and SEND the caller can only die
 * (WAIT_KILLABLE_RECV), so its memory is stable enough.  Same errors. */
int guest_write(struct call *c, gptr_t dst, const void *src, size_t len);

/*
 * Copy a NUL-terminated string of at most size-1 bytes.  Returns its length;
 * -ENAMETOOLONG if there is no NUL within size bytes, -EFAULT.  Reads page by page:
 * a string that ends just before an unmapped page is fine.
 */
int guest_read_str(struct call *c, char *dst, gptr_t src, size_t size);

/* guest_read_str of a path: PATH_MAX bytes; "" is returned as length 0. */
static inline int guest_read_path(struct call *c, char dst[PATH_MAX], gptr_t src)
{
	return guest_read_str(c, dst, src, PATH_MAX);
}

/*
 * Copy a struct that may be longer than we know (openat2's open_how): known bytes to dst,
 * the rest must be zero (-E2BIG), a shorter one is zero-filled; size below min: -EINVAL.
 */
int guest_read_struct(struct call *c, void *dst, size_t known, gptr_t src, size_t size,
		      size_t min);

#endif
