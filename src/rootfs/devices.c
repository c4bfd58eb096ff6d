// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The container's /dev.  A tmpfs on /dev is filled by the runtime while it is detached
 * and nobody can see it: with real nodes, also for a user namespace, whose init could
 * not make any.  Everywhere else nodes are made, or the host's bound, through descriptors
 * of their directories; a link in the last component is never followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/pidfd.h"
#include "rootfs/internal.h"

static const struct spec_device defaults[] = {
	{ "/dev/null", 'c', 1, 3, 0666, 0, 0 },
	{ "/dev/zero", 'c', 1, 5, 0666, 0, 0 },
	{ "/dev/full", 'c', 1, 7, 0666, 0, 0 },
	{ "/dev/random", 'c', 1, 8, 0666, 0, 0 },
	{ "/dev/urandom", 'c', 1, 9, 0666, 0, 0 },
	{ "/dev/tty", 'c', 5, 0, 0666, 0, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "ptmx", "pts/ptmx" },
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },	/* the last: only where the host has one */
};

static const struct spec_device *device_at(const struct rootfs *r, size_t i)
{
	const struct spec *s = r->args.spec;

	/* config.json's first: its mode and owner win where it lists a default one. */
	if (i < s->devices_n)
		return &s->devices[i];
	i -= s->devices_n;
	return i < ARRAY_SIZE(defaults) ? &defaults[i] : NULL;
}

static mode_t device_type(const struct spec_device *d)
{
	return d->type == 'b' ? S_IFBLK : d->type == 'p' ? S_IFIFO : S_IFCHR;
}

static bool is_device(const struct stat *st, const struct spec_device *d)
{
	return (st->st_mode & S_IFMT) == device_type(d) &&
	       (d->type == 'p' ||
		st->st_rdev == makedev((unsigned int)d->major, (unsigned int)d->minor));
}

static int node_make(struct rootfs *r, int dir, const char *name,
		     const struct spec_device *d)
{
	const struct ns_plan *ns = r->args.ns;
	dev_t rdev = d->type == 'p' ?
			     0 :
			     makedev((unsigned int)d->major, (unsigned int)d->minor);
	uid_t uid = rootfs_host_id(&ns->uid_maps, r->userns && !r->in_init, d->uid);
	gid_t gid = rootfs_host_id(&ns->gid_maps, r->userns && !r->in_init, d->gid);
	struct stat st;

	if (mknodat(dir, name, device_type(d) | (d->mode & 07777), rdev) < 0) {
		int r_mknod = -errno;

		if (r_mknod != -EEXIST)
			return r_mknod;
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		return is_device(&st, d) ? 0 : -EEXIST;
	}
	if ((uid || gid) && fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

/* An empty file to mount over; what is there already must not be a link. */
static int file_make(int dir, const char *name, struct stat *ret_st)
{
	auto_close int fd = openat(
		dir, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	auto_close int target = -EBADF;

	if (fd < 0 && errno != EEXIST)
		return -errno;
	target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || fstat(target, ret_st) < 0)
		return -errno;
	if (S_ISLNK(ret_st->st_mode))
		return -ELOOP;
	return take_fd(target);
}

/* The host's node of the same path, if it really is that device. */
static int node_bind(int dir, const char *name, const struct spec_device *d)
{
	auto_close int source = open(d->path, O_PATH | O_CLOEXEC);
	auto_close int target = -EBADF, mnt = -EBADF;
	struct stat st;
	int r;

	if (source < 0 || fstat(source, &st) < 0)
		return -errno;
	if (!is_device(&st, d))
		return -ENXIO;
	target = file_make(dir, name, &st);
	if (target < 0)
		return target;
	if (is_device(&st, d))
		return 0;
	mnt = mnt_clone_fd(source, 0);
	if (mnt < 0)
		return mnt;
	r = mnt_seal_device(mnt);
	return r < 0 ? r : mnt_attach(mnt, target);
}

static int node_in(struct rootfs *r, int dir, const char *name,
		   const struct spec_device *d)
{
	int rc;

	if (r->in_init && r->userns && d->type != 'p')
		return node_bind(dir, name, d);
	rc = node_make(r, dir, name, d);
	return rc == -EPERM && r->in_init ? node_bind(dir, name, d) : rc;
}

/* Split d->path into an opened directory and the last component. */
static int device_add(struct rootfs *r, const struct spec_device *d, const char *path,
		      int base)
{
	const char *slash = strrchr(path, '/');
	auto_close int dir = -EBADF;
	char parent[PATH_MAX];

	if (!slash || slash == path)	/* directly in base */
		return node_in(r, base, slash ? slash + 1 : path, d);
	if ((size_t)(slash - path) >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	dir = path_mkdir_in_root(base, parent, 0755);
	return dir < 0 ? dir : node_in(r, dir, slash + 1, d);
}

static int devices_add(struct rootfs *r, struct err *e)
{
	const struct spec_device *d;

	for (size_t i = 0; (d = device_at(r, i)); i++) {
		bool in_dev = !strncmp(d->path, "/dev/", 5);
		int rc;

		if (in_dev ? r->in_init && r->dev_filled : !r->in_init)
			continue;
		rc = in_dev ? device_add(r, d, d->path + 5, r->dev) :
			      device_add(r, d, d->path, r->root);
		if (rc < 0)
			return err_set(e, -rc, "make device '%s'", d->path);
	}
	return 0;
}

static int links_add(int dev, struct err *e)
{
	/* A node that config.json lists there would be the host's kind of ptmx. */
	unlinkat(dev, "ptmx", 0);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (!strcmp(links[i].name, "core") && access("/proc/kcore", F_OK) < 0)
			continue;
		if (symlinkat(links[i].target, dev, links[i].name) < 0 && errno != EEXIST)
			return err_set(e, errno, "make link '/dev/%s'", links[i].name);
	}
	return 0;
}

static int fill(struct rootfs *r, struct err *e)
{
	mode_t old = umask(0);
	int rc = devices_add(r, e);

	if (rc == 0 && !r->dev_filled)
		rc = links_add(r->dev, e);
	umask(old);
	return rc;
}

/* Whether the runtime may make the tmpfs of /dev: its owner must be known on the host. */
static bool may_prepare(const struct rootfs *r)
{
	const struct rootfs_step *st = r->plan.dev;

	if (!st || (st->opt.flags & OPT_COPYUP) ||
	    !rootfs_options_has_data(&st->opt, "mode"))
		return false;
	if (!r->userns || r->args.ns->identity)
		return true;
	return (r->args.ns->clone_flags & CLONE_NEWUSER) &&
	       idmap_to_host(&r->args.ns->uid_maps, 0) >= 0 &&
	       !rootfs_options_has_data(&st->opt, "uid") &&
	       !rootfs_options_has_data(&st->opt, "gid");
}

int devices_prepare(struct rootfs *r, struct err *e)
{
	struct rootfs_step *st = r->plan.dev;
	struct err why = ERR_INIT;
	struct mnt_fs fs;
	uid_t uid;
	gid_t gid;
	int rc;

	if (!may_prepare(r))
		return 0;
	fs = (struct mnt_fs){ .type = st->type,
			      .source = st->spec->source,
			      .o = &st->opt,
			      .label = r->args.spec->mount_label };
	r->dev = mnt_new(&fs, &why);
	rc = r->dev < 0 ? r->dev : fill(r, &why);
	uid = rootfs_host_id(&r->args.ns->uid_maps, r->userns, 0);
	gid = rootfs_host_id(&r->args.ns->gid_maps, r->userns, 0);
	if (rc == 0 && (uid || gid) && fchownat(r->dev, "", uid, gid, AT_EMPTY_PATH) < 0)
		rc = err_set(&why, errno, "give '/dev' to the container's root");
	if (rc == 0) {
		st->mnt = r->dev;
		r->dev_filled = true;
		return 0;
	}
	cleanup_close(&r->dev);
	r->dev = -EBADF;
	if (rc == -EPERM)
		return 0;	/* no privilege here: the init binds the host's nodes */
	if (e)
		*e = why;
	return err_prefix(e, "mount '%s' on '%s'", st->type, st->spec->destination);
}

int devices_apply(struct rootfs *r, struct err *e)
{
	if (r->plan.dev_is_bind)
		return 0;
	if (r->plan.dev) {
		r->dev = r->plan.dev->mnt;
	} else {
		r->dev = path_mkdir_in_root(r->root, "/dev", 0755);
		if (r->dev < 0)
			return err_set(e, -r->dev, "open '/dev'");
	}
	return fill(r, e);
}

int devices_open_null(struct rootfs *r, struct err *e)
{
	auto_close int fd = -EBADF;
	struct stat st;
	int rc;

	if (!r->args.spec->masked_paths.n)
		return 0;
	fd = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "open '/dev/null'");
	if (!is_device(&st, &defaults[0]))
		return err_text(e, ENXIO,
				"the host's '/dev/null' is not the null device");
	r->null.fd = mnt_clone_fd(fd, 0);
	if (r->null.fd < 0)
		return err_set(e, -r->null.fd, "copy the mount of '/dev/null'");
	rc = mnt_seal_device(r->null.fd);
	return rc < 0 ? err_set(e, -rc, "protect the mount of '/dev/null'") : 0;
}

int devices_bind_console(struct rootfs *r, int slave, struct err *e)
{
	auto_close int own = -EBADF, target = -EBADF, mnt = -EBADF;
	int rc, dev = r->dev;
	struct stat st;

	if (dev < 0)
		dev = own = path_open_in_root(r->root, "/dev", O_PATH | O_DIRECTORY, 0);
	if (dev < 0)
		return err_set(e, -dev, "open '/dev'");
	target = file_make(dev, "console", &st);
	if (target >= 0 && !S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return err_text(e, EINVAL,
				"'/dev/console' is neither a file nor a device");
	if (target < 0)
		return err_set(e, -target, "make '/dev/console'");
	mnt = mnt_clone_fd(slave, 0);
	rc = mnt < 0 ? mnt : mnt_attach(mnt, target);
	return rc < 0 ? err_set(e, -rc, "mount the terminal on '/dev/console'") : 0;
}
