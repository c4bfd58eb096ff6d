// SPDX-License-Identifier: GPL-2.0-or-later
/* A container's unit: its name, its slice, the properties that mirror config.json's limits. */
#include "cgroup/systemd-unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ops.h"

#define PROPERTY "org.systemd.property."

void systemd_unit_done(struct systemd_unit *u)
{
	free(u->name);
	free(u->slice);
	*u = (struct systemd_unit){ 0 };
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && strcmp(s + n - m, suffix) == 0;
}

int cgroup_expand_slice(const char *slice, char **ret, struct err *e)
{
	auto_(strbuf_done) struct strbuf out = { 0 };
	size_t len = strlen(slice) - (has_suffix(slice, ".slice") ? strlen(".slice") : 0);
	int r = 0;

	if (str_eq(slice, "-.slice")) {
		*ret = strdup("/");
		return *ret ? 0 : err_set(e, ENOMEM, "expand slice '%s'", slice);
	}
	if (!has_suffix(slice, ".slice") || strchr(slice, '/') || slice[0] == '-' ||
	    slice[len - 1] == '-' || strstr(slice, "--"))
		return err_text(e, EINVAL, "invalid slice name '%s'", slice);
	for (size_t i = 1; i <= len && r == 0; i++)
		if (i == len || slice[i] == '-')
			r = strbuf_addf(&out, "/%.*s.slice", (int)i, slice);
	if (r < 0)
		return err_set(e, -r, "expand slice '%s'", slice);
	*ret = take_ptr(out.s);
	return 0;
}

/* Part number `i` of "slice:prefix:name"; malloc'ed, NULL where there is none. */
static char *part(const char *path, int i)
{
	for (; i > 0; i--) {
		path = strchr(path, ':');
		if (!path++)
			return NULL;
	}
	return strndup(path, strcspn(path, ":"));
}

int systemd_unit_of(const char *cgroups_path, const char *id, bool user,
		    struct systemd_unit *ret, struct err *e)
{
	const char *path = cgroups_path && *cgroups_path ? cgroups_path : "::";
	auto_free char *slice = part(path, 0);
	auto_free char *prefix = part(path, 1);
	auto_free char *name = part(path, 2);
	auto_free char *beyond = part(path, 3);
	auto_free char *expanded = NULL;
	bool is_default = str_eq(path, "::");
	int r;

	if (!slice || !prefix || !name || beyond || (!*name && !is_default))
		return err_text(
			e, EINVAL,
			"expected cgroupsPath to be of format "
			"\"slice:prefix:name\" for systemd cgroups, got \"%s\" instead",
			path);
	ret->is_slice = has_suffix(name, ".slice");
	ret->slice = *slice ? take_ptr(slice) :
			      strdup(user ? "user.slice" : "system.slice");
	if (ret->is_slice)
		ret->name = take_ptr(name);
	else if (is_default)
		ret->name = str_printf("picket-%s.scope", id);
	else
		ret->name = str_printf("%s%s%s.scope", prefix, *prefix ? "-" : "", name);
	if (!ret->name || !ret->slice)
		return err_set(e, ENOMEM, "name the container's unit");
	r = cgroup_expand_slice(ret->slice, &expanded, e);
	return r < 0 ? err_prefix(e, "config.json: .linux.cgroupsPath") : 0;
}

void systemd_put_unit(struct dbus_body *b, const struct systemd_unit *u, const char *id,
		      pid_t pid, bool v2)
{
	auto_free char *description = str_printf("picket container %s", id);
	struct dbus_array a;

	dbus_prop_string(b, "Description", description ? description : id);
	if (u->is_slice) {
		dbus_prop_open(b, "Wants", "as");
		a = dbus_open_array(b, 4);
		dbus_put_string(b, u->slice);
		dbus_close_array(b, a);
	} else {
		dbus_prop_string(b, "Slice", u->slice);
		dbus_prop_bool(b, "Delegate", true);
		dbus_prop_open(b, "PIDs", "au");
		a = dbus_open_array(b, 4);
		dbus_put_u32(b, (uint32_t)pid);
		dbus_close_array(b, a);
	}
	dbus_prop_bool(b, "MemoryAccounting", true);
	dbus_prop_bool(b, "CPUAccounting", true);
	dbus_prop_bool(b, v2 ? "IOAccounting" : "BlockIOAccounting", true);
	dbus_prop_bool(b, "TasksAccounting", true);
	dbus_prop_bool(b, "DefaultDependencies", false);
}

static uint64_t u64_of(int64_t v)
{
	return v < 0 ? UINT64_MAX : (uint64_t)v;
}

static int put_memory(struct dbus_body *b, const struct spec_resources *r, bool v2,
		      struct err *e)
{
	int64_t swap;
	int error;

	if (r->memory_limit.has && r->memory_limit.v != 0)
		dbus_prop_u64(b, v2 ? "MemoryMax" : "MemoryLimit",
			      u64_of(r->memory_limit.v));
	if (!v2)
		return 0;
	error = cgroup_swap_v2(r, &swap, e);
	if (error < 0)
		return error;
	if (swap != INT64_MIN)
		dbus_prop_u64(b, "MemorySwapMax", u64_of(swap));
	if (r->memory_reservation.has && r->memory_reservation.v != 0)
		dbus_prop_u64(b, "MemoryLow", u64_of(r->memory_reservation.v));
	return 0;
}

/* systemd keeps CPU time per second, in steps of 10 ms: rounded up. */
static void put_quota(struct dbus_body *b, const struct spec_resources *r)
{
	uint64_t period = r->cpu_period.has && r->cpu_period.v ? r->cpu_period.v : 100000;
	uint64_t per_second = UINT64_MAX;

	if (r->cpu_quota.has && r->cpu_quota.v > 0) {
		per_second = (uint64_t)r->cpu_quota.v * 1000000 / period;
		per_second = (per_second + 9999) / 10000 * 10000;
	}
	if (r->cpu_period.has && r->cpu_period.v)
		dbus_prop_u64(b, "CPUQuotaPeriodUSec", period);
	if (r->cpu_quota.has && r->cpu_quota.v != 0)
		dbus_prop_u64(b, "CPUQuotaPerSecUSec", per_second);
}

/* "0-2,7" as a little-endian bit mask of bytes, "ay". */
static int put_mask(struct dbus_body *b, const char *name, const char *list,
		    struct err *e)
{
	uint8_t mask[1024] = { 0 };
	size_t len = 0;
	struct dbus_array a;

	if (!list || !*list)
		return 0;
	for (const char *s = list; *s;) {
		char *end;
		unsigned long first = strtoul(s, &end, 10), last = first;

		if (end != s && *end == '-')
			last = strtoul(s = end + 1, &end, 10);
		if (end == s || last < first || last >= 8 * sizeof(mask) ||
		    (*end && *end != ','))
			return err_text(e, EINVAL,
					"config.json: .linux.resources.cpu: expected a "
					"list such as '0-3,7', got '%s'",
					list);
		for (; first <= last; first++) {
			mask[first / 8] |= (uint8_t)(1u << first % 8);
			len = first / 8 >= len ? first / 8 + 1 : len;
		}
		s = *end ? end + 1 : end;
	}
	dbus_prop_open(b, name, "ay");
	a = dbus_open_array(b, 1);
	for (size_t i = 0; i < len; i++)
		dbus_put_u8(b, mask[i]);
	dbus_close_array(b, a);
	return 0;
}

static int put_cpu(struct dbus_body *b, const struct spec_resources *r, bool v2,
		   struct err *e)
{
	bool idle = v2 && r->cpu_idle.has && r->cpu_idle.v == 1;
	int error;

	if (idle)
		dbus_prop_u64(b, "CPUWeight", 0);
	else if (r->cpu_shares.has && r->cpu_shares.v)
		dbus_prop_u64(b, v2 ? "CPUWeight" : "CPUShares",
			      v2 ? cgroup_cpu_weight(r->cpu_shares.v) : r->cpu_shares.v);
	put_quota(b, r);
	if (!v2)
		return 0;
	error = put_mask(b, "AllowedCPUs", r->cpuset_cpus, e);
	return error < 0 ? error : put_mask(b, "AllowedMemoryNodes", r->cpuset_mems, e);
}

/*
 * v1: a daemon-reload would otherwise allow all devices again.  v2 needs none of it,
 * our program stays attached.
 */
static int put_devices(struct dbus_body *b, const struct spec_resources *r, struct err *e)
{
	auto_(device_list_done) struct device_list l = { 0 };
	struct dbus_array a;
	int error = device_list_make(r, &l, e);

	if (error < 0 || l.allow)
		return error;
	dbus_prop_string(b, "DevicePolicy", "strict");
	dbus_prop_open(b, "DeviceAllow", "a(ss)");
	a = dbus_open_array(b, 8);
	for (size_t i = 0; i < l.n; i++) {
		const struct device_exception *x = &l.v[i];
		char node[64], text[DEVICE_TEXT_MAX];

		if (x->major >= 0 && x->minor >= 0)
			snprintf(node, sizeof(node), "/dev/%s/%" PRId64 ":%" PRId64,
				 x->type == 'b' ? "block" : "char", x->major, x->minor);
		else if (x->major < 0)
			snprintf(node, sizeof(node), "%s-*",
				 x->type == 'b' ? "block" : "char");
		else if (x->type == 'c' && x->major == 136)
			strcpy(node, "char-pts");
		else
			continue; /* by major number only: systemd wants a name */
		dbus_align(b, 8);
		dbus_put_string(b, node);
		dbus_put_string(b, strrchr(device_text(x, text), ' ') + 1);
	}
	dbus_close_array(b, a);
	return 0;
}

/* resources.unified keys that systemd would otherwise set back. */
static void put_unified(struct dbus_body *b, const struct spec_resources *r)
{
	/* clang-format off */
	static const struct { const char *key, *property; } map[] = {
		{ "cpu.weight",      "CPUWeight" },
		{ "memory.min",      "MemoryMin" },
		{ "memory.low",      "MemoryLow" },
		{ "memory.high",     "MemoryHigh" },
		{ "memory.max",      "MemoryMax" },
		{ "memory.swap.max", "MemorySwapMax" },
		{ "pids.max",        "TasksMax" },
	};
	/* clang-format on */

	for (size_t i = 0; i < r->unified.n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(map); j++) {
			uint64_t v = UINT64_MAX;

			if (str_eq(r->unified.v[i].key, map[j].key) &&
			    (str_eq(r->unified.v[i].value, "max") ||
			     str_parse_u64(r->unified.v[i].value, &v) == 0))
				dbus_prop_u64(b, map[j].property, v);
		}
}

int systemd_put_limits(struct dbus_body *b, const struct spec_resources *r, bool v2,
		       struct err *e)
{
	int error;

	if (!r->present)
		return 0;
	error = put_memory(b, r, v2, e);
	if (error == 0)
		error = put_cpu(b, r, v2, e);
	if (error == 0 && !v2)
		error = put_devices(b, r, e);
	if (r->pids_limit.has)
		dbus_prop_u64(b, "TasksMax",
			      r->pids_limit.v == 0 ? 1 : u64_of(r->pids_limit.v));
	if (r->blkio_weight.has && r->blkio_weight.v)
		dbus_prop_u64(b, v2 ? "IOWeight" : "BlockIOWeight",
			      v2 ? cgroup_io_weight(r->blkio_weight.v) :
				   r->blkio_weight.v);
	if (v2)
		put_unified(b, r);
	return error;
}

/* "TimeoutStopSec" is for unit files, D-Bus has only "TimeoutStopUSec". */
static int put_seconds(struct dbus_body *b, const char *name, const char *text)
{
	auto_free char *usec =
		str_printf("%.*sUSec", (int)(strlen(name) - strlen("Sec")), name);
	size_t digits = strcspn(text, "0123456789");
	uint64_t v;

	if (str_starts(text, "uint") || str_starts(text, "int")) {
		digits = strcspn(text, " ");
		digits += strspn(text + digits, " ");
	}
	if (!usec || str_parse_u64(text + digits, &v) < 0 || v > UINT64_MAX / 1000000)
		return -EINVAL;
	dbus_prop_u64(b, usec, v * 1000000);
	return 0;
}

int systemd_put_annotations(struct dbus_body *b, const struct spec *spec, struct err *e)
{
	for (size_t i = 0; i < spec->annotations.n; i++) {
		const struct spec_kv *kv = &spec->annotations.v[i];
		const char *name = kv->key + strlen(PROPERTY);
		int r;

		if (!str_starts(kv->key, PROPERTY))
			continue;
		if (!*name || name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"abcdefghijklmnopqrstuvwxyz")])
			return err_text(e, EINVAL,
					"annotation '%s': invalid property name",
					kv->key);
		if (has_suffix(name, "Sec") && !has_suffix(name, "USec"))
			r = put_seconds(b, name, kv->value);
		else
			r = dbus_prop_gvariant(b, name, kv->value);
		if (r < 0)
			return err_text(e, EINVAL,
					"annotation '%s': expected a value such as "
					"uint64 5, 'text', true or ['a'], got '%s'",
					kv->key, kv->value);
	}
	return 0;
}
