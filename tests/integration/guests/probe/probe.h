/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probes share: each call with its result, one a line. */
#ifndef PROBE_H
#define PROBE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452	/* Linux 6.6 */
#endif
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define SHOW(expr) show(__LINE__, #expr, (long)(expr))
#define FD(expr)   show_fd(__LINE__, #expr, (int)(expr))	/* what it is; closed */
#define TEXT(fd)   show_text(__LINE__, (fd))			/* its first line; closed */

void show(int line, const char *what, long r);
void show_fd(int line, const char *what, int fd);
void show_text(int line, int fd);

int open2(int dirfd, const char *path, uint64_t flags, uint64_t resolve);

/* A page that must not be touched; the end of one that may be, with a bad one behind. */
char *bad(void);
char *edge(void);

void make_file(const char *path, mode_t mode);

void probe_names(void);
void probe_attributes(void);
void probe_opens(void);
void probe_resolve(void);
void probe_limits(void);
void probe_places(void);
void probe_pointers(void);
void probe_procs(void);
void probe_creds(void);
void probe_socks(void);
void probe_fifos(void);
void probe_threads(void);
void probe_events(void);
void probe_objects(void);
void probe_descriptors(void);

#endif
