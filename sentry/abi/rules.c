// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules on arguments to BPF: see abi/rules.h.  Build time only. */
#include "abi/rules.h"

#include <err.h>
#include <linux/seccomp.h>
#include <stdlib.h>

static uint32_t action(const struct rule *r)
{
	if (r->kind == RULE_ALLOW || (r->kind == RULE_RANGE && !r->err))
		return SECCOMP_RET_ALLOW;
	return SECCOMP_RET_ERRNO | (uint32_t)r->err;
}

static void load(struct bpf_code *c, unsigned int arg)
{
	size_t at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	bpf_add(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)at);	/* little endian */
}

/* One test; jump targets beyond the rule are marked 255 and set by emit_rule(). */
static void emit_test(const struct test_arg *t, struct bpf_code *c)
{
	load(c, t->arg);
	switch (t->kind) {
	case TEST_HIGH_ZERO:
		c->insn[c->n - 1].k += sizeof(uint32_t);
		bpf_add(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 0);
		break;
	case TEST_MASKED:
		if (t->a != 0xffffffffu)
			bpf_add(c, BPF_ALU | BPF_AND | BPF_K, 0, 0, t->a);
		bpf_add(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 255, t->b);
		break;
	case TEST_ANY:
		bpf_add(c, BPF_JMP | BPF_JSET | BPF_K, 0, 255, t->a);
		break;
	case TEST_IN:
		bpf_add(c, BPF_JMP | BPF_JGE | BPF_K, 0, 255, t->a);
		bpf_add(c, BPF_JMP | BPF_JGT | BPF_K, 255, 0, t->b);
		break;
	}
}

static void emit_rule(const struct rule *r, struct bpf_code *c)
{
	size_t first = c->n;

	for (size_t i = 0; i < r->n; i++)
		emit_test(&r->test[i], c);
	bpf_return(c, action(r));
	for (size_t i = first; i < c->n; i++) {
		uint8_t out = (uint8_t)(c->n - i - 1);

		if (c->insn[i].jt == 255)
			c->insn[i].jt = out;
		if (c->insn[i].jf == 255)
			c->insn[i].jf = out;
	}
}

static int by_first(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a;
	const struct rule *y = *(const struct rule *const *)b;

	return x->test[0].a < y->test[0].a ? -1 : x->test[0].a > y->test[0].a;
}

/* Sorted ranges of one argument, with the gaps between them, as a tree. */
static void emit_ranges(const struct rule **r, size_t n, uint32_t otherwise,
			struct bpf_code *c)
{
	struct bpf_tree tree = { NULL, 0, 0 };
	struct bpf_code gap = { NULL, 0, 0 };
	uint64_t next = 0;

	qsort(r, n, sizeof(*r), by_first);
	bpf_return(&gap, otherwise);
	for (size_t i = 0; i < n; i++) {
		struct bpf_code hit = { NULL, 0, 0 };

		if (r[i]->test[0].arg != r[0]->test[0].arg)
			errx(1, "call %d: ranges of two arguments", r[0]->nr);
		if (r[i]->test[0].a < next)
			errx(1, "call %d: value %#x twice", r[0]->nr, r[i]->test[0].a);
		if (r[i]->test[0].a > next)
			bpf_tree_add(&tree, (uint32_t)next, &gap);
		bpf_return(&hit, action(r[i]));
		bpf_tree_add(&tree, r[i]->test[0].a, &hit);
		bpf_done(&hit);
		next = (uint64_t)r[i]->test[0].b + 1;
	}
	if (next <= 0xffffffffu)
		bpf_tree_add(&tree, (uint32_t)next, &gap);
	load(c, r[0]->test[0].arg);
	bpf_tree_emit(&tree, c);
	bpf_done(&gap);
	bpf_tree_done(&tree);
}

int rules_exist(const struct rule *rules, size_t n, int nr)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].nr == nr)
			return 1;
	return 0;
}

void rules_emit(const struct rule *rules, size_t n, int nr, uint32_t otherwise,
		struct bpf_code *c)
{
	const struct rule **ranges = calloc(n, sizeof(const struct rule *));
	size_t n_ranges = 0, n_rules = 0;

	if (!ranges)
		err(1, "allocate rules");
	for (size_t i = 0; i < n; i++)
		if (rules[i].nr == nr && rules[i].kind == RULE_RANGE)
			ranges[n_ranges++] = &rules[i];
	for (int kind = RULE_REFUSE; kind <= RULE_ELSE; kind++) {
		for (size_t i = 0; i < n; i++) {
			if (rules[i].nr != nr || (int)rules[i].kind != kind)
				continue;
			emit_rule(&rules[i], c);
			n_rules++;
		}
	}
	if (!!n_ranges == !!n_rules)
		errx(1, "call %d: needs either rules or ranges", nr);
	if (n_ranges)
		emit_ranges(ranges, n_ranges, otherwise, c);
	else
		bpf_return(c, otherwise);
	free(ranges);
}
