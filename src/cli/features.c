// SPDX-License-Identifier: GPL-2.0-or-later
/* features: what this runtime can do, in the words of the specification. */
#include <errno.h>
#include <seccomp.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/verbs.h"
#include "process/process.h"
#include "rootfs/rootfs.h"

#define LIST(w, key, ...) \
	json_write_list(w, key, (const char *const[]){ __VA_ARGS__, NULL })

static void put_enabled(struct json_writer *w, const char *key, bool enabled)
{
	json_open_object(w, key);
	json_write_bool(w, "enabled", enabled);
	json_close_object(w);
}

static void put_capabilities(struct json_writer *w)
{
	const char *name;

	json_open_array(w, "capabilities");
	for (int cap = 0; (name = caps_name(cap)); cap++)
		json_write(w, NULL, name);
	json_close_array(w);
}

static void put_cgroup(struct json_writer *w)
{
	json_open_object(w, "cgroup");
	json_write_bool(w, "v1", true);
	json_write_bool(w, "v2", true);
	json_write_bool(w, "systemd", true);
	json_write_bool(w, "systemdUser", true);
	json_write_bool(w, "rdma", true);
	json_close_object(w);
}

static void put_seccomp(struct json_writer *w)
{
	json_open_object(w, "seccomp");
	json_write_bool(w, "enabled", true);
	LIST(w, "actions", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL",
	     "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
	     "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP");
	LIST(w, "operators", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE",
	     "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE");
	LIST(w, "archs", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS",
	     "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",
	     "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
	     "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64",
	     "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_X32", "SCMP_ARCH_X86",
	     "SCMP_ARCH_X86_64");
	LIST(w, "knownFlags", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	     "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	LIST(w, "supportedFlags", "SECCOMP_FILTER_FLAG_LOG",
	     "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
	     "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	json_close_object(w);
}

/* containerd reads .linux without asking whether it is there. */
static void put_linux(struct json_writer *w)
{
	json_open_object(w, "linux");
	LIST(w, "namespaces", "cgroup", "ipc", "mount", "network", "pid", "time", "user",
	     "uts");
	put_capabilities(w);
	put_cgroup(w);
	put_seccomp(w);
	put_enabled(w, "apparmor", true);
	put_enabled(w, "selinux", true);
	put_enabled(w, "intelRdt", false);
	json_open_object(w, "mountExtensions");
	put_enabled(w, "idmap", true);
	json_close_object(w);
	put_enabled(w, "netDevices", false);
	json_close_object(w);
}

static void put_annotations(struct json_writer *w)
{
	const struct scmp_version *v = seccomp_version();
	char text[48];

	json_open_object(w, "annotations");
	json_write(w, "dev.picket.version", PACKAGE_VERSION);
	json_write(w, "dev.picket.commit", PICKET_COMMIT);
	json_write(w, "dev.picket.sentry.modes", "strict balanced off");
	json_write(w, "dev.picket.checkpoint.enabled", "false");
	if (v) {
		snprintf(text, sizeof(text), "%u.%u.%u", v->major, v->minor, v->micro);
		json_write(w, "io.github.seccomp.libseccomp.version", text);
	}
	json_close_object(w);
}

static int features(struct invocation *inv, struct err *e)
{
	struct json_writer w = { .indent = "    " };
	auto_free char *text = NULL;

	(void)inv;
	json_open_object(&w, NULL);
	json_write(&w, "ociVersionMin", "1.0.0");
	json_write(&w, "ociVersionMax", SPEC_OCI_VERSION);
	LIST(&w, "hooks", "prestart", "createRuntime", "createContainer",
	     "startContainer", "poststart", "poststop");
	json_write_list(&w, "mountOptions", rootfs_mount_options());
	put_linux(&w);
	put_annotations(&w);
	LIST(&w, "potentiallyUnsafeConfigAnnotations", "run.oci.",
	     "org.systemd.property.", "org.criu.");
	json_close_object(&w);
	strbuf_add(&w.out, "\n", 1);
	text = json_finish(&w);
	return verb_print(text, e);
}

const struct verb verb_features = {
	.name = "features",
	.run = features,
	.words = "",
	.min = 0,
	.max = 0,
	.failure = 1,
	.help = "print what this runtime can do, as JSON",
};
