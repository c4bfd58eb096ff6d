/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of task/ only. */
#ifndef PICKET_SENTRY_TASK_INTERNAL_H
#define PICKET_SENTRY_TASK_INTERNAL_H

#include <stddef.h>

#include "task/task.h"

/* Raise the limit on descriptors; size the cache by it. */
int table_init(void);

/* Make this thread a worker: its own root, working directory and umask.  Cheap when done. */
int worker_init(void);

/* openat(2) in a procfs, with the sentry's own capabilities if needed. */
int proc_open(int dir, const char *name, int flags);

/* The same of the caller's directory there: -ESRCH if its number may be another's. */
int proc_open_task(const struct call *c, const char *name, int flags);

/* All of a small procfs file as text; *ret is buf, or malloc'ed where it was longer. */
int proc_read(int fd, char *buf, size_t size, char **ret);

/*
 * Changes that were let through (CONTINUE) and that touch other threads than the one that
 * asks for them: nobody tells when the kernel has made them.  They are over when the
 * asking thread makes its next call, or is gone.
 */
enum change { CHANGE_UMASK = 1, CHANGE_EXEC, CHANGE_CWD };
void change_note(enum change kind, pid_t tgid, pid_t tid);
void change_over(pid_t tid);
bool change_is_pending(enum change kind, pid_t tgid, pid_t but_tid);

/* Beginnings of changes in (at least) one process; beginnings and ends in all. */
unsigned int change_epoch(enum change kind, pid_t tgid);
unsigned int change_epoch_all(enum change kind);

/* Read the caller's /proc/TID/status into t->st. */
int status_read(const struct call *c, struct task *t);

/* Open t->pidfd, if it is not: what outlives one call is asked by it. */
int pidfd_fill(const struct call *c, struct task *t);

#endif
