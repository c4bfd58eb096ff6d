// SPDX-License-Identifier: GPL-2.0-or-later
/* The list as data: see abi/table.h. */
#include "abi/table.h"

#include <errno.h>
#include <string.h>

#include "abi/nr.h"
#include "base/cleanup.h"

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

void table_print(FILE *to, unsigned int native)
{
	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *r = &table_rows[i];

		fprintf(to, "%d\t%s\t%s\t%s\t%s\t%s\n", r->nr, r->name,
			table_class_name(r->flags & native ? CLASS_NATIVE : r->class),
			r->err ? strerrorname_np(r->err) : "-", r->args, r->note);
	}
}
