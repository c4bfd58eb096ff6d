/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: text to a tree (by yajl), tree to C structs by tables of fields, and the few
 * pieces of writing.  Errors name the place: "config.json: .process.args[1]: expected
 * a string, got a number".
 */
#ifndef PICKET_BASE_JSON_H
#define PICKET_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool truth;			/* JSON_BOOL */
	const char *key;		/* name as a member of an object, else NULL */
	const char *text;		/* JSON_STRING, JSON_NUMBER (as written) */
	size_t n;			/* length of text, or count of children */
	struct json *first, *next, *parent;
};

/* Where a load happens: goes through every loader. */
struct json_load {
	const char *name;		/* of the file, for errors */
	struct arena *arena;		/* strings and lists are placed here */
	struct err *e;
};

/* Parse text (not NUL-terminated) as one value; strings with a NUL inside are refused. */
int json_parse(const struct json_load *l, const char *text, size_t len,
	       const struct json **ret);

/* "<name>: <path of j>: <text>"; returns -EINVAL. */
int json_error(const struct json_load *l, const struct json *j, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "... expected <what>, got <type of j>". */
int json_expected(const struct json_load *l, const struct json *j, const char *what);

/* A loader puts the value of j into dst, whose type is the loader's own. */
typedef int json_loader(const struct json_load *l, const struct json *j, void *dst);

struct json_field {
	const char *name;
	json_loader *load;
	size_t offset;			/* of the value in the struct that is filled */
};

/*
 * Load the members of j that the table names, each once per appearance; null counts as
 * absent, and so does what the table does not name.
 */
int json_load_fields(const struct json_load *l, const struct json *j,
		     const struct json_field *fields, size_t n, void *dst);

#define JSON_FIELDS(l, j, table, dst) \
	json_load_fields(l, j, table, sizeof(table) / sizeof((table)[0]), dst)

/* What every counted list looks like: a pointer followed by its length. */
struct json_list {
	void *v;
	size_t n;
};

/* dst: struct json_list; one more, zeroed, element stands behind the last. */
int json_load_list(const struct json_load *l, const struct json *j, size_t size,
		   json_loader *one, void *dst);

/* The same for the members of an object; `one` finds the name in j->key. */
int json_load_map(const struct json_load *l, const struct json *j, size_t size,
		  json_loader *one, void *dst);

json_loader json_string;	/* const char *: "" becomes NULL, as if absent */
json_loader json_text;		/* const char *: "" stays */
json_loader json_strings;	/* { const char **v; size_t n; } */
json_loader json_bool;		/* bool */
json_loader json_u16, json_u32, json_u64, json_i64;
json_loader json_id;		/* uint32_t: a uid or gid, not the invalid (uint32_t)-1 */

int json_integer(const struct json_load *l, const struct json *j, int64_t min, int64_t max,
		 int64_t *ret);

struct json_word {
	const char *word;
	int64_t value;
};

/* One of the words of a table. */
int json_word(const struct json_load *l, const struct json *j, const struct json_word *words,
	      size_t n, int64_t *ret);
#define JSON_WORD(l, j, table, ret) \
	json_word(l, j, table, sizeof(table) / sizeof((table)[0]), ret)

/* Append s as a JSON string, quotes included. */
int json_put_string(struct strbuf *b, const char *s);

/*
 * Writing: zero-initialise (indent NULL: all in one line), write, finish.  key is NULL
 * for elements of an array and for the outermost value; a NULL value is written as "".
 */
struct json_writer {
	const char *indent;
	struct strbuf out;
	unsigned int depth;
	bool filled, failed;
};
void json_open_object(struct json_writer *w, const char *key);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w, const char *key);
void json_close_array(struct json_writer *w);
void json_write(struct json_writer *w, const char *key, const char *value);
void json_write_i64(struct json_writer *w, const char *key, int64_t value);
void json_write_bool(struct json_writer *w, const char *key, bool value);
void json_write_list(struct json_writer *w, const char *key, const char *const *v);

/* The text, malloc'ed; NULL when memory ran out anywhere. */
char *json_finish(struct json_writer *w);

#endif
