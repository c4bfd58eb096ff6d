/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is released all at once: for trees that live and die as a whole. */
#ifndef PICKET_BASE_ARENA_H
#define PICKET_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* `expect` bytes are taken at once, more when they are used up.  NULL: out of memory. */
struct arena *arena_new(size_t expect);
void arena_free(struct arena *a);

/* Zeroed, aligned for any type.  NULL: out of memory. */
void *arena_alloc(struct arena *a, size_t len);

/* A NUL-terminated copy of len bytes. */
char *arena_copy(struct arena *a, const char *s, size_t len);

#endif
