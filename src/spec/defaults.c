// SPDX-License-Identifier: GPL-2.0-or-later
/* The config.json that `picket spec` writes: runc's shape, because scripts edit it with jq. */
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "spec/spec.h"

#define LIST(w, key, ...) \
	json_write_list(w, key, (const char *const[]){ __VA_ARGS__, NULL })

static void process(struct json_writer *w)
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };

	json_open_object(w, "process");
	json_write_bool(w, "terminal", true);
	json_open_object(w, "user");
	json_write_i64(w, "uid", 0);
	json_write_i64(w, "gid", 0);
	json_close_object(w);
	LIST(w, "args", "sh");
	LIST(w, "env",
	     "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	     "TERM=xterm");
	json_write(w, "cwd", "/");
	json_open_object(w, "capabilities");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		LIST(w, sets[i], "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");
	json_close_object(w);
	json_open_array(w, "rlimits");
	json_open_object(w, NULL);
	json_write(w, "type", "RLIMIT_NOFILE");
	json_write_i64(w, "hard", 1024);
	json_write_i64(w, "soft", 1024);
	json_close_object(w);
	json_close_array(w);
	json_write_bool(w, "noNewPrivileges", true);
	json_close_object(w);
}

static void mount_(struct json_writer *w, const char *destination, const char *type,
		   const char *source, const char *const *options)
{
	json_open_object(w, NULL);
	json_write(w, "destination", destination);
	json_write(w, "type", type);
	json_write(w, "source", source);
	if (options)
		json_write_list(w, "options", options);
	json_close_object(w);
}

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void mounts(struct json_writer *w, bool rootless)
{
	json_open_array(w, "mounts");
	mount_(w, "/proc", "proc", "proc", NULL);
	mount_(w, "/dev", "tmpfs", "tmpfs",
	       OPTIONS("nosuid", "strictatime", "mode=755", "size=65536k"));
	mount_(w, "/dev/pts", "devpts", "devpts",
	       OPTIONS("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
		       rootless ? NULL : "gid=5"));
	mount_(w, "/dev/shm", "tmpfs", "shm",
	       OPTIONS("nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
	mount_(w, "/dev/mqueue", "mqueue", "mqueue",
	       OPTIONS("nosuid", "noexec", "nodev"));
	/* sysfs belongs to a network namespace, which a rootless container shares. */
	if (rootless)
		mount_(w, "/sys", "none", "/sys",
		       OPTIONS("rbind", "nosuid", "noexec", "nodev", "ro"));
	else
		mount_(w, "/sys", "sysfs", "sysfs",
		       OPTIONS("nosuid", "noexec", "nodev", "ro"));
	mount_(w, "/sys/fs/cgroup", "cgroup", "cgroup",
	       OPTIONS("nosuid", "noexec", "nodev", "relatime", "ro"));
	json_close_array(w);
}

static void resources(struct json_writer *w)
{
	json_open_object(w, "resources");
	json_open_array(w, "devices");
	json_open_object(w, NULL);
	json_write_bool(w, "allow", false);
	json_write(w, "access", "rwm");
	json_close_object(w);
	json_close_array(w);
	json_close_object(w);
}

static void mapping(struct json_writer *w, const char *key, unsigned long host)
{
	json_open_array(w, key);
	json_open_object(w, NULL);
	json_write_i64(w, "containerID", 0);
	json_write_i64(w, "hostID", host);
	json_write_i64(w, "size", 1);
	json_close_object(w);
	json_close_array(w);
}

static void namespace_(struct json_writer *w, const char *type)
{
	json_open_object(w, NULL);
	json_write(w, "type", type);
	json_close_object(w);
}

static void linux_(struct json_writer *w, unsigned int flags)
{
	bool rootless = flags & SPEC_DEFAULT_ROOTLESS;

	json_open_object(w, "linux");
	if (rootless) {
		mapping(w, "uidMappings", geteuid());
		mapping(w, "gidMappings", getegid());
	} else {
		resources(w);
	}
	json_open_array(w, "namespaces");
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
	json_close_array(w);
	LIST(w, "maskedPaths", "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	     "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	     "/proc/sched_debug", "/sys/firmware", "/proc/scsi");
	LIST(w, "readonlyPaths", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	     "/proc/sysrq-trigger");
	json_close_object(w);
}

char *spec_default_json(unsigned int flags)
{
	struct json_writer writer = { .indent = "\t" }, *w = &writer;

	json_open_object(w, NULL);
	json_write(w, "ociVersion", SPEC_OCI_VERSION);
	process(w);
	json_open_object(w, "root");
	json_write(w, "path", "rootfs");
	json_write_bool(w, "readonly", true);
	json_close_object(w);
	json_write(w, "hostname", "picket");
	mounts(w, flags & SPEC_DEFAULT_ROOTLESS);
	linux_(w, flags);
	json_close_object(w);
	return json_finish(w);
}
