// SPDX-License-Identifier: GPL-2.0-or-later
/* SysV semaphores: semget, semop, semtimedop, semctl. */
#include <linux/sem.h>
#include <stdlib.h>
#include <time.h>

#include "ipc/ipc.h"
#include "sys/sys.h"

#define SECONDS_MAX (INT64_MAX / 2000000000)	/* further away nothing is */

struct reply sys_semget(struct call *c)
{
	int r = task_get(c);

	return reply_result(
		r < 0 ? r :
			ipc_sem_get(c, (int)c->arg[0], (int)c->arg[1], (int)c->arg[2]));
}

static int deadline_after(const struct timespec *in, struct ipc_deadline *ret)
{
	if (in->tv_sec < 0 || in->tv_nsec < 0 || in->tv_nsec >= 1000000000)
		return -EINVAL;
	ret->clock = CLOCK_MONOTONIC;
	clock_gettime(CLOCK_MONOTONIC, &ret->at);
	ret->at.tv_sec += in->tv_sec < SECONDS_MAX ? in->tv_sec : SECONDS_MAX;
	ret->at.tv_nsec += in->tv_nsec;
	if (ret->at.tv_nsec >= 1000000000) {
		ret->at.tv_sec++;
		ret->at.tv_nsec -= 1000000000;
	}
	return 0;
}

static int sem_op(struct call *c, const struct timespec *timeout)
{
	struct sembuf ops[SEMOPM];
	unsigned int n = arg_u32(c, 2);
	struct ipc_deadline until;
	int r;

	if (n > SEMOPM)
		return -E2BIG;
	if (n < 1)
		return -EINVAL;
	r = guest_read(c, ops, GPTR(c->arg[1]), n * sizeof(ops[0]));
	if (r == 0 && timeout)
		r = deadline_after(timeout, &until);
	return r < 0 ? r : ipc_sem_op(c, (int)c->arg[0], ops, n, timeout ? &until : NULL);
}

struct reply sys_semop(struct call *c)
{
	int r = task_get(c);

	return reply_result(r < 0 ? r : sem_op(c, NULL));
}

struct reply sys_semtimedop(struct call *c)
{
	struct timespec timeout;
	int r = task_get(c);

	if (r == 0 && c->arg[3])
		r = guest_read(c, &timeout, GPTR(c->arg[3]), sizeof(timeout));
	return reply_result(r < 0 ? r : sem_op(c, c->arg[3] ? &timeout : NULL));
}

static int sem_stat(struct call *c, int id, enum ipc_by by)
{
	struct semid64_ds ds;
	int r = ipc_sem_stat(c, id, by, &ds);

	if (r >= 0 && guest_write(c, GPTR(c->arg[3]), &ds, sizeof(ds)) < 0)
		return -EFAULT;
	return r;
}

static int sem_set(struct call *c, int id)
{
	struct semid64_ds ds;
	int r = guest_read(c, &ds, GPTR(c->arg[3]), sizeof(ds));

	return r < 0 ? r : ipc_sem_set(c, id, &ds);
}

static int sem_info(struct call *c, int cmd)
{
	struct seminfo info;
	int r = ipc_sem_info(cmd, &info);

	if (guest_write(c, GPTR(c->arg[3]), &info, sizeof(info)) < 0)
		return -EFAULT;
	return r;
}

static int get_all(struct call *c, int id)
{
	auto_free uint16_t *values = NULL;
	size_t n;
	int r = ipc_sem_values(c, id, &values, &n);

	return r < 0 ? r : guest_write(c, GPTR(c->arg[3]), values, n * sizeof(*values));
}

static int set_all(struct call *c, int id)
{
	auto_free uint16_t *values = NULL;
	int r = ipc_sem_count(c, id);
	size_t n = r < 0 ? 0 : (size_t)r;

	if (r < 0)
		return r;
	values = calloc(n, sizeof(*values));
	if (!values)
		return -ENOMEM;
	r = guest_read(c, values, GPTR(c->arg[3]), n * sizeof(*values));
	return r < 0 ? r : ipc_sem_set_values(c, id, values, n);
}

static int sem_control(struct call *c, int id, int num, int cmd)
{
	switch (cmd) {
	case IPC_STAT:
		return sem_stat(c, id, IPC_BY_ID);
	case SEM_STAT:
		return sem_stat(c, id, IPC_BY_INDEX);
	case SEM_STAT_ANY:
		return sem_stat(c, id, IPC_BY_INDEX_ANY);
	case IPC_INFO:
	case SEM_INFO:
		return sem_info(c, cmd);
	case IPC_SET:
		return sem_set(c, id);
	case IPC_RMID:
		return ipc_sem_remove(c, id);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return ipc_sem_value(c, id, num, cmd);
	case SETVAL:
		return ipc_sem_set_value(c, id, num, (int)c->arg[3]);
	case GETALL:
		return get_all(c, id);
	case SETALL:
		return set_all(c, id);
	default:
		return -EINVAL;
	}
}

struct reply sys_semctl(struct call *c)
{
	int id = (int)c->arg[0], r = task_get(c);

	return reply_result(r < 0  ? r :
			    id < 0 ? -EINVAL :
				     sem_control(c, id, (int)c->arg[1], (int)c->arg[2]));
}
