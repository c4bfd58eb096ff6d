// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the options of `picket do` and what is known of the host to a struct spec.  Pure:
 * no system call, no clock, no environment; everything that decides who sees what in the
 * sandbox is here.
 */
#include "do/internal.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"

#define CPU_PERIOD_US 100000
#define TTY_GID 5 /* group tty, which devpts gives the terminals */

/* A fixed NULL-terminated list as the spec wants it. */
#define STRINGS(...)                                                   \
	((struct spec_strings){ (const char *[]){ __VA_ARGS__, NULL }, \
				ARRAY_SIZE(((const char *[]){ __VA_ARGS__ })) })

struct plan {
	const struct do_options *o;
	const struct do_host *h;
	struct spec *s;
	size_t mounts_max;
	bool oom;
};

bool do_path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return !strncmp(path, dir, n) && (path[n] == '/' || !path[n]);
}

static bool below_any(const char *path, const struct strv *dirs)
{
	for (size_t i = 0; i < dirs->n; i++)
		if (do_path_below(path, dirs->v[i]))
			return true;
	return false;
}

enum do_cwd do_plan_cwd(const struct do_options *o, const struct do_host *h)
{
	/* Would uncover other people's homes or the host's run-time state. */
	static const char *const never[] = { "/", "/home", "/run", "/var" };
	static const char *const kernel[] = { "/proc", "/sys", "/dev" };
	const char *cwd = h->cwd;

	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (do_path_below(cwd, kernel[i]))
			return DO_CWD_REFUSED;
	for (size_t i = 0; i < h->entries_n; i++)
		if (h->entries[i].source && do_path_below(cwd, h->entries[i].path))
			return DO_CWD_VISIBLE;
	if (below_any(cwd, &o->rw) || strv_has(o->ro.v, cwd))
		return DO_CWD_VISIBLE;
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (!strcmp(cwd, never[i]))
			return DO_CWD_REFUSED;
	return DO_CWD_OVERLAY;
}

bool do_is_home(const struct do_host *h)
{
	const char *cwd = h->cwd;

	if (!strcmp(cwd, h->home) || !strcmp(cwd, "/root"))
		return true;
	return !strncmp(cwd, "/home/", 6) && cwd[6] && !strchr(cwd + 6, '/');
}

static void *alloc(struct plan *p, size_t len)
{
	void *m = spec_alloc(p->s, len);

	if (!m)
		p->oom = true;
	return m;
}

static const char *copy(struct plan *p, const char *str)
{
	const char *d = spec_strdup(p->s, str);

	if (!d)
		p->oom = true;
	return d;
}

static struct spec_strings copy_list(struct plan *p, struct spec_strings l)
{
	const char **v = alloc(p, (l.n + 1) * sizeof(*v));

	for (size_t i = 0; v && i < l.n; i++)
		v[i] = copy(p, l.v[i]);
	return (struct spec_strings){ v, v ? l.n : 0 };
}

static void add_mount(struct plan *p, const char *dst, const char *type, const char *src,
		      struct spec_strings options)
{
	struct spec_mount *m = &p->s->mounts[p->s->mounts_n];

	if (p->oom)
		return;
	m->destination = copy(p, dst);
	m->type = copy(p, type);
	m->source = copy(p, src);
	m->options = copy_list(p, options);
	p->s->mounts_n++;
}

static bool has_gid(const struct do_host *h, uint32_t gid)
{
	for (size_t i = 0; i < h->gids_n; i++)
		if (gid >= h->gids[i].container &&
		    gid - h->gids[i].container < h->gids[i].size)
			return true;
	return false;
}

static void add_kernel_mounts(struct plan *p)
{
	add_mount(p, "/proc", "proc", "proc", STRINGS("nosuid", "noexec", "nodev"));
	add_mount(p, "/dev", "tmpfs", "tmpfs",
		  STRINGS("nosuid", "strictatime", "mode=755", "size=65536k"));
	if (has_gid(p->h, TTY_GID))
		add_mount(p, "/dev/pts", "devpts", "devpts",
			  STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666",
				  "mode=0620", "gid=5"));
	else
		add_mount(p, "/dev/pts", "devpts", "devpts",
			  STRINGS("nosuid", "noexec", "newinstance", "ptmxmode=0666",
				  "mode=0620"));
	add_mount(p, "/dev/shm", "tmpfs", "shm",
		  STRINGS("nosuid", "noexec", "nodev", "mode=1777"));
	add_mount(p, "/sys", "sysfs", "sysfs",
		  STRINGS("nosuid", "noexec", "nodev", "ro"));
}

#define BIND_RO STRINGS("rbind", "rro", "nosuid", "nodev")
#define BIND_RW STRINGS("rbind", "rw", "nosuid", "nodev")

struct bind {
	const char *path, *source;
	bool rw;
};

static int by_depth(const void *a, const void *b)
{
	const struct bind *x = a, *y = b;
	size_t m = strlen(x->path), n = strlen(y->path);

	return m != n ? (m < n ? -1 : 1) : strcmp(x->path, y->path);
}

/* What the user asked for and the current directory: what contains others comes first. */
static void add_user_mounts(struct plan *p)
{
	const struct do_options *o = p->o;
	size_t n = 0;
	struct bind *v = alloc(p, (o->ro.n + o->rw.n + 1) * sizeof(*v));

	if (!v)
		return;
	for (size_t i = 0; i < o->ro.n; i++)
		v[n++] = (struct bind){ o->ro.v[i], o->ro.v[i], false };
	for (size_t i = 0; i < o->rw.n; i++)
		v[n++] = (struct bind){ o->rw.v[i], o->rw.v[i], true };
	if (do_plan_cwd(o, p->h) == DO_CWD_OVERLAY)
		v[n++] = (struct bind){ p->h->cwd, p->h->overlay, true };
	qsort(v, n, sizeof(*v), by_depth);
	for (size_t i = 0; i < n; i++)
		add_mount(p, v[i].path, "bind", v[i].source, v[i].rw ? BIND_RW : BIND_RO);
}

static void add_mounts(struct plan *p)
{
	const struct do_host *h = p->h;

	p->mounts_max = 6 + h->entries_n + p->o->ro.n + p->o->rw.n + 1;
	p->s->mounts = alloc(p, p->mounts_max * sizeof(*p->s->mounts));
	add_kernel_mounts(p);
	for (size_t i = 0; i < h->entries_n; i++)
		if (h->entries[i].source)
			add_mount(p, h->entries[i].path, "bind", h->entries[i].source,
				  BIND_RO);
	add_mount(p, DO_INIT_PATH, "bind", h->self,
		  STRINGS("bind", "ro", "nosuid", "nodev"));
	add_user_mounts(p);
}

static void add_paths(struct plan *p)
{
	p->s->masked_paths = copy_list(
		p, STRINGS("/proc/acpi", "/proc/asound", "/proc/config.gz",
			   "/proc/interrupts", "/proc/kcore", "/proc/keys",
			   "/proc/kpagecgroup", "/proc/kpagecount", "/proc/kpageflags",
			   "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
			   "/proc/timer_list", "/proc/timer_stats", "/proc/vmallocinfo",
			   "/sys/devices/virtual/powercap", "/sys/firmware",
			   "/sys/kernel/slab"));
	p->s->readonly_paths = copy_list(p, STRINGS("/proc/bus", "/proc/fs", "/proc/irq",
						    "/proc/sys", "/proc/sysrq-trigger"));
}

static struct spec_idmaps copy_maps(struct plan *p, const struct spec_idmap *v, size_t n)
{
	struct spec_idmaps maps = { alloc(p, n * sizeof(*v)), 0 };

	for (size_t i = 0; maps.v && i < n; i++)
		maps.v[maps.n++] = v[i];
	return maps;
}

/* Ids mean the same inside and outside: files keep their owners, nothing is translated. */
static void add_namespaces(struct plan *p)
{
	static const enum spec_ns_type always[] = {
		SPEC_NS_USER, SPEC_NS_MOUNT, SPEC_NS_PID,
		SPEC_NS_IPC,  SPEC_NS_UTS,   SPEC_NS_CGROUP,
	};
	const struct do_host *h = p->h;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		p->s->ns[always[i]].present = true;
	p->s->ns[SPEC_NS_NETWORK].present = p->o->net == DO_NET_NONE;
	p->s->uid_maps = copy_maps(p, h->uids, h->uids_n);
	p->s->gid_maps = copy_maps(p, h->gids, h->gids_n);
}

static void add_var(struct plan *p, const char *key, const char *value)
{
	struct spec_strings *env = &p->s->process.env;
	size_t len = strlen(key) + strlen(value) + 2;
	char *var = alloc(p, len);

	if (!var)
		return;
	snprintf(var, len, "%s=%s", key, value);
	env->v[env->n++] = var;
}

static void add_env(struct plan *p)
{
	const struct do_host *h = p->h;
	struct spec_strings *env = &p->s->process.env;

	env->v = alloc(p, (7 + p->o->env.n) * sizeof(*env->v));
	if (!env->v)
		return;
	add_var(p, "PATH",
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add_var(p, "HOME", h->home);
	add_var(p, "USER", h->user);
	add_var(p, "LOGNAME", h->user);
	if (h->term)
		add_var(p, "TERM", h->term);
	if (h->lang)
		add_var(p, "LANG", h->lang);
	for (size_t i = 0; i < p->o->env.n; i++)
		env->v[env->n++] = copy(p, p->o->env.v[i]);
}

static void add_caps(struct plan *p)
{
	struct spec_caps *c = &p->s->process.caps;

	c->present = true;
	if (p->h->uid)
		return;
	/* What installers and build tools run by root expect; all inside the user namespace. */
	c->permitted = 1ull << CAP_CHOWN | 1ull << CAP_DAC_OVERRIDE | 1ull << CAP_FOWNER |
		       1ull << CAP_FSETID | 1ull << CAP_KILL | 1ull << CAP_SETGID |
		       1ull << CAP_SETUID | 1ull << CAP_SETPCAP | 1ull << CAP_SETFCAP |
		       1ull << CAP_NET_BIND_SERVICE | 1ull << CAP_SYS_CHROOT;
	c->effective = c->permitted;
	c->bounding = c->permitted;
}

static void add_process(struct plan *p)
{
	struct spec_process *pr = &p->s->process;
	size_t n = 0;

	while (p->o->argv[n])
		n++;
	pr->present = true;
	pr->terminal = p->h->tty;
	pr->console_height = p->h->rows;
	pr->console_width = p->h->cols;
	pr->uid = p->h->uid;
	pr->gid = p->h->gid;
	pr->cwd = copy(p, p->o->workdir ? p->o->workdir : p->h->cwd);
	pr->no_new_privileges = true;
	pr->args.v = alloc(p, (n + 2) * sizeof(*pr->args.v));
	if (!pr->args.v)
		return;
	pr->args.v[pr->args.n++] = copy(p, DO_INIT_PATH);
	for (size_t i = 0; i < n; i++)
		pr->args.v[pr->args.n++] = copy(p, p->o->argv[i]);
	add_env(p);
	add_caps(p);
}

static void add_limits(struct plan *p)
{
	struct spec_resources *r = &p->s->resources;
	const struct do_options *o = p->o;

	if (!o->memory && !o->pids && !o->cpu_quota_us)
		return;
	r->present = true;
	if (o->memory)
		r->memory_limit = (struct spec_opt_i64){ true, o->memory };
	if (o->pids)
		r->pids_limit = (struct spec_opt_i64){ true, o->pids };
	if (o->cpu_quota_us) {
		r->cpu_quota = (struct spec_opt_i64){ true, o->cpu_quota_us };
		r->cpu_period = (struct spec_opt_u64){ true, CPU_PERIOD_US };
	}
}

int do_plan(const struct do_options *o, const struct do_host *h, const char *id,
	    struct spec *ret, struct err *e)
{
	struct plan p = { .o = o, .h = h, .s = ret };

	if (do_plan_cwd(o, h) == DO_CWD_REFUSED)
		return err_text(e, EINVAL,
				"cannot show the current directory '%s' in a "
				"sandbox: change to a directory of its own, or share it "
				"with --ro or --rw",
				h->cwd);
	ret->arena = arena_new(16 << 10);
	if (!ret->arena)
		return err_set(e, ENOMEM, "plan sandbox '%s'", id);
	ret->oci_version = copy(&p, "1.2.0");
	ret->hostname = copy(&p, "picket");
	ret->root.path = copy(&p, h->rootfs);
	add_mounts(&p);
	add_paths(&p);
	add_namespaces(&p);
	add_process(&p);
	add_limits(&p);
	if (p.oom)
		return err_set(e, ENOMEM, "plan sandbox '%s'", id);
	return 0;
}
