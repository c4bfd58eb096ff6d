// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked with the sentry (-Wl,--wrap): some of its calls fail on demand, without being
 * made.  PICKET_FAULTS=CALL:ERRNO:N in the environment: each Nth CALL fails with the errno
 * of that number.  For tests/integration/failure.bats; never installed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "kernel/openat2.h"
#include "kernel/pidfd.h"
#include "kernel/seccomp.h"

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __real_ioctl(int fd, unsigned long request, void *arg);
long __wrap_syscall(long nr, ...);
long __real_syscall(long nr, ...);
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *l, unsigned long ln,
				const struct iovec *r, unsigned long rn,
				unsigned long flags);
ssize_t __real_process_vm_readv(pid_t pid, const struct iovec *l, unsigned long ln,
				const struct iovec *r, unsigned long rn,
				unsigned long flags);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *),
			  void *arg);
int __real_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *),
			  void *arg);

static char call[16];
static int error, every;
static atomic_int made;

__attribute__((constructor)) static void prepare(void)
{
	const char *text = getenv("PICKET_FAULTS");

	if (text && sscanf(text, "%15[^:]:%d:%d", call, &error, &every) != 3)
		abort();
}

static bool is_due(const char *name)
{
	if (!name || strcmp(name, call) || ++made % every)
		return false;
	errno = error;
	return true;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	const char *name = request == SECCOMP_IOCTL_NOTIF_ADDFD	   ? "addfd" :
			   request == SECCOMP_IOCTL_NOTIF_RECV	   ? "recv" :
			   request == SECCOMP_IOCTL_NOTIF_ID_VALID ? "valid" :
								     NULL;

	return is_due(name) ? -1 : __real_ioctl(fd, request, arg);
}

long __wrap_syscall(long nr, ...)
{
	const char *name = nr == SYS_openat2	 ? "open" :
			   nr == SYS_pidfd_getfd ? "getfd" :
			   nr == SYS_pidfd_open	 ? "pidfd" :
			   nr == SYS_setgroups	 ? "groups" :
			   nr == SYS_capset	 ? "caps" :
						   NULL;
	va_list list;
	long a[6];

	va_start(list, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	return is_due(name) ? -1 : __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *l, unsigned long ln,
				const struct iovec *r, unsigned long rn,
				unsigned long flags)
{
	return is_due("read") ? -1 : __real_process_vm_readv(pid, l, ln, r, rn, flags);
}

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*fn)(void *),
			  void *arg)
{
	return is_due("thread") ? error : __real_pthread_create(t, a, fn, arg);
}
