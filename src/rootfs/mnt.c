// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounts as descriptors: see mnt.h.  Knows nothing about containers. */
#include "rootfs/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

#define VALUE_MAX 255	/* of fsconfig(2)'s strings */

int mnt_clone(int dirfd, const char *path, int flags)
{
	int fd = open_tree(dirfd, path,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (unsigned int)flags);

	if (fd < 0 && errno == EINVAL && !(flags & AT_RECURSIVE))
		fd = open_tree(dirfd, path,
			       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				       (unsigned int)flags);
	return fd < 0 ? -errno : fd;
}

int mnt_clone_fd(int fd, int flags)
{
	return mnt_clone(fd, "", flags | AT_EMPTY_PATH);
}

static bool is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where one is a directory and the other is not, mount(2) says so; callers match the text. */
int mnt_attach(int mnt, int target)
{
	int r;

	if (move_mount(mnt, "", target, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return 0;
	r = -errno;
	return r == -EINVAL && is_dir(mnt) != is_dir(target) ? -ENOTDIR : r;
}

static int setattr(int mnt, int flags, struct mount_attr *attr)
{
	if (mount_setattr(mnt, "", AT_EMPTY_PATH | (unsigned int)flags, attr,
			  sizeof(*attr)) < 0)
		return -errno;
	return 0;
}

int mnt_set_attr(int mnt, int flags, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear };
	int r;

	if (!set && !clear)
		return 0;
	r = setattr(mnt, flags, &attr);
	/* A locked access time: the wish for the default is no promise worth a failure. */
	if (r == -EPERM && (clear & MOUNT_ATTR__ATIME) && !(set & MOUNT_ATTR__ATIME)) {
		attr.attr_clr &= ~(uint64_t)MOUNT_ATTR__ATIME;
		r = setattr(mnt, flags, &attr);
	}
	return r;
}

int mnt_set_propagation(int mnt, int flags, unsigned long type)
{
	struct mount_attr attr = { .propagation = type };

	return setattr(mnt, flags, &attr);
}

int mnt_set_idmap(int mnt, int flags, int userns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t)userns };

	return setattr(mnt, flags, &attr);
}

int mnt_seal_device(int mnt)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};

	return setattr(mnt, 0, &attr);
}

int mnt_apply_options(int mnt, const struct rootfs_options *o)
{
	int r = mnt_set_attr(mnt, 0, o->set, o->clear);

	if (r == 0)
		r = mnt_set_attr(mnt, AT_RECURSIVE, o->rec_set, o->rec_clear);
	for (size_t i = 0; r == 0 && i < o->propagation_n; i++)
		r = mnt_set_propagation(mnt,
					o->propagation[i].recursive ? AT_RECURSIVE : 0,
					o->propagation[i].type);
	return r;
}

int mnt_id(int fd, uint64_t *ret_id)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &stx) < 0)
		return -errno;
	*ret_id = stx.stx_mnt_id;
	return 0;
}

/* What the kernel has to say about a file system context: "e tmpfs: Bad value for 'size'". */
static int context_error(int fs, int code, const char *what, struct err *e)
{
	char text[256];
	ssize_t n = read(fs, text, sizeof(text) - 1);

	if (n <= 2)
		return err_set(e, code, "%s", what);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return err_set(e, code, "%s: %s", what, text + 2);
}

static int context_set(int fs, const char *key, const char *value, struct err *e)
{
	char what[VALUE_MAX + 64];
	int r = value ? fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) :
			fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);

	if (r == 0)
		return 0;
	r = errno;
	snprintf(what, sizeof(what), "option '%s%s%s'", key, value ? "=" : "",
		 value ? value : "");
	return context_error(fs, r, what, e);
}

static int context_set_data(int fs, const char *word, struct err *e)
{
	char key[VALUE_MAX + 1];
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);

	if (!len)
		return 0;
	if (len >= sizeof(key))
		return err_set(e, ENAMETOOLONG, "option '%.32s...'", word);
	memcpy(key, word, len);
	key[len] = '\0';
	return context_set(fs, key, eq ? eq + 1 : NULL, e);
}

static const struct {
	unsigned long flag;
	const char *on, *off;
} sb_words[] = {
	{ MS_RDONLY, "ro", "rw" },
	{ MS_SYNCHRONOUS, "sync", "async" },
	{ MS_DIRSYNC, "dirsync", NULL },
	{ MS_MANDLOCK, "mand", "nomand" },
	{ MS_LAZYTIME, "lazytime", "nolazytime" },
};

static int context_set_options(int fs, const struct rootfs_options *o, bool off,
			       struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->data_n; i++)
		r = context_set_data(fs, o->data[i], e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(sb_words); i++) {
		if (o->sb_set & sb_words[i].flag)
			r = context_set(fs, sb_words[i].on, NULL, e);
		else if (off && (o->sb_clear & sb_words[i].flag) && sb_words[i].off)
			r = context_set(fs, sb_words[i].off, NULL, e);
	}
	return r;
}

bool mnt_new_fits(const struct mnt_fs *fs)
{
	if (fs->source && strlen(fs->source) > VALUE_MAX)
		return false;
	for (size_t i = 0; i < fs->o->data_n; i++)
		if (strlen(fs->o->data[i]) > VALUE_MAX)
			return false;
	return true;
}

int mnt_new(const struct mnt_fs *fs, struct err *e)
{
	auto_close int ctx = fsopen(fs->type, FSOPEN_CLOEXEC);
	uint64_t attr = (fs->o->set & ~fs->o->rec_clear) | fs->o->rec_set;
	char mode[16];
	int r, fd;

	if (ctx < 0)
		return err_set(e, errno, "open file system type '%s'", fs->type);
	r = fs->source && *fs->source ? context_set(ctx, "source", fs->source, e) : 0;
	if (r == 0)
		r = context_set_options(ctx, fs->o, false, e);
	if (r == 0 && fs->mode && !rootfs_options_has_data(fs->o, "mode")) {
		snprintf(mode, sizeof(mode), "%o", fs->mode & 07777);
		r = context_set(ctx, "mode", mode, e);
	}
	if (r == 0 && fs->label && *fs->label)
		r = context_set(ctx, "context", fs->label, e);
	if (r < 0)
		return r;
	if (fsconfig(ctx, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return context_error(ctx, errno, "make the file system", e);
	fd = fsmount(ctx, FSMOUNT_CLOEXEC, (unsigned int)attr);
	if (fd < 0)
		return context_error(ctx, errno, "make the mount", e);
	return fd;
}

int mnt_classic(const struct mnt_fs *fs, int target, struct err *e)
{
	auto_(strbuf_done) struct strbuf data = { 0 };
	auto_close int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	for (size_t i = 0; r == 0 && i < fs->o->data_n; i++)
		r = strbuf_addf(&data, "%s%s", i ? "," : "", fs->o->data[i]);
	if (r == 0 && fs->label && *fs->label)
		r = strbuf_addf(&data, "%scontext=\"%s\"", data.len ? "," : "",
				fs->label);
	if (r < 0 || back < 0 || fchdir(target) < 0)
		return err_set(e, r < 0 ? -r : errno, "mount it");
	if (mount(fs->source, ".", fs->type, fs->o->sb_set & ~(unsigned long)MS_REMOUNT,
		  data.s) < 0)
		r = err_set(e, errno, "mount it");
	if (fchdir(back) < 0 && r == 0)
		r = err_set(e, errno, "return to the working directory");
	return r;
}

int mnt_reconfigure(int target, const struct rootfs_options *o, struct err *e)
{
	auto_close int ctx = -EBADF;
	int r;

	if (!o->data_n)
		return 0;
	ctx = fspick(target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (ctx < 0)
		return err_set(e, errno, "open it for new options");
	r = context_set_options(ctx, o, true, e);
	if (r < 0)
		return r;
	if (fsconfig(ctx, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return context_error(ctx, errno, "change the file system's options", e);
	return 0;
}

int mnt_stamp_attach(struct mnt_stamp *s, int target)
{
	auto_close int copy = -EBADF;
	int r;

	if (!s->used) {
		r = mnt_attach(s->fd, target);
		s->used = r == 0;
		return r;
	}
	copy = mnt_clone_fd(s->fd, 0);
	return copy < 0 ? copy : mnt_attach(copy, target);
}
