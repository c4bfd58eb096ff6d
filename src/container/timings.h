/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --timings: when each phase of a start ended, in microseconds, of picket and of the init. */
#ifndef PICKET_CONTAINER_TIMINGS_H
#define PICKET_CONTAINER_TIMINGS_H

/* Count from now on; without this call the others do nothing. */
void timings_start(void);

/* A phase of this process ended.  `phase` is a literal: only its address is kept. */
void timings_mark(const char *phase);

/* After the clone: marks are the init's from now on. */
void timings_enter_init(void);

/* Table on stderr, in the order of time. */
void timings_print(void);

#endif
