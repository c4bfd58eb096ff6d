// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * More processes than CPUs, half of them at the lowest priority: their answers are ready
 * long before they run.  Every open has to yield a descriptor of the file that was named.
 * Each ends after a change of its umask, which nobody sees to be over.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 16
#define OPENS 300
#define GENERATIONS 100		/* more than the sentry notes changes of umasks */

/* With spin, other work is mixed in: the idle class would need minutes for it on a busy machine. */
static int opens(const char *path, const struct stat *want, bool spin)
{
	struct stat st;
	int bad = 0, fd;

	for (int i = 0; i < OPENS; i++) {
		fd = open(path, O_RDONLY);
		bad += fd < 3 || fstat(fd, &st) < 0 || st.st_ino != want->st_ino;
		close(fd);
		for (volatile int n = 0; spin && i % 30 == 0 && n < 20000000; n++)
			;
	}
	return bad;
}

int main(int argc, char **argv)
{
	const struct sched_param none = { 0 };
	struct stat want;
	int status, bad = 0;

	/* Itself: other tests' useradd puts another file in the place of /etc/passwd. */
	if (argc != 1 || stat(argv[0], &want) < 0)
		return 1;
	for (int i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		if (i % 2)
			sched_setscheduler(0, SCHED_IDLE, &none);
		_exit(opens(argv[0], &want, i % 2 == 0) > 0);
	}
	for (int i = 0; i < GENERATIONS; i++) {
		if (fork() == 0) {
			umask(022);
			umask(027);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	printf("%d processes with a wrong file\n", bad);
	return bad > 0;
}
