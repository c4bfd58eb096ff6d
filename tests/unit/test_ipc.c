// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SysV and POSIX queues and semaphores.  What each call answers is compared with Linux by
 * tests/integration/ipc.bats; here: what holds whoever calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/ipc.h"
#include "sentry_guest.h"
#include "test.h"

struct text {
	long type;
	char bytes[MSGMAX];
};

static int queue_new(void)
{
	int id = (int)GUEST2(msgget, IPC_PRIVATE, 0600);

	CHECK(id >= 0);
	return id;
}

static int set_new(int count)
{
	int id = (int)GUEST3(semget, IPC_PRIVATE, count, 0600);

	CHECK(id >= 0);
	return id;
}

static int op(int id, int num, int by, int flags)
{
	struct sembuf b = { (unsigned short)num, (short)by, (short)flags };

	return (int)GUEST3(semop, id, PTR(&b), 1);
}

static int value(int id, int num)
{
	return (int)GUEST4(semctl, id, num, GETVAL, 0);
}

static int put(int id, long type, size_t len)
{
	static const struct text zeroes;
	struct text t = zeroes;

	t.type = type;
	return (int)GUEST4(msgsnd, id, PTR(&t), len, IPC_NOWAIT);
}

static long get(int id, long type, int flags)
{
	struct text t;
	int r = (int)GUEST5(msgrcv, id, PTR(&t), sizeof(t.bytes), type, flags);

	return r < 0 ? r : t.type;
}

TEST(ipc_numbers_come_round_with_another_sequence)
{
	int first = queue_new(), id;

	CHECK_INT(GUEST3(msgctl, first, IPC_RMID, 0), 0);
	for (int i = 0; i < 63; i++) {
		id = queue_new();
		CHECK_INT(id, first + 1 + i);
		CHECK_INT(GUEST3(msgctl, id, IPC_RMID, 0), 0);
	}
	CHECK_INT(queue_new(), first + (1 << 15));
	CHECK_INT(put(first, 1, 1), -EINVAL);
}

TEST(ipc_messages_are_chosen_by_type)
{
	int id = queue_new();

	for (long type = 5; type > 0; type--)
		CHECK_INT(put(id, type, 1), 0);
	CHECK_INT(put(id, 1, 1), 0);
	CHECK_INT(get(id, 3, 0), 3);
	CHECK_INT(get(id, 5, MSG_EXCEPT), 4);
	CHECK_INT(get(id, -2, 0), 1);
	CHECK_INT(get(id, 0, 0), 5);
	CHECK_INT(get(id, 7, IPC_NOWAIT), -ENOMSG);
	CHECK_INT(get(id, INT64_MIN, 0), 1);
	CHECK_INT(get(id, 0, 0), 2);
}

/* Full queues, until there is no memory for more. */
static int fill(int *ids, int max)
{
	int n = 0;

	while (n < max && (ids[n] = (int)GUEST2(msgget, IPC_PRIVATE, 0600)) >= 0) {
		if (put(ids[n], 1, MSGMAX) < 0 || put(ids[n], 1, MSGMAX) < 0)
			return n;
		n++;
	}
	return n;
}

/* The total, below the limits of each kind: refused like any lack of memory. */
TEST(ipc_memory_is_bounded_and_comes_back)
{
	enum { MAX = IPC_MEMORY_MAX / MSGMNB + 1 };
	static int ids[MAX];
	int n = fill(ids, MAX);

	CHECK(n > MAX / 2 && n < MAX);
	CHECK_INT(put(ids[n], 1, MSGMAX), -ENOMEM);
	CHECK_INT(GUEST3(semget, IPC_PRIVATE, SEMMSL, 0600), -ENOMEM);
	for (int i = 0; i <= n; i++)
		CHECK_INT(GUEST3(msgctl, ids[i], IPC_RMID, 0), 0);
	CHECK_INT(fill(ids, MAX), n);
}

TEST(ipc_operations_are_made_all_or_none)
{
	struct sembuf ops[] = { { 0, -2, 0 }, { 0, 5, SEM_UNDO }, { 1, -1, IPC_NOWAIT } };
	int id = set_new(2);

	CHECK_INT(op(id, 0, 3, 0), 0);
	CHECK_INT(GUEST3(semop, id, PTR(ops), 3), -EAGAIN);
	CHECK_INT(value(id, 0), 3);
	CHECK_INT(op(id, 1, 1, 0), 0);
	CHECK_INT(GUEST3(semop, id, PTR(ops), 3), 0);
	CHECK_INT(value(id, 0), 6);
	CHECK_INT(value(id, 1), 0);
	ops[1].sem_op = 32767;
	CHECK_INT(GUEST3(semop, id, PTR(ops), 2), -ERANGE);
	CHECK_INT(value(id, 0), 6);
}

static void *wait_for_one(void *id)
{
	return (void *)(long)op(*(int *)id, 0, -1, 0);
}

static void until_waiting(int id, int n)
{
	while (GUEST4(semctl, id, 0, GETNCNT, 0) != n)
		poll(NULL, 0, 1);
}

TEST(ipc_waiters_get_their_turn_and_the_end_of_the_set)
{
	int id = set_new(1);
	pthread_t t[8];
	void *r;

	for (int i = 0; i < 8; i++)
		CHECK_INT(pthread_create(&t[i], NULL, wait_for_one, &id), 0);
	until_waiting(id, 8);
	CHECK_INT(op(id, 0, 3, 0), 0);
	until_waiting(id, 5);
	CHECK_INT(value(id, 0), 0);
	CHECK_INT(GUEST4(semctl, id, 0, IPC_RMID, 0), 0);
	for (int i = 0, good = 0; i < 8; i++) {
		CHECK_INT(pthread_join(t[i], &r), 0);
		CHECK(r == NULL || (long)r == -EIDRM);
		good += !r;
		CHECK(i < 7 || good == 3);
	}
}

static void *receive_any(void *id)
{
	return (void *)get(*(int *)id, 0, 0);
}

TEST(ipc_waiting_receiver_gets_the_message_first)
{
	int id = queue_new();
	pthread_t t;
	void *r;

	CHECK_INT(pthread_create(&t, NULL, receive_any, &id), 0);
	poll(NULL, 0, 50);
	CHECK_INT(put(id, 42, 1), 0);
	CHECK_INT(get(id, 0, IPC_NOWAIT) == -ENOMSG, true);
	CHECK_INT(pthread_join(t, &r), 0);
	CHECK_INT((long)r, 42);
}

TEST(ipc_undo_is_made_at_the_end_of_the_process)
{
	struct sembuf b[] = { { 0, -3, SEM_UNDO }, { 1, 4, SEM_UNDO } };
	int id = set_new(2), other = set_new(1);
	pid_t pid;

	CHECK_INT(op(id, 0, 5, 0), 0);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	CHECK_INT(guest_call_of(pid, SYS_semop, (uint64_t)id, PTR(b), 2, 0), 0);
	CHECK_INT(guest_call_of(pid, SYS_semop, (uint64_t)other, PTR(&b[1]), 1, 0),
		  -EFBIG);
	CHECK_INT(value(id, 0), 2);
	CHECK_INT(value(id, 1), 4);
	CHECK_INT(op(id, 1, -1, 0), 0);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	CHECK_INT(value(id, 0), 5);
	CHECK_INT(value(id, 1), 0);
	CHECK_INT(GUEST4(semctl, id, 1, GETPID, 0), pid);
}

static int queue_open(const char *name, int flags, long maxmsg)
{
	struct mq_attr a = { .mq_maxmsg = maxmsg, .mq_msgsize = 8 };

	return (int)GUEST4(mq_open, PTR(name), flags, 0600, PTR(&a));
}

static int state(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

TEST(ipc_posix_queue_shows_its_state_to_poll)
{
	int fd = queue_open("poll", O_RDWR | O_CREAT, 2);
	int other = queue_open("poll", O_RDONLY | O_NONBLOCK, 2);
	char text[8];

	CHECK(fd >= 0 && other >= 0);
	CHECK_INT(state(fd), POLLOUT);
	CHECK_INT(GUEST5(mq_timedsend, fd, PTR("one"), 3, 1, 0), 0);
	CHECK_INT(state(fd), POLLIN | POLLOUT);
	CHECK_INT(GUEST5(mq_timedsend, fd, PTR("two"), 3, 2, 0), 0);
	CHECK_INT(state(fd), POLLIN);
	CHECK_INT(state(other), POLLIN);
	CHECK_INT(GUEST5(mq_timedsend, other, PTR("two"), 3, 2, 0), -EBADF);
	CHECK_INT(GUEST5(mq_timedreceive, other, PTR(text), 8, 0, 0), 3);
	CHECK(!memcmp(text, "two", 3));
	CHECK_INT(state(fd), POLLIN | POLLOUT);
	CHECK_INT(GUEST5(mq_timedreceive, other, PTR(text), 8, 0, 0), 3);
	CHECK_INT(state(other), POLLOUT);
	CHECK_INT(GUEST5(mq_timedreceive, other, PTR(text), 8, 0, 0), -EAGAIN);
}

/* A guest may read its descriptor and write to it: others see nothing of that. */
TEST(ipc_posix_queue_survives_what_is_done_to_its_descriptor)
{
	int fd = queue_open("pipe", O_RDWR | O_CREAT, 2);
	int other = queue_open("pipe", O_RDWR, 2);
	char text[8] = "";

	CHECK_INT(GUEST5(mq_timedsend, fd, PTR("one"), 3, 1, 0), 0);
	CHECK_INT(read(fd, text, 1), 1);
	CHECK_INT(write(fd, text, 8), 8);
	CHECK_INT(write(fd, text, 8), 8);
	CHECK_INT(state(other), POLLIN | POLLOUT);
	CHECK_INT(GUEST5(mq_timedsend, fd, PTR("two"), 3, 1, 0), 0);
	CHECK_INT(state(other), POLLIN);
	CHECK_INT(GUEST5(mq_timedreceive, fd, PTR(text), 8, 0, 0), 3);
	CHECK_INT(GUEST5(mq_timedreceive, fd, PTR(text), 8, 0, 0), 3);
	CHECK_INT(state(other), POLLOUT);
	/* Another pipe is no queue. */
	CHECK_INT(pipe((int[2]){ 0, 0 }), 0);
	CHECK_INT(GUEST3(mq_getsetattr, 0, 0, PTR(text)), -EBADF);
}

TEST(ipc_posix_queue_goes_with_its_name_and_last_descriptor)
{
	int fd = queue_open("last", O_RDWR | O_CREAT, 1), copy = dup(fd);

	CHECK_INT(GUEST1(mq_unlink, PTR("last")), 0);
	CHECK_INT(queue_open("last", O_RDWR, 1), -ENOENT);
	close(fd);
	CHECK_INT(GUEST5(mq_timedsend, copy, PTR("one"), 3, 1, 0), 0);
	close(copy);
	/* More than may exist at once: each is gone before the next but one. */
	for (int i = 0; i < 1000; i++) {
		fd = queue_open("next", O_RDWR | O_CREAT | O_EXCL, 1);
		CHECK(fd >= 0);
		CHECK_INT(GUEST1(mq_unlink, PTR("next")), 0);
		close(fd);
	}
}
