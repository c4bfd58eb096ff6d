// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of verbs, the help that is made from it, and what several verbs share. */
#include "cli/verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

static const struct verb *const verbs[] = {
	&verb_do,	&verb_create, &verb_start,  &verb_run,	  &verb_exec,
	&verb_kill,	&verb_delete, &verb_state,  &verb_list,	  &verb_ps,
	&verb_pause,	&verb_resume, &verb_update, &verb_events, &verb_spec,
	&verb_features, &verb_debug,
};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static char *finish(struct strbuf *b, int r)
{
	if (r < 0)
		strbuf_done(b);
	return b->s;
}

char *verb_help_all(const struct opts *globals)
{
	struct strbuf b = { 0 };
	int r = strbuf_addf(
		&b, "usage: picket [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\n"
		    "An OCI container runtime with a user-space sentry.\n\nverbs:\n");

	for (size_t i = 0; i < ARRAY_SIZE(verbs) && r == 0; i++)
		r = strbuf_addf(&b, "  %-12s %s\n", verbs[i]->name, verbs[i]->help);
	if (r == 0)
		r = strbuf_addf(&b, "  %-12s %s\n\noptions:\n", "help",
				"this text, or that of "
				"one verb");
	if (r == 0)
		r = opts_help(globals, &b);
	return finish(&b, r);
}

char *verb_help(const struct verb *v)
{
	struct strbuf b = { 0 };
	int r = strbuf_addf(&b, "usage: picket %s%s%s%s\n\n%s\n", v->name,
			    v->opts.n ? " [OPTION...]" : "", v->words[0] ? " " : "",
			    v->words, v->help);

	if (r == 0 && v->opts.n)
		r = strbuf_addf(&b, "\noptions:\n");
	if (r == 0)
		r = opts_help(&v->opts, &b);
	return finish(&b, r);
}

int verb_bad_value(const char *flag, const char *value, const char *expected,
		   struct err *e)
{
	return err_text(e, EINVAL, "invalid value \"%s\" for flag %s: expected %s", value,
			flag, expected);
}

int verb_print(const char *text, struct err *e)
{
	int r = text ? fd_write_all(STDOUT_FILENO, text, strlen(text)) : -ENOMEM;

	return r < 0 ? err_set(e, -r, "write to stdout") : 0;
}

int verb_absolute(const char *path, char **ret, struct err *e)
{
	char cwd[PATH_MAX];

	*ret = NULL;
	if (!path)
		return 0;
	if (path[0] == '/')
		*ret = strdup(path);
	else if (getcwd(cwd, sizeof(cwd)))
		*ret = str_printf("%s/%s", cwd, path);
	else
		return err_set(e, errno, "find the working directory");
	return *ret ? 0 : err_set(e, ENOMEM, "parse the arguments");
}
