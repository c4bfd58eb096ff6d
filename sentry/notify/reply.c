// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers.  The only NOTIF_SEND and NOTIF_ADDFD.
 *
 * SEND wakes the guest on this CPU (SYNC_WAKE_UP).  ADDFD has no such hint: where another
 * CPU sleeps, the guest is woken there, which costs 40 us and more on virtual machines.
 * Then it is kept here by its CPU mask, for the time of the injection only: the guest
 * does not run any instruction of its own before the mask is back.  When that happens
 * often, the modest worker takes over, which need not do it.  Figures and alternatives:
 * docs/decisions/wakeup.md.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "kernel/seccomp.h"
#include "notify/internal.h"
#include "obs/stats.h"
#include "task/task.h"

#define ERRNO_MAX 4095
#define COST_MAX_NS 60000	/* more says something about the machine's load only */
#define PROBE_EVERY 64		/* injections; then the other way is tried */
#define SAMPLE_EVERY 16
#define LEND_AFTER 8		/* injections in a row for which the caller was pinned */

enum way { PLAIN, PINNED, WAYS };

/* What each way has cost lately; shared by all workers, racily. */
static atomic_int cost_ns[WAYS];
static atomic_uint injections;

static int send(const struct call *c, int64_t val, int error, uint32_t flags)
{
	struct seccomp_notif_resp resp = {
		.id = c->id,
		.val = val,
		.error = error,
		.flags = flags,
	};

	/* ENOENT: the caller died, or was interrupted and will make the call again. */
	if (ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) == 0)
		return 0;
	stats_count(STAT_DROPPED);
	return -errno;
}

static void send_failure(const struct call *c)
{
	stats_count(STAT_FAILED);
	send(c, 0, -EPERM, 0);
}

static int set_cpus(pid_t tid, const cpu_set_t *cpus)
{
	if (sched_setaffinity(tid, sizeof(*cpus), cpus) == 0)
		return 0;
	/* Another user's task: CAP_SYS_NICE. */
	if (errno == EPERM && task_own_caps() == 0 &&
	    sched_setaffinity(tid, sizeof(*cpus), cpus) == 0)
		return 0;
	return -errno;
}

/*
 * Give the guest its CPUs back.  A task that may use all CPUs of its cpuset gets "all",
 * so that it follows later changes of the cpuset, as one that never asked for a mask.
 */
static void restore_cpus(pid_t tid, const cpu_set_t *cpus)
{
	static cpu_set_t cpuset;	/* racily shared: a wrong value costs two calls */
	cpu_set_t all, now;

	if (CPU_EQUAL(cpus, &cpuset)) {
		memset(&all, 0xff, sizeof(all));
		set_cpus(tid, &all);
		return;
	}
	memset(&all, 0xff, sizeof(all));
	if (set_cpus(tid, &all) == 0 && sched_getaffinity(tid, sizeof(now), &now) == 0)
		cpuset = now;
	else
		CPU_ZERO(&now);
	if (!CPU_EQUAL(&now, cpus))
		set_cpus(tid, cpus);
}

static int pin(pid_t tid, cpu_set_t *ret_old)
{
	int cpu = sched_getcpu();
	cpu_set_t here;

	if (cpu < 0 || sched_getaffinity(tid, sizeof(*ret_old), ret_old) < 0)
		return -errno;
	if (!CPU_ISSET(cpu, ret_old) || CPU_COUNT(ret_old) == 1)
		return -EINVAL;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	return set_cpus(tid, &here);
}

static int addfd(const struct call *c, const struct reply *r, uint32_t flags)
{
	struct seccomp_notif_addfd add = {
		.id = c->id,
		.flags = flags,
		.srcfd = (uint32_t)r->val,
		.newfd_flags = r->fd_flags,
	};
	int fd = ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return fd < 0 ? -errno : fd;
}

/* Our own descriptor, before the guest goes on. */
static void drop_fd(struct reply *r)
{
	close((int)r->val);
	r->val = -1;
}

static int addfd_send(const struct call *c, struct reply *r)
{
	int fd;

	if (!r->fd_alone)
		return addfd(c, r, SECCOMP_ADDFD_FLAG_SEND);
	fd = addfd(c, r, 0);
	if (fd < 0)
		return fd;
	drop_fd(r);
	send(c, fd, 0, 0);
	return fd;
}

static int addfd_pinned(const struct call *c, struct reply *r)
{
	cpu_set_t old;
	int fd;

	if (pin(c->tid, &old) < 0)
		return addfd_send(c, r);
	fd = addfd(c, r, 0);
	restore_cpus(c->tid, &old);
	if (fd < 0)
		return fd;
	drop_fd(r);
	send(c, fd, 0, 0);
	return fd;
}

int64_t notify_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static enum way choose_way(void)
{
	enum way best = atomic_load(&cost_ns[PINNED]) < atomic_load(&cost_ns[PLAIN]) ?
				PINNED :
				PLAIN;

	if (atomic_fetch_add(&injections, 1) % PROBE_EVERY == PROBE_EVERY - 1)
		return best == PINNED ? PLAIN : PINNED;
	return best;
}

static int since(int64_t begin_ns)
{
	int64_t took = notify_now_ns() - begin_ns;

	return took > COST_MAX_NS ? COST_MAX_NS : (int)took;
}

/* Where CPUs sleep it is best to pin, on a busy machine not to. */
static int addfd_adaptive(const struct call *c, struct reply *r)
{
	enum way way = choose_way();
	int64_t begin = notify_now_ns();
	struct worker *w = notify_self;
	int fd, cost;

	if (way == PINNED) {
		loop_stay(w);
		fd = addfd_pinned(c, r);
	} else {
		loop_roam(w);
		fd = addfd_send(c, r);
	}
	cost = atomic_load(&cost_ns[way]);
	atomic_store(&cost_ns[way], cost + (since(begin) - cost) / 8);
	w->pinned = way == PINNED ? w->pinned + 1 : 0;
	if (w->pinned >= LEND_AFTER) {
		w->pinned = 0;
		modest_lend(w->listener);
	}
	return fd;
}

/*
 * By the modest worker: one ADDFD with its reply.  That takes long when the caller has
 * got away to another CPU, or goes on computing in front of this thread.  Then the next
 * reply is a SEND of its own, which fetches the caller.  What that costs can be compared;
 * for an unbiased mean every 16th is one.
 */
static int addfd_modest(const struct call *c, struct reply *r)
{
	int64_t begin = notify_now_ns();
	struct worker *w = notify_self;
	bool fetch = w->fetch;
	int fd, took;

	if (modest_is_torn(w))
		return addfd_send(c, r);
	loop_stay(w);
	r->fd_alone |= fetch || ++w->injections % SAMPLE_EVERY == 0;
	fd = addfd_send(c, r);
	took = since(begin);
	w->fetch = !r->fd_alone && took > 2 * w->best_ns;
	if (!r->fd_alone)
		w->best_ns = !w->best_ns || took < w->best_ns ?
				     took :
				     w->best_ns + 1 + w->best_ns / 64;
	else if (!fetch)
		w->cost_ns += (took - w->cost_ns) / 8;
	if (w->cost_ns > atomic_load(&cost_ns[PINNED]))
		modest_give_up(w);
	return fd;
}

static void send_fd(const struct call *c, const struct listener *l, struct reply *r)
{
	int fd = notify_self->is_modest ? addfd_modest(c, r) :
		 l->sync		? addfd_adaptive(c, r) :
					  addfd_send(c, r);

	if (r->val >= 0)
		close((int)r->val);
	if (fd >= 0)
		return;
	switch (fd) {
	case -ENOENT:
		stats_count(STAT_DROPPED);
		break;
	case -EMFILE:		/* the guest's own limit */
	case -ENFILE:
	case -ENOMEM:
		send(c, 0, fd, 0);
		break;
	default:
		send_failure(c);
	}
}

void reply_send(const struct call *c, const struct listener *l, struct reply r)
{
	switch (r.kind) {
	case REPLY_VALUE:
		send(c, r.val, 0, 0);
		return;
	case REPLY_ERRNO:
		if (r.val < 0 && r.val >= -ERRNO_MAX)
			send(c, 0, (int)r.val, 0);
		else
			send_failure(c);
		return;
	case REPLY_FD:
		send_fd(c, l, &r);
		return;
	case REPLY_CONTINUE:
		send(c, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	send_failure(c);
}
