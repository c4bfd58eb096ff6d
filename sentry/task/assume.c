// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The identity of this worker thread: what it has assumed, and how it changes.  Every
 * change is a bare system call, because libc's wrappers change all threads.  A change
 * that fails is an error of the sentry: the call is refused, never made as someone else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "task/internal.h"

#define CAPS_UNKNOWN (~0ull)	/* never a real set: bits above the last capability */

static int procfs_fd = -1, root_fd = -1;
static bool shared_pidns;
static atomic_bool roots_differ;
static uint64_t own_caps, inheritable;

static _Thread_local struct {
	bool ready, foreign_root;
	uid_t fsuid;
	gid_t fsgid;
	uint64_t effective;
	mode_t umask;
	size_t groups_n;
	gid_t *groups, few[TASK_GROUPS_MAX];
} me;

static int caps_read(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { 0 };

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	own_caps = d[0].permitted | (uint64_t)d[1].permitted << 32;
	inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

int task_init(int procfs, int flags)
{
	int r = caps_read();

	if (r < 0)
		return r;
	procfs_fd = procfs;
	shared_pidns = flags & TASK_SHARED_PIDNS;
	root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0 ? -errno : table_init();
}

int task_procfs(void)
{
	return procfs_fd;
}

bool task_pidns_is_shared(void)
{
	return shared_pidns;
}

void task_note_chroot(void)
{
	atomic_store(&roots_differ, true);
}

bool task_roots_differ(void)
{
	return atomic_load_explicit(&roots_differ, memory_order_relaxed);
}

static int caps_set(uint64_t effective)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = {
		{ (uint32_t)effective, (uint32_t)own_caps, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(own_caps >> 32),
		  (uint32_t)(inheritable >> 32) },
	};

	if (me.effective == effective)
		return 0;
	if (syscall(SYS_capset, &h, d) < 0)
		return -errno;
	me.effective = effective;
	return 0;
}

static int groups_keep(const gid_t *groups, size_t n)
{
	gid_t *to = me.few;

	if (n > TASK_GROUPS_MAX) {
		to = calloc(n, sizeof(*to));
		if (!to)
			return -ENOMEM;
	}
	if (n > 0)
		memcpy(to, groups, n * sizeof(*to));
	if (me.groups != me.few)
		free(me.groups);
	me.groups = to;
	me.groups_n = n;
	return 0;
}

static int groups_read(void)
{
	auto_free gid_t *list = NULL;
	int n = getgroups(0, NULL);

	if (n < 0)
		return -errno;
	list = calloc((size_t)n + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	n = getgroups(n, list);
	return n < 0 ? -errno : groups_keep(list, (size_t)n);
}

int worker_init(void)
{
	int r;

	if (me.ready)
		return 0;
	if (unshare(CLONE_FS) < 0 || fchdir(procfs_fd) < 0)
		return -errno;
	r = groups_read();
	if (r < 0)
		return r;
	me.effective = CAPS_UNKNOWN;	/* those of the worker that made this one */
	me.fsuid = (uid_t)syscall(SYS_setfsuid, -1);
	me.fsgid = (gid_t)syscall(SYS_setfsgid, -1);
	me.umask = umask(0);
	umask(me.umask);
	me.ready = true;
	return 0;
}

int task_own_caps(void)
{
	return caps_set(own_caps);
}

static bool ids_equal(const struct creds *cr)
{
	return me.fsuid == cr->fsuid && me.fsgid == cr->fsgid &&
	       me.groups_n == cr->groups_n &&
	       !memcmp(me.groups, cr->groups, cr->groups_n * sizeof(*cr->groups));
}

/* setfsuid(2) tells of no failure: ask again what it did. */
static int fs_id_set(long nr, unsigned int id)
{
	syscall(nr, id);
	return (unsigned int)syscall(nr, -1) == id ? 0 : -EPERM;
}

static int ids_set(const struct creds *cr)
{
	int r = task_own_caps();

	if (r < 0)
		return r;
	if (me.groups_n != cr->groups_n ||
	    memcmp(me.groups, cr->groups, cr->groups_n * sizeof(*cr->groups))) {
		if (syscall(SYS_setgroups, cr->groups_n, cr->groups) < 0)
			return -errno;
		r = groups_keep(cr->groups, cr->groups_n);
		if (r < 0)
			return r;
	}
	r = fs_id_set(SYS_setfsgid, cr->fsgid);
	if (r < 0)
		return r;
	me.fsgid = cr->fsgid;
	/* Changes the effective capabilities by rules of its own: set them anew. */
	me.effective = CAPS_UNKNOWN;
	r = fs_id_set(SYS_setfsuid, cr->fsuid);
	if (r < 0)
		return r;
	me.fsuid = cr->fsuid;
	return 0;
}

static bool same_dir(int a, int b)
{
	struct statx x, y;
	unsigned int mask = STATX_INO | STATX_MNT_ID;

	return statx(a, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, &x) == 0 &&
	       statx(b, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, &y) == 0 &&
	       x.stx_ino == y.stx_ino && x.stx_mnt_id == y.stx_mnt_id &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor;
}

static int root_enter(int dir)
{
	if (fchdir(dir) < 0 || chroot(".") < 0 || fchdir(procfs_fd) < 0)
		return -errno;
	return 0;
}

bool task_is_root(int dir)
{
	return same_dir(dir, root_fd);
}

void task_leave_root(void)
{
	if (me.foreign_root && task_own_caps() == 0)
		me.foreign_root = root_enter(root_fd) < 0;
}

/* Once anyone has changed its root, every caller's is asked from the kernel. */
static int root_set(struct call *c)
{
	auto_close int dir = proc_open_task(c, "root", O_PATH | O_DIRECTORY);
	int r;

	if (dir < 0)
		return dir == -ENOENT ? -ESRCH : dir;
	if (same_dir(dir, root_fd)) {
		if (!me.foreign_root)
			return 0;
		r = task_own_caps();
		if (r == 0)
			r = root_enter(root_fd);
		me.foreign_root = r < 0;
		return r;
	}
	r = task_own_caps();
	if (r < 0)
		return r;
	me.foreign_root = true;
	return root_enter(dir);
}

/*
 * Threads may share a umask (CLONE_FS).  A cached one holds until any thread of the
 * process asks for another; while such a change is under way nothing is cached.
 */
static int umask_set(struct call *c)
{
	struct task *t = c->task;
	unsigned int epoch = change_epoch(CHANGE_UMASK, t->st.tgid);
	int r;

	if (!t->umask_known || t->umask_epoch != epoch) {
		t->umask_known = !change_is_pending(CHANGE_UMASK, t->st.tgid, t->tid);
		t->umask_epoch = epoch;
		r = status_read(c, t);
		if (r < 0)
			return r;
	}
	if (me.umask != t->st.umask)
		umask(t->st.umask);
	me.umask = t->st.umask;
	return 0;
}

int task_assume(struct call *c, int flags)
{
	const struct creds *cr;
	uint64_t want;
	int r = 0;

	if (!c->task)
		return -ESRCH;
	cr = &c->task->st.creds;
	if (task_roots_differ())
		r = root_set(c);
	if (r == 0 && (flags & TASK_UMASK))
		r = umask_set(c);
	if (r == 0 && !ids_equal(cr))
		r = ids_set(cr);
	if (r < 0)
		return r;
	want = cr->cap_effective & own_caps;
	if (!(flags & TASK_EXACT))
		want |= own_caps & (1ull << CAP_SYS_PTRACE);
	return caps_set(want);
}
