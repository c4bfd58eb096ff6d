// SPDX-License-Identifier: GPL-2.0-or-later
/* The world of fuzz/world.h. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "task/task.h"
#include "vfs/path.h"

#define STUCK_MS 20

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t worker;
static pid_t guest_pid;
static struct call *job;
static void (*job_run)(struct call *c);
static uint8_t *memory;

static void ignore(int sig)
{
	(void)sig;
}

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void enter_namespaces(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	must(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
		     CLONE_NEWIPC) == 0,
	     "unshare");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0,
	     "make mounts private");
	must(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &ro, sizeof(ro)) ==
		     0,
	     "make mounts read-only");
	must(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV,
		   "size=4m,nr_inodes=4096") == 0,
	     "mount tmpfs");
}

/* The caller only exists: a root directory, some descriptors, memory that we fill. */
__attribute__((noreturn)) static void guest(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must(chroot("/mnt") == 0 && chdir("/") == 0, "chroot");
	mkdir("/d", 0755);
	must(symlink("d", "/l") == 0 || errno == EEXIST, "symlink");
	mknod("/f", S_IFREG | 0644, 0);
	open("/d", O_RDONLY | O_DIRECTORY);
	open("/f", O_RDWR);
	socket(AF_UNIX, SOCK_STREAM, 0);
	socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	atomic_store((atomic_int *)memory, 1);
	for (;;)
		pause();
}

static void start_guest(void)
{
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	memset(memory, 0, WORLD_MEMORY);
	guest_pid = fork();
	must(guest_pid >= 0, "fork");
	if (guest_pid == 0) {
		syscall(SYS_close_range, 3, ~0U, 0);
		guest();
	}
	while (!atomic_load((atomic_int *)memory))
		sched_yield();
}

static void *work(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!job)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
		job_run(job);
		if (job->task)
			task_put(job);
		pthread_mutex_lock(&lock);
		job = NULL;
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

void world_make(int flags)
{
	struct mount_attr rw = { .attr_clr = MOUNT_ATTR_RDONLY };
	struct sigaction sa = { .sa_handler = ignore };
	int procfs;

	syscall(SYS_close_range, 3, ~0U, 0);
	enter_namespaces();
	procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(procfs >= 0, "/proc");
	must(openat(procfs, "../picket-fuzz", O_CREAT | O_WRONLY, 0600) < 0 &&
		     errno == EROFS,
	     "expect a read-only tree");
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	must(task_init(procfs, 0) == 0 && vfs_init(VFS_LIST_PROCFS) == 0, "prepare");
	memory = mmap(NULL, WORLD_MEMORY + 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED && munmap(memory + WORLD_MEMORY, 4096) == 0, "memory");
	if (flags & WORLD_PROC)
		must(mkdir("/mnt/proc", 0755) == 0 &&
			     mount("/proc", "/mnt/proc", NULL, MS_BIND, NULL) == 0,
		     "bind /proc");
	if (flags & WORLD_WRITABLE_PROC)
		must(syscall(SYS_mount_setattr, AT_FDCWD, "/mnt/proc", 0, &rw,
			     sizeof(rw)) == 0,
		     "make /proc writable");
	start_guest();
	task_note_chroot();
	must(pthread_create(&worker, NULL, work, NULL) == 0, "thread");
}

/* Interrupt a handler that waits: for the other end of a FIFO, for a peer. */
static void wait_done(void)
{
	while (job) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += STUCK_MS * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (pthread_cond_timedwait(&changed, &lock, &until) == ETIMEDOUT)
			pthread_kill(worker, SIGUSR1);
	}
}

void world_run(struct call *c, const uint8_t *data, size_t size,
	       void (*run)(struct call *))
{
	/* At the end, where an access runs off; what is before it is zero. */
	size = size < WORLD_MEMORY ? size : WORLD_MEMORY;
	memset(memory, 0, WORLD_MEMORY - size);
	if (size)
		memcpy(memory + WORLD_MEMORY - size, data, size);
	c->listener = -1;
	c->tid = guest_pid;
	pthread_mutex_lock(&lock);
	job = c;
	job_run = run;
	pthread_cond_broadcast(&changed);
	wait_done();
	pthread_mutex_unlock(&lock);
}

pid_t world_caller(void)
{
	return guest_pid;
}

uint64_t world_address(size_t offset)
{
	return (uint64_t)(uintptr_t)memory + offset;
}

void world_dispatch(struct call *c)
{
	struct reply r = dispatch(c);

	if (r.kind == REPLY_FD)
		close((int)r.val);
	else if (r.kind == REPLY_ERRNO && (r.val >= 0 || r.val < -4095))
		abort();
}
