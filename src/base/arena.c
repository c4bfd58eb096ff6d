// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arena: a list of mapped blocks, the newest first; the arena itself lies in the oldest.
 * Fresh mappings are zero already, and are populated in one go: a page fault each would
 * cost more than the parsing that fills them.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK_MIN (64u << 10)

struct block {
	struct block *older;
	size_t size, used;
};

struct arena {
	struct block *newest;
};

static struct block *block_new(size_t want, struct block *older)
{
	struct block *b;
	size_t size;

	if (want > SIZE_MAX / 2)
		return NULL;
	size = want < BLOCK_MIN ? BLOCK_MIN : (want + 4095) & ~(size_t)4095;
	b = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (b == MAP_FAILED)
		return NULL;
	*b = (struct block){ .older = older, .size = size, .used = sizeof(*b) };
	return b;
}

static void *take(struct block *b, size_t len, size_t align)
{
	size_t at = (b->used + align - 1) & ~(align - 1);

	if (at > b->size || len > b->size - at)
		return NULL;
	b->used = at + len;
	return (char *)b + at;
}

struct arena *arena_new(size_t expect)
{
	struct block *b = block_new(expect, NULL);
	struct arena *a;

	if (!b)
		return NULL;
	a = take(b, sizeof(*a), alignof(struct arena));
	a->newest = b;
	return a;
}

void arena_free(struct arena *a)
{
	struct block *b = a ? a->newest : NULL;

	while (b) {
		struct block *older = b->older;

		munmap(b, b->size);
		b = older;
	}
}

static void *alloc(struct arena *a, size_t len, size_t align)
{
	void *p = take(a->newest, len, align);
	struct block *b;

	if (p)
		return p;
	if (len > SIZE_MAX / 4)
		return NULL;
	b = block_new(len + sizeof(*b) + align, a->newest);
	if (!b)
		return NULL;
	a->newest = b;
	return take(b, len, align);
}

void *arena_alloc(struct arena *a, size_t len)
{
	return alloc(a, len, alignof(max_align_t));
}

char *arena_copy(struct arena *a, const char *s, size_t len)
{
	char *p = alloc(a, len + 1, 1);

	if (p && len)
		memcpy(p, s, len);
	return p;
}
