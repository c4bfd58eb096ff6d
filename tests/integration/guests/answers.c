// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that the sentry answers, or makes on a copy of the caller's descriptor, by their
 * bare numbers: one result a line.  Run in a container with and without a sentry, by root;
 * the outputs have to be the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHOW(expr) show(__LINE__, #expr, (long)(expr))
#define CALL(name, ...) \
	show(__LINE__, #name "(" #__VA_ARGS__ ")", syscall(SYS_##name, __VA_ARGS__))
#define BAD ((void *)1)

static void show(int line, const char *what, long r)
{
	if (r < 0)
		printf("%d: %s = %s\n", line, what, strerrorname_np(errno));
	else
		printf("%d: %s = %ld\n", line, what, r);
	fflush(stdout);
}

static void ids_now(void)
{
	unsigned int u[3] = { 9, 9, 9 }, g[3] = { 9, 9, 9 };
	gid_t list[70] = { 0 };
	long n;

	CALL(getresuid, &u[0], &u[1], &u[2]);
	CALL(getresgid, &g[0], &g[1], &g[2]);
	printf("%u %u %u, %u %u %u\n", u[0], u[1], u[2], g[0], g[1], g[2]);
	CALL(getgroups, 0, NULL);
	n = syscall(SYS_getgroups, 70, list);
	for (long i = 0; i < n; i++)
		printf(" %u", list[i]);
	printf("\n");
}

static void ids(void)
{
	unsigned int u;
	gid_t many[65];

	CALL(sethostname, "host", 4);
	CALL(setdomainname, "domain", 6);
	ids_now();
	CALL(getresuid, &u, &u, BAD);
	CALL(getresgid, NULL, &u, &u);
	for (gid_t i = 0; i < 65; i++)
		many[i] = 1000 + i;
	SHOW(setgroups(65, many));
	ids_now();
	CALL(getgroups, 64, many);
	CALL(getgroups, -1, many);
	CALL(getgroups, 65, BAD);
	SHOW(setgroups(0, NULL));
	SHOW(setresgid(4, 5, 6));
	SHOW(setresuid(1, 2, 3));
	ids_now();
	CALL(getgroups, 0, BAD);
	SHOW(setresuid(3, 3, 3));
	ids_now();
}

static int about_now(time_t t)
{
	return labs(t - time(NULL)) <= 1;
}

static void clocks(void)
{
	struct timeval tv = { 0 };
	struct timezone zone = { 9, 9 };
	struct tms a, b;
	clock_t start, end;
	time_t t = 0;
	unsigned int cpu = 9999, node = 9999;
	cpu_set_t one;

	SHOW(about_now(syscall(SYS_time, NULL)));
	SHOW(about_now(syscall(SYS_time, &t)) && about_now(t));
	CALL(time, BAD);
	SHOW(syscall(SYS_gettimeofday, &tv, &zone) == 0 && about_now(tv.tv_sec));
	SHOW(zone.tz_minuteswest || zone.tz_dsttime || tv.tv_usec > 999999);
	CALL(gettimeofday, NULL, NULL);
	CALL(gettimeofday, BAD, NULL);
	CALL(gettimeofday, NULL, BAD);
	start = syscall(SYS_times, &a);
	while (clock() < CLOCKS_PER_SEC / 10)
		;
	usleep(100000);
	end = syscall(SYS_times, &b);
	SHOW(end - start >= 10 && end - start < 1000);
	SHOW(b.tms_utime + b.tms_stime >= 5 && b.tms_utime + b.tms_stime < 1000);
	SHOW(b.tms_utime >= a.tms_utime && b.tms_cutime == 0);
	SHOW(syscall(SYS_times, NULL) > 0);
	CALL(times, BAD);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	SHOW(sched_setaffinity(0, sizeof(one), &one));
	CALL(sched_setaffinity, 0, sizeof(one), BAD);
	CALL(sched_setaffinity, 99999, sizeof(one), &one);
	CALL(sched_setaffinity, -1, sizeof(one), &one);
	CALL(getcpu, &cpu, &node, NULL);
	SHOW(CPU_ISSET(cpu, &one) && node == 0);
	CALL(getcpu, NULL, NULL, NULL);
	CALL(getcpu, BAD, NULL, NULL);
}

static void *other_thread(void *arg)
{
	struct sched_param p = { 0 };
	pid_t main_tid = *(pid_t *)arg;

	SHOW(sched_setscheduler(main_tid, SCHED_BATCH, &p));
	SHOW(sched_getscheduler(main_tid));
	SHOW(sched_getscheduler(0));
	return NULL;
}

static void scheduling(void)
{
	struct sched_param p = { 7 };
	pthread_t t;
	pid_t pid = getpid();

	for (int policy = -1; policy < 9; policy++) {
		CALL(sched_get_priority_max, policy);
		CALL(sched_get_priority_min, policy);
	}
	SHOW(sched_getparam(0, &p) == 0 && p.sched_priority == 0);
	CALL(sched_getparam, pid, BAD);
	CALL(sched_getparam, -1, &p);
	CALL(sched_getscheduler, 99999);
	pthread_create(&t, NULL, other_thread, &pid);
	pthread_join(t, NULL);
	SHOW(sched_getscheduler(0));
	p.sched_priority = 3;
	CALL(sched_setparam, 0, &p);
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(getpriority(PRIO_PGRP, 0));
	CALL(getpriority, 7, 0);
	CALL(ioprio_set, 1, 0, 3 << 13);
	CALL(ioprio_get, 1, 0);
	SHOW(getpgid(0) == getpgrp() && getpgid(pid) == getpgrp());
	SHOW(getsid(0) == getsid(pid));
	CALL(getpgid, 99999);
	CALL(getsid, -1);
}

static void attributes_of(int fd)
{
	const struct timeval tv[2] = { { 1000, 5 }, { 2000, 6 } };
	char buf[300] = "", long_name[300];
	struct stat st;

	memset(long_name, 'n', sizeof(long_name));
	long_name[299] = '\0';
	CALL(fchmod, fd, 0640);
	CALL(fchmod, fd, 04755);
	CALL(fchown, fd, 12, 34);
	CALL(fchown, fd, -1, 35);
	CALL(futimesat, fd, NULL, tv);
	if (fstat(fd, &st) == 0)
		printf("%o %u %u %ld %ld\n", st.st_mode, st.st_uid, st.st_gid,
		       (long)st.st_atime, (long)st.st_mtime);
	CALL(fsetxattr, fd, "user.one", "value", 5, 0);
	CALL(fsetxattr, fd, "user.one", "value", 5, 1);
	CALL(fsetxattr, fd, "user.none", "value", 5, 2);
	CALL(fsetxattr, fd, "user.empty", NULL, 0, 0);
	CALL(fsetxattr, fd, "user.one", BAD, 5, 0);
	CALL(fsetxattr, fd, long_name, "v", 1, 0);
	CALL(fgetxattr, fd, "user.one", NULL, 0);
	CALL(fgetxattr, fd, "user.one", buf, 4);
	CALL(fgetxattr, fd, "user.one", buf, sizeof(buf));
	printf("'%s'\n", buf);
	CALL(fgetxattr, fd, "user.one", buf, 1 << 20);
	CALL(fgetxattr, fd, "user.one", BAD, 5);
	CALL(fgetxattr, fd, "user.empty", buf, 5);
	CALL(fgetxattr, fd, "user.none", buf, 5);
	CALL(fgetxattr, fd, "", buf, 5);
	CALL(fgetxattr, fd, BAD, buf, 5);
	CALL(flistxattr, fd, NULL, 0);
	CALL(flistxattr, fd, buf, 3);
	CALL(flistxattr, fd, BAD, 100);
	CALL(fremovexattr, fd, "user.one");
	CALL(fremovexattr, fd, "user.one");
	CALL(readahead, fd, 0, 4096);
}

static void by_path(void)
{
	static const char *const paths[] = { "file", "link", "dangling", "dir",
					     "none", "",     "file/x",	 "fifo" };
	char buf[200] = "";

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const char *p = paths[i];

		printf("%s:\n", p);
		CALL(setxattr, p, "user.a", "12", 2, 0);
		CALL(getxattr, p, "user.a", buf, 100);
		CALL(lgetxattr, p, "user.a", buf, 100);
		CALL(listxattr, p, buf, 100);
		CALL(llistxattr, p, buf, 100);
		CALL(statfs, p, buf);
	}
	CALL(getxattr, BAD, "user.a", buf, 100);
	CALL(getxattr, "file", "user.a", BAD, 100);
	CALL(getxattr, "file", "security.selinux", buf, 100);
	CALL(getxattr, "file", "system.posix_acl_access", buf, 100);
	CALL(getxattr, "file", "trusted.x", buf, 100);
	CALL(getxattr, "file", "nonsense", buf, 100);
	CALL(listxattr, "file", BAD, 100);
	CALL(statfs, "file", BAD);
	CALL(statfs, BAD, buf);
}

static void descriptors(void)
{
	struct statfs a, b;
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0600), pair[2];

	attributes_of(fd);
	attributes_of(open("file", O_RDONLY));
	attributes_of(open("file", O_WRONLY));
	attributes_of(open("file", O_PATH));
	SHOW(mkdir("dir", 0700));
	attributes_of(open("dir", O_RDONLY));
	SHOW(pipe(pair));
	attributes_of(pair[0]);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	attributes_of(pair[0]);
	attributes_of(77);
	attributes_of(-1);
	CALL(futimesat, AT_FDCWD, NULL, NULL);
	SHOW(fstatfs(fd, &a));
	SHOW(fstatfs(open("file", O_PATH), &b));
	SHOW(a.f_type == b.f_type && a.f_blocks == b.f_blocks);
	SHOW(statfs("file", &b));
	SHOW(a.f_type == b.f_type && a.f_blocks == b.f_blocks && a.f_flags == b.f_flags);
	CALL(fstatfs, fd, BAD);
	CALL(fstatfs, 77, &a);
	SHOW(symlink("file", "link"));
	SHOW(symlink("none", "dangling"));
	SHOW(mkfifo("fifo", 0600));
	by_path();
	/* As another user, whose files they are not. */
	SHOW(chmod("file", 0644));
	fd = open("file", O_RDONLY);
	SHOW(setresuid(1000, 1000, 1000));
	attributes_of(fd);
	SHOW(fstat(fd, &st) == 0 && st.st_uid == 12);
	by_path();
}

static void limits(void)
{
	struct rlimit lim = { 0 };

	CALL(getrlimit, RLIMIT_NOFILE, BAD);
	CALL(getrlimit, 99, &lim);
	CALL(setrlimit, RLIMIT_NOFILE, BAD);
	CALL(setrlimit, 99, &lim);
	for (unsigned int i = 0; i < 16; i++) {
		CALL(getrlimit, i, &lim);
		printf("%lu %lu\n", (unsigned long)lim.rlim_cur,
		       (unsigned long)lim.rlim_max);
	}
	lim = (struct rlimit){ 9, 5 };
	CALL(setrlimit, RLIMIT_CORE, &lim);
	SHOW(setresuid(1000, 1000, 1000));
	lim = (struct rlimit){ 50, 60 };
	CALL(setrlimit, RLIMIT_NOFILE, &lim);
	SHOW(getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur == 50 &&
	     lim.rlim_max == 60);
	lim = (struct rlimit){ 50, 61 };
	CALL(setrlimit, RLIMIT_NOFILE, &lim);
}

/* How fine each clock is, those of tasks (the pid inverted, and three bits) included. */
static void resolutions(void)
{
	const int kinds[] = { 0, 1, 2, 3, 6 };
	struct timespec ts;

	for (int i = -1; i < 20; i++) {
		ts = (struct timespec){ 9, 9 };
		CALL(clock_getres, i, &ts);
		printf("clock %d: %ld.%09ld\n", i, (long)ts.tv_sec, ts.tv_nsec);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		CALL(clock_getres, ~getpid() * 8 | kinds[i], &ts);
		CALL(clock_getres, ~99999 * 8 | kinds[i], &ts);
		CALL(clock_getres, ~0 * 8 | kinds[i], &ts);
	}
	CALL(clock_getres, CLOCK_MONOTONIC, NULL);
	CALL(clock_getres, CLOCK_MONOTONIC, BAD);
	CALL(clock_getres, CLOCK_THREAD_CPUTIME_ID, BAD);
	CALL(clock_getres, 99, BAD);
}

/* Tasks by their numbers. */
static void tasks(void)
{
	pid_t pid = getpid(), child;
	int fd;

	child = fork();
	if (child == 0)
		pause();
	CALL(tkill, child, 0);
	CALL(tkill, pid, 0);
	CALL(tkill, 0, 0);
	CALL(tkill, -1, 0);
	CALL(tkill, 99999, 0);
	CALL(tkill, pid, 65);
	fd = (int)syscall(SYS_pidfd_open, child, 0);
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl((int)syscall(SYS_pidfd_open, child, O_NONBLOCK), F_GETFL));
	CALL(pidfd_open, child, 1);
	CALL(pidfd_open, 0, 0);
	CALL(pidfd_open, -1, 0);
	CALL(pidfd_open, 99999, 0);
	CALL(tkill, child, SIGKILL);
	SHOW(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1));
	SHOW(waitpid(child, NULL, 0) == child);
	CALL(tkill, child, 0);
	CALL(pidfd_open, child, 0);
}

/* Signals that are blocked: sent with a value, pending, for the thread or the process. */
static void signals(void)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	uint64_t blocked = 1ull << (SIGUSR1 - 1) | 1ull << (SIGUSR2 - 1), set = 99;
	pid_t pid = getpid();

	CALL(rt_sigprocmask, SIG_BLOCK, &blocked, NULL, 8);
	CALL(rt_sigpending, &set, 8);
	SHOW(set);
	CALL(rt_sigqueueinfo, pid, SIGUSR1, &info);
	CALL(rt_sigpending, &set, 8);
	SHOW(set);
	CALL(rt_tgsigqueueinfo, pid, pid, SIGUSR2, &info);
	CALL(rt_sigpending, &set, 8);
	SHOW(set);
	CALL(rt_sigpending, &set, 1);
	CALL(rt_sigpending, &set, 0);
	CALL(rt_sigpending, &set, 9);
	CALL(rt_sigpending, BAD, 8);
	CALL(rt_sigqueueinfo, pid, SIGUSR1, BAD);
	CALL(rt_sigqueueinfo, pid, 99, &info);
	CALL(rt_sigqueueinfo, 99999, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, 99999, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, pid, -1, SIGUSR1, &info);
	CALL(rt_sigtimedwait, &blocked, &info, NULL, 8);
	SHOW(info.si_code == SI_QUEUE);
}

/* What makes, or makes ready, a descriptor. */
static void made(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	char name[251];
	socklen_t len = sizeof(any);
	int fd = memfd_create("name", MFD_ALLOW_SEALING), in, un, pair[2];
	struct stat st;

	SHOW(fstat(fd, &st) == 0 ? st.st_mode : 0);
	SHOW(fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(memfd_create("", MFD_CLOEXEC), F_GETFD));
	memset(name, 'n', sizeof(name));
	name[250] = '\0';
	CALL(memfd_create, name, 0);
	name[249] = '\0';
	SHOW(syscall(SYS_memfd_create, name, 0) > 0);
	CALL(memfd_create, "x", 0x40);
	CALL(memfd_create, BAD, 0);
	in = socket(AF_INET, SOCK_STREAM, 0);
	CALL(listen, in, 5);
	CALL(listen, in, -1);
	SHOW(getsockname(in, (void *)&any, &len) == 0 && any.sin_port);
	CALL(listen, socket(AF_INET, SOCK_DGRAM, 0), 5);
	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CALL(listen, pair[0], 5);
	un = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL(listen, un, 5);
	CALL(listen, fd, 5);
	CALL(listen, 77, 5);
	CALL(listen, open(".", O_PATH), 5);
	SHOW(setresuid(1000, 1000, 1000));
	SHOW(fstat(memfd_create("mine", 0), &st) == 0 ? st.st_uid : 0);
}

static void written_out(void)
{
	int pair[2], fd = open("file", O_RDWR | O_CREAT, 0600);

	SHOW(write(fd, "text", 4));
	CALL(sync_file_range, fd, 0L, 0L, SYNC_FILE_RANGE_WRITE);
	CALL(sync_file_range, fd, 1L, 1L, SYNC_FILE_RANGE_WRITE_AND_WAIT);
	CALL(sync_file_range, fd, 1L << 40, 0L, 7);
	CALL(sync_file_range, fd, 0L, 0L, 0);
	CALL(sync_file_range, fd, 0L, 0L, 8);
	CALL(sync_file_range, fd, -1L, 0L, 2);
	CALL(sync_file_range, fd, 1L << 62, 1L << 62, 2);
	CALL(sync_file_range, open("file", O_RDONLY), 0L, 0L, 2);
	CALL(sync_file_range, open("file", O_PATH), 0L, 0L, 2);
	CALL(sync_file_range, open(".", O_RDONLY), 0L, 0L, 2);
	CALL(sync_file_range, 77, 0L, 0L, 2);
	CALL(sync_file_range, 77, 0L, 0L, 8);

	CALL(sync, 0);
	CALL(syncfs, open(".", O_RDONLY));
	CALL(syncfs, open("file", O_WRONLY | O_CREAT, 0600));
	CALL(syncfs, open(".", O_PATH));
	CALL(syncfs, 77);
	CALL(syncfs, -1);
	SHOW(pipe(pair));
	CALL(syncfs, pair[0]);
	SHOW(setresuid(1000, 1000, 1000));
	CALL(sync, 0);
	CALL(syncfs, open(".", O_RDONLY));
}

static const struct group_of_calls {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "ids", ids },
	{ "clocks", clocks },
	{ "limits", limits },
	{ "scheduling", scheduling },
	{ "resolutions", resolutions },
	{ "tasks", tasks },
	{ "signals", signals },
	{ "made", made },
	{ "written out", written_out },
	{ "descriptors", descriptors },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		int status = -1;

		printf("== %s\n", groups[i].name);
		fflush(stdout);
		if (fork() == 0) {
			groups[i].run();
			exit(0);
		}
		wait(&status);
		printf("== %s: status %d\n", groups[i].name, status);
	}
	return 0;
}
