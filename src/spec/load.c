// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json to struct spec: the top level, mounts, hooks, and the public entries. */
#include "spec/spec.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "spec/load.h"

#define CONFIG_MAX (64u << 20) /* bytes of JSON that are read at most */

void *spec_alloc(struct spec *s, size_t len)
{
	return s->arena ? arena_alloc(s->arena, len) : NULL;
}

const char *spec_strdup(struct spec *s, const char *str)
{
	return s->arena ? arena_copy(s->arena, str, strlen(str)) : NULL;
}

int spec_unsupported(const struct json_load *l, const struct json *j, void *dst)
{
	(void)dst;
	return json_error(l, j, "not supported");
}

int spec_opt_u64(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_u64 *o = dst;

	o->has = true;
	return json_u64(l, j, &o->v);
}

int spec_opt_i64(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_i64 *o = dst;

	o->has = true;
	return json_i64(l, j, &o->v);
}

static int load_kv(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_kv *kv = dst;

	kv->key = j->key;
	return json_text(l, j, &kv->value);
}

int spec_load_kvs(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_map(l, j, sizeof(struct spec_kv), load_kv, dst);
}

static const struct json_field idmap_fields[] = {
	{ "containerID", json_u32, offsetof(struct spec_idmap, container) },
	{ "hostID", json_u32, offsetof(struct spec_idmap, host) },
	{ "size", json_u32, offsetof(struct spec_idmap, size) },
};

static int load_idmap(const struct json_load *l, const struct json *j, void *dst)
{
	const struct spec_idmap *m = dst;
	int r = JSON_FIELDS(l, j, idmap_fields, dst);

	if (r == 0 && m->size == 0)
		return json_error(l, j, "size must be at least 1");
	return r;
}

int spec_load_idmaps(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_idmap), load_idmap, dst);
}

/* clang-format off */
static const struct json_field mount_fields[] = {
	{ "destination", json_string,      offsetof(struct spec_mount, destination) },
	{ "type",        json_string,      offsetof(struct spec_mount, type) },
	{ "source",      json_string,      offsetof(struct spec_mount, source) },
	{ "options",     json_strings,     offsetof(struct spec_mount, options) },
	{ "uidMappings", spec_load_idmaps, offsetof(struct spec_mount, uid_maps) },
	{ "gidMappings", spec_load_idmaps, offsetof(struct spec_mount, gid_maps) },
};
/* clang-format on */

/* A relative destination counts from "/" (specification 1.0 allowed them). */
static int make_absolute(const struct json_load *l, struct spec_mount *m)
{
	size_t len = strlen(m->destination);
	char *p = arena_alloc(l->arena, len + 2);

	if (!p)
		return err_set(l->e, ENOMEM, "load %s", l->name);
	p[0] = '/';
	memcpy(p + 1, m->destination, len);
	m->destination = p;
	return 0;
}

static int load_mount(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_mount *m = dst;
	int r = JSON_FIELDS(l, j, mount_fields, m);

	if (r < 0)
		return r;
	if (!m->destination)
		return json_error(l, j, "destination is missing");
	return m->destination[0] == '/' ? 0 : make_absolute(l, m);
}

static int load_mounts(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_mount), load_mount, dst);
}

static int load_timeout(const struct json_load *l, const struct json *j, void *dst)
{
	int64_t v;
	int r = json_integer(l, j, 1, INT_MAX, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static const struct json_field hook_fields[] = {
	{ "path", json_string, offsetof(struct spec_hook, path) },
	{ "args", json_strings, offsetof(struct spec_hook, args) },
	{ "env", json_strings, offsetof(struct spec_hook, env) },
	{ "timeout", load_timeout, offsetof(struct spec_hook, timeout_s) },
};

static int load_hook(const struct json_load *l, const struct json *j, void *dst)
{
	const struct spec_hook *h = dst;
	int r = JSON_FIELDS(l, j, hook_fields, dst);

	if (r == 0 && (!h->path || h->path[0] != '/'))
		return json_error(l, j, "path must be an absolute path");
	return r;
}

static int load_hook_list(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_hook), load_hook, dst);
}

#define HOOK(name, kind)                                                 \
	{                                                                \
		name, load_hook_list, (kind) * sizeof(struct spec_hooks) \
	}
/* clang-format off */
static const struct json_field hooks_fields[] = {
	HOOK("prestart", SPEC_HOOK_PRESTART),
	HOOK("createRuntime", SPEC_HOOK_CREATE_RUNTIME),
	HOOK("createContainer", SPEC_HOOK_CREATE_CONTAINER),
	HOOK("startContainer", SPEC_HOOK_START_CONTAINER),
	HOOK("poststart", SPEC_HOOK_POSTSTART),
	HOOK("poststop", SPEC_HOOK_POSTSTOP),
};
/* clang-format on */

static int load_hooks(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, hooks_fields, dst);
}

static const struct json_field root_fields[] = {
	{ "path", json_string, offsetof(struct spec, root.path) },
	{ "readonly", json_bool, offsetof(struct spec, root.readonly) },
};

static int load_root(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, root_fields, dst);
}

/* clang-format off */
static const struct json_field spec_fields[] = {
	{ "ociVersion",  json_string,       offsetof(struct spec, oci_version) },
	{ "process",     spec_load_process, offsetof(struct spec, process) },
	{ "root",        load_root,         0 },
	{ "hostname",    json_string,       offsetof(struct spec, hostname) },
	{ "domainname",  json_string,       offsetof(struct spec, domainname) },
	{ "mounts",      load_mounts,       offsetof(struct spec, mounts) },
	{ "hooks",       load_hooks,        offsetof(struct spec, hooks) },
	{ "annotations", spec_load_kvs,     offsetof(struct spec, annotations) },
	{ "linux",       spec_load_linux,   0 },
	{ "windows",     spec_unsupported,  0 },
	{ "solaris",     spec_unsupported,  0 },
	{ "freebsd",     spec_unsupported,  0 },
	{ "vm",          spec_unsupported,  0 },
	{ "zos",         spec_unsupported,  0 },
};
/* clang-format on */

static int open_arena(struct spec *s, size_t len, struct err *e)
{
	/* A node of the tree and its text take about four times the text itself. */
	if (!s->arena)
		s->arena = arena_new(len < CONFIG_MAX ? 4 * len : 0);
	return s->arena ? 0 : err_set(e, ENOMEM, "load the specification");
}

static int parse_object(struct spec *s, const char *name, const char *json, size_t len,
			json_loader *load, void *dst, struct err *e)
{
	struct json_load l = { .name = name, .e = e };
	const struct json *root;
	int r = open_arena(s, len, e);

	if (r < 0)
		return r;
	l.arena = s->arena;
	r = json_parse(&l, json, len, &root);
	return r < 0 ? r : load(&l, root, dst);
}

static int load_spec(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, spec_fields, dst);
}

int spec_parse(const char *name, const char *json, size_t len, struct spec *ret,
	       struct err *e)
{
	*ret = (struct spec){ 0 };
	return parse_object(ret, name, json, len, load_spec, ret, e);
}

int spec_parse_process(struct spec *s, const char *name, const char *json, size_t len,
		       struct err *e)
{
	s->process = (struct spec_process){ 0 };
	return parse_object(s, name, json, len, spec_load_process, &s->process, e);
}

int spec_parse_resources(struct spec *s, const char *name, const char *json, size_t len,
			 struct err *e)
{
	s->resources = (struct spec_resources){ 0 };
	return parse_object(s, name, json, len, spec_load_resources, &s->resources, e);
}

int spec_load(int dirfd, const char *path, struct spec *ret, struct err *e)
{
	auto_free char *text = NULL;
	size_t len;
	int r = fd_read_file(dirfd, path, CONFIG_MAX, &text, &len);

	*ret = (struct spec){ 0 };
	if (r == -ENOENT)
		return err_text(e, ENOENT, "JSON specification file %s not found", path);
	if (r < 0)
		return err_set(e, -r, "read %s", path);
	return spec_parse(path, text, len, ret, e);
}

void spec_done(struct spec *s)
{
	arena_free(s->arena);
	*s = (struct spec){ 0 };
}

const char *spec_annotation(const struct spec *s, const char *key)
{
	for (size_t i = 0; i < s->annotations.n; i++)
		if (strcmp(s->annotations.v[i].key, key) == 0)
			return s->annotations.v[i].value;
	return NULL;
}
