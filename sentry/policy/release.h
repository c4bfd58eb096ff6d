/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who the guest thinks the kernel is: uname(2), /proc/version and
 * /proc/sys/kernel/{osrelease,version}.  Nothing of the host's kernel: neither its release
 * nor who built it, when, with what.
 */
#ifndef PICKET_SENTRY_POLICY_RELEASE_H
#define PICKET_SENTRY_POLICY_RELEASE_H

/* Once, before service; "": the default, the oldest kernel that picket runs on. */
void release_set(const char *release);

const char *release_release(void);	/* uname -r */
const char *release_version(void);	/* uname -v */

/* The line of /proc/version, in static storage. */
const char *release_banner(void);

/* What uname -r says under personality UNAME26: 2.6.60 is 4.0, as the kernel counts. */
void release_under_26(char *ret, unsigned long size);

#endif
