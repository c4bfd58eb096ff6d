// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A container must not be able to write to the runtime's binary through /proc/PID/exe
 * (CVE-2019-5736): before a verb that enters containers, picket executes itself again
 * from a detached read-only mount of its own file, which nobody can remount, or, where
 * mounting is not permitted and the caller may write to the file, from a sealed copy.
 */
#include "container/container.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "sandbox/sandbox.h"

/* Tells the second picket which descriptor the sentry's program is. */
#define VARIABLE "_PICKET_SENTRY_FD"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

extern char **environ;

static bool is_protected(int exe)
{
	struct statfs fs;

	if (fstatfs(exe, &fs) == 0 && (fs.f_flags & ST_RDONLY))
		return true;
	return fcntl(exe, F_GET_SEALS) == SEALS;
}

static int readonly_mount(int exe)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	auto_close int tree = (int)syscall(SYS_open_tree, exe, "",
					   OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);

	if (tree < 0 ||
	    syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return take_fd(tree);
}

static int sealed_copy(int exe)
{
	auto_close int copy = memfd_create("picket", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat st;
	off_t done = 0;

	if (copy < 0 || fstat(exe, &st) < 0)
		return -errno;
	while (done < st.st_size) {
		ssize_t n = sendfile(copy, exe, &done, (size_t)(st.st_size - done));

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
	}
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return take_fd(copy);
}

/* The second picket: take the sentry's program over, forget how it came. */
static void resume(void)
{
	const char *word = getenv(VARIABLE);
	struct stat st;
	uint32_t fd;

	/* The kernel named us after the descriptor. */
	prctl(PR_SET_NAME, "picket");
	if (!word)
		return;
	if (str_parse_u32(word, &fd) == 0 && fd > 2 && fstat((int)fd, &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		fcntl((int)fd, F_SETFD, FD_CLOEXEC);
		sandbox_set_program((int)fd);
	}
	unsetenv(VARIABLE);
}

/* Found from here: afterwards /proc/self/exe names no place. */
static int pass_sentry_on(void)
{
	struct err ignored = ERR_INIT;
	int fd = sandbox_find_program(&ignored), high;
	char text[16];

	if (fd < 0)
		return 0; /* an error only when a sentry is wanted */
	/* Above what --preserve-fds may mean. */
	high = fcntl(fd, F_DUPFD, 200);
	close(fd);
	if (high < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d", high);
	return setenv(VARIABLE, text, 1) < 0 ? -errno : 0;
}

int container_protect_self(char *const argv[], struct err *e)
{
	auto_close int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	auto_close int safe = -1;
	int r;

	if (exe < 0)
		return err_set(e, errno, "open '/proc/self/exe'");
	if (is_protected(exe)) {
		resume();
		return 0;
	}
	safe = readonly_mount(exe);
	if (safe < 0) {
		/* Who may not write to it cannot be made to. */
		if (faccessat(AT_FDCWD, "/proc/self/exe", W_OK, AT_EACCESS) < 0)
			return 0;
		safe = sealed_copy(exe);
	}
	if (safe < 0)
		return err_set(e, -safe, "protect the runtime's program file");
	r = pass_sentry_on();
	if (r < 0)
		return err_set(e, -r, "pass the sentry's program on");
	syscall(SYS_execveat, safe, "", argv, environ, AT_EMPTY_PATH);
	return err_set(e, errno, "execute the protected program file");
}
