// SPDX-License-Identifier: GPL-2.0-or-later
/* Join namespaces by path or by pidfd, make those that the init makes by itself. */
#include "ns/ns.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "kernel/pidfd.h"
#include "ns/internal.h"

static bool is_own(int fd, const char *own_path)
{
	struct stat own, that;

	return stat(own_path, &own) == 0 && fstat(fd, &that) == 0 &&
	       own.st_ino == that.st_ino && own.st_dev == that.st_dev;
}

int ns_open(struct ns_plan *p, struct err *e)
{
	for (size_t i = 0; i < p->join_n; i++) {
		const char *path = p->join[i].path;
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		int type;

		if (fd < 0)
			return err_set(e, errno, "open %s namespace '%s'",
				       ns_flag_name(p->join[i].flag), path);
		p->join[i].fd = fd;
		type = ioctl(fd, NS_GET_NSTYPE);
		if (type != p->join[i].flag)
			return err_text(e, EINVAL, "'%s' is not a %s namespace", path,
					ns_flag_name(p->join[i].flag));
		if (type == CLONE_NEWNET)
			p->foreign_net = !is_own(fd, "/proc/self/ns/net");
	}
	return 0;
}

bool ns_shares_pids(const struct ns_plan *p)
{
	for (size_t i = 0; i < p->join_n; i++)
		if (p->join[i].flag == CLONE_NEWPID)
			return is_own(p->join[i].fd, "/proc/self/ns/pid");
	return p->host_pid;
}

void ns_close(struct ns_plan *p)
{
	for (size_t i = 0; i < p->join_n; i++) {
		if (p->join[i].fd >= 0)
			close(p->join[i].fd);
		p->join[i].fd = -1;
	}
}

int ns_join(const struct ns_plan *p, struct err *e)
{
	bool joined[SPEC_NS_COUNT] = { false };

	/* Privileges of here may be needed for one, those of the user namespace for another. */
	for (size_t i = 0; i < p->join_n; i++)
		if (p->join[i].flag != CLONE_NEWUSER)
			joined[i] = setns(p->join[i].fd, p->join[i].flag) == 0;
	for (size_t i = 0; i < p->join_n; i++) {
		if (joined[i])
			continue;
		/* One's own user namespace cannot be joined again (EINVAL), and need not be. */
		if (p->join[i].flag == CLONE_NEWUSER &&
		    is_own(p->join[i].fd, "/proc/self/ns/user"))
			continue;
		if (setns(p->join[i].fd, p->join[i].flag) < 0)
			return err_set(e, errno, "join %s namespace '%s'",
				       ns_flag_name(p->join[i].flag), p->join[i].path);
	}
	return 0;
}

int ns_join_pidfd(int pidfd, uint64_t flags, struct err *e)
{
	if (flags && setns(pidfd, (int)flags) < 0)
		return err_set(e, errno, "join the container's namespaces");
	return 0;
}

static int write_offset(int procfs, const char *clock, const struct spec_opt_i64 *s,
			const struct spec_opt_i64 *ns, struct err *e)
{
	char line[96];
	int r;

	if (!s->has && !ns->has)
		return 0;
	snprintf(line, sizeof(line), "%s %lld %lld\n", clock, (long long)s->v,
		 (long long)ns->v);
	r = fd_write_file(procfs, "self/timens_offsets", line);
	return r < 0 ? err_set(e, -r, "write time offset of clock '%s'", clock) : 0;
}

static int write_offsets(const struct ns_plan *p, const struct spec *s, int procfs,
			 struct err *e)
{
	const struct spec_opt_i64 boot = { .has = true, .v = -p->boot_s }, none = { 0 };
	int r;

	if (p->boots)
		return write_offset(procfs, "boottime", &boot, &none, e);
	r = write_offset(procfs, "monotonic", &s->time_offsets.monotonic_s,
			 &s->time_offsets.monotonic_ns, e);
	if (r == 0)
		r = write_offset(procfs, "boottime", &s->time_offsets.boottime_s,
				 &s->time_offsets.boottime_ns, e);
	return r;
}

/*
 * Where ids have changed, our files in /proc belong to the host's root until we may be traced:
 * by nobody, as long as our pid namespace has no other process.
 */
static int set_offsets(const struct ns_plan *p, const struct spec *s, int procfs,
		       struct err *e)
{
	const bool hidden = prctl(PR_GET_DUMPABLE) != 1 && p->clone_flags & CLONE_NEWPID;
	int r;

	if (hidden)
		prctl(PR_SET_DUMPABLE, 1);
	r = write_offsets(p, s, procfs, e);
	if (hidden)
		prctl(PR_SET_DUMPABLE, 0);
	return r;
}

/*
 * unshare(2) makes it for children only.  Before execve(2) takes over (Linux 6.2) a process
 * between two of them can have no threads; and the sentry joins what this one has.
 */
static int enter_time(int procfs, struct err *e)
{
	auto_close int fd =
		openat(procfs, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
		return err_set(e, errno, "enter the new time namespace");
	return 0;
}

int ns_unshare(const struct ns_plan *p, const struct spec *s, int procfs, struct err *e)
{
	int r;

	if (!p->unshare_flags)
		return 0;
	if (unshare((int)p->unshare_flags) < 0)
		return err_set(e, errno, "make the init's own namespaces (%#llx)",
			       (unsigned long long)p->unshare_flags);
	if (!(p->unshare_flags & CLONE_NEWTIME))
		return 0;
	r = set_offsets(p, s, procfs, e);
	return r < 0 ? r : enter_time(procfs, e);
}

int ns_become_root(const struct ns_plan *p, struct err *e)
{
	if (p->identity)
		return 0;
	/* Refused where setgroups is "deny" (a single id without privilege): nothing to drop. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return err_set(e, errno, "clear groups in the user namespace");
	/* Without a root of its own it stays who it is, with the capabilities of a root. */
	if (idmap_to_host(&p->gid_maps, 0) >= 0 && setresgid(0, 0, 0) < 0)
		return err_set(e, errno, "become group 0 of the user namespace");
	if (idmap_to_host(&p->uid_maps, 0) >= 0 && setresuid(0, 0, 0) < 0)
		return err_set(e, errno, "become user 0 of the user namespace");
	return 0;
}

int ns_net_up(struct err *e)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* A kernel without IPv4 has no loopback device to care for. */
	if (fd < 0)
		return errno == EAFNOSUPPORT ?
			       0 :
			       err_set(e, errno, "open a socket for 'lo'");
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return err_set(e, errno, "bring 'lo' up");
	return 0;
}

void ns_net_open(const struct ns_plan *p, const struct spec_caps *caps, int procfs)
{
	if (!p->foreign_net)
		return;
	if (caps->bounding & (1ull << CAP_NET_BIND_SERVICE))
		fd_write_file(procfs, "sys/net/ipv4/ip_unprivileged_port_start", "0");
	if (caps->bounding & (1ull << CAP_NET_RAW))
		fd_write_file(procfs, "sys/net/ipv4/ping_group_range", "0 2147483647");
}
