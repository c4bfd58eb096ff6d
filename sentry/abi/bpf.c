// SPDX-License-Identifier: GPL-2.0-or-later
/* Assembler for the filters: see abi/bpf.h.  Build time only. */
#include "abi/bpf.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static void *grow(void *v, size_t *cap, size_t size)
{
	*cap = *cap ? 2 * *cap : 16;
	v = realloc(v, *cap * size);
	if (!v)
		err(1, "allocate filter");
	return v;
}

void bpf_add(struct bpf_code *c, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (c->n == c->cap)
		c->insn = grow(c->insn, &c->cap, sizeof(*c->insn));
	c->insn[c->n++] = (struct sock_filter){ code, jt, jf, k };
}

void bpf_append(struct bpf_code *c, const struct bpf_code *more)
{
	for (size_t i = 0; i < more->n; i++)
		bpf_add(c, more->insn[i].code, more->insn[i].jt, more->insn[i].jf,
			more->insn[i].k);
}

void bpf_return(struct bpf_code *c, uint32_t action)
{
	bpf_add(c, BPF_RET | BPF_K, 0, 0, action);
}

void bpf_done(struct bpf_code *c)
{
	free(c->insn);
	*c = (struct bpf_code){ NULL, 0, 0 };
}

static int equal(const struct bpf_code *a, const struct bpf_code *b)
{
	return a->n == b->n && !memcmp(a->insn, b->insn, a->n * sizeof(*a->insn));
}

void bpf_tree_add(struct bpf_tree *t, uint32_t first, const struct bpf_code *code)
{
	struct bpf_range *last = t->n ? &t->range[t->n - 1] : NULL;

	if (last && first <= last->first)
		errx(1, "range from %u follows range from %u", first, last->first);
	if (last && equal(&last->code, code))
		return;
	if (t->n == t->cap)
		t->range = grow(t->range, &t->cap, sizeof(*t->range));
	t->range[t->n] = (struct bpf_range){ first, { NULL, 0, 0 } };
	bpf_append(&t->range[t->n++].code, code);
}

/*
 * Smaller half first, the greater one behind it.  A conditional jump reaches 255
 * instructions; where the smaller half is longer, an unconditional one helps.
 */
static void emit(const struct bpf_range *r, size_t n, struct bpf_code *c)
{
	struct bpf_code left = { NULL, 0, 0 };
	size_t mid = n / 2;

	if (n == 1) {
		bpf_append(c, &r->code);
		return;
	}
	emit(r, mid, &left);
	if (left.n <= 255) {
		bpf_add(c, BPF_JMP | BPF_JGE | BPF_K, (uint8_t)left.n, 0, r[mid].first);
	} else {
		bpf_add(c, BPF_JMP | BPF_JGE | BPF_K, 0, 1, r[mid].first);
		bpf_add(c, BPF_JMP | BPF_JA, 0, 0, (uint32_t)left.n);
	}
	bpf_append(c, &left);
	bpf_done(&left);
	emit(r + mid, n - mid, c);
}

void bpf_tree_emit(const struct bpf_tree *t, struct bpf_code *c)
{
	if (!t->n || t->range[0].first != 0)
		errx(1, "a tree must begin at 0");
	emit(t->range, t->n, c);
}

void bpf_tree_done(struct bpf_tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		bpf_done(&t->range[i].code);
	free(t->range);
	*t = (struct bpf_tree){ NULL, 0, 0 };
}

static int is_jump(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA;
}

static int is_return(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_RET;
}

/* Where a jump from `from` to `to` may go as well: the last equal return in reach. */
static size_t retarget(const struct bpf_code *c, size_t from, size_t to)
{
	while (c->insn[to].code == (BPF_JMP | BPF_JA) &&
	       to + 1 + c->insn[to].k <= from + 256)
		to += 1 + c->insn[to].k;
	if (!is_return(&c->insn[to]))
		return to;
	for (size_t at = from + 256 < c->n ? from + 256 : c->n - 1; at > to; at--)
		if (is_return(&c->insn[at]) && c->insn[at].k == c->insn[to].k)
			return at;
	return to;
}

static void share_returns(struct bpf_code *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct sock_filter *in = &c->insn[i];

		if (!is_jump(in))
			continue;
		in->jt = (uint8_t)(retarget(c, i, i + 1 + in->jt) - i - 1);
		in->jf = (uint8_t)(retarget(c, i, i + 1 + in->jf) - i - 1);
	}
}

/* Number of reached instructions before each one; reach[i + 1] - reach[i] is 1 or 0. */
static size_t *count_reached(const struct bpf_code *c)
{
	size_t *reach = calloc(c->n + 2, sizeof(*reach));

	if (!reach)
		err(1, "allocate filter");
	reach[1] = 1;
	for (size_t i = 0; i < c->n; i++) {
		const struct sock_filter *in = &c->insn[i];

		if (!reach[i + 1] || is_return(in))
			continue;
		if (is_jump(in))
			reach[i + 2 + in->jt] = reach[i + 2 + in->jf] = 1;
		else
			reach[i + 2 + (in->code == (BPF_JMP | BPF_JA) ? in->k : 0)] = 1;
	}
	for (size_t i = 0; i < c->n; i++)
		reach[i + 1] += reach[i];
	return reach;
}

static void drop_unreached(struct bpf_code *c)
{
	size_t *reach = count_reached(c), n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct sock_filter in = c->insn[i];

		if (reach[i + 1] == reach[i])
			continue;
		if (is_jump(&in)) {
			in.jt = (uint8_t)(reach[i + 1 + in.jt] - n - 1);
			in.jf = (uint8_t)(reach[i + 1 + in.jf] - n - 1);
		} else if (in.code == (BPF_JMP | BPF_JA)) {
			in.k = (uint32_t)(reach[i + 1 + in.k] - n - 1);
		}
		c->insn[n++] = in;
	}
	c->n = n;
	free(reach);
}

void bpf_shrink(struct bpf_code *c)
{
	size_t before;

	do {
		before = c->n;
		share_returns(c);
		drop_unreached(c);
	} while (c->n < before);
}
