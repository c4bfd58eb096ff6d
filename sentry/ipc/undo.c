// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEM_UNDO: what the end of a process is to give back.  The main thread learns of it by a
 * pidfd; a call for semaphores looks for itself first, so that whoever has waited for the
 * process finds its adjustments made.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ipc/internal.h"
#include "kernel/pidfd.h"
#include "notify/notify.h"

#define AT_ONCE 64		/* processes that are asked for at once */

struct undo {
	struct undo *next;
	struct sem_set *set;
	int16_t adj[];
};

struct process {
	struct notify_fd end;		/* the first member; its pidfd */
	struct process *next;
	pid_t tgid, pid;		/* pid: as the container numbers it */
	bool ended;
	struct undo *undos;
};

static struct process *processes;

/* Their calls that still wait get nothing (ipc_retry): no waiter has a freed undo. */
static void adjust(struct process *p)
{
	struct undo *u;

	if (p->ended)
		return;
	p->ended = true;
	while ((u = p->undos)) {
		p->undos = u->next;
		sem_set_adjust(u->set, u->adj, p->pid);
		ipc_free(u);
	}
}

/* By the main thread. */
static void on_end(struct notify_fd *end)
{
	struct process *p = (struct process *)end, **at = &processes;
	IPC_LOCKED;

	adjust(p);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	close(p->end.fd);
	ipc_free(p);
}

void undo_ended(void)
{
	struct process *p = processes;

	while (p) {
		struct process *of[AT_ONCE];
		struct pollfd fds[AT_ONCE];
		nfds_t n = 0;

		for (; p && n < AT_ONCE; p = p->next) {
			if (p->ended)
				continue;
			of[n] = p;
			fds[n++] = (struct pollfd){ .fd = p->end.fd, .events = POLLIN };
		}
		if (n == 0 || poll(fds, n, 0) <= 0)
			continue;
		for (nfds_t i = 0; i < n; i++)
			if (fds[i].revents)
				adjust(of[i]);
	}
}

/* 0 and a new one. */
static int process_new(struct call *c, struct process **ret)
{
	auto_close int fd = kernel_pidfd_open(c->task->st.tgid, 0);
	struct process *p;

	if (fd < 0)
		return errno == ESRCH ? -ESRCH : -ENOMEM;
	if (!notify_is_valid(c))
		return -ESRCH;
	p = ipc_alloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->tgid = c->task->st.tgid;
	p->pid = c->task->st.ns_tgid;
	p->end = (struct notify_fd){ .fd = take_fd(fd), .ready = on_end };
	p->next = processes;
	processes = p;
	notify_watch_fd(&p->end);
	*ret = p;
	return 0;
}

static int process_get(struct call *c, struct process **ret)
{
	for (struct process *p = processes; p; p = p->next) {
		if (p->tgid == c->task->st.tgid && !p->ended) {
			*ret = p;
			return 0;
		}
	}
	return process_new(c, ret);
}

int undo_get(struct call *c, struct sem_set *set, int16_t **ret)
{
	struct process *p;
	struct undo *u;
	int r = process_get(c, &p);

	if (r < 0)
		return r;
	for (u = p->undos; u && u->set != set; u = u->next)
		;
	if (!u) {
		u = ipc_alloc(sizeof(*u) + sem_set_count(set) * sizeof(u->adj[0]));
		if (!u)
			return -ENOMEM;
		u->set = set;
		u->next = p->undos;
		p->undos = u;
	}
	*ret = u->adj;
	return 0;
}

void undo_forget_set(const struct sem_set *set)
{
	for (struct process *p = processes; p; p = p->next) {
		struct undo **at = &p->undos, *u;

		while ((u = *at)) {
			if (u->set == set) {
				*at = u->next;
				ipc_free(u);
			} else {
				at = &u->next;
			}
		}
	}
}

void undo_clear(const struct sem_set *set, size_t first, size_t last)
{
	for (struct process *p = processes; p; p = p->next)
		for (struct undo *u = p->undos; u; u = u->next)
			for (size_t i = first; u->set == set && i <= last; i++)
				u->adj[i] = 0;
}
