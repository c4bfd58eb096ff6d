// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of trace lines: see obs/trace.h.  Strings are read again from the guest, for
 * the eye only: nothing is decided on them.
 */
#include "obs/trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/table.h"
#include "base/cleanup.h"
#include "guest/mem.h"

#define STRING_SIZE 256

struct line {
	char *buf;
	size_t len, size;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *fmt,
						      ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, l->size - l->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < l->size - l->len ? (size_t)n : l->size - l->len - 1;
}

static void add_string(struct line *l, struct call *c, uint64_t addr)
{
	char text[STRING_SIZE];
	int n = guest_read_str(c, text, GPTR(addr), sizeof(text));

	if (n < 0 && n != -ENAMETOOLONG) {
		add(l, "%#llx", (unsigned long long)addr);
		return;
	}
	add(l, "\"");
	for (int i = 0; i < (n < 0 ? STRING_SIZE : n); i++) {
		unsigned char ch = (unsigned char)text[i];

		if (ch == '"' || ch == '\\')
			add(l, "\\%c", ch);
		else if (isprint(ch))
			add(l, "%c", ch);
		else
			add(l, "\\%03o", ch);
	}
	add(l, n < 0 ? "\"..." : "\"");
}

static void add_open_flags(struct line *l, uint64_t flags)
{
	static const struct {
		unsigned int bits;
		const char *name;
	} names[] = {
		{ O_CREAT, "O_CREAT" },		{ O_EXCL, "O_EXCL" },
		{ O_NOCTTY, "O_NOCTTY" },	{ O_TRUNC, "O_TRUNC" },
		{ O_APPEND, "O_APPEND" },	{ O_NONBLOCK, "O_NONBLOCK" },
		{ O_SYNC, "O_SYNC" },		{ O_DSYNC, "O_DSYNC" },
		{ O_DIRECT, "O_DIRECT" },	{ O_TMPFILE, "O_TMPFILE" },
		{ O_DIRECTORY, "O_DIRECTORY" }, { O_NOFOLLOW, "O_NOFOLLOW" },
		{ O_NOATIME, "O_NOATIME" },	{ O_CLOEXEC, "O_CLOEXEC" },
		{ O_PATH, "O_PATH" },
	};
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
					     "O_ACCMODE" };
	unsigned int left = (unsigned int)flags & ~(unsigned int)O_ACCMODE;

	add(l, "%s", modes[flags & O_ACCMODE]);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if ((left & names[i].bits) != names[i].bits)
			continue;
		add(l, "|%s", names[i].name);
		left &= ~names[i].bits;
	}
	if (left)
		add(l, "|%#x", left);
}

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

static void add_argument(struct line *l, struct call *c, const char *word, size_t len,
			 uint64_t value)
{
	if (is(word, len, "path") || is(word, len, "str"))
		add_string(l, c, value);
	else if (is(word, len, "dirfd") && (int)value == AT_FDCWD)
		add(l, "AT_FDCWD");
	else if (is(word, len, "oflags"))
		add_open_flags(l, value);
	else if (is(word, len, "mode"))
		add(l, "%#o", (unsigned int)value);
	else if (is(word, len, "flags") || is(word, len, "request") ||
		 is(word, len, "dev"))
		add(l, "%#x", (unsigned int)value);
	else if (is(word, len, "fd") || is(word, len, "dirfd") || is(word, len, "pid") ||
		 is(word, len, "uid") || is(word, len, "gid") || is(word, len, "n"))
		add(l, "%d", (int)value);
	else if (is(word, len, "len") || is(word, len, "size") || is(word, len, "count"))
		add(l, "%llu", (unsigned long long)value);
	else if (value == 0)
		add(l, "NULL");
	else
		add(l, "%#llx", (unsigned long long)value);
}

static void add_reply(struct line *l, const struct reply *r)
{
	switch (r->kind) {
	case REPLY_VALUE:
		add(l, "%lld", (long long)r->val);
		return;
	case REPLY_ERRNO:
		add(l, "-1 %s (%s)", strerrorname_np((int)-r->val) ?: "?",
		    strerrordesc_np((int)-r->val) ?: "?");
		return;
	case REPLY_FD:
		add(l, "<descriptor>");
		return;
	case REPLY_CONTINUE:
		add(l, "<continued>");
		return;
	}
}

size_t trace_format(struct call *c, const struct reply *r, char *buf, size_t size)
{
	const struct row *row = table_find(c->nr);
	struct line l = { buf, 0, size };
	const char *word = row ? row->args : "";

	add(&l, "[%d] %s(", c->tid, row ? row->name : "?");
	for (int i = 0; *word && i < 6; i++) {
		size_t len = strcspn(word, " ");

		if (i)
			add(&l, ", ");
		add_argument(&l, c, word, len, c->arg[i]);
		word += len + strspn(word + len, " ");
	}
	add(&l, ") = ");
	add_reply(&l, r);
	return l.len;
}
