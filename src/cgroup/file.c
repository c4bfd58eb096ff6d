// SPDX-License-Identifier: GPL-2.0-or-later
/* Files and directories of cgroups: what v1 and v2 share. */
#include "cgroup/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"

const char *cgroup_dir(const struct cgroup *cg, const char *controller)
{
	if (cg->layout == CGROUP_V2)
		return cg->n ? cg->dirs[0].dir : NULL;
	for (size_t i = 0; i < cg->n; i++) {
		const char *list = cg->dirs[i].controllers,
			   *hit = strstr(list, controller);
		size_t n = strlen(controller);

		for (; hit; hit = strstr(hit + 1, controller))
			if ((hit == list || hit[-1] == ',') &&
			    (hit[n] == '\0' || hit[n] == ','))
				return cg->dirs[i].dir;
	}
	return NULL;
}

const char *cgroup_members_dir(const struct cgroup *cg)
{
	const char *dir = cgroup_dir(cg, "freezer");

	return dir || !cg->n ? dir : cg->dirs[0].dir;
}

static int open_at(const char *dir, const char *file, int flags)
{
	auto_free char *path = str_printf("%s/%s", dir, file);
	int fd;

	if (!path)
		return -ENOMEM;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int cgroup_write_at(const char *dir, const char *file, const char *value)
{
	auto_close int fd = open_at(dir, file, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

int cgroup_read_at(const char *dir, const char *file, char *buf, size_t len)
{
	auto_close int fd = open_at(dir, file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, buf, len - 1);
	if (n < 0)
		return -errno;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return 0;
}

uint64_t cgroup_keyed(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return strtoull(line + n + 1, NULL, 10);
	}
	return 0;
}

int cgroup_read_u64(const char *dir, const char *file, uint64_t *ret)
{
	char buf[64];
	int r = cgroup_read_at(dir, file, buf, sizeof(buf));

	if (r < 0)
		return r;
	if (str_eq(buf, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_parse_u64(buf, ret);
}

bool cgroup_pause(struct cgroup_pause *p, long budget_ms)
{
	const long max_ns = 10 * 1000000L;
	struct timespec ts;

	if (p->total_ns >= budget_ms * 1000000L)
		return false;
	p->ns = p->ns ? p->ns * 2 : 50000;
	if (p->ns > max_ns)
		p->ns = max_ns;
	p->total_ns += p->ns;
	ts = (struct timespec){ .tv_nsec = p->ns };
	(void)nanosleep(&ts, NULL);
	return true;
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

/* An existing directory may be used while it is empty: callers make it beforehand. */
static int check_empty(const char *dir, struct err *e)
{
	auto_close int fd = open_at(dir, "cgroup.procs", O_RDONLY);
	auto_free char *text = NULL;
	size_t len = 0;
	int r = fd < 0 ? fd : fd_read_all(fd, 16 << 20, &text, &len);

	if (r == -EOPNOTSUPP)
		return err_text(e, EOPNOTSUPP,
				"cgroup '%s' is threaded: it cannot hold a "
				"container",
				dir);
	if (r < 0)
		return err_set(e, -r, "read cgroup.procs in '%s'", dir);
	if (len)
		return err_text(e, EBUSY,
				"container's cgroup is not empty: %zu process(es) "
				"found in '%s'",
				count_lines(text), dir);
	return 0;
}

int cgroup_make_dir(const char *dir, int flags, struct err *e)
{
	if (mkdir(dir, 0755) == 0)
		return 1;
	if (errno != EEXIST)
		return err_set(e, errno, "make cgroup '%s'", dir);
	return flags & MAKE_SHARED ? 0 : check_empty(dir, e);
}

int cgroup_make_parents(char *dir, size_t root_len, cgroup_each_fn *each)
{
	int made = 0, r = 0;

	for (char *p = strchr(dir + root_len + 1, '/'); p && r == 0;
	     p = strchr(p + 1, '/')) {
		bool is_new;

		*p = '\0';
		is_new = mkdir(dir, 0755) == 0;
		if (!is_new && errno != EEXIST)
			r = -errno;
		made += is_new;
		if (r == 0 && each)
			r = each(dir, is_new);
		*p = '/';
	}
	return r < 0 ? r : made;
}

static int write_one(const struct cgroup *cg, const struct cgroup_write *w)
{
	const char *dir = cgroup_dir(cg, w->controller);
	int r;

	if (!dir)
		return -ENODEV;
	r = cgroup_write_at(dir, w->file, w->value);
	if (r == -ENOENT && w->alt_file)
		r = cgroup_write_at(dir, w->alt_file, w->alt_value);
	if (r == -ENOENT && (w->flags & WRITE_OPTIONAL))
		return 0;
	return r;
}

static int write_error(const struct cgroup *cg, const struct cgroup_write *w, int code,
		       struct err *e)
{
	if (code == ENODEV)
		return err_text(e, code,
				"config.json: %s: this host has no cgroup controller "
				"'%s' that may be used",
				w->field, w->controller);
	if (code == ENOENT && (w->flags & WRITE_UNIFIED))
		return err_text(e, code,
				"unified resource \"%s\" can't be set: controller "
				"\"%.*s\" not available",
				w->file, (int)strcspn(w->file, "."), w->file);
	if (code == ENOENT)
		return err_text(
			e, code,
			"config.json: %s: no '%s' in cgroup '%s': controller '%s' is "
			"not available there",
			w->field, w->file, cg->path, w->controller);
	return err_set(e, code, "config.json: %s: write '%s' to %s in cgroup '%s'",
		       w->field, w->value, w->file, cg->path);
}

/*
 * The kernel checks pairs (limit and memory+swap; quota, period and burst) against what
 * is in force: what is refused with EINVAL gets a second chance after the others.
 */
int cgroup_apply_plan(const struct cgroup *cg, const struct cgroup_plan *p, struct err *e)
{
	bool again = false;

	for (size_t i = 0; i < p->n; i++) {
		int r = write_one(cg, &p->v[i]);

		if (r == -EINVAL && (p->v[i].flags & WRITE_RETRY))
			again = true;
		else if (r < 0)
			return write_error(cg, &p->v[i], -r, e);
	}
	for (size_t i = 0; again && i < p->n; i++) {
		int r = (p->v[i].flags & WRITE_RETRY) ? write_one(cg, &p->v[i]) : 0;

		if (r < 0)
			return write_error(cg, &p->v[i], -r, e);
	}
	return 0;
}
