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
