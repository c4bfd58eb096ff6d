// SPDX-License-Identifier: GPL-2.0-or-later
/* Out of memory in a cgroup: something to poll, and how often it happened. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cgroup/ops.h"

#define EVENTS_MAX 4096

/* v2 */
static uint64_t kills(const char *dir)
{
	char text[EVENTS_MAX];

	if (cgroup_read_at(dir, "memory.events", text, sizeof(text)) < 0)
		return 0;
	return cgroup_keyed(text, "oom_kill");
}

static int open_v2(const char *dir)
{
	auto_free char *path = str_printf("%s/memory.events", dir);
	int fd = path ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1;

	if (fd >= 0 && inotify_add_watch(fd, path, IN_MODIFY) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd < 0 ? -ENOMEM : fd;
}

/* v1: "EVENTFD FD_OF_memory.oom_control" to cgroup.event_control (memcg_test.txt, kernel). */
static int open_v1(const char *dir)
{
	auto_free char *path = str_printf("%s/memory.oom_control", dir);
	auto_close int control = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	auto_close int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	char text[32];
	int r;

	if (control < 0 || fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d %d", fd, control);
	r = cgroup_write_at(dir, "cgroup.event_control", text);
	return r < 0 ? r : take_fd(fd);
}

int cgroup_oom_open(const struct cgroup *cg, struct cgroup_oom *ret)
{
	const char *dir = cgroup_dir(cg, "memory");

	*ret = (struct cgroup_oom){ .fd = -EBADF };
	if (!dir)
		return -ENODEV;
	ret->seen = cg->layout == CGROUP_V2 ? kills(dir) : 0;
	ret->fd = cg->layout == CGROUP_V2 ? open_v2(dir) : open_v1(dir);
	return ret->fd < 0 ? ret->fd : 0;
}

uint64_t cgroup_oom_take(const struct cgroup *cg, struct cgroup_oom *o)
{
	char buf[sizeof(struct inotify_event) + NAME_MAX + 1];
	const char *dir = cgroup_dir(cg, "memory");
	uint64_t before = o->seen, n = 0;

	/* v1 also wakes who listens to a cgroup that is removed. */
	if (cg->layout != CGROUP_V2) {
		if (read(o->fd, &n, sizeof(n)) != sizeof(n) || access(dir, F_OK) < 0)
			return 0;
		return n;
	}
	while (read(o->fd, buf, sizeof(buf)) > 0)
		;
	o->seen = kills(dir);
	return o->seen > before ? o->seen - before : 0;
}

void cgroup_oom_close(struct cgroup_oom *o)
{
	cleanup_close(&o->fd);
}
