// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The runtime's part, before the init exists: everything that the host's privileges are
 * needed or better for is made here as detached mounts.  A user namespace's init could
 * neither reach every source, nor take mounts apart, nor loosen their locked flags.
 * Without privilege (EPERM) a piece is left to the init, never an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"
#include "rootfs/bind.h"
#include "rootfs/internal.h"

uint32_t rootfs_host_id(const struct spec_idmaps *maps, bool userns, uint32_t id)
{
	int64_t host = userns ? idmap_to_host(maps, id) : (int64_t)id;

	return host < 0 ? 0 : (uint32_t)host;
}

static bool has_userns(const struct ns_plan *ns)
{
	if (ns->clone_flags & CLONE_NEWUSER)
		return true;
	for (size_t i = 0; i < ns->join_n; i++)
		if (ns->join[i].flag == CLONE_NEWUSER)
			return true;
	return false;
}

int root_open(struct rootfs *r, struct err *e)
{
	struct stat st;
	int rc;

	r->root = mnt_clone(AT_FDCWD, r->args.rootfs, AT_RECURSIVE);
	if (r->root < 0)
		return err_set(e, -r->root, "open root file system '%s'", r->args.rootfs);
	if (fstat(r->root, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "open root file system '%s'", r->args.rootfs);
	rc = mnt_set_propagation(r->root, AT_RECURSIVE, MS_SLAVE);
	if (rc < 0)
		return err_set(e, -rc, "detach root file system '%s'", r->args.rootfs);
	return 0;
}

static int prepare_root(struct rootfs *r, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = root_open(r, &why);

	if (rc == -EPERM || rc == -EACCES)
		return 0;
	if (rc < 0 && e)
		*e = why;
	return rc;
}

static int prepare_step(struct rootfs *r, struct rootfs_step *st, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = 0;

	if (st->kind == STEP_BIND && !st->in_rootfs)
		rc = bind_open(r, st, &why);
	else if (st->kind == STEP_FS && r->userns)
		rc = fsns_prepare(r, st, &why);
	if (rc == -EPERM || rc == -EACCES)
		return 0;
	if (rc < 0) {
		if (e)
			*e = why;
		return err_prefix(e, "mount '%s' on '%s'", st->type,
				  st->spec->destination);
	}
	return 0;
}

static int prepare(struct rootfs *r, struct err *e)
{
	int rc = rootfs_plan(&r->args, &r->plan, e);

	if (rc < 0)
		return rc;
	r->userns = has_userns(r->args.ns);
	rc = prepare_root(r, e);
	for (size_t i = 0; rc == 0 && i < r->plan.n; i++)
		rc = prepare_step(r, &r->plan.steps[i], e);
	return rc < 0 ? rc : devices_prepare(r, e);
}

int rootfs_prepare(const struct rootfs_args *args, struct rootfs **ret, struct err *e)
{
	struct rootfs *r = calloc(1, sizeof(*r));
	const struct spec_ns *ns = &args->spec->ns[SPEC_NS_MOUNT];
	int rc = 0;

	*ret = NULL;
	if (!r)
		return err_set(e, ENOMEM, "prepare the root file system");
	r->args = *args;
	r->root = r->dev = r->null.fd = -EBADF;
	if (ns->present && ns->path)
		r->inactive = true;
	else if (!ns->present)
		rc = err_text(
			e, EINVAL,
			"config.json: .linux.namespaces: a mount namespace is needed");
	else
		rc = prepare(r, e);
	if (rc < 0) {
		rootfs_free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void rootfs_free(struct rootfs *r)
{
	if (!r)
		return;
	if (!r->plan.dev)	/* else it is the step's */
		cleanup_close(&r->dev);
	rootfs_plan_done(&r->plan);
	cleanup_close(&r->root);
	cleanup_close(&r->null.fd);
	free(r);
}
