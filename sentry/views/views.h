/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System-wide files of the container's /proc, and its /sys: a small read-only file system
 * of the sentry's.  views/tree.def lists what is in it.
 */
#ifndef PICKET_SENTRY_VIEWS_VIEWS_H
#define PICKET_SENTRY_VIEWS_VIEWS_H

#include <stdint.h>
#include <sys/sysinfo.h>

#include "base/err.h"
#include "base/str.h"

#define VIEWS_PROC  1		/* the container has a procfs at /proc: views_open() */
#define VIEWS_COVER 2		/* and the files are mounted over the kernel's there */
#define VIEWS_SYS   4		/* the tree is mounted over the sysfs at /sys */

/* Directories of the container's cgroups (v2: the same one for each), or -1. */
enum views_cgroup {
	VIEWS_CPU,		/* v1: cpuacct */
	VIEWS_CPUSET,
	VIEWS_MEMORY,
	VIEWS_PIDS,
	VIEWS_CGROUPS
};

/* Before anything is joined: the host's /dev, where the container's may have no fuse. */
int views_open_dev(void);

/*
 * In the container's namespaces, with capabilities and one thread: mount.  dev is closed;
 * cgroups are owned from now on; procfs: the sentry's own, with its "self".  Afterwards a
 * second thread answers, for those who look there meanwhile.
 */
int views_mount(int flags, int dev, int procfs, const int cgroups[VIEWS_CGROUPS],
		struct err *e);

/* The second thread ends, so that there is one to be confined; views_serve() goes on. */
void views_pause(void);

/* Confined: start the thread that answers.  Nothing to do where nothing was mounted. */
int views_serve(void);

/*
 * Open a file of /proc ("meminfo"), for reading; flags: those of open(2) about the
 * descriptor.  -ENOENT: there are none, or not this one.
 */
int views_open(const char *name, uint64_t flags);

/*
 * Open what make() makes of the text in fd, one of the kernel's files about mounts, not read
 * yet: for reading; made anew, and told by poll(2), when the kernel tells a change.  fd
 * stays the caller's.  -ENOENT: there are no views, or too many such texts are open; fd has
 * not been read then.
 */
typedef int view_live_fn(char *text, struct strbuf *ret);
int views_open_live(int fd, view_live_fn *make, uint64_t flags);

/* Memory, load and number of tasks as the files say; the uptime stays. */
void views_sysinfo(struct sysinfo *info);

#endif
