/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope-bound ownership.  A variable declared with one of the auto_ attributes is
 * released when it goes out of scope; take_fd()/take_ptr() hand it on.  Destructors
 * accept the empty value and preserve errno.  Never mix with goto in one function.
 */
#ifndef PICKET_BASE_CLEANUP_H
#define PICKET_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define auto_(fn)  __attribute__((__cleanup__(fn)))
#define auto_close auto_(cleanup_close)
#define auto_free  auto_(cleanup_free)
#define auto_fclose auto_(cleanup_fclose)
#define auto_closedir auto_(cleanup_closedir)

static inline void cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_free(void *p)
{
	int saved = errno;

	free(*(void **)p);
	errno = saved;
}

static inline void cleanup_fclose(FILE **f)
{
	int saved = errno;

	if (*f)
		fclose(*f);
	errno = saved;
}

static inline void cleanup_closedir(DIR **d)
{
	int saved = errno;

	if (*d)
		closedir(*d);
	errno = saved;
}

/* Hand ownership on: "return take_fd(fd);" */
#define take_fd(fd)  ({ int fd_ = (fd); (fd) = -EBADF; fd_; })
#define take_ptr(p)  ({ __auto_type p_ = (p); (p) = NULL; p_; })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
