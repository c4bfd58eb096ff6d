/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small assembler for seccomp filters, used at build time only: pieces of code for
 * ranges of a 32-bit word, joined by a binary search.  Every piece ends in a return.
 */
#ifndef PICKET_SENTRY_ABI_BPF_H
#define PICKET_SENTRY_ABI_BPF_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_code {
	struct sock_filter *insn;
	size_t n, cap;
};

/* What is to happen from `first` on, up to the next range's first. */
struct bpf_range {
	uint32_t first;
	struct bpf_code code;
};

struct bpf_tree {
	struct bpf_range *range;
	size_t n, cap;
};

/* All of these end the program when memory runs out: it is a build tool. */
void bpf_add(struct bpf_code *c, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k);
void bpf_append(struct bpf_code *c, const struct bpf_code *more);
void bpf_return(struct bpf_code *c, uint32_t action);
void bpf_done(struct bpf_code *c);

/* Ranges are added in rising order; neighbours with equal code become one. */
void bpf_tree_add(struct bpf_tree *t, uint32_t first, const struct bpf_code *code);

/* A search for the word in the accumulator. */
void bpf_tree_emit(const struct bpf_tree *t, struct bpf_code *c);
void bpf_tree_done(struct bpf_tree *t);

/*
 * Let conditional jumps share returns and drop what nothing reaches any more: the kernel
 * compiles a filter at each installation, at a quarter of a microsecond per instruction.
 */
void bpf_shrink(struct bpf_code *c);

#endif
