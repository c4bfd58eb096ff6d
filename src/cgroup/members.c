// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is in a cgroup: pids, signals, freezing, and the end of all. */
#include "cgroup/ops.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

#define FREEZE_BUDGET_MS 10000
#define KILL_ROUNDS 10

struct pids {
	pid_t *v;
	size_t n, cap;
};

static int pids_add(struct pids *p, pid_t pid)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;
		pid_t *v = reallocarray(p->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = pid;
	return 0;
}

static int read_procs(int dirfd, struct pids *ret)
{
	auto_free char *text = NULL;
	char *save = NULL;
	size_t len;
	int r = fd_read_file(dirfd, "cgroup.procs", 64 << 20, &text, &len);

	/* A threaded child lists its processes in its domain; a removed one has none. */
	if (r == -EOPNOTSUPP || r == -ENOENT || r == -ENODEV)
		return 0;
	for (char *s = r < 0 ? NULL : strtok_r(text, "\n", &save); s && r == 0;
	     s = strtok_r(NULL, "\n", &save)) {
		uint32_t pid = 0;

		/* 0: a process that our pid namespace does not show. */
		if (str_parse_u32(s, &pid) == 0 && pid > 0)
			r = pids_add(ret, (pid_t)pid);
	}
	return r;
}

/* Of the directory and all below it.  Takes the descriptor. */
static int collect(int dirfd, struct pids *ret)
{
	auto_closedir DIR *d = fdopendir(dirfd);
	struct dirent *ent;
	int r;

	if (!d) {
		close(dirfd);
		return -ENOMEM;
	}
	r = read_procs(dirfd, ret);
	while (r == 0 && (ent = readdir(d))) {
		int sub;

		if (ent->d_type != DT_DIR || ent->d_name[0] == '.')
			continue;
		sub = openat(dirfd, ent->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			r = collect(sub, ret);
	}
	return r;
}

int cgroup_pids(const struct cgroup *cg, pid_t **ret_pids, size_t *ret_n, struct err *e)
{
	const char *dir = cgroup_members_dir(cg);
	struct pids p = { 0 };
	int fd, r;

	*ret_pids = NULL;
	*ret_n = 0;
	if (!dir)
		return 0;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	r = fd < 0 ? -errno : collect(fd, &p);
	if (r < 0) {
		free(p.v);
		return err_set(e, -r, "list the processes of cgroup '%s'", dir);
	}
	*ret_pids = p.v;
	*ret_n = p.n;
	return 0;
}

/* ---- freezing ---- */

static bool is_frozen_v1(const char *dir, const char *state)
{
	char now[32];

	return cgroup_read_at(dir, "freezer.state", now, sizeof(now)) == 0 &&
	       str_eq(now, state);
}

/* A freeze may stick in FREEZING while tasks fork: it is asked for again until it holds. */
static int set_frozen_v1(const char *dir, const char *state)
{
	struct cgroup_pause pause = { 0 };
	int r;

	do {
		r = cgroup_write_at(dir, "freezer.state", state);
		if (r < 0 || is_frozen_v1(dir, state))
			return r;
	} while (cgroup_pause(&pause, FREEZE_BUDGET_MS));
	return -ETIMEDOUT;
}

/* cgroup.events changes with the state; poll(2) reports that as POLLPRI. */
static int set_frozen_v2(const char *dir, bool frozen)
{
	auto_free char *path = str_printf("%s/cgroup.events", dir);
	auto_close int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	const char *want = frozen ? "frozen 1" : "frozen 0";
	char text[128];
	int r = cgroup_write_at(dir, "cgroup.freeze", frozen ? "1" : "0");

	if (r < 0 || fd < 0)
		return r < 0 ? r : -ENOENT;
	for (int waited_ms = 0; waited_ms < FREEZE_BUDGET_MS; waited_ms += 100) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, want))
			return 0;
		(void)poll(&p, 1, 100);
	}
	return -ETIMEDOUT;
}

static int set_frozen(const struct cgroup *cg, bool frozen)
{
	const char *dir = cgroup_dir(cg, "freezer");

	if (!dir)
		return -ENODEV;
	if (cg->layout == CGROUP_V2)
		return set_frozen_v2(dir, frozen);
	return set_frozen_v1(dir, frozen ? "FROZEN" : "THAWED");
}

int cgroup_set_frozen(const struct cgroup *cg, bool frozen, struct err *e)
{
	int r;

	if (!cg->n)
		return err_text(e, ENODEV, "the container has no cgroup: it cannot be %s",
				frozen ? "paused" : "resumed");
	r = set_frozen(cg, frozen);
	if (r < 0 && frozen)
		(void)set_frozen(cg, false);
	if (r == -ENODEV)
		return err_text(e, ENODEV, "this host has no freezer cgroup controller");
	if (r < 0)
		return err_set(e, -r, "%s cgroup '%s'", frozen ? "freeze" : "thaw",
			       cg->path);
	return 0;
}

bool cgroup_is_frozen(const struct cgroup *cg)
{
	const char *dir = cgroup_dir(cg, "freezer");
	char state[32];

	if (!dir)
		return false;
	if (cg->layout == CGROUP_V2)
		return cgroup_read_at(dir, "cgroup.freeze", state, sizeof(state)) == 0 &&
		       state[0] == '1';
	return cgroup_read_at(dir, "freezer.state", state, sizeof(state)) == 0 &&
	       !str_eq(state, "THAWED");
}

/* ---- signals ---- */

/* Number of members that were there, or a negative errno. */
static int signal_once(const struct cgroup *cg, int sig, struct err *e)
{
	auto_free pid_t *pids = NULL;
	size_t n;
	int r = cgroup_pids(cg, &pids, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		if (kill(pids[i], sig) < 0 && errno != ESRCH)
			r = err_set(e, errno, "send signal %d to process %d", sig,
				    pids[i]);
	return r < 0 ? r : (int)n;
}

/*
 * One pass reaches the usual container; what forks meanwhile is caught frozen.  A frozen
 * task dies of SIGKILL only when it is thawed.
 */
static int kill_v1(const struct cgroup *cg, struct err *e)
{
	int r;

	if (cgroup_is_frozen(cg)) {
		r = signal_once(cg, SIGKILL, e);
		(void)set_frozen(cg, false);
		if (r < 0)
			return r;
	}
	r = signal_once(cg, SIGKILL, e);
	for (int round = 0; r > 0 && round < KILL_ROUNDS; round++) {
		(void)set_frozen(cg, true);
		r = signal_once(cg, SIGKILL, e);
		(void)set_frozen(cg, false);
	}
	return r < 0 ? r : 0;
}

static int kill_v2(const struct cgroup *cg, struct err *e)
{
	int r = cgroup_write_at(cg->dirs[0].dir, "cgroup.kill", "1");

	if (r == 0 || cg->n == 0)
		return 0;
	return r == -ENOENT ? kill_v1(cg, e) :
			      err_set(e, -r, "kill cgroup '%s'", cg->path);
}

int cgroup_signal_all(const struct cgroup *cg, int sig, struct err *e)
{
	bool was_frozen;
	int r;

	if (!cg->n)
		return 0;
	if (sig == SIGKILL)
		return cg->layout == CGROUP_V2 ? kill_v2(cg, e) : kill_v1(cg, e);
	was_frozen = cgroup_is_frozen(cg);
	if (!was_frozen)
		(void)set_frozen(cg, true);
	r = signal_once(cg, sig, e);
	if (!was_frozen)
		(void)set_frozen(cg, false);
	return r < 0 ? r : 0;
}
