// SPDX-License-Identifier: GPL-2.0-or-later
/* The config.json that `picket spec` writes: runc's shape, because scripts edit it with jq. */
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "spec/spec.h"

struct writer {
	struct strbuf out;
	unsigned int depth;
	bool first;		/* nothing stands in the open object or array yet */
	bool failed;
};

static void line(struct writer *w, const char *key)
{
	static const char tabs[] = "\t\t\t\t\t\t\t\t";
	bool top = w->out.len == 0;

	w->failed |= !top && strbuf_addf(&w->out, "%s%.*s", w->first ? "\n" : ",\n",
					 (int)w->depth, tabs) < 0;
	if (key)
		w->failed |= strbuf_addf(&w->out, "\"%s\": ", key) < 0;
	w->first = false;
}

static void open_(struct writer *w, const char *key, char bracket)
{
	line(w, key);
	w->failed |= strbuf_addf(&w->out, "%c", bracket) < 0;
	w->depth++;
	w->first = true;
}

static void close_(struct writer *w, char bracket)
{
	w->depth--;
	w->failed |= strbuf_addf(&w->out, "\n%.*s%c", (int)w->depth, "\t\t\t\t\t\t\t\t",
				 bracket) < 0;
	w->first = false;
}

static void text(struct writer *w, const char *key, const char *value)
{
	line(w, key);
	w->failed |= strbuf_addf(&w->out, "\"%s\"", value) < 0;
}

/* A number, true or false. */
static void bare(struct writer *w, const char *key, const char *value)
{
	line(w, key);
	w->failed |= strbuf_addf(&w->out, "%s", value) < 0;
}

static void number(struct writer *w, const char *key, unsigned long value)
{
	line(w, key);
	w->failed |= strbuf_addf(&w->out, "%lu", value) < 0;
}

static void list(struct writer *w, const char *key, const char *const *v)
{
	open_(w, key, '[');
	for (; *v; v++)
		text(w, NULL, *v);
	close_(w, ']');
}

#define LIST(w, key, ...) list(w, key, (const char *const[]){ __VA_ARGS__, NULL })

static void process(struct writer *w)
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };

	open_(w, "process", '{');
	bare(w, "terminal", "true");
	open_(w, "user", '{');
	number(w, "uid", 0);
	number(w, "gid", 0);
	close_(w, '}');
	LIST(w, "args", "sh");
	LIST(w, "env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	     "TERM=xterm");
	text(w, "cwd", "/");
	open_(w, "capabilities", '{');
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		LIST(w, sets[i], "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");
	close_(w, '}');
	open_(w, "rlimits", '[');
	open_(w, NULL, '{');
	text(w, "type", "RLIMIT_NOFILE");
	number(w, "hard", 1024);
	number(w, "soft", 1024);
	close_(w, '}');
	close_(w, ']');
	bare(w, "noNewPrivileges", "true");
	close_(w, '}');
}

static void mount_(struct writer *w, const char *destination, const char *type,
		   const char *source, const char *const *options)
{
	open_(w, NULL, '{');
	text(w, "destination", destination);
	text(w, "type", type);
	text(w, "source", source);
	if (options)
		list(w, "options", options);
	close_(w, '}');
}

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void mounts(struct writer *w, bool rootless)
{
	open_(w, "mounts", '[');
	mount_(w, "/proc", "proc", "proc", NULL);
	mount_(w, "/dev", "tmpfs", "tmpfs",
	       OPTIONS("nosuid", "strictatime", "mode=755", "size=65536k"));
	mount_(w, "/dev/pts", "devpts", "devpts",
	       OPTIONS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
		       rootless ? NULL : "gid=5"));
	mount_(w, "/dev/shm", "tmpfs", "shm",
	       OPTIONS("nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
	mount_(w, "/dev/mqueue", "mqueue", "mqueue", OPTIONS("nosuid", "noexec", "nodev"));
	/* sysfs belongs to a network namespace, which a rootless container shares. */
	if (rootless)
		mount_(w, "/sys", "none", "/sys",
		       OPTIONS("rbind", "nosuid", "noexec", "nodev", "ro"));
	else
		mount_(w, "/sys", "sysfs", "sysfs", OPTIONS("nosuid", "noexec", "nodev", "ro"));
	mount_(w, "/sys/fs/cgroup", "cgroup", "cgroup",
	       OPTIONS("nosuid", "noexec", "nodev", "relatime", "ro"));
	close_(w, ']');
}

static void resources(struct writer *w)
{
	open_(w, "resources", '{');
	open_(w, "devices", '[');
	open_(w, NULL, '{');
	bare(w, "allow", "false");
	text(w, "access", "rwm");
	close_(w, '}');
	close_(w, ']');
	close_(w, '}');
}

static void mapping(struct writer *w, const char *key, unsigned long host)
{
	open_(w, key, '[');
	open_(w, NULL, '{');
	number(w, "containerID", 0);
	number(w, "hostID", host);
	number(w, "size", 1);
	close_(w, '}');
	close_(w, ']');
}

static void namespace_(struct writer *w, const char *type)
{
	open_(w, NULL, '{');
	text(w, "type", type);
	close_(w, '}');
}

static void linux_(struct writer *w, unsigned int flags)
{
	bool rootless = flags & SPEC_DEFAULT_ROOTLESS;

	open_(w, "linux", '{');
	if (rootless) {
		mapping(w, "uidMappings", geteuid());
		mapping(w, "gidMappings", getegid());
	} else {
		resources(w);
	}
	open_(w, "namespaces", '[');
	namespace_(w, "pid");
	if (!rootless)
		namespace_(w, "network");
	namespace_(w, "ipc");
	namespace_(w, "uts");
	namespace_(w, "mount");
	if (rootless)
		namespace_(w, "user");
	if (flags & SPEC_DEFAULT_CGROUP_NS)
		namespace_(w, "cgroup");
	close_(w, ']');
	LIST(w, "maskedPaths", "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	     "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	     "/proc/sched_debug", "/sys/firmware", "/proc/scsi");
	LIST(w, "readonlyPaths", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	     "/proc/sysrq-trigger");
	close_(w, '}');
}

char *spec_default_json(unsigned int flags)
{
	struct writer w = { .first = true };

	open_(&w, NULL, '{');
	text(&w, "ociVersion", SPEC_OCI_VERSION);
	process(&w);
	open_(&w, "root", '{');
	text(&w, "path", "rootfs");
	bare(&w, "readonly", "true");
	close_(&w, '}');
	text(&w, "hostname", "picket");
	mounts(&w, flags & SPEC_DEFAULT_ROOTLESS);
	linux_(&w, flags);
	close_(&w, '}');
	w.failed |= strbuf_add(&w.out, "\n", 1) < 0;
	if (w.failed)
		strbuf_done(&w.out);
	return w.out.s;
}
