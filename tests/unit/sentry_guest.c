// SPDX-License-Identifier: GPL-2.0-or-later
#include "sentry_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "task/task.h"
#include "test.h"
#include "vfs/path.h"

struct job {
	struct call c;
	struct reply r;
};

static void *work(void *arg)
{
	struct job *j = arg;

	j->r = dispatch(&j->c);
	task_put(&j->c);
	return NULL;
}

static void init_once(void)
{
	static bool done;

	if (done)
		return;
	CHECK_INT(task_init(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0), 0);
	CHECK_INT(vfs_init(0), 0);
	done = true;
}

static struct reply reply_to(pid_t tid, int nr, const uint64_t arg[6])
{
	struct job j = { .c = { .nr = nr, .tid = tid, .listener = -1 } };
	pthread_t t;

	init_once();
	memcpy(j.c.arg, arg, sizeof(j.c.arg));
	CHECK_INT(pthread_create(&t, NULL, work, &j), 0);
	CHECK_INT(pthread_join(t, NULL), 0);
	return j.r;
}

struct reply guest_reply(int nr, const uint64_t arg[6])
{
	return reply_to((pid_t)syscall(SYS_gettid), nr, arg);
}

int64_t guest_call_of(pid_t pid, int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t arg[6] = { a, b, c, d };

	return reply_to(pid, nr, arg).val;
}

int64_t guest_call(int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	const uint64_t arg[6] = { a, b, c, d, e, 0 };
	struct reply r = guest_reply(nr, arg);

	CHECK(r.kind != REPLY_CONTINUE);
	return r.val;
}

void guest_chdir(const char *path)
{
	const uint64_t arg[6] = { PTR(path) };

	CHECK(guest_reply(SYS_chdir, arg).kind == REPLY_CONTINUE);
	CHECK_INT(chdir(path), 0);
}

static char tmp[] = "/tmp/picket-unit-XXXXXX";

/* A process that outlives the test: that may have changed its root, or its user. */
static void remove_tmp_afterwards(void)
{
	char *argv[] = { (char *)"rm", (char *)"-rf", tmp, NULL };
	int ends[2];
	char byte;

	CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
	if (fork() > 0) {
		close(ends[0]);
		return;
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) == 0)
		execv("/bin/rm", argv);
	_exit(1);
}

void guest_enter_tmp(void)
{
	CHECK(mkdtemp(tmp));
	remove_tmp_afterwards();
	CHECK_INT(chdir(tmp), 0);
}
