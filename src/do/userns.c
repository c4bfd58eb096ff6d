// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The user namespace in which an ordinary user prepares a sandbox: own ids stay what they
 * are, subordinate ids fill the rest where /etc/subuid grants some.  The maps are written
 * by a helper process that stays outside.
 */
#include "do/internal.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ns/ns.h"

#define SUBID_MAX (1 << 20)

/* "name:start:count" of the line [s, end).  Returns false if it is not well-formed. */
static bool parse_line(const char *s, const char *end, const char *name,
		       uint32_t *ret_start, uint32_t *ret_count)
{
	size_t n = strlen(name);
	char num[64], *colon;

	if ((size_t)(end - s) <= n || strncmp(s, name, n) || s[n] != ':' ||
	    (size_t)(end - s) - n - 1 >= sizeof(num))
		return false;
	s += n + 1;
	memcpy(num, s, (size_t)(end - s));
	num[end - s] = 0;
	colon = strchr(num, ':');
	if (!colon)
		return false;
	*colon = 0;
	return str_parse_u32(num, ret_start) == 0 &&
	       str_parse_u32(colon + 1, ret_count) == 0 && *ret_count > 0;
}

int do_subid_find(const char *text, const char *user, uid_t id, uint32_t *ret_start,
		  uint32_t *ret_count)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", id);
	for (const char *s = text; *s;) {
		const char *end = strchr(s, '\n');

		if (!end)
			end = s + strlen(s);
		if (parse_line(s, end, user, ret_start, ret_count) ||
		    parse_line(s, end, number, ret_start, ret_count))
			return 0;
		s = *end ? end + 1 : end;
	}
	return -ENOENT;
}

static int subid_read(const char *file, const char *user, uid_t uid, uint32_t *ret_start,
		      uint32_t *ret_count)
{
	auto_free char *text = NULL;
	size_t len;
	int r = fd_read_file(AT_FDCWD, file, SUBID_MAX, &text, &len);

	return r < 0 ? r : do_subid_find(text, user, uid, ret_start, ret_count);
}

/* own stays own; the subordinate ids take the other numbers from 0 on. */
static void fill_maps(struct spec_idmaps *m, uint32_t own, uint32_t start, uint32_t count)
{
	uint32_t before = own < count ? own : count;

	m->n = 0;
	if (before)
		m->v[m->n++] = (struct spec_idmap){ 0, start, before };
	m->v[m->n++] = (struct spec_idmap){ own, own, 1 };
	if (count > before)
		m->v[m->n++] =
			(struct spec_idmap){ own + 1, start + before, count - before };
}

/* The helper: waits until its parent is in the new namespace, then writes the maps. */
static int write_maps(int go, const struct ns_plan *single, const struct ns_plan *full,
		      int report)
{
	struct err e = ERR_INIT;
	char c;

	if (read(go, &c, 1) != 1)
		return 1;
	if (full->uid_maps.n && idmap_write(getppid(), full, true, NULL) == 0)
		return 0;
	if (idmap_write(getppid(), single, true, &e) == 0)
		return 0;
	return fd_write_all(report, e.msg, strlen(e.msg)) < 0 ? 2 : 1;
}

static int enter(pid_t helper, int go, int report, struct err *e)
{
	auto_free char *text = NULL;
	size_t len = 0;
	int r = 0, status = 0;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		r = err_set(e, errno,
			    "make a user namespace (is that allowed to ordinary "
			    "users here?)");
	else if (write(go, "g", 1) != 1)
		r = err_set(e, errno, "start the id map helper");
	close(go);
	if (r == 0)
		r = fd_read_all(report, 4096, &text, &len);
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	return status ? err_text(e, EPERM, "map user ids: %s",
				 len ? text : "helper failed") :
			0;
}

static void plan_subids(struct ns_plan *p, const char *user)
{
	uint32_t us, un, gs, gn;

	if (subid_read("/etc/subuid", user, getuid(), &us, &un) < 0 ||
	    subid_read("/etc/subgid", user, getuid(), &gs, &gn) < 0)
		return;
	fill_maps(&p->uid_maps, getuid(), us, un);
	fill_maps(&p->gid_maps, getgid(), gs, gn);
}

int do_userns_enter(const char *user, struct err *e)
{
	struct spec_idmap uid = { getuid(), getuid(), 1 },
			  gid = { getgid(), getgid(), 1 };
	struct spec_idmap uids[3], gids[3];
	struct ns_plan single = { .uid_maps = { &uid, 1 }, .gid_maps = { &gid, 1 } };
	struct ns_plan full = { .uid_maps = { uids, 0 }, .gid_maps = { gids, 0 } };
	auto_close int go_in = -EBADF, report_in = -EBADF;
	int go[2], report[2];
	pid_t helper;

	plan_subids(&full, user);
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	go_in = go[0];
	if (pipe2(report, O_CLOEXEC) < 0) {
		close(go[1]);
		return err_set(e, errno, "make a pipe");
	}
	report_in = report[0];
	helper = fork();
	if (helper == 0) {
		close(go[1]);
		_exit(write_maps(go_in, &single, &full, report[1]));
	}
	close(report[1]);
	if (helper < 0) {
		close(go[1]);
		return err_set(e, errno, "fork");
	}
	return enter(helper, go[1], report_in, e);
}
