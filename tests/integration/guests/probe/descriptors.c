// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked of a descriptor: lists of a directory, signals, timers, watches. */
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "probe.h"

/* The older record has the type in its last byte. */
struct old_dirent {
	unsigned long ino, off;
	unsigned short reclen;
	char name[];
};

static int same_record(const char *old, const char *new)
{
	const struct old_dirent *a = (const void *)old;
	const struct dirent64 *b = (const void *)new;

	return a->ino == b->d_ino && a->off == (unsigned long)b->d_off &&
	       a->reclen == b->d_reclen && !strcmp(a->name, b->d_name) &&
	       (unsigned char)old[a->reclen - 1] == b->d_type;
}

/* What both calls say of one directory, as much at a time as fits into size. */
static void list_both(const char *path, unsigned int size)
{
	static char old[70000], new[70000];
	int a = open(path, O_RDONLY), b = open(path, O_RDONLY), n_all = 0, same = 1;
	long n, m, at;

	do {
		n = syscall(SYS_getdents, a, old, size);
		m = syscall(SYS_getdents64, b, new, size);
		same &= n == m;
		for (at = 0; same && at < n; n_all++) {
			same &= same_record(old + at, new + at);
			at += ((struct old_dirent *)(old + at))->reclen;
		}
	} while (same && n > 0);
	printf("%s by %u: %d entries, %s, in the end ", path, size, n_all,
	       same ? "the same" : "others");
	SHOW(n);
	close(a);
	close(b);
}

static void listing(void)
{
	static const unsigned int sizes[] = { 0,   23,	24,    31,    32,	64,
					      280, 500, 32768, 69999, 1u << 31, ~0u };
	char name[256] = "l/", buf[100];
	int fd;

	SHOW(mkdir("l", 0700));
	for (size_t i = 2; i < sizeof(name) - 1; i += i < 30 ? 1 : 75) {
		memset(name + 2, 'n', i - 1);
		name[i + 1] = '\0';
		if (i % 3 == 0)
			mkdir(name, 0700);
		else if (i % 3 == 1)
			close(open(name, O_CREAT | O_WRONLY, 0600));
		else
			SHOW(symlink("x", name));
	}
	SHOW(mkfifo("l/fifo", 0600));
	for (size_t i = 0; i < COUNT(sizes); i++)
		list_both("l", sizes[i]);
	list_both("/proc/self/task", 500);
	list_both("/proc/self/ns", 500);
	SHOW(syscall(SYS_getdents, fd = open("l", O_RDONLY), bad(), 1000));
	SHOW(syscall(SYS_getdents, open("l", O_PATH), buf, 100));
	SHOW(syscall(SYS_getdents, open("file", O_RDONLY | O_CREAT, 0600), buf, 100));
	SHOW(syscall(SYS_getdents, 77, buf, 100));
	SHOW(mkdir("gone", 0700));
	fd = open("gone", O_RDONLY);
	SHOW(rmdir("gone"));
	SHOW(syscall(SYS_getdents, fd, buf, 100));
}

static void signals(void)
{
	const uint64_t usr1 = 1ull << (SIGUSR1 - 1), both = usr1 | 1ull << (SIGUSR2 - 1);
	struct signalfd_siginfo info = { 0 };
	int fd;

	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &both, NULL, 8));
	fd = (int)syscall(SYS_signalfd4, -1, &usr1, 8, SFD_NONBLOCK | SFD_CLOEXEC);
	SHOW(fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl((int)syscall(SYS_signalfd4, -1, &usr1, 8, 0), F_GETFD));
	SHOW(kill(getpid(), SIGUSR2));
	SHOW(read(fd, &info, sizeof(info)));
	SHOW(syscall(SYS_signalfd4, fd, &both, 8, 0) == fd);
	SHOW(fcntl(fd, F_GETFL));
	SHOW(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1));
	SHOW(read(fd, &info, sizeof(info)));
	SHOW(info.ssi_signo);
	SHOW(info.ssi_pid == (uint32_t)getpid());
	if (fork() == 0) {	/* its own signals, by the same descriptor */
		SHOW(raise(SIGUSR1));
		SHOW(read(fd, &info, sizeof(info)));
		SHOW(info.ssi_pid == (uint32_t)getpid());
		exit(0);
	}
	wait(NULL);
	SHOW(syscall(SYS_signalfd4, -1, &both, 4, 0));
	SHOW(syscall(SYS_signalfd4, -1, bad(), 8, 0));
	SHOW(syscall(SYS_signalfd4, -1, bad(), 8, 1));
	SHOW(syscall(SYS_signalfd4, -1, &both, 8, 1));
	SHOW(syscall(SYS_signalfd4, 77, &both, 8, 1));
	SHOW(syscall(SYS_signalfd4, 77, &both, 8, 0));
	SHOW(syscall(SYS_signalfd4, -2, &both, 8, 0));
	SHOW(syscall(SYS_signalfd4, 1, &both, 8, 0));
	SHOW(syscall(SYS_signalfd4, open(".", O_PATH), &both, 8, 0));
}

static void timers(void)
{
	struct itimerspec it = { { 0, 0 }, { 1000, 0 } }, left;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	SHOW(syscall(SYS_timerfd_gettime, fd, &left));
	printf("%ld %ld\n", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
	SHOW(timerfd_settime(fd, 0, &it, NULL));
	SHOW(syscall(SYS_timerfd_gettime, fd, &left));
	SHOW(left.it_value.tv_sec >= 900 && left.it_value.tv_sec < 1000);
	it.it_interval.tv_sec = 7;
	SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &it, NULL));
	SHOW(syscall(SYS_timerfd_gettime, fd, &left));
	SHOW(left.it_interval.tv_sec);
	SHOW(syscall(SYS_timerfd_gettime, fd, bad()));
	SHOW(syscall(SYS_timerfd_gettime, 1, &left));
	SHOW(syscall(SYS_timerfd_gettime, 77, &left));
	SHOW(syscall(SYS_timerfd_gettime, open(".", O_PATH), &left));
}

static void watch_ends(void)
{
	struct inotify_event e = { 0 };
	int fd = inotify_init1(IN_NONBLOCK), wd = inotify_add_watch(fd, ".", IN_CREATE);

	SHOW(syscall(SYS_inotify_rm_watch, fd, wd + 1));
	SHOW(syscall(SYS_inotify_rm_watch, fd, wd));
	SHOW(read(fd, &e, sizeof(e)));
	SHOW(e.mask == IN_IGNORED && e.wd == wd);
	SHOW(syscall(SYS_inotify_rm_watch, fd, wd));
	SHOW(syscall(SYS_inotify_rm_watch, fd, -1));
	SHOW(syscall(SYS_inotify_rm_watch, 1, wd));
	SHOW(syscall(SYS_inotify_rm_watch, 77, wd));
	SHOW(syscall(SYS_inotify_rm_watch, open(".", O_PATH), wd));
}

void probe_descriptors(void)
{
	listing();
	signals();
	timers();
	watch_ends();
}
