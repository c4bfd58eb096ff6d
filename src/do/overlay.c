// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The private place of one sandbox: namespaces of our own, an in-memory file system in
 * them, and overlays on it.  Nothing of it is visible on the host but an empty directory,
 * and it goes with the last process in it.  Overlay layers are named by descriptor, so that
 * no path has to be quoted.
 */
#include "do/internal.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/path.h"

#define NOBODY 65534

static int enter_namespaces(struct do_scratch *s, const char *user, struct err *e)
{
	int r;

	if (geteuid() || unshare(CLONE_NEWNS) < 0) {
		if (!geteuid() && errno != EPERM)
			return err_set(e, errno, "make a mount namespace");
		r = do_userns_enter(user, e);
		if (r < 0)
			return r;
		s->own_userns = true;
	}
	/* Slave: an unmount on the host still reaches us, nothing of ours reaches it. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_set(e, errno, "make mounts private");
	return 0;
}

int do_scratch_open(const char *root, const char *user, struct do_scratch *ret,
		    struct err *e)
{
	/* '~' is in no container's id. */
	auto_free char *path = str_printf("%s/~do-XXXXXX", root);
	int r;

	*ret = (struct do_scratch)DO_SCRATCH_INIT;
	if (!path)
		return err_set(e, ENOMEM, "name a directory");
	r = enter_namespaces(ret, user, e);
	if (r < 0)
		return r;
	if (!mkdtemp(path))
		return err_set(e, errno, "make a directory in '%s'", root);
	ret->path = take_ptr(path);
	if (mount("tmpfs", ret->path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0) {
		r = err_set(e, errno, "mount a tmpfs on '%s'", ret->path);
		rmdir(ret->path);
		free(take_ptr(ret->path));
		return r;
	}
	ret->dirfd = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dirfd < 0)
		return err_set(e, errno, "open '%s'", ret->path);
	return 0;
}

static void remove_disk(struct do_scratch *s)
{
	auto_close int fd = open(s->disk, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		do_remove_below(fd, NULL);
	rmdir(s->disk);
}

void do_scratch_close(struct do_scratch *s)
{
	if (s->lower >= 0)
		close(s->lower);
	if (s->dirfd >= 0)
		close(s->dirfd);
	if (s->path) {
		umount2(s->path, MNT_DETACH);
		rmdir(s->path);
	}
	if (s->disk)
		remove_disk(s);
	free(s->path);
	free(s->disk);
	free(s->upper);
	free(s->work);
	*s = (struct do_scratch)DO_SCRATCH_INIT;
}

/* Does the file system of dir keep overlayfs's marks under this name? */
static bool has_xattr(const char *dir, const char *name)
{
	if (setxattr(dir, name, "y", 1, 0) < 0)
		return false;
	removexattr(dir, name);
	return true;
}

static int make_layers(struct do_scratch *s, const char *dir, struct err *e)
{
	free(s->upper);
	free(s->work);
	s->upper = str_printf("%s/upper", dir);
	s->work = str_printf("%s/work", dir);
	if (!s->upper || !s->work)
		return err_set(e, ENOMEM, "name the overlay's directories");
	if (mkdir(s->upper, 0755) < 0 || mkdir(s->work, 0700) < 0)
		return err_set(e, errno, "make the overlay's directories in '%s'", dir);
	return 0;
}

/*
 * Where the writes go: our tmpfs, or, since tmpfs has no user.* attributes before Linux
 * 6.6 and others need privilege, a directory on disk.  Returns the mount options to match.
 */
static int choose_upper(struct do_scratch *s, const char **ret_options, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	int r = make_layers(s, s->path, e);

	if (r < 0)
		return r;
	*ret_options = ",redirect_dir=off,index=off,metacopy=off";
	if (has_xattr(s->upper, "trusted.overlay.probe"))
		return 0;
	*ret_options = ",userxattr";
	if (has_xattr(s->upper, "user.overlay.probe"))
		return 0;
	s->disk =
		str_printf("%s/picket-do-XXXXXX", tmp && *tmp == '/' ? tmp : "/var/tmp");
	if (!s->disk)
		return err_set(e, ENOMEM, "name a directory");
	if (!mkdtemp(s->disk)) {
		r = err_set(e, errno, "make '%s' for the overlay", s->disk);
		free(take_ptr(s->disk));
		return r;
	}
	return make_layers(s, s->disk, e);
}

static int open_dir(const char *path, struct err *e)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "open directory '%s'", path) : fd;
}

/* The root of an overlay takes its owner and mode from the upper directory. */
static int copy_owner(int from, int to, struct err *e)
{
	char path[PATH_FD_MAX];
	struct stat st;

	if (fstatat(from, "", &st, AT_EMPTY_PATH) < 0)
		return err_set(e, errno, "stat the current directory");
	path_of_fd(to, path);
	/* An owner that our user namespace does not know cannot be set: ours is fine. */
	if (chown(path, st.st_uid, st.st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return err_set(e, errno, "chown the overlay");
	if (chmod(path, st.st_mode & 07777) < 0)
		return err_set(e, errno, "chmod the overlay");
	return 0;
}

/* Dot-files of a home directory are keys, tokens and histories: whiteouts over all. */
static int hide_dot_files(const struct do_scratch *s, int lower, int *ret_mask,
			  struct err *e)
{
	char path[PATH_FD_MAX];
	auto_closedir DIR *dir = opendir(path_of_fd(lower, path));
	auto_close int mask = -EBADF;
	struct dirent *d;

	if (!dir)
		return err_set(e, errno, "read the current directory");
	if (mkdirat(s->dirfd, "home", 0755) < 0)
		return err_set(e, errno, "make a directory");
	mask = openat(s->dirfd, "home", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mask < 0)
		return err_set(e, errno, "open a directory");
	while ((d = readdir(dir))) {
		if (d->d_name[0] != '.' || str_eq(d->d_name, ".") ||
		    str_eq(d->d_name, ".."))
			continue;
		if (mknodat(mask, d->d_name, S_IFCHR, 0) < 0)
			return err_set(e, errno, "hide '%s'", d->d_name);
	}
	*ret_mask = take_fd(mask);
	return 0;
}

int do_overlay_cwd(struct do_scratch *s, const struct do_host *h, struct err *e)
{
	auto_close int upper = -EBADF, work = -EBADF, mask = -EBADF;
	char options[256], mask_layer[64] = "";
	const char *more;
	int r = choose_upper(s, &more, e);

	if (r < 0)
		return r;
	if ((s->lower = r = open_dir(h->cwd, e)) < 0 ||
	    (upper = r = open_dir(s->upper, e)) < 0 ||
	    (work = r = open_dir(s->work, e)) < 0 ||
	    (r = copy_owner(s->lower, upper, e)) < 0)
		return r;
	if (do_is_home(h)) {
		r = hide_dot_files(s, s->lower, &mask, e);
		if (r < 0)
			return r;
		snprintf(mask_layer, sizeof(mask_layer), "/proc/self/fd/%d:", mask);
	}
	if (mkdirat(s->dirfd, "cwd", 0755) < 0)
		return err_set(e, errno, "make a directory");
	snprintf(options, sizeof(options),
		 "lowerdir=%s/proc/self/fd/%d,"
		 "upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d%s",
		 mask_layer, s->lower, upper, work, more);
	if (mount("overlay", h->overlay, "overlay", MS_NOSUID | MS_NODEV, options) < 0) {
		r = errno;
		return err_set(e, r, "mount an overlay over '%s'%s", h->cwd,
			       r == EINVAL && s->own_userns ?
				       " (not possible to ordinary users "
				       "while something is mounted below it)" :
				       "");
	}
	return 0;
}

/*
 * Overlayfs opens the files below it with the credentials of the one who mounted it: an
 * fsuid of nobody drops, with the identity, the capabilities over files too.
 */
static int mount_as_nobody(const char *target, const char *options)
{
	auto_free gid_t *groups = malloc(NGROUPS_MAX * sizeof(*groups));
	int n, r;

	if (!groups)
		return -ENOMEM;
	n = getgroups(NGROUPS_MAX, groups);
	if (n < 0 || setgroups(0, NULL) < 0)
		return -errno;
	setfsgid(NOBODY);
	setfsuid(NOBODY);
	r = mount("overlay", target, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV,
		  options);
	r = r < 0 ? -errno : 0;
	setfsuid(geteuid());
	setfsgid(getegid());
	if (setgroups((size_t)n, groups) < 0)
		return -errno;
	return r;
}

int do_overlay_guard(const struct do_scratch *s, const char *path, const char *name,
		     const char *mask, struct err *e)
{
	auto_close int lower = open_dir(path, e);
	auto_close int top = openat(s->dirfd, mask, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int target = -EBADF;
	char options[128], at[PATH_FD_MAX];
	int r;

	if (lower < 0)
		return lower;
	if (top < 0 || mkdirat(s->dirfd, name, 0755) < 0)
		return err_set(e, errno, "make '%s'", name);
	target = openat(s->dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return err_set(e, errno, "open '%s'", name);
	snprintf(options, sizeof(options), "lowerdir=/proc/self/fd/%d:/proc/self/fd/%d",
		 top, lower);
	path_of_fd(target, at);
	if (s->own_userns)
		r = mount("overlay", at, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV,
			  options) < 0 ?
			    -errno :
			    0;
	else
		r = mount_as_nobody(at, options);
	return r < 0 ? err_set(e, -r, "mount a guarded view of '%s'", path) : 0;
}
