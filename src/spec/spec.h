/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.json as a C value (runtime-spec 1.3).  Pure data: the loader copies and checks
 * types, spec_validate() checks meaning, nobody else parses JSON of the specification.
 *
 * Ownership: everything a struct spec points to belongs to its arena and goes with
 * spec_done().  Absent strings are NULL, absent lists are { NULL, 0 }, absent numbers
 * have has_ == false where absent differs from zero.  Lists of strings are
 * NULL-terminated as well as counted.
 *
 * Errors name the JSON path: "config.json: .process.args[1]: expected a string".
 * Unknown fields are ignored (specification), known fields of a wrong type are errors,
 * known fields that picket cannot honour are errors that name them.
 */
#ifndef PICKET_SPEC_SPEC_H
#define PICKET_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* The version of the specification that this runtime implements. */
#define SPEC_OCI_VERSION "1.3.0"

struct arena;

struct spec_strings {
	const char **v;
	size_t n;
};

struct spec_opt_i64 { bool has; int64_t v; };
struct spec_opt_u64 { bool has; uint64_t v; };

struct spec_idmap { uint32_t container, host, size; };
struct spec_idmaps { struct spec_idmap *v; size_t n; };

struct spec_kv { const char *key, *value; };
struct spec_kvs { struct spec_kv *v; size_t n; };

enum spec_ns_type {		/* index into struct spec.ns */
	SPEC_NS_USER, SPEC_NS_MOUNT, SPEC_NS_PID, SPEC_NS_NETWORK, SPEC_NS_IPC,
	SPEC_NS_UTS, SPEC_NS_CGROUP, SPEC_NS_TIME, SPEC_NS_COUNT
};

struct spec_ns {
	bool present;		/* listed in linux.namespaces */
	const char *path;	/* NULL: a new one */
};

struct spec_mount {
	const char *destination;	/* as written; made absolute by the validator */
	const char *type;		/* may be NULL, "none", "bind" */
	const char *source;		/* may be NULL */
	struct spec_strings options;
	struct spec_idmaps uid_maps, gid_maps;
};

struct spec_rlimit {
	int resource;		/* RLIMIT_* */
	uint64_t soft, hard;
};

/* Bit n stands for capability n of capabilities(7). */
struct spec_caps {
	bool present;
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

struct spec_scheduler {
	bool present;
	int policy;		/* SCHED_* */
	int nice, priority;
	uint64_t flags;		/* SCHED_FLAG_* */
	uint64_t runtime, deadline, period;	/* ns */
};

struct spec_ioprio {
	bool present;
	int class_;		/* IOPRIO_CLASS_* */
	int priority;
};

struct spec_process {
	bool present;
	bool terminal;
	uint16_t console_height, console_width;
	uint32_t uid, gid;
	struct spec_opt_u64 umask;
	uint32_t *additional_gids;
	size_t additional_gids_n;
	struct spec_strings args, env;
	const char *cwd;
	struct spec_caps caps;
	struct spec_rlimit *rlimits;
	size_t rlimits_n;
	bool no_new_privileges;
	const char *apparmor_profile, *selinux_label;
	struct spec_opt_i64 oom_score_adj;
	struct spec_scheduler scheduler;
	struct spec_ioprio ioprio;
	const char *exec_cpu_initial, *exec_cpu_final;
};

struct spec_hook {
	const char *path;
	struct spec_strings args, env;	/* env.v NULL: absent, the runtime's is inherited */
	int timeout_s;			/* 0: none */
};
struct spec_hooks { struct spec_hook *v; size_t n; };

struct spec_device {
	const char *path;
	char type;		/* 'c' 'b' 'u' 'p' */
	int64_t major, minor;
	mode_t mode;		/* permission bits; default 0666 */
	uint32_t uid, gid;
};

struct spec_device_rule {
	bool allow;
	char type;		/* 'a' 'c' 'b' */
	int64_t major, minor;	/* -1: any */
	bool read, write, mknod;
};

struct spec_blkio_dev { int64_t major, minor; uint64_t value; };
struct spec_blkio_devs { struct spec_blkio_dev *v; size_t n; };

struct spec_resources {
	bool present;
	struct spec_device_rule *devices;
	size_t devices_n;
	/* memory: bytes, -1 = unlimited */
	struct spec_opt_i64 memory_limit, memory_swap, memory_reservation,
			    memory_kernel, memory_kernel_tcp;
	struct spec_opt_u64 memory_swappiness;
	bool memory_disable_oom_killer, memory_check_before_update;
	/* cpu: shares; microseconds */
	struct spec_opt_u64 cpu_shares, cpu_period, cpu_rt_period, cpu_burst;
	struct spec_opt_i64 cpu_quota, cpu_rt_runtime, cpu_idle;
	const char *cpuset_cpus, *cpuset_mems;
	struct spec_opt_i64 pids_limit;
	struct spec_opt_u64 blkio_weight, blkio_leaf_weight;
	struct spec_blkio_devs blkio_weight_device, blkio_read_bps, blkio_write_bps,
			       blkio_read_iops, blkio_write_iops;
	struct { const char *page_size; uint64_t limit; } *hugepages;
	size_t hugepages_n;
	struct spec_opt_u64 net_class_id;
	struct { const char *name; uint32_t priority; } *net_priorities;
	size_t net_priorities_n;
	struct { const char *device; struct spec_opt_u64 handles, objects; } *rdma;
	size_t rdma_n;
	struct spec_kvs unified;
};

struct spec_seccomp_arg {
	uint32_t index;
	uint64_t value, value_two;
	int op;			/* enum scmp_compare */
};

struct spec_seccomp_rule {
	struct spec_strings names;
	const char *action;	/* SCMP_ACT_*, checked by the loader */
	struct spec_opt_u64 errno_ret;
	struct spec_seccomp_arg *args;
	size_t args_n;
};

struct spec_seccomp {
	bool present;
	const char *default_action;
	struct spec_opt_u64 default_errno_ret;
	struct spec_strings architectures, flags;
	bool has_flags;		/* flags: null differs from [] (runc) */
	const char *listener_path, *listener_metadata;
	struct spec_seccomp_rule *rules;
	size_t rules_n;
	uint64_t content_hash;	/* over everything above: names the cached BPF */
};

enum spec_hook_kind {
	SPEC_HOOK_PRESTART, SPEC_HOOK_CREATE_RUNTIME, SPEC_HOOK_CREATE_CONTAINER,
	SPEC_HOOK_START_CONTAINER, SPEC_HOOK_POSTSTART, SPEC_HOOK_POSTSTOP,
	SPEC_HOOK_COUNT
};

struct spec {
	struct arena *arena;
	const char *oci_version;
	const char *hostname, *domainname;
	struct { const char *path; bool readonly; } root;
	struct spec_mount *mounts;
	size_t mounts_n;
	struct spec_process process;
	struct spec_hooks hooks[SPEC_HOOK_COUNT];
	struct spec_kvs annotations;
	/* linux */
	struct spec_ns ns[SPEC_NS_COUNT];
	struct spec_idmaps uid_maps, gid_maps;
	struct { struct spec_opt_i64 monotonic_s, monotonic_ns, boottime_s, boottime_ns; }
		time_offsets;
	struct spec_device *devices;
	size_t devices_n;
	const char *cgroups_path;
	struct spec_resources resources;
	const char *rootfs_propagation;
	struct spec_strings masked_paths, readonly_paths;
	const char *mount_label;
	struct spec_seccomp seccomp;
	struct spec_kvs sysctl;
	const char *personality;	/* "LINUX", "LINUX32" */
	struct spec_kvs net_devices;	/* host name -> name inside ("" = the same) */
};

/* Memory that lives as long as the spec; NULL when out of memory.  Zeroed. */
void *spec_alloc(struct spec *s, size_t len);
const char *spec_strdup(struct spec *s, const char *str);

/*
 * Parse JSON text (not NUL-terminated) as config.json.  `name` is what errors call it.
 * *ret is zeroed first and must be released with spec_done() also after a failure.
 */
int spec_parse(const char *name, const char *json, size_t len, struct spec *ret, struct err *e);

/* spec_parse of a file below dirfd; -ENOENT gives runc's "JSON specification file ... not found". */
int spec_load(int dirfd, const char *path, struct spec *ret, struct err *e);

/* A bare process object (exec --process): replaces s->process, memory from s. */
int spec_parse_process(struct spec *s, const char *name, const char *json, size_t len,
		       struct err *e);

/* A bare LinuxResources object (update -r): replaces s->resources, memory from s. */
int spec_parse_resources(struct spec *s, const char *name, const char *json, size_t len,
			 struct err *e);

/* What the specification forbids between fields (checklist section 2).  Pure. */
int spec_validate(const struct spec *s, struct err *e);

/* The part of it that concerns one process: for `exec`. */
int spec_validate_process(const struct spec_process *p, struct err *e);

void spec_done(struct spec *s);

/* Value of an annotation, or NULL. */
const char *spec_annotation(const struct spec *s, const char *key);

/* The config.json of `picket spec`: runc's shape.  malloc'ed text, or NULL. */
#define SPEC_DEFAULT_ROOTLESS  1
#define SPEC_DEFAULT_CGROUP_NS 2	/* on a cgroup v2 host */
char *spec_default_json(unsigned int flags);

#endif
