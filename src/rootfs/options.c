// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one table of mount options.  A row names what the word sets and what it clears;
 * `picket features` lists the rows.  Makes no system calls.
 */
#include "rootfs/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "rootfs/rootfs.h"

enum kind { ATTR, REC, SB, FLAG, PROP };

struct row {
	const char *name;
	enum kind kind;
	uint64_t set, clear;	/* PROP: type, whether recursive */
	unsigned long sb_set;	/* ATTR: its twin of the whole file system */
	unsigned long sb_clear;
};

#define RDONLY		MOUNT_ATTR_RDONLY
#define NOSUID		MOUNT_ATTR_NOSUID
#define NODEV		MOUNT_ATTR_NODEV
#define NOEXEC		MOUNT_ATTR_NOEXEC
#define NODIRATIME	MOUNT_ATTR_NODIRATIME
#define NOSYMFOLLOW	MOUNT_ATTR_NOSYMFOLLOW
#define ATIME_FIELD	MOUNT_ATTR__ATIME
#define NOATIME		MOUNT_ATTR_NOATIME
#define STRICTATIME	MOUNT_ATTR_STRICTATIME

/*
 * Sorted by name.  The three ways to keep access times are one field of the kernel's:
 * switching any of them off leaves the default, relatime.
 */
static const struct row rows[] = {
	{ "async", SB, 0, MS_SYNCHRONOUS },
	{ "atime", ATTR, 0, ATIME_FIELD },
	{ "bind", FLAG, OPT_BIND, 0 },
	{ "defaults", FLAG, 0, 0 },
	{ "dev", ATTR, 0, NODEV },
	{ "diratime", ATTR, 0, NODIRATIME },
	{ "dirsync", SB, MS_DIRSYNC, 0 },
	{ "exec", ATTR, 0, NOEXEC },
	{ "idmap", FLAG, OPT_IDMAP, OPT_RIDMAP },
	{ "iversion", SB, MS_I_VERSION, 0 },
	{ "lazytime", SB, MS_LAZYTIME, 0 },
	{ "loud", SB, 0, MS_SILENT },
	{ "mand", SB, MS_MANDLOCK, 0 },
	{ "noatime", ATTR, NOATIME, ATIME_FIELD },
	{ "nodev", ATTR, NODEV, 0 },
	{ "nodiratime", ATTR, NODIRATIME, 0 },
	{ "noexec", ATTR, NOEXEC, 0 },
	{ "noiversion", SB, 0, MS_I_VERSION },
	{ "nolazytime", SB, 0, MS_LAZYTIME },
	{ "nomand", SB, 0, MS_MANDLOCK },
	{ "norelatime", ATTR, 0, ATIME_FIELD },
	{ "nostrictatime", ATTR, 0, ATIME_FIELD },
	{ "nosuid", ATTR, NOSUID, 0 },
	{ "nosymfollow", ATTR, NOSYMFOLLOW, 0 },
	{ "private", PROP, MS_PRIVATE, 0 },
	{ "ratime", REC, 0, ATIME_FIELD },
	{ "rbind", FLAG, OPT_BIND | OPT_REC, 0 },
	{ "rdev", REC, 0, NODEV },
	{ "rdiratime", REC, 0, NODIRATIME },
	{ "relatime", ATTR, 0, ATIME_FIELD },
	{ "remount", FLAG, OPT_REMOUNT, 0 },
	{ "rexec", REC, 0, NOEXEC },
	{ "ridmap", FLAG, OPT_RIDMAP, OPT_IDMAP },
	{ "rnoatime", REC, NOATIME, ATIME_FIELD },
	{ "rnodev", REC, NODEV, 0 },
	{ "rnodiratime", REC, NODIRATIME, 0 },
	{ "rnoexec", REC, NOEXEC, 0 },
	{ "rnorelatime", REC, 0, ATIME_FIELD },
	{ "rnostrictatime", REC, 0, ATIME_FIELD },
	{ "rnosuid", REC, NOSUID, 0 },
	{ "rnosymfollow", REC, NOSYMFOLLOW, 0 },
	{ "ro", ATTR, RDONLY, 0, MS_RDONLY, 0 },
	{ "rprivate", PROP, MS_PRIVATE, 1 },
	{ "rrelatime", REC, 0, ATIME_FIELD },
	{ "rro", REC, RDONLY, 0 },
	{ "rrw", REC, 0, RDONLY },
	{ "rshared", PROP, MS_SHARED, 1 },
	{ "rslave", PROP, MS_SLAVE, 1 },
	{ "rstrictatime", REC, STRICTATIME, ATIME_FIELD },
	{ "rsuid", REC, 0, NOSUID },
	{ "rsymfollow", REC, 0, NOSYMFOLLOW },
	{ "runbindable", PROP, MS_UNBINDABLE, 1 },
	{ "rw", ATTR, 0, RDONLY, 0, MS_RDONLY },
	{ "shared", PROP, MS_SHARED, 0 },
	{ "silent", SB, MS_SILENT, 0 },
	{ "slave", PROP, MS_SLAVE, 0 },
	{ "strictatime", ATTR, STRICTATIME, ATIME_FIELD },
	{ "suid", ATTR, 0, NOSUID },
	{ "symfollow", ATTR, 0, NOSYMFOLLOW },
	{ "sync", SB, MS_SYNCHRONOUS, 0 },
	{ "tmpcopyup", FLAG, OPT_COPYUP, 0 },
	{ "unbindable", PROP, MS_UNBINDABLE, 0 },
};

static int row_compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct row *)row)->name);
}

static const struct row *row_find(const char *word)
{
	return bsearch(word, rows, ARRAY_SIZE(rows), sizeof(rows[0]), row_compare);
}

/*
 * Bits that a word sets lose their wish to be off and the reverse.  The access time
 * field is always cleared before it is set: the kernel demands it.
 */
static void attr_change(uint64_t *set, uint64_t *clear, const struct row *row)
{
	*set = (*set & ~row->clear) | row->set;
	*clear = (*clear & ~(row->set & ~ATIME_FIELD)) | row->clear;
}

static int option_apply(struct rootfs_options *o, const struct row *row)
{
	switch (row->kind) {
	case ATTR:
		attr_change(&o->set, &o->clear, row);
		o->sb_set = (o->sb_set & ~row->sb_clear) | row->sb_set;
		o->sb_clear = (o->sb_clear & ~row->sb_set) | row->sb_clear;
		return 0;
	case REC:
		attr_change(&o->rec_set, &o->rec_clear, row);
		return 0;
	case SB:
		o->sb_set = (o->sb_set & ~row->clear) | row->set;
		o->sb_clear = (o->sb_clear & ~row->set) | row->clear;
		return 0;
	case FLAG:
		o->flags = (unsigned int)((o->flags & ~row->clear) | row->set);
		return 0;
	case PROP:
		if (o->propagation_n == OPT_PROPAGATION_MAX)
			return -E2BIG;
		o->propagation[o->propagation_n++] =
			(struct rootfs_propagation){ row->set, row->clear != 0 };
		return 0;
	}
	return 0;
}

int rootfs_options_parse(const struct spec_strings *words, struct rootfs_options *ret,
			 struct err *e)
{
	*ret = (struct rootfs_options){ 0 };
	ret->data = calloc(words->n + 1, sizeof(*ret->data));
	if (!ret->data)
		return err_set(e, ENOMEM, "parse mount options");
	for (size_t i = 0; i < words->n; i++) {
		const struct row *row = row_find(words->v[i]);

		if (!row) {
			ret->data[ret->data_n++] = words->v[i];
		} else if (option_apply(ret, row) < 0) {
			rootfs_options_done(ret);
			return err_text(e, EINVAL, "more than %d propagation options",
					OPT_PROPAGATION_MAX);
		}
	}
	return 0;
}

void rootfs_options_done(struct rootfs_options *o)
{
	free(o->data);
	o->data = NULL;
	o->data_n = 0;
}

int rootfs_propagation_parse(const char *word, struct rootfs_propagation *ret)
{
	const struct row *row = row_find(word);

	if (!row || row->kind != PROP)
		return -EINVAL;
	*ret = (struct rootfs_propagation){ row->set, row->clear != 0 };
	return 0;
}

bool rootfs_options_has_data(const struct rootfs_options *o, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < o->data_n; i++)
		if (!strncmp(o->data[i], key, len) &&
		    (!o->data[i][len] || o->data[i][len] == '='))
			return true;
	return false;
}

const char *const *rootfs_mount_options(void)
{
	static const char *names[ARRAY_SIZE(rows) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		names[i] = rows[i].name;
	return names;
}
