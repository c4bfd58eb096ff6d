// SPDX-License-Identifier: GPL-2.0-or-later
/* config.json's .linux.seccomp: by far the largest part of what docker writes. */
#include <seccomp.h>
#include <string.h>

#include "spec/load.h"
#include "spec/spec.h"

static const struct json_word actions[] = {
	{ "SCMP_ACT_ALLOW", 0 },	{ "SCMP_ACT_ERRNO", 1 },
	{ "SCMP_ACT_KILL", 0 },		{ "SCMP_ACT_KILL_THREAD", 0 },
	{ "SCMP_ACT_KILL_PROCESS", 0 }, { "SCMP_ACT_TRAP", 0 },
	{ "SCMP_ACT_TRACE", 1 },	{ "SCMP_ACT_LOG", 0 },
	{ "SCMP_ACT_NOTIFY", 0 },
};

static int load_action(const struct json_load *l, const struct json *j, void *dst)
{
	int64_t v;
	int r = JSON_WORD(l, j, actions, &v);

	return r < 0 ? r : json_text(l, j, dst);
}

/* errnoRet means something for two actions only; elsewhere it hides a mistake. */
static int check_errno(const struct json_load *l, const struct json *j,
		       const char *action, const struct spec_opt_u64 *errno_ret)
{
	if (!errno_ret->has)
		return 0;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].value && strcmp(action, actions[i].word) == 0)
			return 0;
	return json_error(l, j,
			  "an errno value goes with SCMP_ACT_ERRNO or SCMP_ACT_TRACE, "
			  "not with %s",
			  action);
}

static int load_errno(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_opt_u64 *o = dst;
	uint16_t v = 0;
	int r = json_u16(l, j, &v);

	*o = (struct spec_opt_u64){ true, v };
	return r;
}

static int load_op(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};
	int64_t v;
	int r = JSON_WORD(l, j, words, &v);

	if (r == 0)
		*(int *)dst = (int)v;
	return r;
}

static int load_index(const struct json_load *l, const struct json *j, void *dst)
{
	int64_t v;
	int r = json_integer(l, j, 0, 5, &v);

	if (r == 0)
		*(uint32_t *)dst = (uint32_t)v;
	return r;
}

static const struct json_field arg_fields[] = {
	{ "index", load_index, offsetof(struct spec_seccomp_arg, index) },
	{ "value", json_u64, offsetof(struct spec_seccomp_arg, value) },
	{ "valueTwo", json_u64, offsetof(struct spec_seccomp_arg, value_two) },
	{ "op", load_op, offsetof(struct spec_seccomp_arg, op) },
};

static int load_arg(const struct json_load *l, const struct json *j, void *dst)
{
	const struct spec_seccomp_arg *a = dst;
	int r = JSON_FIELDS(l, j, arg_fields, dst);

	if (r == 0 && !a->op)
		return json_error(l, j, "op is missing");
	return r;
}

static int load_args(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_seccomp_arg), load_arg, dst);
}

static const struct json_field rule_fields[] = {
	{ "names", json_strings, offsetof(struct spec_seccomp_rule, names) },
	{ "action", load_action, offsetof(struct spec_seccomp_rule, action) },
	{ "errnoRet", load_errno, offsetof(struct spec_seccomp_rule, errno_ret) },
	{ "args", load_args, offsetof(struct spec_seccomp_rule, args) },
};

static int load_rule(const struct json_load *l, const struct json *j, void *dst)
{
	const struct spec_seccomp_rule *rule = dst;
	int r = JSON_FIELDS(l, j, rule_fields, dst);

	if (r < 0)
		return r;
	if (rule->names.n == 0)
		return json_error(l, j, "names must not be empty");
	if (!rule->action)
		return json_error(l, j, "action is missing");
	return check_errno(l, j, rule->action, &rule->errno_ret);
}

static int load_rules(const struct json_load *l, const struct json *j, void *dst)
{
	return json_load_list(l, j, sizeof(struct spec_seccomp_rule), load_rule, dst);
}

static int load_flags(const struct json_load *l, const struct json *j, void *dst)
{
	static const struct json_word words[] = {
		{ "SECCOMP_FILTER_FLAG_TSYNC", 0 },
		{ "SECCOMP_FILTER_FLAG_LOG", 0 },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 0 },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0 },
	};
	struct spec_seccomp *s = dst;
	int r = json_strings(l, j, &s->flags);

	s->has_flags = true;
	for (const struct json *c = j->first; r == 0 && c; c = c->next) {
		int64_t v;

		r = JSON_WORD(l, c, words, &v);
	}
	return r;
}

/* clang-format off */
static const struct json_field seccomp_fields[] = {
	{ "defaultAction",    load_action,  offsetof(struct spec_seccomp, default_action) },
	{ "defaultErrnoRet",  load_errno,   offsetof(struct spec_seccomp, default_errno_ret) },
	{ "architectures",    json_strings, offsetof(struct spec_seccomp, architectures) },
	{ "flags",            load_flags,   0 },
	{ "listenerPath",     json_string,  offsetof(struct spec_seccomp, listener_path) },
	{ "listenerMetadata", json_string,  offsetof(struct spec_seccomp, listener_metadata) },
	{ "syscalls",         load_rules,   offsetof(struct spec_seccomp, rules) },
};
/* clang-format on */

/*
 * A 64-bit hash in word steps (multiply, fold the halves): every field goes in with its
 * length or presence, so that two different profiles cannot read the same.
 */
static uint64_t mix(uint64_t h, uint64_t v)
{
	__uint128_t m = (__uint128_t)(h ^ v ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t mix_string(uint64_t h, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	h = mix(h, s ? len + 1 : 0);
	while (len > 0) {
		size_t step = len < 8 ? len : 8;
		uint64_t word = 0;

		memcpy(&word, s, step);
		h = mix(h, word);
		s += step;
		len -= step;
	}
	return h;
}

static uint64_t mix_strings(uint64_t h, const struct spec_strings *list)
{
	h = mix(h, list->n);
	for (size_t i = 0; i < list->n; i++)
		h = mix_string(h, list->v[i]);
	return h;
}

static uint64_t mix_rule(uint64_t h, const struct spec_seccomp_rule *rule)
{
	h = mix_strings(h, &rule->names);
	h = mix_string(h, rule->action);
	h = mix(mix(h, rule->errno_ret.has), rule->errno_ret.v);
	h = mix(h, rule->args_n);
	for (size_t i = 0; i < rule->args_n; i++) {
		const struct spec_seccomp_arg *a = &rule->args[i];

		h = mix(mix(mix(h, a->index), (uint64_t)a->op), a->value);
		h = mix(h, a->value_two);
	}
	return h;
}

static uint64_t content_hash(const struct spec_seccomp *s)
{
	uint64_t h = mix_string(0, s->default_action);

	h = mix(mix(h, s->default_errno_ret.has), s->default_errno_ret.v);
	h = mix_strings(h, &s->architectures);
	h = mix_strings(mix(h, s->has_flags), &s->flags);
	h = mix_string(mix_string(h, s->listener_path), s->listener_metadata);
	h = mix(h, s->rules_n);
	for (size_t i = 0; i < s->rules_n; i++)
		h = mix_rule(h, &s->rules[i]);
	return h;
}

int spec_load_seccomp(const struct json_load *l, const struct json *j, void *dst)
{
	struct spec_seccomp *s = dst;
	int r = JSON_FIELDS(l, j, seccomp_fields, s);

	if (r < 0)
		return r;
	if (!s->default_action)
		return json_error(l, j, "defaultAction is missing");
	r = check_errno(l, j, s->default_action, &s->default_errno_ret);
	if (r < 0)
		return r;
	s->present = true;
	s->content_hash = content_hash(s);
	return 0;
}
