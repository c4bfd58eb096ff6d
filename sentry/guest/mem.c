// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every byte that crosses the boundary between guest and sentry: see guest/mem.h.
 * Nothing else may call process_vm_readv(2) or process_vm_writev(2).
 */
#include "guest/mem.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#include "task/task.h"

#define GUEST_PAGE 4096u
#define FIRST_CHUNK 256u	/* most strings are paths, and short */

typedef ssize_t (*transfer_fn)(pid_t pid, const struct iovec *local, unsigned long nlocal,
			       const struct iovec *remote, unsigned long nremote,
			       unsigned long flags);

/*
 * One transfer of the whole length.  A task of another user, or one that is not dumpable,
 * needs CAP_SYS_PTRACE: the sentry takes its own capabilities back then.  That is why
 * everything is read before task_assume().
 */
static int transfer(struct call *c, transfer_fn fn, void *own, uint64_t guest, size_t len)
{
	struct iovec local = { own, len };
	struct iovec remote = { (void *)(uintptr_t)guest, len };
	ssize_t n;

	if (len == 0)
		return 0;
	n = fn(c->tid, &local, 1, &remote, 1, 0);
	if (n < 0 && errno == EPERM && task_own_caps() == 0)
		n = fn(c->tid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return errno == ESRCH ? -ESRCH : -EFAULT;
	return (size_t)n == len ? 0 : -EFAULT;
}

int guest_read(struct call *c, void *dst, gptr_t src, size_t len)
{
	return transfer(c, process_vm_readv, dst, src.addr, len);
}

int guest_write(struct call *c, gptr_t dst, const void *src, size_t len)
{
	return transfer(c, process_vm_writev, (void *)(uintptr_t)src, dst.addr, len);
}

int guest_read_str(struct call *c, char *dst, gptr_t src, size_t size)
{
	size_t done = 0;

	while (done < size) {
		uint64_t at = src.addr + done;
		size_t chunk = GUEST_PAGE - (size_t)(at % GUEST_PAGE);
		const char *end;
		int r;

		if (done == 0 && chunk > FIRST_CHUNK)
			chunk = FIRST_CHUNK;
		if (chunk > size - done)
			chunk = size - done;
		r = guest_read(c, dst + done, GPTR(at), chunk);
		if (r < 0)
			return r;
		end = memchr(dst + done, '\0', chunk);
		if (end)
			return (int)(end - dst);
		done += chunk;
	}
	return -ENAMETOOLONG;
}

/* The part of a struct that is newer than we are: only zeroes mean nothing. */
static int check_tail(struct call *c, gptr_t src, size_t len)
{
	unsigned char buf[256];

	while (len > 0) {
		size_t n = len < sizeof(buf) ? len : sizeof(buf);
		int r = guest_read(c, buf, src, n);

		if (r < 0)
			return r;
		for (size_t i = 0; i < n; i++)
			if (buf[i])
				return -E2BIG;
		src.addr += n;
		len -= n;
	}
	return 0;
}

int guest_read_struct(struct call *c, void *dst, size_t known, gptr_t src, size_t size,
		      size_t min)
{
	size_t n = size < known ? size : known;
	int r;

	if (size < min)
		return -EINVAL;
	if (size > GUEST_PAGE)
		return -E2BIG;
	memset(dst, 0, known);
	r = guest_read(c, dst, src, n);
	if (r < 0 || size <= known)
		return r;
	return check_tail(c, GPTR(src.addr + known), size - known);
}
