// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A container's cgroup to look at, from within its user namespace: root in there may be
 * the owner of the files, so what is handed on is a read-only mount that ends at the
 * directory, and nobody comes from it to the cgroups above.
 */
#include <fcntl.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "cgroup/ops.h"

static int open_view(const char *dir)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int fd = open_tree(AT_FDCWD, dir, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd >= 0 && mount_setattr(fd, "", AT_EMPTY_PATH, &ro, sizeof(ro)) == 0)
		return take_fd(fd);
	/* Without privilege: then the container has got no more than its caller either. */
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void cgroup_view_open(const struct cgroup *cg, int ret[CGROUP_VIEWS])
{
	static const char *const controllers[CGROUP_VIEWS] = { "cpuacct", "cpuset",
							       "memory", "pids" };

	for (size_t i = 0; i < CGROUP_VIEWS; i++) {
		const char *dir = cgroup_dir(cg, controllers[i]);

		if (i && cg->layout == CGROUP_V2)
			ret[i] = fcntl(ret[0], F_DUPFD_CLOEXEC, 3);
		else
			ret[i] = dir ? open_view(dir) : -1;
	}
}

void cgroup_view_close(int views[CGROUP_VIEWS])
{
	for (size_t i = 0; i < CGROUP_VIEWS; i++) {
		cleanup_close(&views[i]);
		views[i] = -1;
	}
}
