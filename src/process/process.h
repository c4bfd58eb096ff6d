/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one process of a container is given between its clone and its execve. */
#ifndef PICKET_PROCESS_PROCESS_H
#define PICKET_PROCESS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "spec/spec.h"

/* Number of a capability name ("CAP_CHOWN", any case, prefix optional), or -1. */
int caps_by_name(const char *name);
/* "CAP_CHOWN" or NULL beyond the last one known. */
const char *caps_name(int cap);

/* /proc/PID files written by name go through this: a private, verified procfs
 * (fsopen, else /proc with PROC_SUPER_MAGIC and root inode checked; CVE-2025-52881).
 * Open it before entering the container.  Returns a directory descriptor. */
int process_open_procfs(struct err *e);

/*
 * rlimits, oom_score_adj, scheduler, ioprio of another process: called by the parent in
 * the host's user namespace, because raising a limit or lowering oom_score_adj needs
 * CAP_SYS_RESOURCE there (prlimit(2), /proc/PID/oom_score_adj, sched_setattr, ioprio_set).
 * procfs: process_open_procfs()'s directory.  Does nothing quickly when nothing is asked.
 */
int process_apply_limits(pid_t pid, const struct spec_process *p, int procfs, bool rootless,
			 struct err *e);

/* personality(2) "LINUX" or "LINUX32" of this process; NULL: nothing to do. */
int process_apply_personality(const char *personality, struct err *e);

/* sysctl of config.json, hostname, domainname. */
int process_apply_uts(const struct spec *s, struct err *e);
int process_apply_sysctl(const struct spec *s, int procfs, struct err *e);

/* AppArmor and SELinux: label of the coming execve; absent LSM with a label is an error. */
int process_apply_lsm(const struct spec_process *p, int procfs, struct err *e);

/* KEYCTL_JOIN_SESSION_KEYRING "_ses.ID"; ENOSYS, EPERM, EDQUOT are ignored. */
int process_new_keyring(const char *id, const struct spec_process *p, struct err *e);

/*
 * Capabilities and ids in two steps, so that a filter can be installed between them
 * without no_new_privs: process_drop_ids() drops the bounding set and changes
 * groups, gid, uid, keeping capabilities; process_drop_caps() sets the final sets.
 * keep_groups: annotation run.oci.keep_original_groups.
 */
int process_drop_ids(const struct spec_process *p, bool keep_groups, struct err *e);
int process_drop_caps(const struct spec_process *p, struct err *e);

/*
 * The program's environment: later duplicates win, HOME from the container's /etc/passwd
 * where unset.  malloc'ed NULL-terminated vector.
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
int tty_connect(const char *console_socket, struct err *e);
int tty_send_to(int sock, int master, struct err *e);
/* Make the slave the controlling terminal and stdio of this (session leader) process. */
int tty_take(int slave, struct err *e);
/* Foreground: copy between our terminal and the master until `until` (pidfd) ends;
 * signals of the mask are forwarded by the caller. */
int tty_proxy_raw(int *ret_saved, struct err *e);

#endif
