// SPDX-License-Identifier: GPL-2.0-or-later
/* What start, kill, delete, pause and exec have in common. */
#include "container/known.h"

#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "container/creation.h"
#include "hooks/hooks.h"
#include "kernel/pidfd.h"

int known_open(struct known *k, const struct context *ctx, const char *id, int flags,
	       struct err *e)
{
	int r;

	memset(k, 0, sizeof(*k));
	k->store.dirfd = k->dirfd = k->lock = -1;
	r = store_check_id(id, e);
	if (r == 0)
		r = store_open(ctx->root, 0, &k->store, e);
	if (r == 0)
		r = k->dirfd = store_find(&k->store, id, e);
	if (r >= 0 && (flags & KNOWN_LOCK))
		r = k->lock = store_lock(k->dirfd, e);
	if (r >= 0)
		r = state_load(k->dirfd, &k->state, e);
	if (r < 0)
		return r;
	k->status = state_status(k->dirfd, &k->state);
	return 0;
}

void known_close(struct known *k)
{
	cleanup_close(&k->dirfd);
	cleanup_close(&k->lock);
	store_close(&k->store);
	state_done(&k->state);
}

int known_spec(const struct known *k, struct spec *ret, struct err *e)
{
	int r = spec_load(k->dirfd, SAVED_CONFIG, ret, e);

	return r < 0 ? err_prefix(e, "saved configuration of container '%s'",
				  k->state.id) :
		       0;
}

int known_run_hooks(const struct known *k, enum spec_hook_kind kind, enum status status,
		    struct err *e)
{
	auto_free char *text = NULL;
	auto_(spec_done) struct spec s = { 0 };
	struct state st = k->state;
	size_t len;
	int r = fd_read_file(k->dirfd, SAVED_CONFIG, CONFIG_MAX, &text, &len);

	/* Most containers have no hooks: a search is cheaper than a parse. */
	if (r < 0 ||
	    !memmem(text, len, hooks_kind_name(kind), strlen(hooks_kind_name(kind))))
		return 0;
	r = spec_parse(SAVED_CONFIG, text, len, &s, e);
	if (r < 0)
		return r;
	if (status == STATUS_STOPPED)
		st.pid = 0;
	return creation_run_hooks(&s, kind, &st, status, e);
}

int known_signal(const struct known *k, int sig, struct err *e)
{
	auto_close int pidfd = kernel_pidfd_open(k->state.pid, 0);

	/* The pidfd holds the process: only now its start time says which one it is. */
	if (pidfd < 0 || !state_process_lives(k->state.pid, k->state.pid_starttime))
		return err_text(e, ESRCH, "container not running");
	if (kernel_pidfd_send_signal(pidfd, sig) < 0) {
		if (errno == ESRCH)
			return err_text(e, ESRCH, "container not running");
		return err_set(e, errno, "send signal %d to container '%s'", sig,
			       k->state.id);
	}
	return 0;
}

int container_await_pid(pid_t pid, int timeout_ms)
{
	auto_close int fd = kernel_pidfd_open(pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	return poll(&p, 1, timeout_ms) == 1 ? 0 : -ETIMEDOUT;
}
