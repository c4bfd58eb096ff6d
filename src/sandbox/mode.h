/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which guard a container has: --sentry=, annotation dev.picket.sentry, picket.conf. */
#ifndef PICKET_SANDBOX_MODE_H
#define PICKET_SANDBOX_MODE_H

/* Ordered from loose to tight: an annotation may only raise the value. */
enum sentry_mode { SENTRY_OFF, SENTRY_BALANCED, SENTRY_STRICT };

#endif
