// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree as a file system of the container's: of strict's open(2) in /proc, and mounted
 * over the kernel's.  Done once, in the container's user and mount namespaces; the server
 * answers in a thread until the sentry is confined, and in another one then.  Where the
 * container has something else than the kernel's file (a mask, a volume), that stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "kernel/openat2.h"
#include "views/internal.h"
#include "views/make.h"
#include "views/tree.h"

#define ATTRS                                                                          \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define STACK_SIZE (128 * 1024)

static int fuse_fd = -1;	/* -1: no server */
static int tree_fd = -1;	/* -1: no views */
static bool has_proc, serving;
static pthread_t first_server;

int views_open_dev(void)
{
	int fd = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int set(int fs, const char *key, const char *value)
{
	int r = value ? fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) :
			fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);

	return r < 0 ? -errno : 0;
}

static int finish_fs(int fs, unsigned int attrs)
{
	int fd;

	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, attrs);
	return fd < 0 ? -errno : fd;
}

/* The device belongs to whoever opened it: to the container's user namespace, that is. */
static int mount_fuse(int dev)
{
	const char *const options[][2] = {
		{ "source", "view" },
		{ "rootmode", "40555" },
		{ "user_id", "0" },
		{ "group_id", "0" },
		{ "default_permissions", NULL },
		{ "allow_other", NULL },
		{ "max_read", "65536" },
	};
	auto_close int fd = openat(dev, "fuse", O_RDWR | O_CLOEXEC), fs = -EBADF;
	char number[16];
	int r;

	if (fd < 0)
		return -errno;
	fs = fsopen("fuse", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	snprintf(number, sizeof(number), "%d", fd);
	r = set(fs, "fd", number);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(options); i++)
		r = set(fs, options[i][0], options[i][1]);
	if (r == 0)
		r = finish_fs(fs, ATTRS);
	if (r >= 0)
		fuse_fd = take_fd(fd);
	return r;
}

static int mount_copy(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), mnt = -EBADF;
	int r = fs < 0 ? -errno : set(fs, "source", "view");

	if (r == 0)
		r = set(fs, "mode", "555");
	if (r == 0)
		r = mnt = finish_fs(fs, ATTRS & ~(unsigned int)MOUNT_ATTR_RDONLY);
	if (r >= 0)
		r = copy_tree(mnt);
	if (r == 0 && mount_setattr(mnt, "", AT_EMPTY_PATH, &ro, sizeof(ro)) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(mnt);
}

static bool is_kernels(int fd, long magic)
{
	struct statfs fs;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == magic;
}

/* The kernel's own file system at path, to be read by us; -1: it is not one. */
static int open_kernels(const char *path, long magic)
{
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return is_kernels(fd, magic) ? take_fd(fd) : -1;
}

/* The same without what will be mounted on it; ".." leads to that as well. */
static int clone_kernels(const char *path, long magic)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int dir = open_kernels(path, magic);
	int fd;

	if (dir < 0)
		return -1;
	fd = open_tree(dir, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0)	/* mounts of a more privileged namespace come along or not at all */
		fd = open_tree(dir, "",
			       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				       AT_EMPTY_PATH);
	if (fd >= 0)
		mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof(ro));
	return fd;
}

static int copy_of(int tree, const char *name)
{
	int fd = open_tree(tree, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* mnt, which is not mounted yet, over what target is. */
static int attach(int mnt, int target)
{
	const unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	return move_mount(mnt, "", target, "", flags) < 0 ? -errno : 0;
}

static int cover_proc(int tree, int proc)
{
	auto_close int files = openat(tree, VIEW_PROC, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	const char *name;
	size_t at = 0;
	int r = files < 0 ? -errno : 0;

	while (r == 0 && (name = view_next_of_proc(&at))) {
		auto_close int target = kernel_openat2(proc, name, &how), mnt = -EBADF;

		if (target < 0 || !is_kernels(target, PROC_SUPER_MAGIC))
			continue;
		r = mnt = copy_of(files, name);
		if (r >= 0)
			r = attach(mnt, target);
	}
	return r;
}

/* The tree at /sys.  Only of what is mounted there can be copies, before Linux 6.15. */
static int cover(int tree, bool proc, bool sys, const struct kept *kept)
{
	auto_close int root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int at =
		open(sys ? "/sys" : "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = at < 0 || (proc && root < 0) ? -ENOENT : attach(tree, at);

	if (r < 0)
		return r;
	if (proc)
		r = cover_proc(tree, root);
	if (sys)
		keep_restore(kept);
	else if (umount2("/proc", MNT_DETACH) < 0 && r == 0)
		r = -errno;
	return r;
}

static void *serve_once(void *arg)
{
	(void)arg;
	fuse_serve(fuse_fd, FUSE_ONCE);
	return NULL;
}

static void *serve(void *arg)
{
	(void)arg;
	fuse_serve(fuse_fd, 0);
	return NULL;
}

static int start(void *(*fn)(void *), pthread_t *ret)
{
	pthread_attr_t attr;
	int r;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	r = -pthread_create(ret, &attr, fn, NULL);
	pthread_attr_destroy(&attr);
	return r;
}

/*
 * Of two threads that wait for each other one is to be awake at a time: on one CPU a request
 * takes 10 us, on two 150.
 */
static void stay_here(cpu_set_t *ret_old)
{
	int cpu = sched_getcpu();
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(cpu < 0 ? 0 : cpu, &here);
	if (sched_getaffinity(0, sizeof(*ret_old), ret_old) < 0 ||
	    sched_setaffinity(0, sizeof(here), &here) < 0)
		CPU_ZERO(ret_old);
}

static int cover_all(int tree, bool proc, bool sys, const struct kept *kept)
{
	cpu_set_t cpus;
	int r;

	if (!proc && !sys)
		return 0;
	stay_here(&cpus);
	r = fuse_fd < 0 ? 0 : start(serve_once, &first_server);
	serving = r == 0 && fuse_fd >= 0;
	if (r == 0)
		r = cover(tree, proc, sys, kept);
	if (CPU_COUNT(&cpus))
		sched_setaffinity(0, sizeof(cpus), &cpus);
	return r;
}

int views_mount(int flags, int dev, int procfs, const int cgroups[VIEWS_CGROUPS],
		struct err *e)
{
	int proc = !(flags & VIEWS_PROC) ? -1 :
		   flags & VIEWS_COVER	 ? clone_kernels("/proc", PROC_SUPER_MAGIC) :
					   open_kernels("/proc", PROC_SUPER_MAGIC);
	int sys = flags & VIEWS_SYS ? clone_kernels("/sys", SYSFS_MAGIC) : -1, r;
	auto_close int tree = -EBADF, devices = dev;
	struct kept kept = { .n = 0 };

	source_init(procfs, proc, sys, cgroups);
	if (proc < 0 && sys < 0)
		return 0;
	system_init();
	tree = mount_fuse(devices);
	if (tree < 0)
		tree = mount_copy();
	if (tree < 0)
		return err_set(e, -tree, "make the container's /proc and /sys");
	r = sys < 0 ? 0 : keep_collect(&kept, procfs);
	if (r == 0)
		r = cover_all(tree, proc >= 0 && (flags & VIEWS_COVER), sys >= 0, &kept);
	keep_done(&kept);
	if (r < 0)
		return err_set(e, -r, "mount over the container's /proc and /sys");
	has_proc = proc >= 0;
	tree_fd = take_fd(tree);
	return 0;
}

void views_pause(void)
{
	struct statfs fs;

	if (!serving)
		return;
	fstatfs(tree_fd, &fs);		/* the first server's last request */
	pthread_join(first_server, NULL);
}

int views_serve(void)
{
	pthread_t server;
	int r;

	mallopt(M_MMAP_MAX, 0);	/* a text that grows would want mremap(2) */
	r = fuse_fd < 0 ? 0 : start(serve, &server);
	if (r == 0 && fuse_fd >= 0)
		pthread_detach(server);
	return r;
}

static int open_in_tree(const char *path, uint64_t flags)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | (flags & (O_NONBLOCK | O_DIRECTORY)),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = kernel_openat2(tree_fd, path, &how);

	return fd < 0 ? -errno : fd;
}

int views_open(const char *name, uint64_t flags)
{
	char path[PATH_MAX];

	if (!has_proc)
		return -ENOENT;
	snprintf(path, sizeof(path), VIEW_PROC "%s", name);
	return open_in_tree(path, flags);
}

int views_open_live(int fd, view_live_fn *make, uint64_t flags)
{
	char path[sizeof(VIEW_LIVE) + 20];
	uint64_t id;
	int r = fuse_fd < 0 ? -ENFILE : live_add(fd, make, &id);

	if (r < 0)
		return r == -ENFILE ? -ENOENT : r;
	snprintf(path, sizeof(path), VIEW_LIVE "%lu", id);
	r = open_in_tree(path, flags);
	live_put(id);
	return r;
}

void views_sysinfo(struct sysinfo *info)
{
	struct memory m;
	uint64_t loads[3];

	memory_get(&m);
	if (!m.total)
		return;
	system_loads(loads);
	for (int i = 0; i < 3; i++)
		info->loads[i] = loads[i];
	info->totalram = m.total * 1024 / info->mem_unit;
	info->freeram = m.free * 1024 / info->mem_unit;
	info->sharedram = m.shmem * 1024 / info->mem_unit;
	info->bufferram = 0;
	info->totalswap = m.swap_total * 1024 / info->mem_unit;
	info->freeswap = m.swap_free * 1024 / info->mem_unit;
	info->procs = (unsigned short)system_tasks();
}
