// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "state/state.h"
#include "test.h"

static char base[] = "/tmp/picket-test-XXXXXX";
static char *root;
static struct store store;
static struct err e;

static void clean(void)
{
	struct strv ids = { 0 };

	if (store.dirfd >= 0 && store_list(&store, &ids, &e) == 0)
		for (size_t i = 0; i < ids.n; i++)
			(void)store_remove(&store, ids.v[i], &e);
	(void)rmdir(root);
	(void)rmdir(base);
}

static void open_store(void)
{
	CHECK(mkdtemp(base));
	root = str_printf("%s/root", base);
	CHECK_INT(store_open(root, 0, &store, &e), 0);
	CHECK_INT(store.dirfd, -ENOENT);
	store_close(&store);
	CHECK_INT(store_open(root, STORE_CREATE, &store, &e), 0);
	CHECK(store.dirfd >= 0);
	atexit(clean);
}

TEST(store_ids)
{
	static const char *const good[] = { "a", "A_1+b.c-d", "...", ".x", "-a" };
	static const char *const bad[] = {
		"", ".", "..", "a/b", "a b", "\303\244", "a\n"
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_INT(store_check_id(good[i], &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(store_check_id(bad[i], &e), -EINVAL);
		CHECK_HAS(e.msg, "invalid container ID format");
	}
	CHECK_INT(store_check_id(NULL, &e), -EINVAL);
}

TEST(store_refuses_the_root_of_the_file_system)
{
	CHECK_INT(store_open("/", STORE_CREATE, &store, &e), -EINVAL);
	CHECK_INT(store_open("//./", STORE_CREATE, &store, &e), -EINVAL);
}

TEST(store_makes_finds_lists_removes)
{
	struct strv ids = { 0 };
	int lock, fd;

	open_store();
	fd = store_make(&store, "b", &lock, &e);
	CHECK(fd >= 0 && lock >= 0);
	CHECK(openat(fd, "state.json", O_CREAT | O_WRONLY, 0600) >= 0);
	CHECK_INT(store_make(&store, "b", &lock, &e), -EEXIST);
	CHECK_STR(e.msg, "container with given ID already exists");
	CHECK(store_make(&store, "a", &lock, &e) >= 0);
	CHECK_INT(store_find(&store, "c", &e), -ENOENT);
	CHECK_STR(e.msg, "container does not exist");
	CHECK_INT(store_list(&store, &ids, &e), 0);
	CHECK_INT(ids.n, 2);
	CHECK_STR(ids.v[0], "a");
	CHECK_INT(mkdirat(fd, "notify", 0700), 0);
	CHECK_INT(store_remove(&store, "b", &e), 0);
	CHECK_INT(store_remove(&store, "b", &e), 0);
	CHECK_INT(store_find(&store, "b", &e), -ENOENT);
	CHECK_INT(store_lock(fd, &e), -ENOENT);
}

/* A creator that lives keeps its directory; what a killed one left is taken over. */
TEST(store_reclaims_leftovers_only)
{
	int lock, ready[2];
	pid_t pid;
	char byte;

	open_store();
	CHECK(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		if (store_make(&store, "x", &lock, &e) < 0)
			_exit(1);
		(void)!write(ready[1], "", 1);
		pause();
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	CHECK_INT(store_make(&store, "x", &lock, &e), -EEXIST);
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK(store_make(&store, "x", &lock, &e) >= 0);
}

static pid_t wait_at_gate(int dir)
{
	pid_t pid;
	int fd = fifo_open_gate(dir, &e);

	CHECK(fd >= 0);
	pid = fork();
	if (pid == 0) {
		if (fifo_wait(fd) == 0)
			execl("/bin/true", "true", (char *)NULL);
		_exit(9);
	}
	close(fd);
	return pid;
}

TEST(fifo_starts_the_one_who_waits)
{
	int lock, dir, status;
	pid_t pid;

	open_store();
	dir = store_make(&store, "x", &lock, &e);
	CHECK_INT(fifo_make(dir, &e), 0);
	CHECK_INT(fifo_release(dir, &e), -ENXIO);
	CHECK_STR(e.msg, "cannot start a container that has stopped");
	pid = wait_at_gate(dir);
	CHECK_INT(fifo_release(dir, &e), 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
	CHECK_INT(fifo_release(dir, &e), -ENOENT);
	CHECK_STR(e.msg, "cannot start an already running container");
}
