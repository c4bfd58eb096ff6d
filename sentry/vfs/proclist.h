/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of procfs.def: what mode strict makes of a file in a procfs.  Pure. */
#ifndef PICKET_SENTRY_VFS_PROCLIST_H
#define PICKET_SENTRY_VFS_PROCLIST_H

enum proc_answer {
	PROC_ABSENT,
	PROC_PASS,		/* the kernel's file */
	PROC_READ,		/* the kernel's file, for reading only */
	PROC_VIEW,		/* the container's own: views/views.h */
	/* texts in a file of the sentry's, for reading: */
	PROC_MOUNTINFO,		/* the kernel's, without what is the host's: vfs/mounttext.h */
	PROC_MOUNTS,
	PROC_MOUNTSTATS,
	PROC_CGROUP,		/* the root of a cgroup namespace of its own */
	PROC_CPUSET,
	PROC_WCHAN,		/* never the name of a kernel function */
	PROC_NOTHING,
	PROC_CORE,
	PROC_BANNER,		/* policy/release.h */
	PROC_PID_MAX,		/* that of the sentry's own pid namespace is the host's */
	PROC_RELEASE,
	PROC_VERSION,
	PROC_ANSWERS
};

/* name: below the root of the procfs, as "1/status" or "sys/kernel/hostname". */
enum proc_answer proclist_answer(const char *name);

#endif
