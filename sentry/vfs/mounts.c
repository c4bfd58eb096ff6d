// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See vfs/mounts.h and docs/decisions/mounts.md.  Every path is looked up once, as the
 * caller; the kernel then gets "PID/fd/N".
 */
#include "vfs/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "task/task.h"
#include "vfs/internal.h"
#include "vfs/mountopts.h"
#include "vfs/mounttext.h"

#define MS_NOSYMFOLLOW_ 256	/* Linux 5.10 */
#define ATTRIBUTES                                                         \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW_ | MS_NOATIME | \
	 MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)
#define MOUNTS_MAX 4096
#define MOUNTINFO_MAX (8u << 20)
#define DEVICES_MAX 128		/* file systems that are written out once; others once a mount */
#define PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

static int own_procfs = -1;	/* the container's /proc */
static bool allowed;

void mounts_allow(void)
{
	own_procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	allowed = true;
}

int mounts_check(struct call *c)
{
	int r = task_get(c);

	if (r < 0)
		return r;
	if (!allowed || !(c->task->st.creds.cap_effective & (1ull << CAP_SYS_ADMIN)))
		return -EPERM;
	return 0;
}

/*
 * How many there are is bounded here as well as by fs.mount-max: the kernel's memory for a
 * new file system is charged to the sentry, not to the guest.  In the sentry's procfs "self" is
 * its first thread, which stands in the container's root.
 */
static bool is_full(void)
{
	auto_close int fd = openat(task_procfs(), "self/mountinfo", O_RDONLY | O_CLOEXEC);
	char buf[16384];
	ssize_t n;
	int lines = 0;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return n < 0 || lines >= MOUNTS_MAX;
}

/* Devices and pipes are not opened: that may have effects, or wait. */
static int sync_at(const char *path)
{
	const struct open_how look = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	const struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC };
	auto_close int at = kernel_openat2(AT_FDCWD, path, &look), fd = -EBADF;
	char name[VFS_FD_NAME_MAX];
	struct stat st;
	int r = at < 0 ? -errno : fd_stat(at, &st);

	if (r < 0)
		return r;
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return -EINVAL;
	fd = kernel_openat2(task_procfs(), vfs_fd_name(at, name), &how);
	return fd < 0 || syncfs(fd) < 0 ? -errno : 0;
}

int mounts_sync(void)
{
	const char *done[DEVICES_MAX];
	struct mounttext_line line;
	auto_free char *text = NULL;
	size_t len, n = 0, i;
	char *rest;
	int r = task_own_caps();

	if (r == 0)
		r = fd_read_file(task_procfs(), "self/mountinfo", MOUNTINFO_MAX, &text,
				 &len);
	if (r < 0)
		return r;
	rest = text;
	while (mounttext_next(&rest, &line)) {
		for (i = 0; i < n && strcmp(done[i], line.dev); i++)
			;
		if (i == n && sync_at(line.point) == 0 && n < DEVICES_MAX)
			done[n++] = line.dev;
	}
	return 0;
}

static int mount_at(struct call *c, int target, const char *source, const char *type,
		    unsigned long flags, const char *data)
{
	char at[VFS_FD_NAME_MAX];
	int r = task_assume(c, TASK_EXACT);

	if (r < 0)
		return r;
	return mount(source, vfs_fd_name(target, at), type, flags, data) < 0 ? -errno : 0;
}

/*
 * A bind mount.  What lies below is the kernel's to judge: it leaves no locked mount behind.
 * Nothing is bound that would show the sentry's own process.
 */
static int bind(struct call *c, int target, int from, unsigned long flags)
{
	char name[VFS_FD_NAME_MAX];

	if (procfs_kind(from) == PROCFS_SEEING)
		return -EPERM;
	return mount_at(c, target, vfs_fd_name(from, name), NULL,
			MS_BIND | (flags & MS_REC), NULL);
}

static int bind_path(struct call *c, int target, const struct mount_args *a)
{
	auto_close int from = -EBADF;

	if (!*a->source)
		return -EINVAL;
	from = vfs_open_path(c, AT_FDCWD, a->source, 0);
	return from < 0 ? from : bind(c, target, from, a->flags);
}

/* A new procfs would show what the container's masks hide: the container's again. */
static int mount_proc(struct call *c, int target, const struct mount_args *a)
{
	if (!procfs_is_root(own_procfs) || *a->data || (a->flags & MS_RDONLY))
		return -EPERM;
	return bind(c, target, own_procfs, MS_REC);
}

static int mount_tmpfs(struct call *c, int target, const struct mount_args *a)
{
	if (!mountopts_tmpfs_valid(a->data))
		return -EINVAL;
	return mount_at(c, target, a->source, "tmpfs",
			(a->flags & ATTRIBUTES) | MS_NOSUID | MS_NODEV, a->data);
}

/* Of these the files are the sentry's to show; a layer would show the kernel's. */
static bool is_virtual(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC ||
	       fs.f_type == SYSFS_MAGIC;
}

struct layers {
	int fd[OVERLAY_LOWER_MAX + 2];
	size_t n;
};

static void layers_close(struct layers *l)
{
	while (l->n > 0)
		close(l->fd[--l->n]);
}

/* Add KEY and the directory to the options of the kernel. */
static int layer_add(struct call *c, struct layers *l, struct strbuf *data,
		     const char *key, const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
	char name[VFS_FD_NAME_MAX];
	int fd = vfs_open(c, AT_FDCWD, path, &how);

	if (fd < 0)
		return fd;
	l->fd[l->n++] = fd;
	return is_virtual(fd) ? -EPERM :
				strbuf_addf(data, "%s%s", key, vfs_fd_name(fd, name));
}

/* The kernel keeps the mounter's credentials for all access to the layers: the caller's. */
static int mount_overlay(struct call *c, int target, struct mount_args *a)
{
	auto_(layers_close) struct layers layers = { .n = 0 };
	auto_(strbuf_done) struct strbuf data = { 0 };
	struct overlay_options o;
	int r = mountopts_parse_overlay(a->data, &o);

	for (size_t i = 0; r == 0 && i < o.lower_n; i++)
		r = layer_add(c, &layers, &data, i ? ":" : "lowerdir=", o.lower[i]);
	if (r == 0 && o.upper)
		r = layer_add(c, &layers, &data, ",upperdir=", o.upper);
	if (r == 0 && o.work)
		r = layer_add(c, &layers, &data, ",workdir=", o.work);
	if (r == 0)
		r = strbuf_addf(&data, ",userxattr%s", o.is_volatile ? ",volatile" : "");
	if (r < 0)
		return r;
	return mount_at(c, target, a->source, "overlay",
			(a->flags & ATTRIBUTES) | MS_NOSUID | MS_NODEV, data.s);
}

/*
 * The mount's own flags.  nosuid and nodev, which the guest may never have asked for, stay
 * where they are; whatever else the container was given is locked.  What belongs to
 * the file system (data) stays as it is: mount(8) repeats it with every remount.
 */
static int remount(struct call *c, int target, unsigned long flags)
{
	struct statfs fs;

	if (fstatfs(target, &fs) < 0)
		return -errno;
	return mount_at(c, target, NULL, NULL,
			MS_REMOUNT | MS_BIND | (flags & ATTRIBUTES) |
				((unsigned long)fs.f_flags & (MS_NOSUID | MS_NODEV)),
			NULL);
}

static int change_propagation(struct call *c, int target, unsigned long flags)
{
	unsigned long type = flags & PROPAGATION;

	if (type != MS_PRIVATE && type != MS_SLAVE)
		return -EPERM;
	return mount_at(c, target, NULL, NULL, type | (flags & MS_REC), NULL);
}

static int mount_new(struct call *c, int target, struct mount_args *a)
{
	if (!*a->type)
		return -EINVAL;
	if (!strcmp(a->type, "tmpfs"))
		return mount_tmpfs(c, target, a);
	if (!strcmp(a->type, "proc"))
		return mount_proc(c, target, a);
	if (!strcmp(a->type, "overlay"))
		return mount_overlay(c, target, a);
	return -EPERM;
}

/* In the kernel's order: what several flags mean together. */
int mounts_make(struct call *c, struct mount_args *a)
{
	auto_close int target = vfs_open_path(c, AT_FDCWD, a->target, 0);

	if (target < 0)
		return target;
	if (a->flags & MS_REMOUNT)
		return remount(c, target, a->flags);
	if (!(a->flags & MS_BIND) && (a->flags & PROPAGATION))
		return change_propagation(c, target, a->flags);
	/* Whoever enters later (picket exec) would stand in it, all others below. */
	if (task_is_root(target) || (a->flags & MS_MOVE))
		return -EPERM;
	if (is_full())
		return -ENOSPC;
	return a->flags & MS_BIND ? bind_path(c, target, a) : mount_new(c, target, a);
}

/*
 * A descriptor of the mount would keep it busy: its directory's and its name.  A link in
 * its place leads to another mount of the guest's, or to a locked one.
 */
static int remove_at(struct call *c, const struct vfs_at *at, int flags)
{
	char dir[VFS_FD_NAME_MAX], path[PATH_MAX + VFS_FD_NAME_MAX];
	int r = task_assume(c, TASK_EXACT);

	if (r < 0)
		return r;
	if (at->dirfd == AT_FDCWD)
		snprintf(path, sizeof(path), "%s", at->name);
	else
		snprintf(path, sizeof(path), "%s/%s", vfs_fd_name(at->dirfd, dir),
			 at->name);
	return umount2(path, flags) < 0 ? -errno : 0;
}

static bool is_procfs_at(struct call *c, const char *path)
{
	auto_close int fd = vfs_open_path(c, AT_FDCWD, path, 0);

	return fd >= 0 && procfs_is_root(fd);
}

int mounts_remove(struct call *c, char path[PATH_MAX], int flags)
{
	auto_vfs_at struct vfs_at at = VFS_AT_INIT;
	char whole[PATH_MAX];
	int r;

	if (flags & ~(MNT_DETACH | UMOUNT_NOFOLLOW))
		return flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW) ?
			       -EINVAL :
			       -EPERM;
	memcpy(whole, path, sizeof(whole));
	task_leave_dirs(c);
	r = vfs_at_open(c, AT_FDCWD, path, &at);
	if (r < 0)
		return r;
	r = remove_at(c, &at, flags);
	if (r != -EBUSY)
		return r;
	/* Another worker may be about to close what it opened there. */
	poll(NULL, 0, 1);
	r = remove_at(c, &at, flags);
	/* The masks of a second /proc cannot be taken off before it. */
	if (r == -EBUSY && is_procfs_at(c, whole))
		r = remove_at(c, &at, flags | MNT_DETACH);
	return r;
}
