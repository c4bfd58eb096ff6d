/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of signals as the callers of `kill` write them. */
#ifndef PICKET_CLI_SIGNAL_H
#define PICKET_CLI_SIGNAL_H

/* "15", "TERM", "SIGTERM", "sigterm", "RTMIN+3", "RTMAX-1"; -EINVAL otherwise. */
int signal_by_name(const char *s);

#endif
