// SPDX-License-Identifier: GPL-2.0-or-later
/* delete: nothing of the container remains, not even of one whose creation was cut short. */
#include "container/known.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "container/creation.h"
#include "hooks/hooks.h"

#define DEATH_MS 10000
#define SENTRY_END_MS 2000
#define LEFTOVER_PAUSE_MS 10

static int end_init(const struct known *k, struct err *e)
{
	struct err ignored = ERR_INIT;

	if (k->status == STATUS_STOPPED)
		return 0;
	known_signal(k, SIGKILL, &ignored);
	if (cgroup_is_frozen(&k->state.cgroup)) {
		cgroup_signal_all(&k->state.cgroup, SIGKILL, &ignored);
		cgroup_set_frozen(&k->state.cgroup, false, &ignored);
	}
	if (container_await_pid(k->state.pid, DEATH_MS) < 0)
		return err_text(e, EBUSY, "container init still running after SIGKILL");
	return 0;
}

/* It ends by itself with its last guest; one that does not is not waited for. */
static void end_sentry(const struct state *s)
{
	if (!s->sentry_pid || !state_process_lives(s->sentry_pid, s->sentry_starttime))
		return;
	if (container_await_pid(s->sentry_pid, SENTRY_END_MS) < 0 &&
	    state_process_lives(s->sentry_pid, s->sentry_starttime))
		kill(s->sentry_pid, SIGKILL);
}

static int destroy(struct known *k, struct err *e)
{
	struct err hook = ERR_INIT;
	int r = end_init(k, e);

	if (r == 0)
		r = cgroup_destroy(&k->state.cgroup, e);
	if (r < 0)
		return r;
	end_sentry(&k->state);
	if (known_run_hooks(k, SPEC_HOOK_POSTSTOP, STATUS_STOPPED, &hook) < 0)
		log_warning("%s", hook.msg);
	return store_remove(&k->store, k->state.id, e);
}

/*
 * A creation that was killed left a directory without state.json (or someone broke the
 * file, and delete was told to use force): the cgroup's name follows from the saved
 * config.json, and making it again, without limits, is how to find it.  Its init may
 * still be dying.
 */
static int destroy_cgroup_of(struct spec *s, const struct context *ctx, const char *id,
			     struct err *e)
{
	const struct timespec pause = { .tv_nsec = LEFTOVER_PAUSE_MS * 1000000L };
	struct cgroup cg = { 0 };
	int r = -EBUSY;

	memset(&s->resources, 0, sizeof(s->resources));
	for (int i = 0; r == -EBUSY && i < DEATH_MS / LEFTOVER_PAUSE_MS; i++) {
		if (i)
			nanosleep(&pause, NULL);
		r = cgroup_create(s, id, ctx->cgroup_driver, ctx->rootless, &cg, e);
	}
	if (r == 0)
		r = cgroup_destroy(&cg, e);
	cgroup_done(&cg);
	return r;
}

static int remove_leftovers(struct known *k, const struct context *ctx, const char *id,
			    struct err *e)
{
	auto_(spec_done) struct spec s = { 0 };
	struct err ignored = ERR_INIT;

	/* Without a readable configuration the creation had not come to its cgroup. */
	if (known_spec(k, &s, &ignored) == 0 &&
	    destroy_cgroup_of(&s, ctx, id, e) == -EBUSY)
		return -EBUSY;
	return store_remove(&k->store, id, e);
}

static bool has_no_state(const struct known *k)
{
	return faccessat(k->dirfd, "state.json", F_OK, 0) < 0 && errno == ENOENT;
}

static bool may_delete(const struct known *k, int flags)
{
	return (flags & DELETE_FORCE) || k->status == STATUS_STOPPED ||
	       k->status == STATUS_CREATED;
}

int container_delete(const struct context *ctx, const char *id, int flags, struct err *e)
{
	auto_(known_close) struct known k;
	int r = known_open(&k, ctx, id, KNOWN_LOCK, e);

	if (r < 0 && k.lock >= 0 && (has_no_state(&k) || (flags & DELETE_FORCE)))
		return remove_leftovers(&k, ctx, id, e);
	if (r == -ENOENT && (flags & DELETE_FORCE))
		return 0;
	if (r < 0)
		return r;
	if (!may_delete(&k, flags))
		return err_text(e, EBUSY,
				"cannot delete container %s that is not stopped: %s", id,
				status_name(k.status));
	return destroy(&k, e);
}
