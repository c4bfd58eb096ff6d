// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bind mounts as detached trees.  Every attribute is set before the tree is attached:
 * there is no moment at which the container could see it without them.
 */
#include "rootfs/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "rootfs/internal.h"

static int source_clone(struct rootfs *r, const struct rootfs_step *st)
{
	int flags = st->opt.flags & OPT_REC ? AT_RECURSIVE : 0;
	auto_close int fd = -EBADF;

	if (!st->in_rootfs)
		return mnt_clone(AT_FDCWD, st->source, flags);
	fd = path_open_in_root(r->root, st->source, O_PATH, 0);
	return fd < 0 ? fd : mnt_clone_fd(fd, flags);
}

static int apply_idmap(struct rootfs *r, const struct rootfs_step *st, int mnt,
		       struct err *e)
{
	const struct spec_idmaps *uids = &st->spec->uid_maps, *gids = &st->spec->gid_maps;
	auto_close int userns = -EBADF;
	int rc;

	if (!(st->opt.flags & (OPT_IDMAP | OPT_RIDMAP)) && !uids->n)
		return 0;
	if (!uids->n) {
		uids = &r->args.ns->uid_maps;
		gids = &r->args.ns->gid_maps;
	}
	if (!uids->n || !gids->n)
		return err_text(e, EINVAL,
				"an id-mapped mount needs uidMappings and gidMappings, "
				"its own or the container's");
	userns = idmap_userns(uids, gids, e);
	if (userns < 0)
		return userns;
	rc = mnt_set_idmap(mnt, st->opt.flags & OPT_RIDMAP ? AT_RECURSIVE : 0, userns);
	return rc < 0 ? err_set(e, -rc, "map the ids of '%s'", st->spec->source) : 0;
}

/*
 * A copy is a peer of its source until told otherwise: what the container mounts would
 * show up on the host.  Only rootfsPropagation "shared" asks for that, and never across
 * a user namespace.
 */
static int cut_propagation(struct rootfs *r, const struct rootfs_step *st, int mnt)
{
	const struct rootfs_propagation *first = &st->opt.propagation[0];

	if (r->plan.propagation.type == MS_SHARED && !r->userns)
		return 0;
	if (st->opt.propagation_n && first->recursive && first->type != MS_SHARED)
		return 0;
	return mnt_set_propagation(mnt, AT_RECURSIVE, MS_SLAVE);
}

int bind_open(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	auto_close int mnt = source_clone(r, st);
	int rc;

	if (mnt < 0)
		return err_set(e, -mnt, "open source '%s'", st->spec->source);
	rc = apply_idmap(r, st, mnt, e);
	if (rc < 0)
		return rc;
	rc = cut_propagation(r, st, mnt);
	if (rc == 0)
		rc = mnt_apply_options(mnt, &st->opt);
	if (rc < 0)
		return err_set(e, -rc, "set the options of '%s'", st->spec->source);
	st->mnt = take_fd(mnt);
	return 0;
}
