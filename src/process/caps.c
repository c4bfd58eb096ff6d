// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Capabilities: names, and the two steps in which a container's process loses them.
 * Bare capset(2) and prctl(2): libcap's constructor would probe the kernel at each start
 * of the runtime.
 */
#include "process/process.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define BIT(cap) (1ULL << (cap))

static const char *const names[] = {
	[CAP_CHOWN] = "CAP_CHOWN",
	[CAP_DAC_OVERRIDE] = "CAP_DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
	[CAP_FOWNER] = "CAP_FOWNER",
	[CAP_FSETID] = "CAP_FSETID",
	[CAP_KILL] = "CAP_KILL",
	[CAP_SETGID] = "CAP_SETGID",
	[CAP_SETUID] = "CAP_SETUID",
	[CAP_SETPCAP] = "CAP_SETPCAP",
	[CAP_LINUX_IMMUTABLE] = "CAP_LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE] = "CAP_NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "CAP_NET_BROADCAST",
	[CAP_NET_ADMIN] = "CAP_NET_ADMIN",
	[CAP_NET_RAW] = "CAP_NET_RAW",
	[CAP_IPC_LOCK] = "CAP_IPC_LOCK",
	[CAP_IPC_OWNER] = "CAP_IPC_OWNER",
	[CAP_SYS_MODULE] = "CAP_SYS_MODULE",
	[CAP_SYS_RAWIO] = "CAP_SYS_RAWIO",
	[CAP_SYS_CHROOT] = "CAP_SYS_CHROOT",
	[CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
	[CAP_SYS_PACCT] = "CAP_SYS_PACCT",
	[CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
	[CAP_SYS_BOOT] = "CAP_SYS_BOOT",
	[CAP_SYS_NICE] = "CAP_SYS_NICE",
	[CAP_SYS_RESOURCE] = "CAP_SYS_RESOURCE",
	[CAP_SYS_TIME] = "CAP_SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "CAP_SYS_TTY_CONFIG",
	[CAP_MKNOD] = "CAP_MKNOD",
	[CAP_LEASE] = "CAP_LEASE",
	[CAP_AUDIT_WRITE] = "CAP_AUDIT_WRITE",
	[CAP_AUDIT_CONTROL] = "CAP_AUDIT_CONTROL",
	[CAP_SETFCAP] = "CAP_SETFCAP",
	[CAP_MAC_OVERRIDE] = "CAP_MAC_OVERRIDE",
	[CAP_MAC_ADMIN] = "CAP_MAC_ADMIN",
	[CAP_SYSLOG] = "CAP_SYSLOG",
	[CAP_WAKE_ALARM] = "CAP_WAKE_ALARM",
	[CAP_BLOCK_SUSPEND] = "CAP_BLOCK_SUSPEND",
	[CAP_AUDIT_READ] = "CAP_AUDIT_READ",
	[38] = "CAP_PERFMON",
	[39] = "CAP_BPF",
	[40] = "CAP_CHECKPOINT_RESTORE",
};

int caps_by_name(const char *name)
{
	const char *prefix = strncasecmp(name, "CAP_", 4) == 0 ? "" : "CAP_";
	size_t skip = *prefix ? 4 : 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(names[i] + skip, name) == 0)
			return (int)i;
	return -1;
}

const char *caps_name(int cap)
{
	if (cap < 0 || (size_t)cap >= ARRAY_SIZE(names))
		return NULL;
	return names[cap];
}

struct sets {
	uint64_t effective, permitted, inheritable;
};

static int caps_get(struct sets *ret)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	ret->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	ret->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	ret->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

static int caps_set(const struct sets *s)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = {
		{ (uint32_t)s->effective, (uint32_t)s->permitted,
		  (uint32_t)s->inheritable },
		{ (uint32_t)(s->effective >> 32), (uint32_t)(s->permitted >> 32),
		  (uint32_t)(s->inheritable >> 32) },
	};

	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

static void report_missing(const char *set, uint64_t missing)
{
	for (int cap = 0; cap < 64; cap++)
		if (missing & BIT(cap))
			log_debug("%s capability %s is not available, ignoring it", set,
				  caps_name(cap) ? caps_name(cap) : "?");
}

static int drop_bounding(uint64_t keep, struct err *e)
{
	for (int cap = 0; cap < 64; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0) /* beyond the kernel's last one */
			return 0;
		if (has == 0 || (keep & BIT(cap)))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return err_set(e, errno,
				       "drop capability %d from the bounding set", cap);
	}
	return 0;
}

static int set_groups(const struct spec_process *p, struct err *e)
{
	if (syscall(SYS_setgroups, p->additional_gids_n, p->additional_gids) == 0)
		return 0;
	if (errno == EPERM && p->additional_gids_n == 0) {
		log_debug("setgroups is denied here: the supplementary groups stay");
		return 0;
	}
	return err_set(e, errno, "set %zu additional groups", p->additional_gids_n);
}

/*
 * Bare calls: glibc's wrappers would signal "all threads" through a list that a bare
 * clone3(2) child does not have.
 */
static int set_ids(const struct spec_process *p, struct err *e)
{
	if (syscall(SYS_setresgid, p->gid, p->gid, p->gid) < 0)
		return err_set(e, errno, "set group id %u", p->gid);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "keep capabilities over setuid");
	if (syscall(SYS_setresuid, p->uid, p->uid, p->uid) < 0)
		return err_set(e, errno, "set user id %u", p->uid);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_set(e, errno, "clear PR_SET_KEEPCAPS");
	return 0;
}

int process_drop_ids(const struct spec_process *p, bool keep_groups, struct err *e)
{
	const uint64_t wanted = p->caps.permitted | p->caps.effective |
				p->caps.inheritable | p->caps.ambient;
	struct sets now;
	int r;

	umask(p->umask.has ? (mode_t)(p->umask.v & 0777) : 0022);
	r = drop_bounding(p->caps.bounding, e);
	if (r == 0 && !keep_groups)
		r = set_groups(p, e);
	if (r == 0)
		r = set_ids(p, e);
	if (r < 0)
		return r;
	r = caps_get(&now);
	if (r < 0)
		return err_set(e, -r, "read the capability sets");
	now.permitted &= wanted | BIT(CAP_SYS_ADMIN) | BIT(CAP_SETPCAP);
	now.effective = now.permitted;
	r = caps_set(&now);
	if (r < 0)
		return err_set(e, -r, "reduce the capability sets");
	return 0;
}

static void raise_ambient(uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return; /* Linux < 4.3 has no ambient set */
	for (int cap = 0; cap < 64; cap++)
		if ((ambient & BIT(cap)) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			report_missing("can't raise ambient capability: ambient",
				       BIT(cap));
}

int process_drop_caps(const struct spec_process *p, struct err *e)
{
	struct sets now, want = {
		.effective = p->caps.effective,
		.permitted = p->caps.permitted,
		.inheritable = p->caps.inheritable,
	};
	int r = caps_get(&now);

	if (r < 0)
		return err_set(e, -r, "read the capability sets");
	report_missing("permitted", want.permitted & ~now.permitted);
	want.permitted &= now.permitted;
	report_missing("effective", want.effective & ~want.permitted);
	want.effective &= want.permitted;
	/* CAP_SETPCAP may add what the bounding set has, everybody what is permitted. */
	want.inheritable &= now.inheritable | now.permitted;
	r = caps_set(&want);
	if (r < 0)
		return err_set(e, -r, "set the capability sets");
	raise_ambient(p->caps.ambient);
	return 0;
}
