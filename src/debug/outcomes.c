// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A seccomp filter for a known architecture and number and unknown arguments: every branch
 * that depends on an argument is taken both ways.  Jumps lead forward only, so a position
 * has to be visited once for each state of the accumulator.  Pure.
 */
#include "debug/debug.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define ALL (OUTCOME_KILL | OUTCOME_ERRNO | OUTCOME_NOTIFY | OUTCOME_NATIVE)

struct place {
	bool unknown, known;	/* to be visited with an accumulator of that kind */
	bool several;		/* more than one known value comes here */
	uint32_t value;
};

static void reach(struct place *p, bool known, uint32_t a)
{
	if (!known) {
		p->unknown = true;
		return;
	}
	/* Two values: neither is needed, "unknown" includes both. */
	if (p->known && p->value != a)
		p->several = true;
	p->known = true;
	p->value = a;
}

static unsigned int outcome(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return OUTCOME_NATIVE;
	case SECCOMP_RET_USER_NOTIF:
		return OUTCOME_NOTIFY;
	case SECCOMP_RET_ERRNO:
		return OUTCOME_ERRNO;
	}
	return OUTCOME_KILL;
}

static bool jumps(const struct sock_filter *f, uint32_t a)
{
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		return a == f->k;
	case BPF_JGT:
		return a > f->k;
	case BPF_JGE:
		return a >= f->k;
	}
	return a & f->k;	/* BPF_JSET */
}

/* The accumulator after an instruction that is neither jump nor return. */
static bool next_value(const struct sock_filter *f, uint32_t arch, uint32_t nr,
		       bool known, uint32_t *a)
{
	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		*a = f->k == offsetof(struct seccomp_data, nr) ? nr : arch;
		return f->k == offsetof(struct seccomp_data, nr) ||
		       f->k == offsetof(struct seccomp_data, arch);
	case BPF_ALU | BPF_AND | BPF_K:
		*a &= f->k;
		return known;
	case BPF_LD | BPF_IMM:
		*a = f->k;
		return true;
	case BPF_ST:
	case BPF_STX:
	case BPF_LDX | BPF_MEM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
		return known;		/* the accumulator stays */
	}
	return false;
}

/* One instruction in one state: where it leads, or the outcome. */
static unsigned int step(const struct sock_filter *f, struct place *p, size_t left,
			 uint32_t arch, uint32_t nr, bool known, uint32_t a)
{
	uint32_t target = f->k;
	bool both;

	if (BPF_CLASS(f->code) == BPF_RET)
		return BPF_RVAL(f->code) == BPF_K ? outcome(f->k) :
		       known			  ? outcome(a) :
						    ALL;
	if (f->code == (BPF_JMP | BPF_JA)) {
		if (target >= left)
			return ALL;
		reach(p + 1 + target, known, a);
		return 0;
	}
	if (BPF_CLASS(f->code) != BPF_JMP) {
		known = next_value(f, arch, nr, known, &a);
		if (left == 0)
			return ALL;
		reach(p + 1, known, a);
		return 0;
	}
	if (f->jt >= left || f->jf >= left)
		return ALL;	/* the kernel lets no such filter in */
	both = !known || BPF_SRC(f->code) == BPF_X;
	if (both || jumps(f, a))
		reach(p + 1 + f->jt, known, a);
	if (both || !jumps(f, a))
		reach(p + 1 + f->jf, known, a);
	return 0;
}

unsigned int outcomes_of(const struct sock_filter *f, size_t n, uint32_t arch,
			 uint32_t nr)
{
	auto_free struct place *places = calloc(n + 1, sizeof(*places));
	unsigned int found = 0;

	if (!places || n == 0)
		return ALL;
	places[0] = (struct place){ .known = true };
	for (size_t i = 0; i < n; i++) {
		struct place *p = &places[i];

		if (p->unknown || p->several)
			found |= step(f + i, p, n - 1 - i, arch, nr, false, 0);
		if (p->known && !p->several)
			found |= step(f + i, p, n - 1 - i, arch, nr, true, p->value);
	}
	return found;
}

unsigned int outcomes_join(unsigned int a, unsigned int b)
{
	unsigned int found = 0;

	for (unsigned int x = OUTCOME_KILL; x <= OUTCOME_NATIVE; x <<= 1)
		for (unsigned int y = OUTCOME_KILL; y <= OUTCOME_NATIVE; y <<= 1)
			if (a & x && b & y)
				found |= x < y ? x : y;
	return found;
}
