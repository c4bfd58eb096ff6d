// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to the sentry of a container. */
#include "container/known.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "handover.h"
#include "sandbox/sandbox.h"

static int open_guarded(struct known *k, const struct context *ctx, const char *id,
			struct err *e)
{
	char why[STATE_WHY_MAX];
	int r = known_open(k, ctx, id, 0, e);

	if (r < 0)
		return r;
	if (k->state.sentry == SENTRY_OFF)
		return err_text(e, EINVAL, "container '%s' has no sentry", id);
	if (k->status == STATUS_STOPPED || k->status == STATUS_CREATING)
		return err_text(e, ESRCH, "container not running%s",
				state_why(&k->state, why));
	return 0;
}

/* Milliseconds since a start in clock ticks after boot, as procfs has it. */
static uint64_t uptime_ms(uint64_t starttime)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now;
	uint64_t ms;

	clock_gettime(CLOCK_BOOTTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return ms - starttime * 1000 / hz;
}

int container_stats(const struct context *ctx, const char *id, struct handover_stats *ret,
		    enum sentry_mode *ret_mode, uint64_t *ret_uptime_ms, struct err *e)
{
	auto_(known_close) struct known k;
	int r = open_guarded(&k, ctx, id, e);

	if (r < 0)
		return r;
	*ret_mode = k.state.sentry;
	*ret_uptime_ms = uptime_ms(k.state.sentry_starttime);
	return sandbox_stats(k.dirfd, k.state.sentry, ret, e);
}

int container_trace(const struct context *ctx, const char *id, const char *names,
		    struct err *e)
{
	auto_(known_close) struct known k;
	int r = open_guarded(&k, ctx, id, e);

	return r < 0 ? r : sandbox_trace(k.dirfd, k.state.sentry, names, e);
}
