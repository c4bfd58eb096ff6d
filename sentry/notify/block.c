// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Handlers that block.  The kernel tells nobody that a notified caller died, and a signal
 * for it stays pending until the reply (WAIT_KILLABLE_RECV).  While at least one worker
 * blocks, by its own word or with one call for a whole tick, the main thread looks at
 * their callers every few milliseconds, less often the longer they wait, and interrupts
 * the worker where there is reason to; while none does, nothing wakes up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/seccomp.h"
#include "notify/internal.h"
#include "notify/notify.h"

#define CHECK_MIN_NS (NOTIFY_TICK_MS * 1000000LL)
#define CHECK_MAX_NS (CHECK_MIN_NS << 5)
#define SHARED_TICKS 3

void notify_blocking_begin(struct call *c)
{
	struct worker *w = notify_self;

	(void)c;
	if (!w)
		return;
	pthread_mutex_lock(&notify_lock);
	w->blocking = true;
	loop_replace_receiver(w);
	pthread_mutex_unlock(&notify_lock);
	watch_tick();
}

void notify_blocking_end(struct call *c)
{
	(void)c;
	if (notify_self)
		notify_self->blocking = false;
}

bool notify_is_valid(const struct call *c)
{
	uint64_t id = c->id;

	return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

struct signals {
	uint64_t own, shared, blocked;
	unsigned long threads;
};

static uint64_t field(const char *text, const char *name, int base)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, base) : 0;
}

static int read_signals(pid_t tid, struct signals *ret)
{
	char path[32], text[4096];
	auto_close int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/status", tid);
	fd = openat(notify_procfs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	*ret = (struct signals){
		.own = field(text, "\nSigPnd:", 16),
		.shared = field(text, "\nShdPnd:", 16),
		.blocked = field(text, "\nSigBlk:", 16),
		.threads = (unsigned long)field(text, "\nThreads:", 10),
	};
	return 0;
}

/*
 * The errno that the guest is to get because of a signal, or 0.  A restart is right only
 * if the guest is certain to have a signal to handle on its way out of the kernel: one of
 * its own, or one of a process with a single thread.  A shared signal that no other
 * thread takes after a while is a plain EINTR.
 */
static int interruption(struct worker *w)
{
	struct signals s;

	if (read_signals(w->tid, &s) < 0)
		return 0;
	if (s.own & ~s.blocked)
		return ERESTARTSYS;
	if (!(s.shared & ~s.blocked)) {
		w->ticks = 0;
		return 0;
	}
	if (s.threads == 1)
		return ERESTARTSYS;
	return ++w->ticks > SHARED_TICKS ? EINTR : 0;
}

/*
 * Either we see that the worker replies, or it sees the poke, waits until that is sent,
 * and takes it before it replies.  Only the main thread pokes.
 */
static void poke(struct worker *w)
{
	atomic_store(&w->poke, POKE_SENDING);
	if (!atomic_load(&w->replying))
		loop_interrupt(w);
	atomic_store(&w->poke, POKE_SENT);
}

void block_end(struct worker *w)
{
	atomic_store(&w->replying, true);
	if (atomic_load(&w->poke) == POKE_NONE)
		return;
	while (atomic_load(&w->poke) == POKE_SENDING)
		poll(NULL, 0, 1);
	poll(NULL, 0, 0);	/* a pending signal is handled on the way back */
	atomic_store(&w->poke, POKE_NONE);
}

/*
 * Who has waited long waits longer for our look, in proportion; at multiples of the
 * interval, so that one tick serves many.
 */
static int64_t next_check(const struct worker *w, unsigned int seq, int64_t now)
{
	int64_t ns = CHECK_MIN_NS;

	if (w->ticks > 0 || w->interrupt >> 32 == seq)
		return now + ns;
	while (ns < CHECK_MAX_NS && ns < (now - w->since_ns) / 32)
		ns *= 2;
	return (now / ns + 1) * ns;
}

int64_t block_check(struct worker *w, int64_t now)
{
	unsigned int seq = atomic_load(&w->seq);
	uint64_t id = w->id;
	int err = 0;

	if (!w->blocking && !w->stuck)
		return 0;
	if (!w->since_ns)
		w->since_ns = w->check_ns = now;
	if (now < w->check_ns)
		return w->check_ns - now;
	if (atomic_load(&w->replying))
		return CHECK_MIN_NS;
	if (ioctl(w->listener->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
		err = EINTR;
	else if (w->interrupt != INTERRUPT(seq, ERESTARTSYS))
		err = interruption(w);
	if (err)
		w->interrupt = INTERRUPT(seq, err);
	/* Each time again: the last one may have come before the blocking call. */
	if (w->interrupt >> 32 == seq && atomic_load(&w->seq) == seq)
		poke(w);
	w->check_ns = next_check(w, seq, now);
	return w->check_ns - now;
}
