// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens that wait, and callers that share what a call depends on. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "probe.h"

static void ignore(int sig)
{
	(void)sig;
}

void probe_fifos(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	int fd;

	SHOW(mkfifo("p", 0600));
	FD(open("p", O_RDONLY | O_NONBLOCK));
	FD(open("p", O_WRONLY | O_NONBLOCK));
	FD(open("p", O_RDWR));
	if (fork() == 0) {
		usleep(50000);
		fd = open("p", O_WRONLY);
		_exit(write(fd, "through the fifo", 16) != 16);
	}
	TEXT(open("p", O_RDONLY));
	wait(NULL);
	/* A signal with a handler interrupts, or restarts. */
	sigaction(SIGALRM, &sa, NULL);
	ualarm(100000, 0);
	FD(open("p", O_RDONLY));
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	ualarm(100000, 0);
	if (fork() == 0) {
		usleep(300000);
		fd = open("p", O_WRONLY);
		_exit(write(fd, "restarted", 9) != 9);
	}
	TEXT(open("p", O_RDONLY));
	wait(NULL);
	/* One that kills ends the wait. */
	if (fork() == 0) {
		signal(SIGALRM, SIG_DFL);
		ualarm(100000, 0);
		open("p", O_RDONLY);
		_exit(1);
	}
	SHOW(({
		int st;
		wait(&st);
		WTERMSIG(st);
	}));
	usleep(50000);	/* the sentry looks every few milliseconds */
	FD(open("p", O_WRONLY | O_NONBLOCK));
}

static void *thread(void *arg)
{
	char name[40];
	long id = (long)arg, bad_ones = 0;

	for (int i = 0; i < 200; i++) {
		int fd;

		snprintf(name, sizeof(name), "t%ld-%d", id, i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		bad_ones += fd < 0;
		close(fd);
		bad_ones += mkdir("/proc/self/cwd/none/x", 0700) == 0 || errno != ENOENT;
		fd = open("/proc/thread-self/comm", O_RDONLY);
		bad_ones += fd < 0;
		close(fd);
		bad_ones += unlink(name) < 0;
	}
	return (void *)bad_ones;
}

static void *move_and_mask(void *dir)
{
	umask(dir ? 077 : 0);
	return (void *)(long)chdir(dir ? dir : "..");
}

static char stack[65536];

static int move_too(void *dir)
{
	return (int)(long)move_and_mask(dir);
}

/* A thread, and a process with CLONE_FS, change the directory and umask of others. */
static void shared_fs(void)
{
	pthread_t t;
	int st;

	SHOW(mkdir("sub", 0755));
	for (int i = 0; i < 20; i++) {
		FD(open("here", O_RDWR | O_CREAT, 0666));
		SHOW(unlink("here"));
		if (i < 10) {
			pthread_create(&t, NULL, move_and_mask, i % 2 ? NULL : "sub");
			pthread_join(t, NULL);
		} else {
			clone(move_too, stack + sizeof(stack), CLONE_FS | SIGCHLD,
			      i % 2 ? NULL : (void *)"sub");
			wait(&st);
		}
		SHOW(access("sub", F_OK));
		SHOW(access("../sub/here", F_OK));
	}
}

void probe_threads(void)
{
	pthread_t t[8];
	void *r;

	shared_fs();

	for (long i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, thread, (void *)i);
	for (long i = 0; i < 8; i++) {
		pthread_join(t[i], &r);
		SHOW((long)r);
	}
	for (int i = 0; i < 50; i++) {
		int st = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(close(open("/etc/passwd", O_RDONLY)) != 0);
		if (waitpid(pid, &st, 0) != pid || st)
			SHOW(st);
	}
}
