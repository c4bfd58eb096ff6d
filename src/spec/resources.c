// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json's .linux.resources, also the whole input of `update --resources`. */
#include <string.h>

#include "spec/load.h"
#include "spec/spec.h"

#define R(member) offsetof(struct spec_resources, member)

static int load_rule_type(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "a", 'a' },
		{ "c", 'c' },
		{ "b", 'b' },
		{ "", 'a' },
	};
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	if (r == 0)
		*(char *)dst = (char)v;
	return r;
}

static int load_access(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_device_rule *rule = dst;

	if (j->type != JSON_STRING)
		return json_expected(l, j, "a string");
	for (const char *p = j->text; *p; p++) {
		if (*p == 'r')
			rule->read = true;
		else if (*p == 'w')
			rule->write = true;
		else if (*p == 'm')
			rule->mknod = true;
		else
			return json_error(l, j, "expected letters of \"rwm\", got '%s'",
					  j->text);
	}
	return 0;
}

static const struct json_field rule_fields[] = {
	{ "allow", json_bool, offsetof(struct spec_device_rule, allow) },
	{ "type", load_rule_type, offsetof(struct spec_device_rule, type) },
	{ "major", json_i64, offsetof(struct spec_device_rule, major) },
	{ "minor", json_i64, offsetof(struct spec_device_rule, minor) },
	{ "access", load_access, 0 },
};

static int load_rule(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_device_rule *rule = dst;
	int r;

	*rule = (struct spec_device_rule){ .type = 'a', .major = -1, .minor = -1 };
	r = JSON_FIELDS(l, j, rule_fields, rule);
	if (r == 0 && !rule->read && !rule->write && !rule->mknod)
		return json_error(l, j, "access must not be empty");
	return r;
}

static int load_rules(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_device_rule), load_rule, dst);
}

/* An uint64 -1 is how old callers say "not set". */
static int load_swappiness(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_u64 *o = dst;
	int r;

	if (j->type == JSON_NUMBER && strcmp(j->text, "-1") == 0)
		return 0;
	r = json_u64(l, j, &o->v);
	if (r < 0 || o->v == UINT64_MAX)
		return r;
	if (o->v > 100)
		return json_error(l, j, "expected an integer from 0 to 100, got %s",
				  j->text);
	o->has = true;
	return 0;
}

/* clang-format off */
static const struct json_field memory_fields[] = {
	{ "limit",             spec_opt_i64,    R(memory_limit) },
	{ "swap",              spec_opt_i64,    R(memory_swap) },
	{ "reservation",       spec_opt_i64,    R(memory_reservation) },
	{ "kernel",            spec_opt_i64,    R(memory_kernel) },
	{ "kernelTCP",         spec_opt_i64,    R(memory_kernel_tcp) },
	{ "swappiness",        load_swappiness, R(memory_swappiness) },
	{ "disableOOMKiller",  json_bool,       R(memory_disable_oom_killer) },
	{ "checkBeforeUpdate", json_bool,       R(memory_check_before_update) },
};
/* clang-format on */

static int load_memory(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, memory_fields, dst);
}

/* clang-format off */
static const struct json_field cpu_fields[] = {
	{ "shares",          spec_opt_u64, R(cpu_shares) },
	{ "quota",           spec_opt_i64, R(cpu_quota) },
	{ "burst",           spec_opt_u64, R(cpu_burst) },
	{ "period",          spec_opt_u64, R(cpu_period) },
	{ "realtimeRuntime", spec_opt_i64, R(cpu_rt_runtime) },
	{ "realtimePeriod",  spec_opt_u64, R(cpu_rt_period) },
	{ "idle",            spec_opt_i64, R(cpu_idle) },
	{ "cpus",            json_string,  R(cpuset_cpus) },
	{ "mems",            json_string,  R(cpuset_mems) },
};
/* clang-format on */

static int load_cpu(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, cpu_fields, dst);
}

static const struct json_field pids_fields[] = {
	{ "limit", spec_opt_i64, R(pids_limit) },
};

static int load_pids(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, pids_fields, dst);
}

#define BLKIO(name)                                                    \
	{                                                              \
		name, json_u64, offsetof(struct spec_blkio_dev, value) \
	}
#define BLKIO_NUMBERS                                                     \
	{ "major", json_i64, offsetof(struct spec_blkio_dev, major) },    \
	{                                                                 \
		"minor", json_i64, offsetof(struct spec_blkio_dev, minor) \
	}
static const struct json_field weight_fields[] = { BLKIO_NUMBERS, BLKIO("weight") };
static const struct json_field rate_fields[] = { BLKIO_NUMBERS, BLKIO("rate") };

static int load_weight(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, weight_fields, dst);
}

static int load_rate(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, rate_fields, dst);
}

static int load_weights(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_blkio_dev), load_weight, dst);
}

static int load_rates(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_blkio_dev), load_rate, dst);
}

/* clang-format off */
static const struct json_field blkio_fields[] = {
	{ "weight",                  spec_opt_u64, R(blkio_weight) },
	{ "leafWeight",              spec_opt_u64, R(blkio_leaf_weight) },
	{ "weightDevice",            load_weights, R(blkio_weight_device) },
	{ "throttleReadBpsDevice",   load_rates,   R(blkio_read_bps) },
	{ "throttleWriteBpsDevice",  load_rates,   R(blkio_write_bps) },
	{ "throttleReadIOPSDevice",  load_rates,   R(blkio_read_iops) },
	{ "throttleWriteIOPSDevice", load_rates,   R(blkio_write_iops) },
};
/* clang-format on */

static int load_blkio(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, blkio_fields, dst);
}

#define ELEMENT(list, member) \
	offsetof(__typeof__(*((struct spec_resources *)NULL)->list), member)
#define ELEMENT_SIZE(list) sizeof(*((struct spec_resources *)NULL)->list)

static const struct json_field hugepage_fields[] = {
	{ "pageSize", json_string, ELEMENT(hugepages, page_size) },
	{ "limit", json_u64, ELEMENT(hugepages, limit) },
};

/* "2MB", "1GB", "64KB": part of a file name later, so nothing else may pass. */
static bool is_page_size(const char *s)
{
	size_t digits = s ? strspn(s, "0123456789") : 0;

	return digits > 0 && digits < 12 && s[digits] && strchr("KMG", s[digits]) &&
	       strcmp(s + digits + 1, "B") == 0;
}

static int load_hugepage(const struct json_load *l, const struct json *j, void *dst)
{
	int r = JSON_FIELDS(l, j, hugepage_fields, dst);
	const char *size = *(const char **)((char *)dst + ELEMENT(hugepages, page_size));

	if (r == 0 && !is_page_size(size))
		return json_error(l, j, "pageSize must be like \"2MB\" or \"1GB\"");
	return r;
}

static int load_hugepages(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, ELEMENT_SIZE(hugepages), load_hugepage, dst);
}

static const struct json_field priority_fields[] = {
	{ "name", json_string, ELEMENT(net_priorities, name) },
	{ "priority", json_u32, ELEMENT(net_priorities, priority) },
};

static int load_priority(const struct json_load *l, const struct json *j, void *dst)
{
	int r = JSON_FIELDS(l, j, priority_fields, dst);

	if (r == 0 && !*(const char **)((char *)dst + ELEMENT(net_priorities, name)))
		return json_error(l, j, "name is missing");
	return r;
}

static int load_priorities(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, ELEMENT_SIZE(net_priorities), load_priority, dst);
}

static int load_class_id(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_u64 *o = dst;
	uint32_t v = 0;
	int r = json_u32(l, j, &v);

	*o = (struct spec_opt_u64){ true, v };
	return r;
}

static const struct json_field network_fields[] = {
	{ "classID", load_class_id, R(net_class_id) },
	{ "priorities", load_priorities, R(net_priorities) },
};

static int load_network(const struct json_load *l, const struct json *j, void *dst)
{
	return JSON_FIELDS(l, j, network_fields, dst);
}

static const struct json_field rdma_fields[] = {
	{ "hcaHandles", spec_opt_u64, ELEMENT(rdma, handles) },
	{ "hcaObjects", spec_opt_u64, ELEMENT(rdma, objects) },
};

static int load_rdma_device(const struct json_load *l, const struct json *j, void *dst)
{
	*(const char **)((char *)dst + ELEMENT(rdma, device)) = j->key;
	return JSON_FIELDS(l, j, rdma_fields, dst);
}

static int load_rdma(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_map(l, j, ELEMENT_SIZE(rdma), load_rdma_device, dst);
}

/* Keys are names of cgroup files. */
static int load_unified(const struct json_load *l, const struct json *j, void *dst)
{
	int r = spec_load_kvs(l, j, dst);

	for (const struct json *c = j->first; r == 0 && c; c = c->next)
		if (!*c->key || strchr(c->key, '/') || c->key[0] == '.')
			return json_error(l, c, "must be a plain file name");
	return r;
}

/* clang-format off */
static const struct json_field resources_fields[] = {
	{ "devices",        load_rules,     R(devices) },
	{ "memory",         load_memory,    0 },
	{ "cpu",            load_cpu,       0 },
	{ "pids",           load_pids,      0 },
	{ "blockIO",        load_blkio,     0 },
	{ "hugepageLimits", load_hugepages, R(hugepages) },
	{ "network",        load_network,   0 },
	{ "rdma",           load_rdma,      R(rdma) },
	{ "unified",        load_unified,   R(unified) },
};
/* clang-format on */

int spec_load_resources(const struct json_load *l, const struct json *j, void *dst)
{
	((struct spec_resources *)dst)->present = true;
	return JSON_FIELDS(l, j, resources_fields, dst);
}
