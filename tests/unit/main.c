// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the registered tests, a child each, and prints TAP. */
#include "test.h"

#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct test *first, **last = &first;

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	exit(1);
}

void test_skip(const char *why)
{
	printf("# skipped: %s\n", why);
	fflush(stdout);
	exit(77);
}

static bool run(int n, const struct test *t)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		t->run();
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		printf("ok %d %s # SKIP\n", n, t->name);
		return true;
	}
	if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	printf("%s %d %s\n", status == 0 ? "ok" : "not ok", n, t->name);
	return status == 0;
}

int main(void)
{
	const char *only = getenv("TEST");
	int n = 0, bad = 0;

	for (struct test *t = first; t; t = t->next) {
		if (only && *only && !strstr(t->name, only))
			continue;
		bad += !run(++n, t);
	}
	printf("1..%d\n", n);
	return bad ? 1 : 0;
}
