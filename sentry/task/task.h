/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is calling.  A struct task is a cache of what the kernel says about one guest
 * thread, never a log of its calls: every entry can be dropped and derived again.
 *
 * Credentials belong to a thread and change only by its own system calls: those calls
 * (set*id, setgroups, capset, execve, ...) are trapped, drop the entry and continue, so
 * that the thread's next call reads the new ones.  A pidfd guards against tid reuse.
 */
#ifndef PICKET_SENTRY_TASK_TASK_H
#define PICKET_SENTRY_TASK_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/call.h"

#define TASK_GROUPS_MAX 32	/* longer lists live on the heap */

struct creds {
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	uint64_t cap_effective;
	size_t groups_n;
	gid_t *groups;			/* few, or malloc'ed */
	gid_t few[TASK_GROUPS_MAX];
};

/* What /proc/TID/status says. */
struct task_status {
	pid_t tgid;
	pid_t ns_tgid, ns_tid;		/* in the task's own pid namespace */
	mode_t umask;
	struct creds creds;
};

/* Pure: fill *st from the text (creds.groups to be freed by task_status_done). */
int task_status_parse(const char *text, struct task_status *st);
void task_status_done(struct task_status *st);

struct task {
	atomic_bool held;		/* one worker at a time */
	bool spare;			/* not in the table: forgotten by task_put */
	bool known;			/* st is valid */
	pid_t tid;
	int pidfd;			/* -1: not open */
	bool own_pidfd;			/* the thread's, not its leader's (before Linux 6.9) */
	int fds;			/* /proc/TID/fd, for its size; -1: not open */
	int64_t seen_ns;		/* when the thread was last asked for (monotonic) */
	bool umask_known;		/* st.umask is the one of umask_epoch */
	unsigned int umask_epoch;
	bool cwd_known;			/* cwd is the one of cwd_epoch */
	unsigned int cwd_epoch;
	int cwd;			/* the working directory; -1: not open */
	int cwd_kind;			/* what vfs found it to be; -1: not asked */
	bool changing;			/* a change of its own was let through, not seen to be over */
	struct task_status st;
};

/*
 * Once, in the container's namespaces, with the capabilities that the sentry keeps and
 * before any worker: procfs is the root of a procfs of the sentry's own pid namespace (owned
 * from now on); the root directory is the container's.
 */
#define TASK_SHARED_PIDNS 1		/* the guest's pid namespace shows the sentry */
int task_init(int procfs, int flags);

/*
 * That procfs.  It is also every worker's working directory: "PID/fd/N" names a
 * descriptor in calls that take nothing but a path.
 */
int task_procfs(void);
bool task_pidns_is_shared(void);

/* Entry of the caller; -ESRCH if it is gone.  Fills c->task; held until task_put(c). */
int task_get(struct call *c);
void task_put(struct call *c);

/* Forget the caller's credentials: they are about to change. */
void task_forget(struct call *c);

/* The caller is about to become another program; its thread group's leader may change. */
void task_forget_exec(struct call *c);

/* The caller is about to change its umask to mask; its root directory. */
void task_note_umask(struct call *c, mode_t mask);
void task_note_chroot(void);

/* The caller is about to change its working directory. */
void task_note_cwd(struct call *c);

/* Processes are about to share umask and directories: nothing of it is cached any more. */
void task_note_shared_fs(void);

/* True once a task asked for chroot(2): absolute paths start where the kernel says. */
bool task_roots_differ(void);

/*
 * Let this worker thread act as the caller: fsuid, fsgid, groups, effective capabilities,
 * root directory, and the umask when flags has TASK_UMASK.  Only differences cost system
 * calls; nothing needs undoing (the next call sets its own).  What the sentry needs its
 * own capabilities for is done before.
 *
 * Unless TASK_EXACT is given the sentry keeps CAP_SYS_PTRACE (to read the next caller's
 * memory): it has a meaning in procfs only, where every step is taken with TASK_EXACT.
 */
#define TASK_UMASK 1
#define TASK_EXACT 2
int task_assume(struct call *c, int flags);

/* Is the directory the container's root? */
bool task_is_root(int dir);

/*
 * What the sentry keeps open of its callers' directories would keep a mount busy: close it,
 * where no other worker uses it.
 */
void task_leave_dirs(struct call *c);

/* Before the reply: this worker stands in no other root directory than the container's. */
void task_leave_root(void);

/* All of the sentry's own capabilities, for memory, descriptors and /proc of the caller. */
int task_own_caps(void);

/* A copy of the guest's descriptor (pidfd_getfd); caller closes.  -EBADF as in the guest. */
int task_get_fd(struct call *c, int guest_fd);

/* The same of a descriptor that is for more than paths: one of O_PATH is -EBADF. */
int task_get_file(struct call *c, int guest_fd);

/* prlimit(2) of the caller.  No limit is raised: that asks for a capability over the host. */
struct rlimit;
int task_limit(struct call *c, unsigned int resource, const struct rlimit *new,
	       struct rlimit *ret_old);

/* Has the caller as many descriptors as it may have?  No, where that cannot be told. */
bool task_fds_full(struct call *c);

/*
 * The directory that a relative path starts at: the caller's working directory for
 * AT_FDCWD, else a copy of its descriptor.  Caller closes.
 */
int task_base(struct call *c, int guest_dirfd);

/* The caller's working directory: belongs to the entry, until task_put(). */
int task_cwd(struct call *c);

/*
 * Numbers of the caller's process as /proc/TID/stat counts them, from 1; fields 1 to 3 are
 * not numbers.
 */
#define TASK_STAT_FIELDS 40
#define TASK_STAT_TTY 7
#define TASK_STAT_UTIME 14		/* then stime, and both of its children */
#define TASK_STAT_CPU 39
int task_stat(struct call *c, int64_t ret[TASK_STAT_FIELDS]);

/* Signals that the caller blocks and that wait for it or for its process. */
int task_pending(struct call *c, uint64_t *ret);

/* The caller's personality(2): PER_LINUX32 changes what uname(2) calls the machine. */
int task_personality(struct call *c, unsigned long *ret);

/*
 * The caller's pid (thread group) and tid as numbered in the procfs whose root is
 * `procfs_root`, for /proc/self and /proc/thread-self.  0 if it is not visible there.
 */
pid_t task_tgid_in(struct call *c, int procfs_root, pid_t *ret_tid);

/* The device number of the caller's controlling terminal; 0: none. */
dev_t task_tty(struct call *c);

#endif
