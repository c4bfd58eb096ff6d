// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lock the finished tree.  The kernel copies a mount namespace into a less privileged user
 * namespace with every mount below the root locked: it can neither be taken off, moved,
 * left behind by a bind mount, nor lose read-only, nosuid, nodev, noexec; its copies are
 * locked as well.  Such a copy takes the place of the tree that was built.  Root in the
 * container may then be given mounts of its own, and masks need no guarding.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rootfs/internal.h"

bool rootfs_wants_seal(const struct rootfs *r)
{
	const struct spec_caps *caps = &r->args.spec->process.caps;

	return !r->inactive && r->args.sentry != SENTRY_OFF && !r->args.no_pivot &&
	       (!caps->present || (caps->bounding & (1ull << CAP_SYS_ADMIN)));
}

/* In the child: the descriptor `as`, which the parent has too, becomes the copy. */
static int open_copy(int as)
{
	int fd = mnt_clone(AT_FDCWD, "/", AT_RECURSIVE);

	return fd < 0 || dup3(fd, as, O_CLOEXEC) < 0;
}

/* The kernel's administrator may not want user namespaces in user namespaces. */
int rootfs_seal(struct rootfs *r, struct err *e)
{
	auto_close int tree = -EBADF;
	pid_t pid;
	int rc;

	if (!rootfs_wants_seal(r))
		return 0;
	tree = fcntl(r->root, F_DUPFD_CLOEXEC, 0);
	if (tree < 0)
		return err_set(e, errno, "seal the mounts");
	pid = fsns_fork(CLONE_NEWUSER | CLONE_NEWNS);
	if (pid == 0)
		_exit(open_copy(tree));
	if (pid < 0 || fsns_reap(pid) != 0)
		return 0;
	rc = mnt_attach(tree, r->root);
	if (rc < 0)
		return err_set(e, -rc, "seal the mounts");
	cleanup_close(&r->root);
	r->root = take_fd(tree);
	r->sealed = true;
	return pivot_to_root(r, e);
}

bool rootfs_is_sealed(const struct rootfs *r)
{
	return r->sealed;
}
