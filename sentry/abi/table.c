// SPDX-License-Identifier: GPL-2.0-or-later
/* The list as data: see abi/table.h. */
#include "abi/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/nr.h"
#include "base/cleanup.h"
#include "base/json.h"

#define ROW(name_, class_, err_, flags_, args_, note_) \
	{ #name_, (args_), (note_), __NR_##name_, (class_), (err_), (flags_) },
#define NATIVE(name_, args_, note_)		ROW(name_, CLASS_NATIVE, 0, 0, args_, note_)
#define NATIVE_IF(name_, err_, args_, note_) \
	ROW(name_, CLASS_NATIVE_IF, err_, 0, args_, note_)
#define DENY(name_, err_, note_)		ROW(name_, CLASS_DENY, err_, 0, "", note_)
#define EMULATE(name_, flags_, args_, note_) \
	ROW(name_, CLASS_EMULATE, 0, flags_, args_, note_)
#define BROKER(name_, flags_, args_, note_) \
	ROW(name_, CLASS_BROKER, 0, flags_, args_, note_)
#define CONTINUE(name_, flags_, args_, note_) \
	ROW(name_, CLASS_CONTINUE, 0, (flags_) | MAY_CONTINUE, args_, note_)
const struct row table_rows[] = {
#include "abi/syscalls.def"
};
const size_t table_rows_n = ARRAY_SIZE(table_rows);

/* The rules as they are written in arguments.def. */
struct rule_text {
	int nr, err;		/* err 0: allowed */
	const char *tests;	/* "": always */
};
#define REFUSE(name_, err_, ...)	{ __NR_##name_, (err_), #__VA_ARGS__ },
#define ALLOW(name_, ...)		{ __NR_##name_, 0, #__VA_ARGS__ },
#define ELSE(name_, err_, ...)		{ __NR_##name_, (err_), #__VA_ARGS__ },
#define VALUE(name_, arg_, value_)	{ __NR_##name_, 0, "EQ(" #arg_ ", " #value_ ")" },
#define RANGE(name_, arg_, ...)		{ __NR_##name_, 0, "IN(" #arg_ ", " #__VA_ARGS__ ")" },
#define BUT_NOT(name_, arg_, value_, err_) \
	{ __NR_##name_, (err_), "EQ(" #arg_ ", " #value_ ")" },
static const struct rule_text rule_texts[] = {
#include "abi/arguments.def"
};

const struct row *table_find(int nr)
{
	for (size_t i = 0; i < table_rows_n; i++)
		if (table_rows[i].nr == nr)
			return &table_rows[i];
	return NULL;
}

const char *table_class_name(enum row_class class)
{
	static const char *const names[] = {
		[CLASS_UNKNOWN] = "unknown",	 [CLASS_NATIVE] = "native",
		[CLASS_NATIVE_IF] = "native-if", [CLASS_DENY] = "deny",
		[CLASS_EMULATE] = "emulate",	 [CLASS_BROKER] = "broker",
		[CLASS_CONTINUE] = "continue",
	};

	return names[class];
}

static enum row_class class_of(const struct row *r, unsigned int native)
{
	return r->flags & native ? CLASS_NATIVE : r->class;
}

void table_print(FILE *to, unsigned int native)
{
	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *r = &table_rows[i];

		fprintf(to, "%d\t%s\t%s\t%s\t%s\t%s\n", r->nr, r->name,
			table_class_name(class_of(r, native)),
			r->err ? strerrorname_np(r->err) : "-", r->args, r->note);
	}
}

static void write_rules(struct json_writer *w, int nr)
{
	struct strbuf b = { 0 };

	json_open_array(w, "rules");
	for (size_t i = 0; i < ARRAY_SIZE(rule_texts); i++) {
		const struct rule_text *t = &rule_texts[i];

		if (t->nr != nr)
			continue;
		b.len = 0;
		if (strbuf_addf(&b, "%s%s%s", t->err ? strerrorname_np(t->err) : "allow",
				*t->tests ? " if " : "", t->tests) == 0)
			json_write(w, NULL, b.s);
	}
	json_close_array(w);
	strbuf_done(&b);
}

int table_print_json(FILE *to, unsigned int native)
{
	struct json_writer w = { .indent = "  " };
	char *text;

	json_open_array(&w, NULL);
	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *r = &table_rows[i];
		enum row_class class = class_of(r, native);

		json_open_object(&w, NULL);
		json_write_i64(&w, "number", r->nr);
		json_write(&w, "name", r->name);
		json_write(&w, "class", table_class_name(class));
		if (r->err)
			json_write(&w, "errno", strerrorname_np(r->err));
		json_write(&w, "arguments", r->args);
		if (class != CLASS_NATIVE)
			write_rules(&w, r->nr);
		json_write(&w, "note", r->note);
		json_close_object(&w);
	}
	json_close_array(&w);
	text = json_finish(&w);
	if (!text)
		return -ENOMEM;
	fprintf(to, "%s\n", text);
	free(text);
	return 0;
}
