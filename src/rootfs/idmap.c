// SPDX-License-Identifier: GPL-2.0-or-later
/* A user namespace whose only purpose is to carry the maps of an id-mapped mount. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "kernel/pidfd.h"
#include "rootfs/internal.h"

static int write_maps(int procdir, const char *file, const struct spec_idmaps *maps)
{
	auto_(strbuf_done) struct strbuf text = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < maps->n; i++)
		r = strbuf_addf(&text, "%u %u %u\n", maps->v[i].container,
				maps->v[i].host, maps->v[i].size);
	return r < 0 ? r : fd_write_file(procdir, file, text.s);
}

int idmap_userns(const struct spec_idmaps *uids, const struct spec_idmaps *gids,
		 struct err *e)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	auto_close int dir = -EBADF;
	char path[32];
	pid_t pid = kernel_clone3(&args);
	int r, fd = -EBADF;

	if (pid < 0)
		return err_set(e, errno, "make a user namespace for an id-mapped mount");
	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : write_maps(dir, "uid_map", uids);
	if (r == 0)
		r = write_maps(dir, "gid_map", gids);
	if (r == 0) {
		fd = openat(dir, "ns/user", O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? -errno : 0;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? err_set(e, -r, "write the maps of an id-mapped mount") : fd;
}
