/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentry's own confinement. */
#ifndef PICKET_SENTRY_POLICY_SELF_H
#define PICKET_SENTRY_POLICY_SELF_H

#include <stdint.h>

/*
 * Keep only the capabilities that serving needs and those that guests may have (a set as
 * in /proc/PID/status), in all sets; they cannot come back.  What this process does not
 * have is no error.
 */
int self_drop_caps(uint64_t guests);

/* The same for the watchdog: CAP_KILL only. */
int self_drop_caps_watchdog(void);

/*
 * Not dumpable, no new privileges, and the allow-list of self-filter.def for this thread
 * and all that it starts from now on.
 */
int self_confine(void);

#endif
