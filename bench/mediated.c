// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What mediated calls cost: microseconds for each, in a directory of its own, by THREADS
 * threads at once (each its own names; the time is a thread's).  With "bare" instead what
 * a notification costs that nothing is done for, one that is answered by a number, and one
 * answered by a descriptor, from another process with one thread; and, as "least_", what calls
 * by path cost where that process copies the paths and makes the call as it is, unchecked.
 *
 * usage: mediated THREADS [bare]
 */
#include "supervisor.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#define SLICES 15
#define SLICE_NS 10000000
#define THREADS_MAX 256
#define NR_NUMBER SYS_lookup_dcookie	/* nobody makes these */
#define NR_FD SYS_uselib
#define PATH_SIZE 32

struct names {
	char file[PATH_SIZE], dir[PATH_SIZE], new[PATH_SIZE], old[PATH_SIZE],
		none[PATH_SIZE];
};

static void open_close(const struct names *n)
{
	close(open(n->file, O_RDONLY));
}

static void open_missing(const struct names *n)
{
	if (open(n->none, O_RDONLY) >= 0)
		abort();
}

static void creat_unlink(const struct names *n)
{
	close(open(n->new, O_WRONLY | O_CREAT | O_EXCL, 0644));
	unlink(n->new);
}

static void rename_twice(const struct names *n)
{
	if (rename(n->file, n->old) < 0 || rename(n->old, n->file) < 0)
		abort();
}

static void mkdir_rmdir(const struct names *n)
{
	if (mkdir(n->dir, 0755) < 0 || rmdir(n->dir) < 0)
		abort();
}

static void chmod_file(const struct names *n)
{
	if (chmod(n->file, 0644) < 0)
		abort();
}

static void bare_fd(const struct names *n)
{
	int fd = (int)syscall(NR_FD);

	(void)n;
	if (fd < 0)
		abort();
	close(fd);
}

/* What the other process is to do, with up to two paths. */
enum least {
	LEAST_NOTHING,
	LEAST_OPEN,
	LEAST_RENAME,
	LEAST_MKDIR,
	LEAST_RMDIR,
	LEAST_CHMOD
};

static void ask(enum least what, const char *path, const char *second)
{
	if (syscall(NR_NUMBER, what, path, second) != 0)
		abort();
}

static void bare_number(const struct names *n)
{
	(void)n;
	ask(LEAST_NOTHING, NULL, NULL);
}

static void least_open_missing(const struct names *n)
{
	ask(LEAST_OPEN, n->none, NULL);
}

static void least_rename_twice(const struct names *n)
{
	ask(LEAST_RENAME, n->file, n->old);
	ask(LEAST_RENAME, n->old, n->file);
}

static void least_mkdir_rmdir(const struct names *n)
{
	ask(LEAST_MKDIR, n->dir, NULL);
	ask(LEAST_RMDIR, n->dir, NULL);
}

static void least_chmod(const struct names *n)
{
	ask(LEAST_CHMOD, n->file, NULL);
}

static const struct op {
	const char *name;
	void (*run)(const struct names *n);
} ops[] = {
	{ "open_close", open_close },	  { "open_missing", open_missing },
	{ "creat_unlink", creat_unlink }, { "rename_twice", rename_twice },
	{ "mkdir_rmdir", mkdir_rmdir },	  { "chmod", chmod_file },
}, bare_ops[] = {
	{ "number", bare_number },
	{ "fd", bare_fd },
	{ "least_open_missing", least_open_missing },
	{ "least_rename_twice", least_rename_twice },
	{ "least_mkdir_rmdir", least_mkdir_rmdir },
	{ "least_chmod", least_chmod },
};

static const struct op *current;
static pthread_barrier_t barrier;
static double result[THREADS_MAX];

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static void *thread(void *arg)
{
	int me = (int)(size_t)arg;
	double slice[SLICES];
	struct names n;

	snprintf(n.file, sizeof(n.file), "file%d", me);
	snprintf(n.dir, sizeof(n.dir), "dir%d", me);
	snprintf(n.new, sizeof(n.new), "new%d", me);
	snprintf(n.old, sizeof(n.old), "old%d", me);
	snprintf(n.none, sizeof(n.none), "none%d", me);
	close(open(n.file, O_WRONLY | O_CREAT, 0644));
	pthread_barrier_wait(&barrier);
	for (int s = 0; s < SLICES; s++) {
		double begin = now_ns(), end;
		int k = 0;

		do {
			for (int i = 0; i < 10; i++, k++)
				current->run(&n);
			end = now_ns();
		} while (end - begin < SLICE_NS);
		slice[s] = (end - begin) / k;
	}
	result[me] = median(slice, SLICES);
	unlink(n.file);
	return NULL;
}

static void measure(const struct op *op, int threads)
{
	pthread_t t[THREADS_MAX];

	current = op;
	pthread_barrier_init(&barrier, NULL, (unsigned int)threads);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, thread, (void *)(size_t)i))
			abort();
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	printf("%s %.2f\n", op->name, median(result, (size_t)threads) / 1000);
}

static void copy(pid_t pid, uint64_t from, char to[PATH_SIZE])
{
	struct iovec here = { to, PATH_SIZE }, there = { (void *)from, PATH_SIZE };

	if (process_vm_readv(pid, &here, 1, &there, 1, 0) != PATH_SIZE)
		_exit(1);
}

/* 0: the call had the result that it is made for. */
static int least(const struct seccomp_notif *n)
{
	char path[PATH_SIZE], second[PATH_SIZE];

	if (n->data.args[0] == LEAST_NOTHING)
		return 0;
	copy((pid_t)n->pid, n->data.args[1], path);
	switch (n->data.args[0]) {
	case LEAST_OPEN:
		return open(path, O_RDONLY) >= 0;
	case LEAST_RENAME:
		copy((pid_t)n->pid, n->data.args[2], second);
		return rename(path, second);
	case LEAST_MKDIR:
		return mkdir(path, 0755);
	case LEAST_RMDIR:
		return rmdir(path);
	default:
		return chmod(path, 0644);
	}
}

static void answer(int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct seccomp_notif n = { 0 };
		struct seccomp_notif_resp number = { 0 };
		struct seccomp_notif_addfd fd = { .flags = SECCOMP_ADDFD_FLAG_SEND };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
			continue;
		number.id = fd.id = n.id;
		if (n.data.nr == NR_FD) {
			ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &fd);
			continue;
		}
		number.val = least(&n);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &number);
	}
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	const struct op *op = ops;
	size_t n = sizeof(ops) / sizeof(*ops);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NR_NUMBER, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NR_FD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	if (threads < 1 || threads > THREADS_MAX)
		return 2;
	if (argc > 2 && !strcmp(argv[2], "bare")) {
		if (supervise(prog, answer) < 0)
			abort();
		op = bare_ops;
		n = sizeof(bare_ops) / sizeof(*bare_ops);
	}
	for (size_t i = 0; i < n; i++)
		measure(&op[i], threads);
	return 0;
}
