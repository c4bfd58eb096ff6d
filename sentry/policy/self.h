/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentry's own confinement. */
#ifndef PICKET_SENTRY_POLICY_SELF_H
#define PICKET_SENTRY_POLICY_SELF_H

/*
 * Keep only the capabilities that serving needs, in all sets; they cannot come back.
 * Capabilities that the caller does not have are no error.
 */
int self_drop_caps(void);

/* The same for the watchdog: CAP_KILL only. */
int self_drop_caps_watchdog(void);

/*
 * Not dumpable, no new privileges, and the allow-list of self-filter.def for this thread
 * and all that it starts from now on.
 */
int self_confine(void);

#endif
