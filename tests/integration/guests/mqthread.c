// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mq_notify(3) with SIGEV_THREAD, by any libc: each of many queues gets a message, its
 * thread registers again, and gets another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define QUEUES 100

static mqd_t queues[QUEUES];
static atomic_int called[QUEUES];
static sem_t calls;

static void listen_to(int i);

static void on_message(union sigval which)
{
	char buf[16];

	if (mq_receive(queues[which.sival_int], buf, sizeof(buf), NULL) == 5)
		called[which.sival_int]++;
	if (called[which.sival_int] == 1)
		listen_to(which.sival_int);
	sem_post(&calls);
}

static void listen_to(int i)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD,
		.sigev_notify_function = on_message,
		.sigev_value.sival_int = i,
	};

	if (mq_notify(queues[i], &ev) < 0)
		perror("mq_notify");
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	int twice = 0;

	sem_init(&calls, 0, 0);
	for (int i = 0; i < QUEUES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "/thread%d", i);
		queues[i] = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
		mq_unlink(name);
		listen_to(i);
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < QUEUES; i++)
			mq_send(queues[i], "hello", 5, 0);
		for (int i = 0; i < QUEUES; i++)
			while (sem_wait(&calls) < 0)
				;
	}
	for (int i = 0; i < QUEUES; i++)
		twice += called[i] == 2;
	printf("%d queues, %d called twice\n", QUEUES, twice);
	return 0;
}
