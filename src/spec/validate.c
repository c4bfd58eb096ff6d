// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the specification forbids between fields.  Types, ranges and words are the
 * loader's; what only this host can tell (does the path exist?) is the executor's, but
 * for one thing: whether a namespace named by path is our own.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "spec/spec.h"

static int bad(struct err *e, const char *what)
{
	return err_text(e, EINVAL, "config.json: %s", what);
}

static int check_version(const struct spec *s, struct err *e)
{
	const char *p = s->oci_version;
	int parts = 0;

	if (!p)
		return bad(e, ".ociVersion: missing");
	/* semver 1.x.y, anything behind: "1.0.2-dev" */
	if (!str_starts(p, "1."))
		return err_text(e, EINVAL,
				"config.json: .ociVersion: '%s' is not supported, "
				"expected 1.x.y",
				p);
	for (; parts < 3; parts++) {
		size_t digits = strspn(p, "0123456789");

		if (digits == 0)
			break;
		p += digits;
		if (parts < 2 && *p++ != '.')
			break;
	}
	if (parts < 3 || (*p && *p != '-' && *p != '+'))
		return err_text(e, EINVAL,
				"config.json: .ociVersion: '%s' is not a version",
				s->oci_version);
	return 0;
}

static int check_env(const struct spec_strings *env, struct err *e)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *eq = strchr(env->v[i], '=');

		if (!eq || eq == env->v[i])
			return err_text(e, EINVAL,
					"config.json: .process.env[%zu]: '%s' is not "
					"of the form NAME=value",
					i, env->v[i]);
	}
	return 0;
}

static int check_scheduler(const struct spec_scheduler *s, struct err *e)
{
	enum { OTHER = 0, FIFO = 1, RR = 2, BATCH = 3, DEADLINE = 6 };

	if (!s->present)
		return 0;
	if (s->nice && s->policy != OTHER && s->policy != BATCH)
		return bad(
			e,
			".process.scheduler.nice: only for SCHED_OTHER and SCHED_BATCH");
	if (s->priority && s->policy != FIFO && s->policy != RR)
		return bad(
			e,
			".process.scheduler.priority: only for SCHED_FIFO and SCHED_RR");
	if ((s->runtime || s->deadline || s->period) && s->policy != DEADLINE)
		return bad(
			e,
			".process.scheduler: runtime, deadline and period are only for "
			"SCHED_DEADLINE");
	return 0;
}

/* "0-3,7": what cpuset(7) calls the list format. */
static bool is_cpu_list(const char *s)
{
	for (;;) {
		size_t digits = strspn(s, "0123456789");

		if (digits == 0 || digits > 5)
			return false;
		s += digits;
		if (*s == '-') {
			digits = strspn(++s, "0123456789");
			if (digits == 0 || digits > 5)
				return false;
			s += digits;
		}
		if (!*s)
			return true;
		if (*s++ != ',')
			return false;
	}
}

static int check_affinity(const char *field, const char *list, struct err *e)
{
	if (!list || is_cpu_list(list))
		return 0;
	return err_text(e, EINVAL,
			"config.json: .process.execCPUAffinity.%s: '%s' is not a "
			"list of CPUs",
			field, list);
}

int spec_validate_process(const struct spec_process *p, struct err *e)
{
	int r;

	if (!p->present)
		return bad(e, ".process: missing");
	if (!p->cwd)
		return bad(e, ".process.cwd: missing");
	if (p->cwd[0] != '/')
		return err_text(e, EINVAL,
				"config.json: .process.cwd: '%s' is not an absolute "
				"path",
				p->cwd);
	if (p->args.n == 0)
		return bad(e, ".process.args: must not be empty");
	r = check_env(&p->env, e);
	if (r == 0)
		r = check_scheduler(&p->scheduler, e);
	if (r == 0)
		r = check_affinity("initial", p->exec_cpu_initial, e);
	if (r == 0)
		r = check_affinity("final", p->exec_cpu_final, e);
	return r;
}

static int check_mounts(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->mounts_n; i++) {
		const struct spec_mount *m = &s->mounts[i];

		if (!m->uid_maps.n != !m->gid_maps.n)
			return err_text(e, EINVAL,
					"config.json: .mounts[%zu]: uidMappings and "
					"gidMappings must be given together",
					i);
	}
	return 0;
}

static bool is_new(const struct spec *s, enum spec_ns_type type)
{
	return s->ns[type].present && !s->ns[type].path;
}

static int check_user_ns(const struct spec *s, struct err *e)
{
	bool mapped = s->uid_maps.n || s->gid_maps.n;

	if (mapped && !s->ns[SPEC_NS_USER].present)
		return bad(
			e,
			".linux.uidMappings, gidMappings: given without a user namespace");
	if (is_new(s, SPEC_NS_USER) && (!s->uid_maps.n || !s->gid_maps.n))
		return bad(
			e,
			".linux.namespaces: a new user namespace needs uidMappings and "
			"gidMappings");
	return 0;
}

static int check_time_ns(const struct spec *s, struct err *e)
{
	const struct spec_opt_i64 *ns[] = { &s->time_offsets.monotonic_ns,
					    &s->time_offsets.boottime_ns };
	bool any = s->time_offsets.monotonic_s.has || s->time_offsets.boottime_s.has;

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		any = any || ns[i]->has;
		if (ns[i]->has && (ns[i]->v < 0 || ns[i]->v > 999999999))
			return bad(
				e,
				".linux.timeOffsets: nanosecs must be from 0 to 999999999");
	}
	if (any && !is_new(s, SPEC_NS_TIME))
		return bad(e, ".linux.timeOffsets: needs a new time namespace");
	return 0;
}

static int check_namespaces(const struct spec *s, struct err *e)
{
	int r = check_user_ns(s, e);

	if (r < 0)
		return r;
	if ((s->masked_paths.n || s->readonly_paths.n) && !s->ns[SPEC_NS_MOUNT].present)
		return bad(
			e,
			"unable to restrict sys entries without a private MNT namespace");
	if (s->hostname && !s->ns[SPEC_NS_UTS].present)
		return bad(
			e,
			".hostname: unable to set hostname without a private UTS namespace");
	if (s->domainname && !s->ns[SPEC_NS_UTS].present)
		return bad(e,
			   ".domainname: unable to set domainname without a private UTS "
			   "namespace");
	return check_time_ns(s, e);
}

static const struct sysctl_rule {
	const char *key; /* a trailing dot: every key below */
	enum spec_ns_type ns;
} sysctl_rules[] = {
	{ "kernel.msgmax", SPEC_NS_IPC },     { "kernel.msgmnb", SPEC_NS_IPC },
	{ "kernel.msgmni", SPEC_NS_IPC },     { "kernel.sem", SPEC_NS_IPC },
	{ "kernel.shmall", SPEC_NS_IPC },     { "kernel.shmmax", SPEC_NS_IPC },
	{ "kernel.shmmni", SPEC_NS_IPC },     { "kernel.shm_rmid_forced", SPEC_NS_IPC },
	{ "fs.mqueue.", SPEC_NS_IPC },	      { "net.", SPEC_NS_NETWORK },
	{ "kernel.domainname", SPEC_NS_UTS }, { "user.", SPEC_NS_USER },
};

/* sysctl(8)'s two spellings: where a '/' separates first, '.' and '/' change places. */
static bool dotted(const char *key, char *buf, size_t size)
{
	const char *first = strpbrk(key, "./");
	bool swap = first && *first == '/';
	size_t len = strlen(key);

	if (len >= size)
		return false;
	for (size_t i = 0; i <= len; i++)
		buf[i] = swap && key[i] == '/' ? '.' :
			 swap && key[i] == '.' ? '/' :
						 key[i];
	return true;
}

/* One of its own: listed, and where it is joined by path, not the one we are in. */
static bool is_separate(const struct spec *s, enum spec_ns_type type)
{
	static const char *const own[SPEC_NS_COUNT] = {
		[SPEC_NS_USER] = "/proc/self/ns/user",
		[SPEC_NS_NETWORK] = "/proc/self/ns/net",
		[SPEC_NS_IPC] = "/proc/self/ns/ipc",
		[SPEC_NS_UTS] = "/proc/self/ns/uts",
	};
	const char *path = s->ns[type].path;
	struct stat joined, ours;

	if (!s->ns[type].present || !path)
		return s->ns[type].present;
	/* A path that cannot be looked at fails when it is joined, with a better text. */
	return stat(path, &joined) < 0 || stat(own[type], &ours) < 0 ||
	       joined.st_dev != ours.st_dev || joined.st_ino != ours.st_ino;
}

static int check_sysctl(const struct spec *s, const char *key, struct err *e)
{
	char name[256];

	if (!dotted(key, name, sizeof(name)) || strstr(name, ".."))
		return err_text(e, EINVAL, "config.json: .linux.sysctl: bad key '%s'",
				key);
	if (strcmp(name, "kernel.hostname") == 0)
		return bad(e, ".linux.sysctl: kernel.hostname is set by .hostname");
	for (size_t i = 0; i < ARRAY_SIZE(sysctl_rules); i++) {
		const struct sysctl_rule *rule = &sysctl_rules[i];
		size_t len = strlen(rule->key);
		bool match = rule->key[len - 1] == '.' ?
				     strncmp(name, rule->key, len) == 0 :
				     strcmp(name, rule->key) == 0;

		if (match && is_separate(s, rule->ns))
			return 0;
	}
	return err_text(e, EINVAL,
			"config.json: .linux.sysctl: sysctl \"%s\" is not in a "
			"separate kernel namespace",
			key);
}

static int check_annotations(const struct spec *s, struct err *e)
{
	for (size_t i = 0; i < s->annotations.n; i++)
		if (!s->annotations.v[i].key[0])
			return bad(e, ".annotations: a key must not be empty");
	return 0;
}

static int check_seccomp_rule(const struct spec_seccomp *sc, size_t i, struct err *e)
{
	const struct spec_seccomp_rule *rule = &sc->rules[i];

	if (strcmp(rule->action, "SCMP_ACT_NOTIFY") != 0)
		return 0;
	if (!sc->listener_path)
		return bad(e, ".linux.seccomp: SCMP_ACT_NOTIFY needs a listenerPath");
	/* The runtime itself must be able to report after the filter is loaded. */
	for (size_t n = 0; n < rule->names.n; n++)
		if (strcmp(rule->names.v[n], "write") == 0)
			return err_text(
				e, EINVAL,
				"config.json: .linux.seccomp.syscalls[%zu]: "
				"SCMP_ACT_NOTIFY cannot be used for the write syscall",
				i);
	return 0;
}

static int check_seccomp(const struct spec_seccomp *sc, struct err *e)
{
	int r = 0;

	if (!sc->present)
		return 0;
	if (strcmp(sc->default_action, "SCMP_ACT_NOTIFY") == 0)
		return bad(
			e,
			".linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as "
			"default action");
	if (sc->listener_metadata && !sc->listener_path)
		return bad(
			e,
			".linux.seccomp.listenerMetadata: given without a listenerPath");
	for (size_t i = 0; i < sc->rules_n && r == 0; i++)
		r = check_seccomp_rule(sc, i, e);
	return r;
}

int spec_validate(const struct spec *s, struct err *e)
{
	int r = check_version(s, e);

	if (r == 0 && !s->root.path)
		r = bad(e, ".root.path: missing");
	if (r == 0)
		r = spec_validate_process(&s->process, e);
	if (r == 0)
		r = check_mounts(s, e);
	if (r == 0)
		r = check_namespaces(s, e);
	for (size_t i = 0; i < s->sysctl.n && r == 0; i++)
		r = check_sysctl(s, s->sysctl.v[i].key, e);
	if (r == 0)
		r = check_annotations(s, e);
	if (r == 0)
		r = check_seccomp(&s->seccomp, e);
	if (r == 0 && s->net_devices.n)
		r = bad(e, ".linux.netDevices: not supported");
	return r;
}
