// SPDX-License-Identifier: GPL-2.0-or-later
/* What a running container may use, what it uses, and who is in it. */
#include "container/known.h"

#include <poll.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/pidfd.h"

int container_update(const struct context *ctx, const char *id,
		     const struct spec_resources *r, struct err *e)
{
	auto_(known_close) struct known k;
	int error = known_open(&k, ctx, id, KNOWN_LOCK, e);

	if (error < 0)
		return error;
	if (k.status == STATUS_STOPPED)
		return err_text(e, ESRCH, "container not running");
	return cgroup_apply(&k.state.cgroup, r, e);
}

static int put_stats(const struct known *k, FILE *f, struct err *e)
{
	int r;

	fprintf(f, "{\"type\":\"stats\",\"id\":\"%s\",\"data\":", k->state.id);
	r = cgroup_stats_json(&k->state.cgroup, f, e);
	if (r < 0)
		return r;
	fputs("}\n", f);
	return fflush(f) ? err_set(e, errno, "write the statistics") : 0;
}

static int put_oom(const struct known *k, struct cgroup_oom *oom, FILE *f, struct err *e)
{
	for (uint64_t n = cgroup_oom_take(&k->state.cgroup, oom); n; n--)
		fprintf(f, "{\"type\":\"oom\",\"id\":\"%s\"}\n", k->state.id);
	return fflush(f) ? err_set(e, errno, "write the events") : 0;
}

/* Until the init ends. */
static int follow(const struct known *k, int pidfd, struct cgroup_oom *oom,
		  int interval_ms, FILE *f, struct err *e)
{
	struct pollfd p[] = { { .fd = pidfd, .events = POLLIN },
			      { .fd = oom->fd, .events = POLLIN } };
	int r = put_stats(k, f, e);

	while (r == 0) {
		int n = poll(p, ARRAY_SIZE(p), interval_ms);

		if (n < 0 && errno != EINTR)
			return err_set(e, errno, "wait for events");
		if (n > 0 && p[1].revents)
			r = put_oom(k, oom, f, e);
		if (n > 0 && p[0].revents)
			return r;
		if (n == 0)
			r = put_stats(k, f, e);
	}
	return r;
}

int container_events(const struct context *ctx, const char *id, int interval_ms, FILE *f,
		     struct err *e)
{
	auto_(known_close) struct known k;
	auto_(cgroup_oom_close) struct cgroup_oom oom = { .fd = -EBADF };
	auto_close int pidfd = -EBADF;
	char why[STATE_WHY_MAX];
	int r = known_open(&k, ctx, id, 0, e);

	if (r < 0)
		return r;
	pidfd = k.status == STATUS_STOPPED ? -1 : kernel_pidfd_open(k.state.pid, 0);
	if (pidfd < 0 || !state_process_lives(k.state.pid, k.state.pid_starttime))
		return err_text(e, ESRCH, "container with id %s is not running%s", id,
				state_why(&k.state, why));
	if (!interval_ms)
		return put_stats(&k, f, e);
	/* Without a memory controller there is none. */
	(void)cgroup_oom_open(&k.state.cgroup, &oom);
	return follow(&k, pidfd, &oom, interval_ms, f, e);
}

int container_pids(const struct context *ctx, const char *id, pid_t **ret_pids,
		   size_t *ret_n, struct err *e)
{
	auto_(known_close) struct known k;
	int r = known_open(&k, ctx, id, 0, e);

	if (r < 0 || k.state.cgroup.n)
		return r < 0 ? r : cgroup_pids(&k.state.cgroup, ret_pids, ret_n, e);
	/* Without a cgroup only the init is known. */
	*ret_n = k.status != STATUS_STOPPED;
	*ret_pids = malloc(sizeof(**ret_pids));
	if (!*ret_pids)
		return err_set(e, ENOMEM, "list the processes");
	**ret_pids = k.state.pid;
	return 0;
}
