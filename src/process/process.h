/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one process of a container is given between its clone and its execve. */
#ifndef PICKET_PROCESS_PROCESS_H
#define PICKET_PROCESS_PROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"
#include "spec/spec.h"

/* Number of a capability name ("CAP_CHOWN", any case, prefix optional), or -1. */
int caps_by_name(const char *name);
/* "CAP_CHOWN" or NULL beyond the last one known. */
const char *caps_name(int cap);

/*
 * /proc files written by name go through this descriptor: a procfs that is verified
 * (magic, root inode), opened before the container is entered; each file is opened below
 * it without crossing a mount or following a symlink (CVE-2025-52881).  The host's own
 * where it passes, else a private one by fsopen(2), which costs 0.1 ms.
 */
int process_open_procfs(struct err *e);

/*
 * The process's rlimits, oom_score_adj, scheduler and ioprio, set by its parent in the
 * host's user namespace: raising a limit or lowering oom_score_adj needs CAP_SYS_RESOURCE
 * there.  pid 0: the calling process.  A value that is in force already is not set again.
 * procfs: process_open_procfs()'s directory.
 */
int process_apply_limits(pid_t pid, const struct spec_process *p, int procfs, bool rootless,
			 struct err *e);

/* personality(2) "LINUX" or "LINUX32" of this process; NULL: nothing to do. */
int process_apply_personality(const char *personality, struct err *e);

/* cpu list ("0-3,7") -> affinity of the calling process; NULL or "": nothing to do. */
int process_set_affinity(const char *cpus, struct err *e);

/* hostname, domainname. */
int process_apply_uts(const struct spec *s, struct err *e);
int process_apply_sysctl(const struct spec *s, int procfs, struct err *e);
/* Pure: "net.ipv4.ip_forward" or "net/ipv4/x" -> path below /proc/sys; buf of size len. */
int sysctl_path(const char *key, char *buf, size_t len);

/* AppArmor and SELinux: label of the coming execve; absent LSM with a label is an error. */
int process_apply_lsm(const struct spec_process *p, int procfs, struct err *e);

/* KEYCTL_JOIN_SESSION_KEYRING "_ses.ID"; ENOSYS, EPERM, EDQUOT are ignored. */
int process_new_keyring(const char *id, const struct spec_process *p, int procfs,
			struct err *e);

/*
 * Give stdio to the container's user (refusals are ignored); the null device is opened again
 * in the container, so that none of the host's is in its hands.  Before drop_ids.
 */
int process_take_stdio(const struct spec_process *p, struct err *e);

/*
 * Capabilities and ids in two steps, so that a filter can be installed between them
 * without no_new_privs: process_drop_ids() drops the bounding set and changes umask,
 * groups, gid, uid, and leaves CAP_SYS_ADMIN effective where it was; process_drop_caps()
 * sets the final sets.  Capabilities that the caller has not got are ignored (debug log).
 * keep_groups: annotation run.oci.keep_original_groups.
 * The dumpable flag and no_new_privs are the caller's.
 */
int process_drop_ids(const struct spec_process *p, bool keep_groups, struct err *e);
int process_drop_caps(const struct spec_process *p, struct err *e);

/*
 * The program's environment: later duplicates win, HOME from the container's /etc/passwd
 * where unset.  malloc'ed NULL-terminated vector of malloc'ed strings.
 */
int process_env(const struct spec_process *p, char ***ret_env, struct err *e);

/* chdir (made if missing when MAKE), then check that getcwd is inside (CVE-2024-21626). */
#define PROCESS_CWD_MAKE 1
int process_chdir(const char *cwd, int flags, struct err *e);

/*
 * Absolute path of args[0] searched in PATH of env, inside the current root.
 * Errors are the texts callers match: exec: "x": executable file not found in $PATH;
 * exec: "x": permission denied; ... no such file or directory.  malloc'ed.
 */
int process_find_program(const struct spec_process *p, char *const *env, char **ret_path,
			 struct err *e);

/* Terminals.  tty_open: a new pty from the container's /dev/pts (after the pivot). */
int tty_open(uint16_t height, uint16_t width, int *ret_master, int *ret_slave, struct err *e);
/* The slave's descriptor anew, by its path, where that leads to the same terminal. */
void tty_reopen(int master, int *slave);
/* Connect early, before the container is entered; send the master when it exists. */
int tty_connect(const char *console_socket, struct err *e);
int tty_send_to(int sock, int master, struct err *e);
/* Make the slave the controlling terminal and stdio of this (session leader) process. */
int tty_take(int slave, struct err *e);

/*
 * Foreground: our terminal and the container's.  The caller owns the poll loop:
 *
 *	tty_proxy_open(&t, master, &e);
 *	for (;;) {
 *		n = tty_proxy_poll(&t, fds);	// fills at most TTY_PROXY_FDS
 *		poll(fds and the caller's own);
 *		tty_proxy_step(&t, fds, n);
 *	}
 *	tty_proxy_drain(&t);			// what the dead program still printed
 *	tty_proxy_close(&t);			// our terminal as it was
 *
 * On SIGWINCH: tty_proxy_resize().
 */
#define TTY_PROXY_FDS 2
struct tty_proxy {
	int master;			/* the caller's */
	bool raw, in_eof, master_eof;
	struct termios saved;
	char in[4096];			/* typed, not yet taken by the master */
	size_t in_len;
};
int tty_proxy_open(struct tty_proxy *t, int master, struct err *e);
size_t tty_proxy_poll(const struct tty_proxy *t, struct pollfd fds[TTY_PROXY_FDS]);
void tty_proxy_step(struct tty_proxy *t, const struct pollfd *fds, size_t n);
void tty_proxy_resize(const struct tty_proxy *t);
/* The size of our terminal, if it has one, for the master's: before the program starts, too. */
void tty_copy_size(int master);
void tty_proxy_drain(struct tty_proxy *t);
void tty_proxy_close(struct tty_proxy *t);

#endif
