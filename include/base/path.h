/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths inside a tree that is not trusted.  Every step is taken from a directory
 * descriptor with openat2(RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS): no string is ever
 * pasted behind a root's name (CVE-2021-30465, -2026-41579, -2026-47766).
 */
#ifndef PICKET_BASE_PATH_H
#define PICKET_BASE_PATH_H

#include <stdint.h>
#include <sys/types.h>

/* Open `path` as if rootfd were "/".  EAGAIN is retried.  Returns a descriptor (O_CLOEXEC). */
int path_open_in_root(int rootfd, const char *path, int flags, mode_t mode);

/*
 * Make `path` and all its missing parents (mode 0755 unless given) below rootfd and open
 * it with O_PATH|O_DIRECTORY.  Symlinks are followed inside the root; the target of a dangling
 * one is made inside the root.
 */
int path_mkdir_in_root(int rootfd, const char *path, mode_t mode);

/* Make the parents, then an empty regular file unless something is there; O_PATH descriptor. */
int path_mkfile_in_root(int rootfd, const char *path, mode_t mode);

/* "/proc/self/fd/N" for calls that have no at() form; buf of PATH_FD_MAX bytes. */
#define PATH_FD_MAX 32
const char *path_of_fd(int fd, char *buf);

#endif
