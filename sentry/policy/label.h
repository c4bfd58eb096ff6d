/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's AppArmor profile or SELinux label as the sentry's own. */
#ifndef PICKET_SENTRY_POLICY_LABEL_H
#define PICKET_SENTRY_POLICY_LABEL_H

#include "base/err.h"

/*
 * Change this process's label to what the guests will have ("": as it is), and find out
 * whether it lets a sentry work: its procfs, and memory and descriptors of its equals.
 * While there is one thread; before no_new_privs, which forbids most changes.
 */
int label_take(int procfs, const char *apparmor, const char *selinux, struct err *e);

#endif
