/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of src/cgroup: the pure plans (what to write where), the two layouts' operations
 * and the small file helpers that they share.
 */
#ifndef PICKET_CGROUP_OPS_H
#define PICKET_CGROUP_OPS_H

#include <linux/bpf.h>

#include "cgroup/cgroup.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* ---- plan.c: limits -> writes.  Pure. ---- */

struct cgroup_write {
	const char *controller;		/* "memory" */
	char *file, *value;		/* malloc'ed */
	char *alt_file, *alt_value;	/* taken where `file` does not exist, or NULL */
	char *field;			/* JSON path for errors, malloc'ed */
	int flags;
};
#define WRITE_RETRY    1	/* EINVAL may be a matter of order: once more at the end */
#define WRITE_OPTIONAL 2	/* no such file: nothing to do */
#define WRITE_UNIFIED  4	/* from resources.unified: an error text of its own */

struct cgroup_plan {
	struct cgroup_write *v;
	size_t n;
};

int cgroup_plan_v1(const struct spec_resources *r, struct cgroup_plan *ret, struct err *e);
int cgroup_plan_v2(const struct spec_resources *r, struct cgroup_plan *ret, struct err *e);
void cgroup_plan_done(struct cgroup_plan *p);

/* cpu.shares (2..262144) -> cpu.weight (1..10000); 0 -> 0 (unset). */
uint64_t cgroup_cpu_weight(uint64_t shares);
/* blkio weight (10..1000) -> io.weight (1..10000). */
uint64_t cgroup_io_weight(uint64_t weight);
/* memory+swap -> memory.swap.max; INT64_MIN: leave it alone. */
int cgroup_swap_v2(const struct spec_resources *r, int64_t *ret, struct err *e);

/* ---- path.c: where.  Pure, except cgroup_own_path(). ---- */

/* Clean absolute or relative path without "..": malloc'ed in *ret. */
int cgroup_clean_path(const char *path, char **ret, struct err *e);
/* Path of the calling process in the hierarchy of `controller` ("" for v2), malloc'ed. */
int cgroup_own_path(const char *controller, char **ret, struct err *e);
/* The same from the text of /proc/PID/cgroup. */
char *cgroup_path_in(const char *text, const char *controller);

/* ---- devices.c: rules -> what the kernel's device list would be.  Pure. ---- */

#define DEV_MKNOD 1
#define DEV_READ  2
#define DEV_WRITE 4
#define DEV_ALL   7

struct device_exception {
	char type;			/* 'c' or 'b' */
	int64_t major, minor;		/* -1: any */
	int access;			/* DEV_* */
};
struct device_list {
	bool allow;			/* what holds where no exception matches */
	struct device_exception *v;
	size_t n;
};
int device_list_make(const struct spec_resources *r, struct device_list *ret, struct err *e);
void device_list_done(struct device_list *l);
/* "c 1:3 rwm" */
#define DEVICE_TEXT_MAX 64
const char *device_text(const struct device_exception *x, char buf[DEVICE_TEXT_MAX]);
/* The text of a v1 devices.list. */
int device_list_parse(char *text, struct device_list *ret);
/* BPF_PROG_TYPE_CGROUP_DEVICE program, malloc'ed. */
int device_list_bpf(const struct device_list *l, struct bpf_insn **ret, size_t *ret_n);

/* devices-bpf.c: load and attach it to the v2 directory, in place of an older one of ours. */
int cgroup_attach_devices(int dirfd, const struct device_list *l, struct err *e);

/* ---- v1.c, v2.c ---- */

#define MAKE_ROOTLESS 1		/* a refusal means "no such hierarchy", not an error */
#define MAKE_SHARED   2		/* systemd made it, its first member is inside */
int cgroup_v1_make(struct cgroup *cg, const char *path, int flags, struct err *e);
int cgroup_v1_devices(const struct cgroup *cg, const struct device_list *l, struct err *e);
int cgroup_v2_make(struct cgroup *cg, const char *path, int flags,
		   const struct cgroup_plan *plan, struct err *e);
/* Where the container has it writable in a cgroup namespace of its own: its user owns it. */
int cgroup_v2_delegate(const struct cgroup *cg, const struct spec *spec, struct err *e);

/* ---- file.c: what both layouts share ---- */

/* Directory of a controller in this cgroup, or NULL. */
const char *cgroup_dir(const struct cgroup *cg, const char *controller);
/* The directory that knows all members: v2's, freezer's, else the first; or NULL. */
const char *cgroup_members_dir(const struct cgroup *cg);
int cgroup_write_at(const char *dir, const char *file, const char *value);
/* Whole small file, NUL-terminated, without its last newline. */
int cgroup_read_at(const char *dir, const char *file, char *buf, size_t len);
int cgroup_read_u64(const char *dir, const char *file, uint64_t *ret);	/* "max": UINT64_MAX */
/* Value of "key N" in a flat keyed file's text (NULL: 0). */
uint64_t cgroup_keyed(const char *text, const char *key);
int cgroup_apply_plan(const struct cgroup *cg, const struct cgroup_plan *p, struct err *e);
/* mkdir; 0: exists already and has no member, 1: made.  runc's text where it has members,
 * unless flags say MAKE_SHARED. */
int cgroup_make_dir(const char *dir, int flags, struct err *e);
/*
 * Make dir's missing parents below its first root_len bytes and call each(parent, new?)
 * on all of them.  Number of directories made, or a negative errno.
 */
typedef int cgroup_each_fn(const char *dir, bool made);
int cgroup_make_parents(char *dir, size_t root_len, cgroup_each_fn *each);
/* A pause of `*ns`, which doubles up to 10 ms.  False when the budget of total_ns is spent. */
struct cgroup_pause { long ns, total_ns; };
bool cgroup_pause(struct cgroup_pause *p, long budget_ms);

/* ---- systemd.c ---- */

int cgroup_systemd_make(struct cgroup *cg, const struct spec *spec, const char *id,
			bool rootless, struct err *e);
int cgroup_systemd_update(const struct cgroup *cg, const struct spec_resources *r,
			  struct err *e);
int cgroup_systemd_stop(const struct cgroup *cg, struct err *e);
/* "a-b.slice" -> "/a.slice/a-b.slice", malloc'ed; pure. */
int cgroup_expand_slice(const char *slice, char **ret, struct err *e);

#endif
