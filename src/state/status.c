// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a container lives: asked of the kernel each time, never of the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "state/state.h"

static const char *const names[] = {
	[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created",
	[STATUS_RUNNING] = "running",	[STATUS_PAUSED] = "paused",
	[STATUS_STOPPED] = "stopped",
};

const char *status_name(enum status s)
{
	return names[s];
}

/*
 * "PID (name) S ..." of /proc/PID/stat: the name may hold anything, so the fields count
 * from the last ')'; the start time is the 22nd.
 */
static int read_stat(pid_t pid, char *ret_state, uint64_t *ret_starttime)
{
	char path[32], buf[1024], *p;
	auto_close int fd = -EBADF;
	ssize_t n;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	p = strrchr(buf, ')');
	if (!p || p[1] != ' ' || !p[2])
		return -EINVAL;
	*ret_state = p[2];
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	*ret_starttime = 0;
	for (p = p ? p + 1 : buf + n; *p >= '0' && *p <= '9'; p++)
		*ret_starttime = *ret_starttime * 10 + (uint64_t)(*p - '0');
	return *ret_starttime ? 0 : -EINVAL;
}

uint64_t state_process_starttime(pid_t pid)
{
	uint64_t starttime;
	char state;

	return read_stat(pid, &state, &starttime) < 0 ? 0 : starttime;
}

bool state_process_lives(pid_t pid, uint64_t starttime)
{
	uint64_t now;
	char state;

	return read_stat(pid, &state, &now) == 0 && now == starttime && state != 'Z' &&
	       state != 'X';
}

enum status state_status(int dirfd, const struct state *s)
{
	if (!state_process_lives(s->pid, s->pid_starttime))
		return STATUS_STOPPED;
	if (cgroup_is_frozen(&s->cgroup))
		return STATUS_PAUSED;
	if (faccessat(dirfd, "start.fifo", F_OK, 0) == 0)
		return STATUS_CREATED;
	return STATUS_RUNNING;
}
