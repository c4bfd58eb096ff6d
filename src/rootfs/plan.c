// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to mount where, in the order of config.json.  Makes no system calls; what only the
 * kernel knows (is a source a file, is the destination inside a procfs) is decided later.
 */
#include "rootfs/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/str.h"

/* What lxcfs replaces: the only places inside /proc where a mount is let in. */
static const char *const proc_allowed[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/loadavg",
	"/proc/slabinfo",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/crypto/fips_enabled",
};

char *rootfs_clean_path(const char *path)
{
	char *out = malloc(strlen(path) + 2);
	size_t n = 0;

	if (!out)
		return NULL;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.') {
			while (n > 0 && out[--n] != '/')
				;
		} else if (len > 0 && !(len == 1 && path[0] == '.')) {
			out[n++] = '/';
			memcpy(out + n, path, len);
			n += len;
		}
		path += len;
		path += strspn(path, "/");
	}
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return out;
}

bool rootfs_path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1)	/* "/" */
		return true;
	return !strncmp(path, dir, len) && (path[len] == '/' || path[len] == '\0');
}

static bool is_word(const char *s, const char *word)
{
	return s && !strcmp(s, word);
}

static int plan_bind(struct rootfs_step *st, const struct rootfs_args *args,
		     struct err *e)
{
	const char *source = st->spec->source;
	auto_free char *path = NULL;

	if (!source || !*source)
		return err_text(e, EINVAL, "a bind mount needs a source");
	if (st->opt.data_n)
		return err_text(e, EINVAL, "option '%s' is not for bind mounts",
				st->opt.data[0]);
	if (source[0] == '/')
		path = strdup(source);
	else
		path = str_printf("%s/%s", args->bundle, source);
	if (!path)
		return err_set(e, ENOMEM, "plan mounts");
	st->kind = STEP_BIND;
	st->type = "bind";
	st->source = rootfs_clean_path(path);
	if (!st->source)
		return err_set(e, ENOMEM, "plan mounts");
	/* "/a/../b" means what the kernel makes of it: a symlink may stand before the "..". */
	if (strstr(path, "..") && !rootfs_path_below(st->source, args->rootfs)) {
		free(st->source);
		st->source = take_ptr(path);
	}
	if (strcmp(args->rootfs, "/") && rootfs_path_below(st->source, args->rootfs)) {
		size_t len = strlen(args->rootfs);

		memmove(st->source, st->source + len, strlen(st->source + len) + 1);
		st->in_rootfs = true;
	}
	return 0;
}

static int plan_fs(struct rootfs_step *st, struct err *e)
{
	st->type = st->spec->type;
	if (!st->type || !*st->type || is_word(st->type, "none"))
		return err_text(e, EINVAL, "neither a type nor the option bind or rbind");
	st->kind = is_word(st->type, "cgroup") || is_word(st->type, "cgroup2") ?
			   STEP_CGROUP :
			   STEP_FS;
	if ((st->opt.flags & OPT_COPYUP) && !is_word(st->type, "tmpfs"))
		return err_text(e, EINVAL, "tmpcopyup is for tmpfs only");
	if ((st->opt.flags & (OPT_IDMAP | OPT_RIDMAP)) || st->spec->uid_maps.n)
		return err_text(e, EINVAL, "id-mapped mounts must be bind mounts");
	if (is_word(st->type, "tmpfs") && (st->opt.set & MOUNT_ATTR_RDONLY)) {
		st->opt.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		st->opt.sb_set &= ~(unsigned long)MS_RDONLY;
		st->late_ro = true;
	}
	return 0;
}

/* /proc is what security labels are written through: nothing may stand in for it. */
static int plan_check_proc(const struct rootfs_step *st, struct err *e)
{
	if (!rootfs_path_below(st->dest, "/proc") || st->kind == STEP_REMOUNT)
		return 0;
	if (is_word(st->dest, "/proc")) {
		if (st->kind == STEP_BIND || is_word(st->type, "proc"))
			return 0;	/* apply checks that a bind is of a procfs */
		return err_text(e, EINVAL, "only a procfs can be mounted on /proc");
	}
	for (size_t i = 0; i < ARRAY_SIZE(proc_allowed); i++)
		if (is_word(st->dest, proc_allowed[i]))
			return 0;
	return err_text(e, EINVAL, "'%s' is inside /proc", st->dest);
}

static int plan_step(struct rootfs_step *st, const struct rootfs_args *args,
		     struct err *e)
{
	const struct spec_mount *m = st->spec;
	int r;

	st->dest = rootfs_clean_path(m->destination);
	if (!st->dest)
		return err_set(e, ENOMEM, "plan mounts");
	r = rootfs_options_parse(&m->options, &st->opt, e);
	if (r < 0)
		return r;
	if (is_word(m->type, "bind") || is_word(m->type, "rbind"))
		st->opt.flags |= m->type[0] == 'r' ? OPT_BIND | OPT_REC : OPT_BIND;
	if (!m->uid_maps.n != !m->gid_maps.n)
		return err_text(e, EINVAL, "uidMappings and gidMappings go together");
	if (st->opt.flags & OPT_REMOUNT) {
		st->kind = STEP_REMOUNT;
		st->type = "remount";
		return 0;
	}
	r = st->opt.flags & OPT_BIND ? plan_bind(st, args, e) : plan_fs(st, e);
	if (r < 0)
		return r;
	if (!strcmp(st->dest, "/"))
		return err_text(e, EINVAL, "'/' cannot be a mount's destination");
	return plan_check_proc(st, e);
}

static void plan_note_dev(struct rootfs_plan *p, struct rootfs_step *st)
{
	if (strcmp(st->dest, "/dev"))
		return;
	p->dev_is_bind = st->kind == STEP_BIND;
	p->dev = st->kind == STEP_FS && is_word(st->type, "tmpfs") ? st : NULL;
}

static int plan_propagation(const struct rootfs_args *args, struct rootfs_plan *p,
			    struct err *e)
{
	const char *word = args->spec->rootfs_propagation;

	if (!word || !*word)
		return 0;
	if (rootfs_propagation_parse(word, &p->propagation) < 0)
		return err_text(
			e, EINVAL,
			"config.json: .linux.rootfsPropagation: '%s' is no propagation",
			word);
	if (args->no_pivot && p->propagation.type == MS_PRIVATE)
		return err_text(
			e, EINVAL,
			"rootfsPropagation of [r]private is not safe without pivot_root");
	return 0;
}

int rootfs_plan(const struct rootfs_args *args, struct rootfs_plan *ret, struct err *e)
{
	const struct spec *s = args->spec;
	int r;

	*ret = (struct rootfs_plan){ 0 };
	ret->steps = calloc(s->mounts_n ? s->mounts_n : 1, sizeof(*ret->steps));
	if (!ret->steps)
		return err_set(e, ENOMEM, "plan mounts");
	for (size_t i = 0; i < s->mounts_n; i++) {
		struct rootfs_step *st = &ret->steps[i];

		st->spec = &s->mounts[i];
		st->mnt = -EBADF;
		ret->n = i + 1;
		r = plan_step(st, args, e);
		if (r < 0)
			return err_prefix(e, "mount '%s' on '%s'",
					  st->type	    ? st->type :
					  s->mounts[i].type ? s->mounts[i].type :
							      "none",
					  s->mounts[i].destination);
		plan_note_dev(ret, st);
	}
	return plan_propagation(args, ret, e);
}

void rootfs_plan_done(struct rootfs_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct rootfs_step *st = &p->steps[i];

		cleanup_close(&st->mnt);
		rootfs_options_done(&st->opt);
		free(st->source);
		free(st->dest);
	}
	free(p->steps);
	*p = (struct rootfs_plan){ 0 };
}
