/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on arguments as data: from arguments.def and policy/self-filter.def to BPF. */
#ifndef PICKET_SENTRY_ABI_RULES_H
#define PICKET_SENTRY_ABI_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "abi/bpf.h"

enum test_kind { TEST_MASKED, TEST_ANY, TEST_IN, TEST_HIGH_ZERO };
enum rule_kind { RULE_REFUSE, RULE_ALLOW, RULE_ELSE, RULE_RANGE };

#define RULE_TESTS 3

struct test_arg {
	enum test_kind kind;
	unsigned int arg;
	uint32_t a, b;		/* mask and value; bits; first and last */
};

struct rule {
	enum rule_kind kind;
	int nr;
	int err;		/* 0: allow */
	size_t n;
	struct test_arg test[RULE_TESTS];
};

#define MASKED(arg_, mask_, value_) { TEST_MASKED, (arg_), (mask_), (value_) }
#define EQ(arg_, value_)            MASKED(arg_, 0xffffffffu, (uint32_t)(value_))
#define HIGH_ZERO(arg_)             { TEST_HIGH_ZERO, (arg_), 0, 0 }
#define IS_NULL(arg_)               EQ(arg_, 0), HIGH_ZERO(arg_)	/* two tests */
#define ANY(arg_, bits_)            { TEST_ANY, (arg_), (uint32_t)(bits_), 0 }
#define IN(arg_, first_, last_)     { TEST_IN, (arg_), (first_), (last_) }
#define RULE(kind_, name_, err_, ...)						\
	{ (kind_), __NR_##name_, (err_),					\
	  sizeof((struct test_arg[]){ __VA_ARGS__ }) / sizeof(struct test_arg),	\
	  { __VA_ARGS__ } },

int rules_exist(const struct rule *rules, size_t n, int nr);

/* Code that decides a call by its rules; `otherwise` is the action when none matches. */
void rules_emit(const struct rule *rules, size_t n, int nr, uint32_t otherwise,
		struct bpf_code *c);

#endif
