// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listeners and their workers: see notify/notify.h and notify/internal.h.  No queue, no
 * hand-over: whoever received a call handles it and replies.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/seccomp.h"
#include "notify/internal.h"
#include "notify/notify.h"
#include "obs/stats.h"
#include "task/task.h"

#define WORKERS_MAX 256		/* of one listener */
#define PARKED_MAX 4		/* more than these end after their call */
#define STACK_SIZE (128 * 1024)
#define FEW_CPUS 2		/* a second worker would take the CPU that the callers need */

pthread_mutex_t notify_lock = PTHREAD_MUTEX_INITIALIZER;
struct listener *notify_all_listeners;
struct worker *notify_all_workers;
int notify_procfs = -1;
_Thread_local struct worker *notify_self;

static pthread_attr_t worker_attr;
static bool few_cpus;
static cpu_set_t all_cpus;	/* that the sentry was given */
static pid_t own_pid;

static void ignore(int sig)
{
	(void)sig;
}

int notify_init(int procfs)
{
	struct seccomp_notif_sizes sizes;
	struct sigaction sa = { .sa_handler = ignore };	/* no SA_RESTART */

	notify_procfs = procfs;
	own_pid = getpid();
	if (sched_getaffinity(0, sizeof(all_cpus), &all_cpus) < 0)
		return -errno;
	few_cpus = sysconf(_SC_NPROCESSORS_ONLN) <= FEW_CPUS;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif != sizeof(struct seccomp_notif) ||
	    sizes.seccomp_notif_resp != sizeof(struct seccomp_notif_resp))
		return -ENOTSUP;
	/* Whom the sentry writes to may go at any time. */
	if (sigaction(NOTIFY_INTERRUPT, &sa, NULL) < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	pthread_attr_init(&worker_attr);
	pthread_attr_setdetachstate(&worker_attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&worker_attr, STACK_SIZE);
	return watch_init();
}

pid_t notify_pid(void)
{
	return own_pid;
}

void loop_interrupt(const struct worker *w)
{
	pid_t thread = atomic_load(&w->thread);

	if (thread > 0)
		syscall(SYS_tgkill, own_pid, thread, NOTIFY_INTERRUPT);
}

/* gettid(2), and what libc needs to signal a thread, would be calls more for the filter. */
static pid_t own_tid(void)
{
	char link[64], *name;
	ssize_t n = readlinkat(notify_procfs, "thread-self", link, sizeof(link) - 1);

	if (n < 0)
		return 0;
	link[n] = '\0';
	name = strrchr(link, '/');
	return name ? (pid_t)strtol(name + 1, NULL, 10) : 0;
}

static void handle(const struct listener *l, const struct seccomp_notif *n)
{
	struct call c = {
		.nr = n->data.nr,
		.tid = (pid_t)n->pid,
		.listener = l->fd,
		.id = n->id,
		.restart = ERESTARTSYS,
	};
	uint64_t interrupt;
	struct reply r;

	memcpy(c.arg, n->data.args, sizeof(c.arg));
	stats_call(c.nr);
	/* No number: the guest lives where the sentry cannot see it. */
	r = c.tid > 0 ? dispatch(&c) : reply_errno(-EPERM);
	block_end(notify_self);
	interrupt = notify_self->interrupt;
	if (r.kind == REPLY_ERRNO && r.val == -EINTR &&
	    interrupt >> 32 == atomic_load(&notify_self->seq))
		r.val = (uint32_t)interrupt == ERESTARTSYS ? -c.restart : -EINTR;
	task_leave_root();
	reply_send(&c, l, r);
	if (c.task)
		task_put(&c);
}

void loop_check_receiver(struct listener *l)
{
	if (atomic_load(&l->receiver) || l->ended)
		return;
	if (l->parked)
		pthread_cond_signal(&l->vacant);
	else if (notify_self && notify_self->is_modest)
		watch_wake();	/* the main thread starts one */
	else if (loop_start_worker(l, 0) < 0)
		stats_count(STAT_WORKERS_FAILED);	/* the next that is done takes it */
}

void loop_replace_receiver(struct worker *w)
{
	struct worker *was = w;

	if (atomic_compare_exchange_strong(&w->listener->receiver, &was, NULL))
		loop_check_receiver(w->listener);
}

void loop_stay(struct worker *w)
{
	int cpu = sched_getcpu();
	cpu_set_t here;

	if (w->stays || cpu < 0)
		return;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	w->stays = sched_setaffinity(0, sizeof(here), &here) == 0;
}

void loop_roam(struct worker *w)
{
	if (w->stays)
		sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
	w->stays = false;
}

/* Wait for the role.  False: this worker is not needed any more. */
static bool become_receiver(struct worker *w)
{
	struct listener *l = w->listener;
	struct worker *none = NULL;
	bool ok;

	if (w->is_modest)
		return modest_await_role(w);
	if (atomic_load(&l->receiver) == w)
		return true;
	loop_roam(w);
	pthread_mutex_lock(&notify_lock);
	while (!(ok = atomic_compare_exchange_strong(&l->receiver, &none, w)) &&
	       !l->ended && l->parked < PARKED_MAX) {
		l->parked++;
		pthread_cond_wait(&l->vacant, &notify_lock);
		l->parked--;
		none = NULL;
	}
	pthread_mutex_unlock(&notify_lock);
	return ok;
}

/* RECV failed: 0 to try again, else the listener is of no use any more. */
static int check_listener(struct listener *l)
{
	struct pollfd p = { .fd = l->fd };

	/* ENOENT: a caller went away between the wake-up and RECV; or all did. */
	if (errno != EINTR && errno != ENOENT)
		return -errno;
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) ? -ENOTCONN : 0;
}

/*
 * A second caller: if more are waiting, somebody else is to receive them meanwhile.  With
 * few CPUs only if this call takes long, which the tick sees.
 */
static void check_queue(struct worker *w, pid_t tid)
{
	struct pollfd p = { .fd = w->listener->fd, .events = POLLIN };

	if (few_cpus || tid == w->last)
		return;
	w->last = tid;
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLIN))
		return;
	pthread_mutex_lock(&notify_lock);
	loop_replace_receiver(w);
	pthread_mutex_unlock(&notify_lock);
}

static void serve(struct worker *w)
{
	struct listener *l = w->listener;
	struct seccomp_notif n;

	while (become_receiver(w)) {
		memset(&n, 0, sizeof(n));
		if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0) {
			int r = check_listener(l);

			if (r == -ENOTCONN)
				return;
			if (r < 0)
				__builtin_trap();	/* nobody would answer any more */
			continue;
		}
		w->id = n.id;
		w->tid = (pid_t)n.pid;
		atomic_store(&w->replying, false);
		atomic_fetch_add(&w->seq, 1);
		watch_tick();
		check_queue(w, (pid_t)n.pid);
		handle(l, &n);
		atomic_fetch_add(&w->seq, 1);
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg, **at;

	notify_self = w;
	atomic_store(&w->thread, own_tid());
	/* Root directory, working directory and umask are the caller's in each call. */
	if (unshare(CLONE_FS) < 0)
		abort();
	loop_roam(w);
	if (!w->is_modest || modest_become(w))
		serve(w);
	pthread_mutex_lock(&notify_lock);
	if (w->is_modest)
		w->listener->modest = NULL;
	for (at = &notify_all_workers; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	w->listener->workers--;
	if (w->listener->ended)
		watch_wake();
	pthread_mutex_unlock(&notify_lock);
	free(w);
	return NULL;
}

int loop_start_worker(struct listener *l, int flags)
{
	pthread_t thread;
	struct worker *w;
	int r;

	if (l->workers >= WORKERS_MAX)
		return -EAGAIN;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->listener = l;
	w->is_modest = flags & WORKER_MODEST;
	w->stays = notify_self &&
		   notify_self->stays; /* a thread has its starter's mask */
	r = pthread_create(&thread, &worker_attr, worker_main, w);
	if (r) {
		free(w);
		return -r;
	}
	w->next = notify_all_workers;
	notify_all_workers = w;
	l->workers++;
	if (w->is_modest)
		l->modest = w;
	return 0;
}

unsigned int notify_workers(void)
{
	unsigned int n = 0;

	pthread_mutex_lock(&notify_lock);
	for (const struct worker *w = notify_all_workers; w; w = w->next)
		n++;
	pthread_mutex_unlock(&notify_lock);
	return n;
}

int notify_serve(int fd)
{
	struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->fd = fd;
	pthread_cond_init(&l->vacant, NULL);
	pthread_cond_init(&l->lent, NULL);
	/* Without it everything works, slower. */
	l->sync = ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
			SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
	pthread_mutex_lock(&notify_lock);
	r = loop_start_worker(l, 0);
	if (r == 0) {
		l->next = notify_all_listeners;
		notify_all_listeners = l;
	}
	pthread_mutex_unlock(&notify_lock);
	if (r < 0)
		free(l);
	return r;
}
