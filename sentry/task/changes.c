// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes under way that concern more than the thread that makes them: umask(2), chdir(2)
 * and fchdir(2) where threads share them, execve(2) by a thread that is not the leader (it takes the leader's
 * tid over).  Few at any time; when there are too many nothing is cached any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "task/internal.h"

#define CHANGES_MAX 64
#define EPOCHS 256
#define KINDS  (CHANGE_CWD + 1)

struct pending {
	enum change kind;	/* 0: free */
	pid_t tgid, tid;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pending list[CHANGES_MAX];
static atomic_uint used;		/* rows of the list that are taken */
static atomic_bool too_many;
static atomic_uint epochs[KINDS][EPOCHS], epoch_all[KINDS];

unsigned int change_epoch(enum change kind, pid_t tgid)
{
	return atomic_load(&epochs[kind][(unsigned int)tgid % EPOCHS]);
}

unsigned int change_epoch_all(enum change kind)
{
	return atomic_load(&epoch_all[kind]);
}

void task_note_shared_fs(void)
{
	atomic_store(&too_many, true);
}

/*
 * Is the thread still one of that thread group?  No permission over it is needed, nor taken.
 * (Called with the lock held.)
 */
static bool is_alive(const struct pending *p)
{
	auto_close int fd = -EBADF;
	char path[64];

	snprintf(path, sizeof(path), "%d/task/%d", p->tgid, p->tid);
	fd = openat(task_procfs(), path, O_PATH | O_CLOEXEC);
	return fd >= 0 || errno == EACCES;
}

/*
 * The asking thread keeps what it knows: nobody else's change ended here.  What others
 * have read meanwhile may be the old state.
 */
static void drop(struct pending *p)
{
	atomic_fetch_add(&epoch_all[p->kind], 1);
	p->kind = 0;
	atomic_fetch_sub(&used, 1);
}

static struct pending *free_row(void)
{
	for (size_t i = 0; i < CHANGES_MAX; i++)
		if (!list[i].kind)
			return &list[i];
	for (size_t i = 0; i < CHANGES_MAX; i++) {
		if (!is_alive(&list[i])) {
			drop(&list[i]);
			return &list[i];
		}
	}
	return NULL;
}

void change_note(enum change kind, pid_t tgid, pid_t tid)
{
	struct pending *p;

	pthread_mutex_lock(&lock);
	p = free_row();
	if (p) {
		*p = (struct pending){ kind, tgid, tid };
		atomic_fetch_add(&used, 1);
	} else {
		atomic_store(&too_many, true);
	}
	atomic_fetch_add(&epochs[kind][(unsigned int)tgid % EPOCHS], 1);
	atomic_fetch_add(&epoch_all[kind], 1);
	pthread_mutex_unlock(&lock);
}

void change_over(pid_t tid)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < CHANGES_MAX; i++)
		if (list[i].kind && list[i].tid == tid)
			drop(&list[i]);
	pthread_mutex_unlock(&lock);
}

bool change_is_pending(enum change kind, pid_t tgid, pid_t but_tid)
{
	bool found = false;

	if (atomic_load(&too_many))
		return true;
	if (atomic_load(&used) == 0)
		return false;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < CHANGES_MAX; i++) {
		struct pending *p = &list[i];

		if (p->kind != kind || p->tgid != tgid || p->tid == but_tid)
			continue;
		if (is_alive(p))
			found = true;
		else
			drop(p);
	}
	pthread_mutex_unlock(&lock);
	return found;
}
