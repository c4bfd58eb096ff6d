// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json's .linux, but for its resources and its seccomp profile. */
#include <string.h>
#include <sys/stat.h>

#include "spec/load.h"
#include "spec/spec.h"

static const struct json_word ns_types[] = {
	{ "user", SPEC_NS_USER },     { "mount", SPEC_NS_MOUNT },
	{ "pid", SPEC_NS_PID },	      { "network", SPEC_NS_NETWORK },
	{ "ipc", SPEC_NS_IPC },	      { "uts", SPEC_NS_UTS },
	{ "cgroup", SPEC_NS_CGROUP }, { "time", SPEC_NS_TIME },
};

struct ns_entry {
	int64_t type;
	const char *path;
};

static int load_ns_type(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_WORD(l, j, ns_types, dst);
}

static const struct json_field ns_fields[] = {
	{ "type", load_ns_type, offsetof(struct ns_entry, type) },
	{ "path", json_string, offsetof(struct ns_entry, path) },
};

/* dst: struct spec_ns[SPEC_NS_COUNT] */
static int load_namespaces(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_ns *ns = dst;

	if (j->type != JSON_ARRAY)
		return json_expected(l, j, "an array");
	for (const struct json *c = j->first; c; c = c->next) {
		struct ns_entry entry = { -1, NULL };
		int r = JSON_FIELDS(l, c, ns_fields, &entry);

		if (r < 0)
			return r;
		if (entry.type < 0)
			return json_error(l, c, "type is missing");
		if (ns[entry.type].present)
			return json_error(l, c, "duplicated namespace '%s'",
					  ns_types[entry.type].word);
		if (entry.path && entry.path[0] != '/')
			return json_error(l, c, "path '%s' must be absolute", entry.path);
		ns[entry.type] = (struct spec_ns){ true, entry.path };
	}
	return 0;
}

static int load_device_type(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word types[] = {
		{ "c", 'c' },
		{ "b", 'b' },
		{ "u", 'u' },
		{ "p", 'p' },
	};
	int64_t v;
	int r = JSON_WORD(l, j, types, &v);

	if (r == 0)
		*(char *)dst = (char)v;
	return r;
}

/* The type bits that some callers leave in st_mode are not part of the permission. */
static int load_mode(const struct json_load *l, const struct json *j, void *dst)
{
	uint32_t v;
	int r = json_u32(l, j, &v);

	if (r == 0)
		*(mode_t *)dst = v & 07777;
	return r;
}

/* clang-format off */
static const struct json_field device_fields[] = {
	{ "path",     json_string,      offsetof(struct spec_device, path) },
	{ "type",     load_device_type, offsetof(struct spec_device, type) },
	{ "major",    json_i64,         offsetof(struct spec_device, major) },
	{ "minor",    json_i64,         offsetof(struct spec_device, minor) },
	{ "fileMode", load_mode,        offsetof(struct spec_device, mode) },
	{ "uid",      json_id,          offsetof(struct spec_device, uid) },
	{ "gid",      json_id,          offsetof(struct spec_device, gid) },
};
/* clang-format on */

static int load_device(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_device *d = dst;
	int r;

	*d = (struct spec_device){ .major = -1, .minor = -1, .mode = 0666 };
	r = JSON_FIELDS(l, j, device_fields, d);
	if (r < 0)
		return r;
	if (!d->path || d->path[0] != '/')
		return json_error(l, j, "path must be an absolute path");
	if (!d->type)
		return json_error(l, j, "type is missing");
	if (d->type != 'p' && (d->major < 0 || d->minor < 0 || d->major > UINT32_MAX ||
			       d->minor > UINT32_MAX))
		return json_error(l, j, "major and minor must be device numbers");
	return 0;
}

static int load_devices(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_device), load_device, dst);
}

static int load_propagation(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "shared", 0 },     { "slave", 0 },	   { "private", 0 },
		{ "unbindable", 0 }, { "rshared", 0 },	   { "rslave", 0 },
		{ "rprivate", 0 },   { "runbindable", 0 }, { "", 0 },
	};
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	return r < 0 ? r : json_string(l, j, dst);
}

#define CLOCK(name)                                                                     \
	{ "secs", spec_opt_i64, offsetof(struct spec, time_offsets.name##_s) },         \
	{                                                                               \
		"nanosecs", spec_opt_i64, offsetof(struct spec, time_offsets.name##_ns) \
	}
static const struct json_field monotonic_fields[] = { CLOCK(monotonic) };
static const struct json_field boottime_fields[] = { CLOCK(boottime) };

static int load_monotonic(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, monotonic_fields, dst);
}

static int load_boottime(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, boottime_fields, dst);
}

static const struct json_field time_fields[] = {
	{ "monotonic", load_monotonic, 0 },
	{ "boottime", load_boottime, 0 },
};

static int load_time_offsets(const struct json_load *l, const struct json *j, void *dst)
{
	for (const struct json *m = j->first; j->type == JSON_OBJECT && m; m = m->next)
		if (strcmp(m->key, "monotonic") != 0 && strcmp(m->key, "boottime") != 0)
			return json_error(l, m, "unknown clock");
	return JSON_FIELDS(l, j, time_fields, dst);
}

static int load_no_flags(const struct json_load *l, const struct json *j, void *dst)
{
	(void)dst;
	if (j->type != JSON_ARRAY)
		return json_expected(l, j, "an array");
	return j->n ? json_error(l, j, "no personality flags are known") : 0;
}

static int load_domain(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = { { "LINUX", 0 }, { "LINUX32", 0 } };
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	return r < 0 ? r : json_string(l, j, dst);
}

static const struct json_field personality_fields[] = {
	{ "domain", load_domain, 0 },
	{ "flags", load_no_flags, 0 },
};

static int load_personality(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, personality_fields, dst);
}

static const struct json_field net_device_fields[] = {
	{ "name", json_text, offsetof(struct spec_kv, value) },
};

static int load_net_device(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_kv *kv = dst;

	*kv = (struct spec_kv){ j->key, "" };
	return JSON_FIELDS(l, j, net_device_fields, kv);
}

static int load_net_devices(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_map(l, j, sizeof(struct spec_kv), load_net_device, dst);
}

/* clang-format off */
static const struct json_field linux_fields[] = {
	{ "namespaces",        load_namespaces,     offsetof(struct spec, ns) },
	{ "uidMappings",       spec_load_idmaps,    offsetof(struct spec, uid_maps) },
	{ "gidMappings",       spec_load_idmaps,    offsetof(struct spec, gid_maps) },
	{ "timeOffsets",       load_time_offsets,   0 },
	{ "devices",           load_devices,        offsetof(struct spec, devices) },
	{ "cgroupsPath",       json_string,         offsetof(struct spec, cgroups_path) },
	{ "resources",         spec_load_resources, offsetof(struct spec, resources) },
	{ "rootfsPropagation", load_propagation,    offsetof(struct spec, rootfs_propagation) },
	{ "maskedPaths",       json_strings,        offsetof(struct spec, masked_paths) },
	{ "readonlyPaths",     json_strings,        offsetof(struct spec, readonly_paths) },
	{ "mountLabel",        json_string,         offsetof(struct spec, mount_label) },
	{ "seccomp",           spec_load_seccomp,   offsetof(struct spec, seccomp) },
	{ "sysctl",            spec_load_kvs,       offsetof(struct spec, sysctl) },
	{ "personality",       load_personality,    offsetof(struct spec, personality) },
	{ "netDevices",        load_net_devices,    offsetof(struct spec, net_devices) },
	{ "intelRdt",          spec_unsupported,    0 },
	{ "memoryPolicy",      spec_unsupported,    0 },
};
/* clang-format on */

int spec_load_linux(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, linux_fields, dst);
}
