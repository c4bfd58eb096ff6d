// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many callers at once, callers at their limits, and callers whose sentry fails at times.
 * usage: load TEST; works in the current directory, prints why and exits with 1.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER 1000

static void must(int ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

/* A file with its own name in it, made and opened again, with these flags, and read. */
static void make_and_check(int id, int round, int flags)
{
	char name[40], text[40] = "";
	int fd, len;

	len = snprintf(name, sizeof(name), "f%d-%d", id, round);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	must(fd >= 0 && write(fd, name, (size_t)len) == len, "make a file");
	close(fd);
	fd = open(name, flags);
	must(fd >= 0 && read(fd, text, sizeof(text) - 1) == len, "read the file");
	close(fd);
	must(strcmp(name, text) == 0, "the right file");
	must(unlink(name) == 0, "remove the file");
}

static void *make_twenty(void *arg)
{
	for (int i = 0; i < 20; i++)
		make_and_check((int)(long)arg, i, O_RDONLY);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[200];

	for (long i = 0; i < 200; i++)
		must(pthread_create(&thread[i], NULL, make_twenty, (void *)i) == 0,
		     "a thread");
	for (int i = 0; i < 200; i++)
		pthread_join(thread[i], NULL);
}

/* All of them wait for the same moment. */
static void processes(void)
{
	int gate[2], status;
	char c;

	must(pipe(gate) == 0, "pipe");
	for (int i = 0; i < 1000; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (pid > 0)
			continue;
		close(gate[1]);
		if (read(gate[0], &c, 1) < 0)
			_exit(1);
		make_and_check(i, 0, O_RDONLY);
		_exit(0);
	}
	close(gate[1]);
	for (int i = 0; i < 1000; i++)
		must(wait(&status) > 0 && status == 0, "each process has its file");
}

/* Under a limit on processes: no call fails but fork, whatever they do. */
static void bomb(void)
{
	pid_t first = getpid();
	int forks = 0, failed = 0;

	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			must(errno == EAGAIN, "fork at the limit");
			failed++;
		}
		forks += pid > 0;
		make_and_check(getpid(), i, O_RDONLY);
		if (pid == 0 && i > 20)
			break;
	}
	while (wait(NULL) > 0)
		;
	must(getpid() != first || (failed && forks), "the limit");
	_exit(0);
}

static void emfile(void)
{
	struct rlimit limit = { 40, 40 };
	int fd, n = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	close(open("file", O_CREAT | O_WRONLY, 0600));
	while ((fd = open("file", O_RDONLY)) >= 0)
		n = fd;
	must(errno == EMFILE && n == 39, "the last number is the limit's");
	must(open("none", O_RDONLY) < 0 && errno == EMFILE, "before any other error");
	must(creat("made", 0600) < 0 && errno == EMFILE && access("made", F_OK) < 0,
	     "nothing is made");
	must(mkdir("dir", 0700) == 0 && rmdir("dir") == 0, "what needs none works");
	close(7);
	must(open("none", O_RDONLY) < 0 && errno == ENOENT, "the other error");
	must(open("file", O_RDONLY) == 7, "the lowest free number");
}

/* More memory than there is: one that takes it is killed, others go on. */
static void memory(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		for (;;) {
			char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (p != MAP_FAILED)
				memset(p, 1, 1 << 20);
			make_and_check(1, 1, O_RDONLY);
			unlink("f1-1");
		}
	}
	must(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		     WTERMSIG(status) == SIGKILL,
	     "out of memory");
	unlink("f1-1");
	make_and_check(2, 2, O_RDONLY);
}

/*
 * Without end, until the file "stop" is there; every call succeeds.  Opened for writing: a
 * descriptor for reading comes with the reply in one step, which a signal that stops the
 * sentry may cut in two in the kernel (docs/decisions/wakeup.md).
 */
static void forever(void)
{
	for (int i = 0; access("stop", F_OK) < 0; i++) {
		make_and_check(3, i, O_RDWR);
		if (i == 10)
			close(open("started", O_CREAT | O_WRONLY, 0600));
	}
}

/*
 * The sentry fails now and then: then a call fails, and nothing else happens.  It is never
 * made as somebody else, no descriptor stays behind, no file but the right one is seen.
 * "mine" is there, and root's "secret".
 */
static void faults(void)
{
	const struct sockaddr_un un = { AF_UNIX, "sock" };
	int failed = 0, before = dup(0);

	close(before);
	for (int i = 0; i < 500; i++) {
		char text[8] = "";
		int fd = open("mine", O_RDONLY), s;

		failed += fd < 0;
		must(fd < 0 || fd == before, "a descriptor was left behind");
		must(fd < 0 || (read(fd, text, 7) == 4 && !strcmp(text, "mine")),
		     "the right file");
		close(fd);
		must(open("secret", O_RDONLY) < 0, "a file of root's");
		must(chmod("secret", 0666) < 0, "the mode of root's file");
		if (mkdir("dir", 0700) < 0 || rmdir("dir") < 0)
			failed += errno != EEXIST;
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		failed += bind(s, (const struct sockaddr *)&un, sizeof(un)) < 0;
		close(s);
		unlink("sock");
	}
	printf("%d failed\n", failed);
}

static void faults_as_user(void)
{
	for (int i = 0; i < 2; i++) {	/* somebody else's calls in between */
		if (fork() == 0) {
			must(setgid(USER + (gid_t)i) == 0 && setuid(USER) == 0, "setuid");
			faults();
			exit(0);
		}
	}
	for (int i = 0, status; i < 2; i++)
		must(wait(&status) > 0 && status == 0, "a caller");
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "threads", threads },	      { "processes", processes }, { "bomb", bomb },
	{ "emfile", emfile },	      { "memory", memory },	  { "forever", forever },
	{ "faults", faults_as_user },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc != 2 || strcmp(argv[1], tests[i].name))
			continue;
		tests[i].run();
		return 0;
	}
	errx(2, "usage: load TEST");
}
