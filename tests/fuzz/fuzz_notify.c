// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications from hostile bytes: number, arguments and memory of the caller go through
 * dispatch() and the real handlers.  The caller is a child that sleeps, with an empty tmpfs
 * as its root directory.  Everything else is mounted read-only first, in namespaces of our
 * own, and no descriptor from before is left (the mount behind it would still be writable,
 * and so would be its parents).
 *
 * Input: number (2 bytes), per argument a kind and 8 bytes, the rest is the caller's memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
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

#include "abi/call.h"
#include "abi/table.h"
#include "notify/notify.h"
#include "task/task.h"
#include "vfs/path.h"

#define MEMORY 8192		/* of the caller; behind it there is none */
#define STUCK_MS 20
#define HEADER (2 + 6 * 9)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t worker;
static pid_t guest_pid;
static struct call *job;
static uint8_t *memory;

bool notify_is_valid(const struct call *c)
{
	return c->tid > 0;
}

void notify_blocking_begin(struct call *c)
{
	(void)c;
}

void notify_blocking_end(struct call *c)
{
	(void)c;
}

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
	memset(memory, 0, MEMORY);
	guest_pid = fork();
	must(guest_pid >= 0, "fork");
	if (guest_pid == 0) {
		syscall(SYS_close_range, 3, ~0U, 0);
		guest();
	}
	while (!atomic_load((atomic_int *)memory))
		sched_yield();
}

static void handle(struct call *c)
{
	struct reply r = dispatch(c);

	if (r.kind == REPLY_FD)
		close((int)r.val);
	else if (r.kind == REPLY_ERRNO && (r.val >= 0 || r.val < -4095))
		abort();
	if (c->task)
		task_put(c);
}

static void *work(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!job)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
		handle(job);
		pthread_mutex_lock(&lock);
		job = NULL;
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sigaction sa = { .sa_handler = ignore };
	int procfs;

	(void)argc;
	(void)argv;
	syscall(SYS_close_range, 3, ~0U, 0);
	enter_namespaces();
	procfs = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(procfs >= 0, "/proc");
	must(openat(procfs, "../picket-fuzz", O_CREAT | O_WRONLY, 0600) < 0 &&
		     errno == EROFS,
	     "expect a read-only tree");
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	must(task_init(procfs, 0) == 0 && vfs_init() == 0, "prepare");
	memory = mmap(NULL, MEMORY + 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED && munmap(memory + MEMORY, 4096) == 0, "memory");
	start_guest();
	task_note_chroot();
	must(pthread_create(&worker, NULL, work, NULL) == 0, "thread");
	return 0;
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

/* Kinds: a plain value; an address in the memory; a small number; AT_FDCWD. */
static uint64_t argument(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p + 1, sizeof(v));
	switch (p[0] % 4) {
	case 1:
		return (uint64_t)(uintptr_t)memory + v % (MEMORY + 16);
	case 2:
		return v % 64;
	case 3:
		return (uint32_t)AT_FDCWD;
	}
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { .listener = -1, .tid = guest_pid };
	uint16_t nr;

	if (size < HEADER)
		return -1;
	memcpy(&nr, data, sizeof(nr));
	c.nr = table_rows[nr % table_rows_n].nr;
	for (int i = 0; i < 6; i++)
		c.arg[i] = argument(data + 2 + i * 9);
	data += HEADER;
	size -= HEADER;
	/* At the end, where an access runs off; what is before it is zero. */
	size = size < MEMORY ? size : MEMORY;
	memset(memory, 0, MEMORY - size);
	memcpy(memory + MEMORY - size, data, size);
	pthread_mutex_lock(&lock);
	job = &c;
	pthread_cond_broadcast(&changed);
	wait_done();
	pthread_mutex_unlock(&lock);
	return 0;
}
