// SPDX-License-Identifier: GPL-2.0-or-later
/* struct state to and from state.json, and to the objects that callers read. */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/json.h"
#include "sandbox/sandbox.h"

#define STATE_MAX (1u << 20) /* bytes of state.json that are read at most */

void state_done(struct state *s)
{
	free(s->id);
	free(s->bundle);
	free(s->rootfs);
	free(s->created);
	free(s->sentry_end);
	cgroup_done(&s->cgroup);
	*s = (struct state){ 0 };
}

static const char *const drivers[] = {
	[CGROUP_CGROUPFS] = "cgroupfs",
	[CGROUP_SYSTEMD] = "systemd",
	[CGROUP_DISABLED] = "disabled",
};
static const char *const layouts[] = {
	[CGROUP_NONE] = "none",
	[CGROUP_V1] = "v1",
	[CGROUP_V2] = "v2",
};

static void put_optional(struct json_writer *w, const char *key, const char *value)
{
	if (value)
		json_write(w, key, value);
}

static void put_cgroup(struct json_writer *w, const struct cgroup *cg)
{
	json_write(w, "cgroupDriver", drivers[cg->driver]);
	json_write(w, "cgroupLayout", layouts[cg->layout]);
	put_optional(w, "cgroupPath", cg->path);
	put_optional(w, "cgroupUnit", cg->unit);
	json_open_array(w, "cgroupDirs");
	for (size_t i = 0; i < cg->n; i++) {
		json_open_object(w, NULL);
		json_write(w, "controllers", cg->dirs[i].controllers);
		json_write(w, "dir", cg->dirs[i].dir);
		json_close_object(w);
	}
	json_close_array(w);
}

int state_save(int dirfd, const struct state *s, struct err *e)
{
	struct json_writer w = { .indent = "\t" };
	auto_free char *text = NULL;
	int r;

	json_open_object(&w, NULL);
	json_write(&w, "id", s->id);
	json_write(&w, "bundle", s->bundle);
	json_write(&w, "rootfs", s->rootfs);
	json_write(&w, "created", s->created);
	json_write(&w, "sentry", sandbox_mode_name(s->sentry));
	json_write_i64(&w, "pid", s->pid);
	json_write_i64(&w, "pidStarttime", (int64_t)s->pid_starttime);
	json_write_i64(&w, "sentryPid", s->sentry_pid);
	json_write_i64(&w, "sentryStarttime", (int64_t)s->sentry_starttime);
	json_write_i64(&w, "owner", s->owner);
	json_write_bool(&w, "rootless", s->rootless);
	put_cgroup(&w, &s->cgroup);
	json_close_object(&w);
	text = json_finish(&w);
	r = text ? fd_replace_file(dirfd, "state.json", text, w.out.len, 0600) : -ENOMEM;
	return r < 0 ? err_set(e, -r, "write state.json") : 0;
}

/* A string that outlives the tree: char * */
static int load_dup(const struct json_load *l, const struct json *j, void *dst)
{
	const char *s;
	int r = json_text(l, j, &s);

	if (r < 0)
		return r;
	free(*(char **)dst);
	*(char **)dst = strdup(s);
	return *(char **)dst ? 0 : err_set(l->e, ENOMEM, "load %s", l->name);
}

static int load_pid(const struct json_load *l, const struct json *j, void *dst)
{
	int64_t v;
	int r = json_integer(l, j, 0, INT32_MAX, &v);

	if (r == 0)
		*(pid_t *)dst = (pid_t)v;
	return r;
}

static int load_mode(const struct json_load *l, const struct json *j, void *dst)
{
	const char *word;
	int r = json_text(l, j, &word);

	if (r == 0 && sandbox_parse_mode(word, dst) < 0)
		return json_error(l, j, "unknown value '%s'", word);
	return r;
}

static int load_name(const struct json_load *l, const struct json *j,
		     const char *const *names, size_t n, void *dst)
{
	const char *word;
	int r = json_text(l, j, &word);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (strcmp(names[i], word) == 0) {
			*(int *)dst = (int)i;
			return 0;
		}
	}
	return r < 0 ? r : json_error(l, j, "unknown value '%s'", word);
}

static int load_driver(const struct json_load *l, const struct json *j, void *dst)
{
	return load_name(l, j, drivers, ARRAY_SIZE(drivers), dst);
}

static int load_layout(const struct json_load *l, const struct json *j, void *dst)
{
	return load_name(l, j, layouts, ARRAY_SIZE(layouts), dst);
}

static const struct json_field dir_fields[] = {
	{ "controllers", load_dup, offsetof(struct cgroup_dir, controllers) },
	{ "dir", load_dup, offsetof(struct cgroup_dir, dir) },
};

static int load_dirs(const struct json_load *l, const struct json *j, void *dst)
{
	struct cgroup *cg = dst;

	if (j->type != JSON_ARRAY || j->n > CGROUP_V1_MAX)
		return json_expected(l, j, "a short array");
	for (const struct json *c = j->first; c; c = c->next) {
		struct cgroup_dir *dir = &cg->dirs[cg->n++];
		int r = JSON_FIELDS(l, c, dir_fields, dir);

		if (r == 0 && (!dir->controllers || !dir->dir))
			r = json_error(l, c, "incomplete");
		if (r < 0)
			return r;
	}
	return 0;
}

/* clang-format off */
static const struct json_field state_fields[] = {
	{ "id",              load_dup,    offsetof(struct state, id) },
	{ "bundle",          load_dup,    offsetof(struct state, bundle) },
	{ "rootfs",          load_dup,    offsetof(struct state, rootfs) },
	{ "created",         load_dup,    offsetof(struct state, created) },
	{ "sentry",          load_mode,   offsetof(struct state, sentry) },
	{ "pid",             load_pid,    offsetof(struct state, pid) },
	{ "pidStarttime",    json_u64,    offsetof(struct state, pid_starttime) },
	{ "sentryPid",       load_pid,    offsetof(struct state, sentry_pid) },
	{ "sentryStarttime", json_u64,    offsetof(struct state, sentry_starttime) },
	{ "owner",           json_u32,    offsetof(struct state, owner) },
	{ "rootless",        json_bool,   offsetof(struct state, rootless) },
	{ "cgroupDriver",    load_driver, offsetof(struct state, cgroup.driver) },
	{ "cgroupLayout",    load_layout, offsetof(struct state, cgroup.layout) },
	{ "cgroupPath",      load_dup,    offsetof(struct state, cgroup.path) },
	{ "cgroupUnit",      load_dup,    offsetof(struct state, cgroup.unit) },
	{ "cgroupDirs",      load_dirs,   offsetof(struct state, cgroup) },
};
/* clang-format on */

static int parse_state(const char *text, size_t len, struct arena *arena,
		       struct state *ret, struct err *e)
{
	struct json_load l = { .name = "state.json", .arena = arena, .e = e };
	const struct json *root;
	int r;

	if (!arena)
		return err_set(e, ENOMEM, "load state.json");
	r = json_parse(&l, text, len, &root);
	if (r == 0)
		r = JSON_FIELDS(&l, root, state_fields, ret);
	if (r == 0 && (!ret->id || !ret->bundle || !ret->rootfs || !ret->created))
		r = json_error(&l, root, "incomplete");
	return r;
}

/* What the sentry's watchdog has written. */
static char *load_sentry_end(int dirfd)
{
	char *text = NULL;
	size_t len;

	if (fd_read_file(dirfd, "sentry.status", STATE_WHY_MAX / 2, &text, &len) == 0)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

const char *state_why(const struct state *s, char buf[STATE_WHY_MAX])
{
	*buf = '\0';
	if (s->sentry_end)
		snprintf(buf, STATE_WHY_MAX, "; its sentry: %s", s->sentry_end);
	return buf;
}

int state_load(int dirfd, struct state *ret, struct err *e)
{
	auto_free char *text = NULL;
	struct arena *arena;
	size_t len;
	int r = fd_read_file(dirfd, "state.json", STATE_MAX, &text, &len);

	*ret = (struct state){ 0 };
	if (r == -ENOENT)
		return err_text(e, ENOENT, "container does not exist");
	if (r < 0)
		return err_set(e, -r, "read state.json");
	arena = arena_new(0);
	r = parse_state(text, len, arena, ret, e);
	arena_free(arena);
	if (r == 0 && ret->sentry != SENTRY_OFF)
		ret->sentry_end = load_sentry_end(dirfd);
	if (r < 0)
		state_done(ret);
	return r;
}

/* Not NSS: the runtime is static. */
void state_owner_name(uid_t uid, char *buf, size_t size)
{
	auto_fclose FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw;

	snprintf(buf, size, "#%u", (unsigned int)uid);
	while (f && (pw = fgetpwent(f))) {
		if (pw->pw_uid == uid) {
			snprintf(buf, size, "%s", pw->pw_name);
			return;
		}
	}
}

static void put_owner(struct json_writer *w, uid_t uid)
{
	char owner[64];

	state_owner_name(uid, owner, sizeof(owner));
	json_write(w, "owner", owner);
}

static void put_annotations(struct json_writer *w, const struct spec_kvs *kvs)
{
	if (!kvs->n)
		return;
	json_open_object(w, "annotations");
	for (size_t i = 0; i < kvs->n; i++)
		json_write(w, kvs->v[i].key, kvs->v[i].value);
	json_close_object(w);
}

char *state_json(const struct state *s, enum status status, const struct spec *spec,
		 int flags)
{
	struct json_writer w = { .indent = flags & STATE_JSON_PRETTY ? "  " : NULL };
	bool hook = flags & STATE_JSON_HOOK;

	json_open_object(&w, NULL);
	json_write(&w, "ociVersion",
		   spec && spec->oci_version ? spec->oci_version : SPEC_OCI_VERSION);
	json_write(&w, "id", s->id);
	json_write_i64(&w, "pid", status == STATUS_STOPPED ? 0 : s->pid);
	json_write(&w, "status", status_name(status));
	json_write(&w, "bundle", s->bundle);
	if (!hook) {
		json_write(&w, "rootfs", s->rootfs);
		json_write(&w, "created", s->created);
	}
	if (spec)
		put_annotations(&w, &spec->annotations);
	if (!hook) {
		put_owner(&w, s->owner);
		put_optional(&w, "sentryStatus", s->sentry_end);
	}
	json_close_object(&w);
	return json_finish(&w);
}
