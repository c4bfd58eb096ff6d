// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Labels of the coming execve, for AppArmor and SELinux, and the session keyring.
 * The kernel's own files are written through the verified procfs: libselinux would open
 * them by path (docs/decisions/lsm.md).  A label that cannot be set is an error.
 */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "process/internal.h"

/* All for the possessor; view, read, search and link for the owner. */
#define KEYRING_PERM 0x3f1b0000u

static bool has_apparmor(int self)
{
	char buf[256];

	return proc_read(self, "attr/apparmor/current", buf, sizeof(buf)) > 0;
}

static int apply_apparmor(const char *profile, int self, struct err *e)
{
	auto_free char *text = NULL;
	int r;

	if (!profile || !*profile)
		return 0;
	if (!has_apparmor(self)) {
		if (str_eq(profile, "unconfined"))
			return 0;
		return err_text(e, ENOTSUP,
				"apparmor profile '%s': apparmor not supported by this "
				"kernel",
				profile);
	}
	text = str_printf("exec %s", profile);
	if (!text)
		return err_set(e, ENOMEM, "apparmor profile '%s'", profile);
	r = proc_write(self, "attr/apparmor/exec", text);
	if (r == -ENOENT)
		return err_text(e, ENOENT, "apparmor profile '%s' is not loaded",
				profile);
	if (r < 0)
		return err_set(e, -r, "unable to apply apparmor profile '%s'", profile);
	return 0;
}

/* selinuxfs is registered at boot only where SELinux is enabled. */
static bool has_selinux(int procfs)
{
	auto_free char *text = NULL;
	auto_close int fd = proc_open(procfs, "filesystems", O_RDONLY);
	size_t len;

	return fd >= 0 && fd_read_all(fd, 1 << 20, &text, &len) == 0 &&
	       strstr(text, "\tselinuxfs\n");
}

static int write_selinux(int self, const char *file, const char *label, struct err *e)
{
	int r = proc_write(self, file, label);

	if (r < 0)
		return err_set(e, -r, "set selinux label '%s' in %s", label, file);
	return 0;
}

int process_apply_lsm(const struct spec_process *p, int procfs, struct err *e)
{
	bool selinux = p->selinux_label && *p->selinux_label;
	bool apparmor = p->apparmor_profile && *p->apparmor_profile;
	auto_close int self = -1;
	int r;

	if (!selinux && !apparmor)
		return 0;
	self = proc_open_self(procfs);
	if (self < 0)
		return err_set(e, -self, "open /proc/thread-self");
	if (selinux && !has_selinux(procfs))
		return err_text(e, ENOTSUP,
				".process.selinuxLabel '%s': selinux is disabled "
				"on this host",
				p->selinux_label);
	r = apply_apparmor(p->apparmor_profile, self, e);
	if (r == 0 && selinux)
		r = write_selinux(self, "attr/exec", p->selinux_label, e);
	return r;
}

/* attr/keycreate labels keys made by this thread, until it is cleared. */
static int label_keys(const struct spec_process *p, int procfs, const char *label,
		      struct err *e)
{
	auto_close int self = -1;

	if (!p->selinux_label || !*p->selinux_label || !has_selinux(procfs))
		return 0;
	self = proc_open_self(procfs);
	if (self < 0)
		return err_set(e, -self, "open /proc/thread-self");
	return write_selinux(self, "attr/keycreate", label, e);
}

int process_new_keyring(const char *id, const struct spec_process *p, int procfs,
			struct err *e)
{
	auto_free char *name = str_printf("_ses.%s", id);
	long ring;
	int r;

	if (!name)
		return err_set(e, ENOMEM, "join a session keyring");
	r = label_keys(p, procfs, p->selinux_label, e);
	if (r < 0)
		return r;
	ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	if (ring < 0 && errno != ENOSYS && errno != EPERM && errno != EDQUOT)
		return err_set(e, errno, "join session keyring '%s'", name);
	if (ring < 0)
		log_debug("no session keyring of its own: %m");
	else if (syscall(SYS_keyctl, KEYCTL_SETPERM, ring, KEYRING_PERM) < 0)
		log_debug("permissions of session keyring '%s' stay: %m", name);
	return label_keys(p, procfs, "\n", e);
}
