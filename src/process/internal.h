/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the verified procfs, shared by this folder's files. */
#ifndef PICKET_PROCESS_INTERNAL_H
#define PICKET_PROCESS_INTERNAL_H

#include <stddef.h>

/*
 * Open `path` below the directory dirfd: no mount is crossed, no symlink followed.
 * Where "self" is meant take proc_open_self().  Returns a descriptor or a negative errno.
 */
int proc_open(int dirfd, const char *path, int flags);

/* The directory /proc/self or, where threads differ, /proc/thread-self of the caller. */
int proc_open_self(int procfs);

/* Whole file in buf, NUL-terminated, cut at len - 1; number of bytes or a negative errno. */
int proc_read(int dirfd, const char *path, char *buf, size_t len);
int proc_write(int dirfd, const char *path, const char *text);

#endif
