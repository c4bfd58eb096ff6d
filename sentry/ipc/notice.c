// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mq_notify (see ipc/mq.h): a signal, or a message on a netlink socket that libc's helper
 * thread reads.  Who asked is known by a pidfd: a registration ends with its process.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "ipc/mq.h"
#include "kernel/pidfd.h"
#include "net/netlink.h"
#include "notify/notify.h"
#include "task/task.h"

/* In the last byte of a cookie, as Linux has them. */
#define NOTIFY_WOKENUP 1
#define NOTIFY_REMOVED 2

static void forget(struct mq_notice *n)
{
	close(n->pidfd);
	n->pidfd = -1;
}

static void send_cookie(struct mq_notice *n, unsigned char code)
{
	n->event.cookie[IPC_COOKIE_LEN - 1] = code;
	netlink_send(n->event.socket, n->event.cookie, IPC_COOKIE_LEN);
}

static void send_signal(const struct mq_notice *n, const struct task *sender)
{
	siginfo_t info = { .si_signo = n->event.how.sigev_signo };

	info.si_code = SI_MESGQ;
	info.si_pid = sender->st.ns_tgid;
	info.si_uid = sender->st.creds.uid;
	info.si_value = n->event.how.sigev_value;
	if (task_own_caps() == 0)
		kernel_pidfd_send_siginfo(n->pidfd, info.si_signo, &info);
}

bool mq_notice_is_taken(struct mq_notice *n)
{
	struct pollfd p = { .fd = n->pidfd, .events = POLLIN };

	if (n->pidfd >= 0 && poll(&p, 1, 0) == 1)
		mq_notice_end(n);
	return n->pidfd >= 0;
}

int mq_notice_take(struct mq_notice *n, struct call *c, const struct ipc_event *ev)
{
	n->pidfd = kernel_pidfd_open(c->task->st.tgid, 0);
	if (n->pidfd < 0)
		return -errno;
	if (!notify_is_valid(c)) {
		forget(n);
		return -ESRCH;
	}
	n->tgid = c->task->st.tgid;
	n->event = *ev;
	return 0;
}

void mq_notice_give(struct mq_notice *n, const struct task *sender)
{
	if (n->pidfd < 0)
		return;
	if (n->event.how.sigev_notify == SIGEV_SIGNAL)
		send_signal(n, sender);
	else if (n->event.how.sigev_notify == SIGEV_THREAD)
		send_cookie(n, NOTIFY_WOKENUP);
	forget(n);
}

void mq_notice_end(struct mq_notice *n)
{
	if (n->pidfd < 0)
		return;
	if (n->event.how.sigev_notify == SIGEV_THREAD)
		send_cookie(n, NOTIFY_REMOVED);
	forget(n);
}
