// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random system calls with random arguments from eight processes.  To be a container's
 * init: nothing inside can kill it, nor stop it by ptrace(2), so that it can begin again
 * whatever they do to each other.  Prints how many calls were made.
 *
 * usage: random SECONDS SEED
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 8
#define CALLS	  300		/* of one child */
#define NUMBERS	  470
#define AREA	  16384
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static atomic_long *calls;
static uint64_t state;
static char *area;		/* what pointers point to; a bad page is behind it */

static uint64_t next(void)	/* xorshift64* */
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static long seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static const char *const paths[] = {
	".",
	"..",
	"/",
	"f",
	"d",
	"d/f",
	"link",
	"/dev/null",
	"/dev/zero",
	"/dev/tty",
	"/dev/ptmx",
	"/proc/self/stat",
	"/proc/self/mem",
	"/proc/self/fd/3",
	"/proc/self/root",
	"/proc/self/exe",
	"/proc/self/maps",
	"/proc/1/stat",
	"/proc/thread-self/comm",
	"/proc/mounts",
	"/proc/self/cwd/f",
	"/sys/kernel",
	"fifo",
	"/dev/fd/0",
	"",
	"loop",
	"/proc/self/ns/net",
};

/* Strings, addresses and small structures at every 64 bytes, noise elsewhere. */
static void fill(void)
{
	for (size_t i = 0; i < AREA; i += 64) {
		struct sockaddr_un *un = (void *)(area + i);
		uint64_t noise[8];

		switch (next() % 4) {
		case 0:
			strcpy(area + i, paths[next() % COUNT(paths)]);
			break;
		case 1:
			un->sun_family = next() % 4 ? AF_UNIX : AF_INET;
			strcpy(un->sun_path, "s");
			break;
		case 2:
			for (size_t k = 0; k < COUNT(noise); k++)
				noise[k] = next() % 4 ? next() % 64 : next();
			memcpy(area + i, noise, sizeof(noise));
			break;
		default:
			for (size_t k = 0; k < COUNT(noise); k++)
				noise[k] = (uintptr_t)area + next() % AREA;
			memcpy(area + i, noise, sizeof(noise));
		}
	}
}

static long argument(void)
{
	static const long odd[] = { 0,	      -1,	-100,	  1,	    0x7fffffff,
				    1L << 31, 1L << 32, 1L << 47, 1L << 63, 4096 };

	switch (next() % 8) {
	case 0:
		return odd[next() % COUNT(odd)];
	case 1:
	case 2:
		return (long)(next() % 16);
	case 3:
		return 1L << next() % 40;
	case 4:
		return (long)(area + AREA - next() % 64);
	case 5:
		return (long)next();
	default:
		return (long)(area + next() % (AREA / 64) * 64);
	}
}

static void prepare(void)
{
	const struct rlimit file = { 1 << 20, 1 << 20 }, memory = { 1 << 28, 1 << 28 };

	setrlimit(RLIMIT_FSIZE, &file);
	setrlimit(RLIMIT_AS, &memory);
	for (int i = 1; i < 64; i++)
		signal(i, i % 2 ? SIG_DFL : SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	open("f", O_RDWR | O_CREAT | O_NONBLOCK, 0666);
	socket(AF_UNIX, SOCK_STREAM, 0);
	socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	open("d", O_RDONLY | O_DIRECTORY);
	open("f", O_PATH);
}

__attribute__((noreturn)) static void child(void)
{
	prepare();
	fill();
	for (int i = 0; i < CALLS; i++) {
		long nr = (long)(next() % NUMBERS);

		atomic_fetch_add(calls, 1);
		syscall(nr, argument(), argument(), argument(), argument(), argument(),
			argument());
		if (i % 32 == 0)
			fill();
	}
	_exit(0);
}

/* One child after the other; one that waits for ever is ended. */
__attribute__((noreturn)) static void worker(long end)
{
	sigset_t chld;

	prctl(PR_SET_DUMPABLE, 1);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	while (seconds() < end) {
		const struct timespec while_alive = { 0, 200000000 }, at_once = { 0, 0 };
		uint64_t seed = next();
		pid_t pid = fork();

		if (pid == 0) {
			state = seed;
			child();
		}
		sigtimedwait(&chld, NULL, &while_alive);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		/* The signal of this one's end is not the next one's. */
		while (sigtimedwait(&chld, NULL, &at_once) > 0)
			;
	}
	_exit(0);
}

static void tree(void)
{
	mkdir("d", 0777);
	mknod("fifo", S_IFIFO | 0666, 0);
	if (symlink("d/f", "link") < 0 || symlink("loop", "loop") < 0)
		perror("symlink");
}

/* They end and stop each other: begin again, go on. */
static void keep_running(long end, uint64_t seed)
{
	const struct timespec second = { 1, 0 };
	pid_t workers[PROCESSES] = { 0 }, pid;
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	while (seconds() < end) {
		for (int i = 0; i < PROCESSES; i++) {
			if (workers[i] > 0)
				continue;
			seed += 0x9e3779b97f4a7c15;
			workers[i] = fork();
			if (workers[i] == 0) {
				state = seed;
				worker(end);
			}
		}
		sigtimedwait(&chld, NULL, &second);
		kill(-1, SIGCONT);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			for (int i = 0; i < PROCESSES; i++)
				workers[i] = workers[i] == pid ? 0 : workers[i];
	}
}

int main(int argc, char **argv)
{
	long end = seconds() + (argc > 1 ? atol(argv[1]) : 1);
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

	calls = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	area = mmap(NULL, AREA + 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + AREA, 4096);
	tree();
	prctl(PR_SET_DUMPABLE, 0);
	keep_running(end, seed);
	kill(-1, SIGKILL);
	printf("%ld calls\n", *calls);
	return 0;
}
