// SPDX-License-Identifier: GPL-2.0-or-later
/* The option parser: see cli/opts.h.  Pure. */
#include "cli/opts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct opt *find(const struct opts *o, const char *name, size_t len)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct opt *p = &o->v[i];

		if (len == 1 && p->letter && p->letter == name[0])
			return p;
		if (strlen(p->name) == len && memcmp(p->name, name, len) == 0)
			return p;
	}
	return NULL;
}

static int parse_bool(const char *s, bool *ret)
{
	static const char *const yes[] = { "true", "1", "t", "T", "TRUE", "True", NULL };
	static const char *const no[] = { "false", "0", "f", "F", "FALSE", "False", NULL };

	if (!strv_has((char *const *)(uintptr_t)yes, s) &&
	    !strv_has((char *const *)(uintptr_t)no, s))
		return -EINVAL;
	*ret = strv_has((char *const *)(uintptr_t)yes, s);
	return 0;
}

static int set(const struct opt *opt, const char *value, void *dst, struct err *e)
{
	void *at = (char *)dst + opt->offset;
	uint32_t number;
	int r = 0;

	switch (opt->kind) {
	case OPT_BOOL:
		r = parse_bool(value, at);
		break;
	case OPT_STRING:
		*(const char **)at = value;
		break;
	case OPT_STRINGS:
		return strv_add(at, value) < 0 ?
			       err_set(e, ENOMEM, "parse --%s", opt->name) :
			       0;
	case OPT_UINT:
		r = str_parse_u32(value, &number);
		if (r == 0)
			*(unsigned int *)at = number;
		break;
	case OPT_IGNORED:
		break;
	}
	if (r < 0)
		return err_text(e, EINVAL,
				"invalid value \"%s\" for flag --%s: expected %s", value,
				opt->name,
				opt->kind == OPT_BOOL ? "true or false" : "a number");
	return 0;
}

/* One option, at **argv; *argv is moved behind what it has used. */
static int parse_one(const struct opts *o, void *dst, char ***argv, struct err *e)
{
	const char *word = *(*argv)++;
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct opt *opt = find(o, name, len);

	if (!opt &&
	    ((len == 4 && memcmp(name, "help", 4) == 0) || (len == 1 && *name == 'h')))
		return OPTS_HELP;
	if (!opt)
		return err_text(e, EINVAL, "flag provided but not defined: %.*s",
				(int)(name - word + (ptrdiff_t)len), word);
	if (!value && opt->kind == OPT_BOOL)
		value = "true";
	if (!value) {
		if (!**argv)
			return err_text(e, EINVAL, "flag needs an argument: --%s",
					opt->name);
		value = *(*argv)++;
	}
	return set(opt, value, dst, e);
}

int opts_parse(const struct opts *o, void *dst, char **argv, char ***ret_rest,
	       struct err *e)
{
	int r = 0;

	while (r == 0 && *argv && (*argv)[0] == '-' && (*argv)[1]) {
		if (strcmp(*argv, "--") == 0) {
			argv++;
			break;
		}
		r = parse_one(o, dst, &argv, e);
	}
	*ret_rest = argv;
	return r;
}

int opts_set(const struct opts *o, int flags, const char *name, const char *value,
	     void *dst, struct err *e)
{
	const struct opt *opt = find(o, name, strlen(name));

	if (!opt || strlen(name) == 1 || (opt->flags & flags) != flags)
		return err_text(e, ENOENT, "unknown key '%s'", name);
	return set(opt, value, dst, e);
}

int opts_help(const struct opts *o, struct strbuf *out)
{
	int r = 0;

	for (size_t i = 0; i < o->n && r == 0; i++) {
		const struct opt *p = &o->v[i];
		char left[64], letter[5] = { '-', p->letter, ',', ' ', '\0' };

		if (p->flags & OPT_HIDDEN)
			continue;
		snprintf(left, sizeof(left), "%s--%s%s%s", p->letter ? letter : "    ",
			 p->name, p->value ? " " : "", p->value ? p->value : "");
		r = strbuf_addf(out, "  %-30s %s\n", left, p->help);
	}
	return r;
}
