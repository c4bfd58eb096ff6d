// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What mediation must not change: signals during blocking calls, CPU masks, exclusive
 * creation under a storm of signals, many callers at once.  usage: notify TEST; works in
 * the current directory, prints why and exits with 1 on failure.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void must(int ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void nothing(int sig)
{
	(void)sig;
}

static void catch_alarm(int flags)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = flags };

	sigaction(SIGALRM, &sa, NULL);
}

static int open_file(void)
{
	return open("file", O_RDONLY | O_CREAT, 0600);
}

/* A handler without SA_RESTART ends the wait. */
static void fifo_eintr(void)
{
	double begin = now_ms();

	catch_alarm(0);
	alarm(1);
	must(open("fifo", O_RDONLY) < 0 && errno == EINTR, "open is interrupted");
	must(now_ms() - begin < 1500, "open is interrupted soon");
}

/* One with SA_RESTART does not. */
static void fifo_restart(void)
{
	pid_t writer;

	catch_alarm(SA_RESTART);
	alarm(1);
	writer = fork();
	if (writer == 0) {
		sleep(2);
		_exit(open("fifo", O_WRONLY) < 0);
	}
	must(open("fifo", O_RDONLY) >= 0, "open goes on after the handler");
}

static void fifo_killed_by(int sig)
{
	pid_t reader = fork();
	double begin;
	int status;

	if (reader == 0)
		_exit(open("fifo", O_RDONLY));
	usleep(100000);
	begin = now_ms();
	kill(reader, sig);
	must(waitpid(reader, &status, 0) == reader && WIFSIGNALED(status), "it dies");
	must(now_ms() - begin < 200, "it dies at once");
}

static void fifo_kill(void)
{
	fifo_killed_by(SIGKILL);
	fifo_killed_by(SIGTERM);
}

/* Forty callers that wait must not keep others from being served. */
static void fifo_crowd(void)
{
	double begin;

	for (int i = 0; i < 40; i++)
		if (fork() == 0)
			_exit(open("fifo", O_RDONLY) < 0);
	usleep(50000);
	begin = now_ms();
	for (int i = 0; i < 100; i++)
		close(open_file());
	must(now_ms() - begin < 1000, "others are served");
	must(open("fifo", O_WRONLY) >= 0, "the waiting ones are released");
	for (int i = 0, status; i < 40; i++)
		must(wait(&status) > 0 && status == 0, "each of them opened it");
}

static int mask_differs(const cpu_set_t *mask)
{
	cpu_set_t now;

	return sched_getaffinity(0, sizeof(now), &now) < 0 || !CPU_EQUAL(&now, mask);
}

/* The sentry moves a caller's mask while it waits: the caller must never see it. */
static void affinity(void)
{
	cpu_set_t mask;
	int status;

	sched_getaffinity(0, sizeof(mask), &mask);
	for (int i = 0; i < 10000; i++) {
		int fd = open_file();

		must(!mask_differs(&mask), "the mask after open");
		close(fd);
	}
	for (int i = 0; i < 200; i++) {
		int fd = open_file();
		pid_t child = fork();

		if (child == 0)
			_exit(mask_differs(&mask));
		must(waitpid(child, &status, 0) == child && status == 0,
		     "a child's mask");
		close(fd);
	}
	CPU_ZERO(&mask);
	CPU_SET(sched_getcpu(), &mask);
	must(sched_setaffinity(0, sizeof(mask), &mask) == 0, "choose a CPU");
	for (int i = 0; i < 1000; i++) {
		close(open_file());
		must(!mask_differs(&mask), "a chosen mask after open");
	}
}

static atomic_int storm_over;

static void *storm(void *arg)
{
	while (!storm_over) {
		pthread_kill(*(pthread_t *)arg, SIGALRM);
		usleep(300);
	}
	return NULL;
}

/* Nothing is lost, and nothing done twice. */
static void signals(void)
{
	pthread_t self = pthread_self(), thread;

	catch_alarm(SA_RESTART);
	pthread_create(&thread, NULL, storm, &self);
	for (int i = 0; i < 2000; i++) {
		int fd = open("new", O_CREAT | O_EXCL | O_WRONLY, 0600);

		must(fd >= 0, "create");
		close(fd);
		must(mkdir("dir", 0700) == 0, "mkdir");
		must(rename("dir", "other") == 0, "rename");
		must(rmdir("other") == 0, "rmdir");
		must(unlink("new") == 0, "unlink");
	}
	storm_over = 1;
	pthread_join(thread, NULL);
}

static void *open_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		int fd = open_file();

		must(fd >= 0, "open");
		close(fd);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&thread[i], NULL, open_many, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
}

static pid_t compute_at_times(void)
{
	pid_t pid = fork();

	while (pid == 0) {
		double until = now_ms() + 40;

		while (now_ms() < until)
			;
		usleep(40000);
	}
	return pid;
}

/* CPUs that sleep and CPUs that are taken, bursts and pauses: whoever serves, it is right. */
static void pulses(void)
{
	pid_t busy[2] = { compute_at_times(), compute_at_times() };
	struct itimerval alarms = { { 0, 1000 }, { 0, 1000 } };
	struct stat want, got;
	int first = open_file();

	must(fstat(first, &want) == 0, "stat");
	catch_alarm(SA_RESTART);
	setitimer(ITIMER_REAL, &alarms, NULL);
	for (int i = 0; i < 20000; i++) {
		int fd = open_file();

		must(fd == first + 1, "the lowest free number");
		must(fstat(fd, &got) == 0 && got.st_ino == want.st_ino, "the right file");
		close(fd);
		must(open("none", O_RDONLY) < 0 && errno == ENOENT, "no file");
		if (i % 500 == 0)
			usleep((unsigned int)(i / 500 % 8) * 5000);
	}
	kill(busy[0], SIGKILL);
	kill(busy[1], SIGKILL);
}

static void emfile(void)
{
	struct rlimit limit = { 20, 20 };
	int fd, n = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	while ((fd = open_file()) >= 0 && n < 30)
		n++;
	must(fd < 0 && errno == EMFILE, "the guest's own limit");
	close(10);
	must(open_file() == 10, "the lowest free number");
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "fifo-eintr", fifo_eintr }, { "fifo-restart", fifo_restart },
	{ "fifo-kill", fifo_kill },   { "fifo-crowd", fifo_crowd },
	{ "affinity", affinity },     { "signals", signals },
	{ "threads", threads },	      { "pulses", pulses },
	{ "emfile", emfile },
};

int main(int argc, char **argv)
{
	must(mkfifo("fifo", 0600) == 0 || errno == EEXIST, "mkfifo");
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc != 2 || strcmp(argv[1], tests[i].name))
			continue;
		tests[i].run();
		return 0;
	}
	errx(2, "usage: notify TEST");
}
