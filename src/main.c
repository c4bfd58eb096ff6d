// SPDX-License-Identifier: GPL-2.0-or-later
/* argv -> verb -> exit status.  Everything else is in cli/ and below. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/globals.h"
#include "cli/verbs.h"
#include "do/do.h"

/* A caller may have closed 0, 1 or 2: what we open must not become one of them. */
static void fill_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", O_RDWR);
}

static int print_version(struct err *e)
{
	const struct scmp_version *v = seccomp_version();
	auto_free char *text =
		str_printf("picket version " PACKAGE_VERSION "\ncommit: " PICKET_COMMIT
			   "\nspec: " SPEC_OCI_VERSION "\nlibseccomp: %u.%u.%u\n",
			   v->major, v->minor, v->micro);

	return verb_print(text, e);
}

/* `picket help [VERB]`, `picket --help`. */
static int print_help(const char *name, struct err *e)
{
	const struct verb *v = name ? verb_find(name) : NULL;
	auto_free char *text = NULL;

	if (name && !v)
		return err_text(e, EINVAL, "No help topic for '%s'", name);
	text = v ? verb_help(v) : verb_help_all(&globals_opts);
	return verb_print(text, e);
}

static int check_words(const struct verb *v, char *const *words, struct err *e)
{
	int n = 0;

	while (words[n])
		n++;
	if (n >= v->min && (v->max < 0 || n <= v->max))
		return 0;
	if (n < v->min)
		return err_text(e, EINVAL,
				"\"%s\" requires %s %d argument%s: picket %s %s", v->name,
				v->min == v->max ? "exactly" : "a minimum of", v->min,
				v->min == 1 ? "" : "s", v->name, v->words);
	return err_text(e, EINVAL,
			"\"%s\" requires a maximum of %d argument%s, got '%s' too",
			v->name, v->max, v->max == 1 ? "" : "s", words[v->max]);
}

static int run_verb(const struct verb *v, struct invocation *inv, char **argv,
		    struct err *e)
{
	auto_free void *args = calloc(1, v->args_size + 1);
	int r;

	if (!args)
		return err_set(e, ENOMEM, "start");
	inv->args = args;
	r = opts_parse(&v->opts, args, argv, &inv->words, e);
	if (r == OPTS_HELP)
		return print_help(v->name, e);
	if (r == 0)
		r = check_words(v, inv->words, e);
	if (r == 0 && (v->flags & VERB_ENTERS))
		r = container_protect_self(inv->argv, e);
	return r < 0 ? r : v->run(inv, e);
}

/* Everything up to the verb.  *ret_status: what to exit with when this fails. */
static int run(struct invocation *inv, struct globals *g, int *ret_status, struct err *e)
{
	const struct verb *v;
	char **rest;
	int r;

	r = globals_load_conf(g, e);
	if (r == 0)
		r = opts_parse(&globals_opts, g, inv->argv + 1, &rest, e);
	if (r < 0)
		return r;
	if (r == OPTS_HELP)
		return print_help(NULL, e);
	if (g->version)
		return print_version(e);
	if (rest[0] && strcmp(rest[0], "help") == 0)
		return print_help(rest[1], e);
	r = globals_apply(g, &inv->ctx, e);
	if (r < 0)
		return r;
	if (!rest[0])
		return err_text(e, EINVAL, "no verb given (see picket --help)");
	v = verb_find(rest[0]);
	if (!v)
		return err_text(e, EINVAL, "No help topic for '%s'", rest[0]);
	*ret_status = v->failure;
	log_debug("%s", v->name);
	return run_verb(v, inv, rest + 1, e);
}

int main(int argc, char **argv)
{
	struct invocation inv = { .argv = argv };
	struct globals g = { 0 };
	struct err e = ERR_INIT;
	int failure = 1, r;

	if (argc > 0 && strcmp(argv[0], DO_INIT_PATH) == 0)
		return do_init(argv);
	fill_stdio();
	r = argc > 0 ? run(&inv, &g, &failure, &e) : -EINVAL;
	if (r < 0)
		log_error("%s", e.msg[0] ? e.msg : strerror(-r));
	free(g.conf);
	return r < 0 ? failure : inv.status;
}
