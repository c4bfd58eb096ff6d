// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A thousand signals a second, of three kinds and with and without SA_RESTART, while calls
 * are made that Linux does not interrupt: none is lost, none is made twice, and with
 * SA_RESTART none fails.  Without it a call may be told EINTR if it has not been made: the
 * number of those is printed.  Blocking calls are interrupted, or not, as in Linux.
 *
 * usage: storm [ROUNDS]; works in the current directory.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int rounds = 200;
static bool restarts;		/* SA_RESTART */
static long interrupted;
static atomic_int stop;
static atomic_long caught;
static struct sockaddr_in listener;
static pid_t acceptor;

static void must(int ok, const char *what)
{
	if (!ok)
		err(1, "%s%s", what, restarts ? ", with SA_RESTART" : "");
}

static void count(int sig)
{
	(void)sig;
	caught++;
}

static void *storm(void *arg)
{
	static const int kinds[] = { SIGALRM, SIGURG, SIGCHLD };

	for (int i = 0; !stop; i++) {
		if (i % 2)
			pthread_kill(*(pthread_t *)arg, kinds[i % 3]);
		else
			kill(getpid(), kinds[i % 3]);
		usleep(1000);
	}
	return NULL;
}

/* A call that was interrupted was not made: it is made again, and must succeed then. */
#define AGAIN(call)                                                     \
	({                                                              \
		long r_;                                                \
		while ((r_ = (call)) < 0 && errno == EINTR && !restarts) \
			interrupted++;                                  \
		r_;                                                     \
	})

static void files(int i)
{
	char name[20];
	int fd;

	snprintf(name, sizeof(name), "n%d", i);
	fd = (int)AGAIN(open(name, O_CREAT | O_EXCL | O_WRONLY, 0600));
	must(fd >= 0, "create exclusively");
	must(write(fd, "x", 1) == 1, "write");
	close(fd);
	must(AGAIN(rename(name, "other")) == 0, "rename");
	must(AGAIN(link("other", name)) == 0, "link");
	must(AGAIN(unlink(name)) == 0, "unlink");
	fd = (int)AGAIN(open("other", O_RDONLY));
	must(fd >= 0, "open");
	close(fd);
	must(AGAIN(unlink("other")) == 0, "unlink the other");
	must(AGAIN(mkdir("dir", 0700)) == 0, "mkdir");
	must(AGAIN(chmod("dir", 0711)) == 0, "chmod");
	must(AGAIN(symlink("dir", "link")) == 0, "symlink");
	must(AGAIN(unlink("link")) == 0, "unlink the link");
	must(AGAIN(rmdir("dir")) == 0, "rmdir");
}

static void connects(int i)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), r;

	(void)i;
	/* This one Linux interrupts as well; it goes on, as the second one says. */
	do {
		r = connect(s, (struct sockaddr *)&listener, sizeof(listener));
	} while (r < 0 && errno == EINTR && !restarts);
	must(r == 0 || errno == EISCONN, "connect");
	close(s);
}

static void spawns(int i)
{
	static char *const args[] = { (char *)"/proc/self/exe", (char *)"exit", NULL };
	static char *const env[] = { NULL };
	int r, status;
	pid_t pid;

	if (i % 5)
		return;
	do {
		r = posix_spawn(&pid, args[0], NULL, NULL, args, env);
	} while (r == EINTR && !restarts && ++interrupted);
	errno = r;
	must(r == 0, "posix_spawn");
	while ((r = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	must(r == pid && status == 0, "the program");
}

static void listen_somewhere(void)
{
	socklen_t len = sizeof(listener);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	listener.sin_family = AF_INET;
	listener.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(bind(s, (struct sockaddr *)&listener, len) == 0 && listen(s, 100) == 0 &&
		     getsockname(s, (struct sockaddr *)&listener, &len) == 0,
	     "listen");
	acceptor = fork();
	while (acceptor == 0)
		close(accept(s, NULL, NULL));
	close(s);
}

static void handle(int flags)
{
	const struct sigaction sa = { .sa_handler = count, .sa_flags = flags };

	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGURG, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	restarts = flags & SA_RESTART;
}

static void stormy(int flags)
{
	pthread_t self = pthread_self(), thread;

	handle(flags);
	stop = 0;
	interrupted = 0;
	pthread_create(&thread, NULL, storm, &self);
	for (int i = 0; i < rounds; i++) {
		files(i);
		connects(i);
		spawns(i);
	}
	stop = 1;
	pthread_join(thread, NULL);
	must(caught > 20, "signals");
	printf("%s: %ld signals, %ld interrupted\n", restarts ? "restart" : "plain",
	       caught, interrupted);
}

/* Nobody accepts, and the queue is full: connect waits until a signal comes. */
static void full_queue(int flags)
{
	struct itimerval soon = { .it_value.tv_usec = 200000 };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int s = socket(AF_INET, SOCK_STREAM, 0), c = -1, r;

	handle(flags);
	must(bind(s, (struct sockaddr *)&in, len) == 0 && listen(s, 0) == 0 &&
		     getsockname(s, (struct sockaddr *)&in, &len) == 0,
	     "listen");
	for (int i = 0; i < 3; i++) {
		c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(c, (struct sockaddr *)&in, len) < 0)
			must(errno == EINPROGRESS, "fill the queue");
	}
	c = socket(AF_INET, SOCK_STREAM, 0);
	if (flags & SA_RESTART) {	/* with a time limit instead, or it would go on */
		const struct timeval limit = { .tv_sec = 1 };

		setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	}
	setitimer(ITIMER_REAL, &soon, NULL);
	r = connect(c, (struct sockaddr *)&in, len);
	printf("full queue, %s: %s\n", restarts ? "restart" : "plain",
	       r < 0 ? strerrorname_np(errno) : "connected");
	close(s);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	if (argc > 1)
		rounds = atoi(argv[1]);
	listen_somewhere();
	stormy(SA_RESTART);
	stormy(0);
	full_queue(0);
	full_queue(SA_RESTART);
	kill(acceptor, SIGKILL);
	return 0;
}
