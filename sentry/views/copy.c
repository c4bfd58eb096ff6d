// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree as ordinary files, written once: what there is without FUSE. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "views/internal.h"
#include "views/tree.h"

static int copy_file(int dir, const char *name, view_node n)
{
	auto_close int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	struct strbuf b = { 0 };
	int r = fd < 0 ? -errno : 0;

	/* A file that cannot be read (the speed of an interface that is down) stays empty. */
	if (r == 0 && view_text(n, &b) == 0)
		r = fd_write_all(fd, b.s, b.len);
	strbuf_done(&b);
	return r;
}

static int copy_dir(int dir, view_node n)
{
	struct strv names = { 0 };
	int r = view_list(n, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		auto_close int sub = -EBADF;
		view_node child;

		if (view_lookup(n, names.v[i], &child) < 0)
			continue;
		if (!view_is_dir(child)) {
			r = copy_file(dir, names.v[i], child);
			continue;
		}
		if (mkdirat(dir, names.v[i], 0555) == 0)
			sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = sub < 0 ? -errno : copy_dir(sub, child);
	}
	strv_done(&names);
	return r;
}

int copy_tree(int dir)
{
	return copy_dir(dir, VIEW_ROOT);
}
