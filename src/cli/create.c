// SPDX-License-Identifier: GPL-2.0-or-later
/* create and run: a bundle becomes a container. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/verbs.h"

#define A(member) offsetof(struct create_args, member)

/* clang-format off */
#define CREATE_OPTIONS									\
	{ "bundle", 'b', OPT_STRING, A(bundle), "DIR", "the bundle (working directory)" },	\
	{ "config", 'f', OPT_STRING, A(config), "FILE", "instead of the bundle's config.json" }, \
	{ "console-socket", 0, OPT_STRING, A(console_socket), "SOCKET",			\
	  "where the terminal's master is sent" },					\
	{ "pidfd-socket", 0, OPT_STRING, A(pidfd_socket), "SOCKET",			\
	  "where a pidfd of the init is sent" },					\
	{ "pid-file", 0, OPT_STRING, A(pid_file), "FILE", "gets the init's pid" },	\
	{ "no-pivot", 0, OPT_BOOL, A(no_pivot), NULL,					\
	  "MS_MOVE and chroot instead of pivot_root" },					\
	{ "no-new-keyring", 0, OPT_BOOL, A(no_new_keyring), NULL,			\
	  "keep the caller's session keyring" },					\
	{ "preserve-fds", 0, OPT_UINT, A(preserve_fds), "N",				\
	  "pass descriptors 3 to 2+N on" }
/* clang-format on */

static const struct opt create_opts[] = { CREATE_OPTIONS };

static const struct opt run_opts[] = {
	CREATE_OPTIONS,
	{ "detach", 'd', OPT_BOOL, A(detach), NULL, "do not wait for the program" },
	{ "keep", 0, OPT_BOOL, A(keep), NULL,
	  "keep the container when the program has ended" },
	{ "no-subreaper", 0, OPT_BOOL, A(no_subreaper), NULL,
	  "do not become a subreaper" },
};

/* The paths of an invocation count from where it was made, wherever we work later. */
struct paths {
	char *bundle, *config, *console_socket, *pidfd_socket, *pid_file;
};

static void paths_done(struct paths *p)
{
	free(p->bundle);
	free(p->config);
	free(p->console_socket);
	free(p->pidfd_socket);
	free(p->pid_file);
}

static int resolve(struct create_args *a, struct paths *p, struct err *e)
{
	int r;

	p->bundle = realpath(a->bundle ? a->bundle : ".", NULL);
	if (!p->bundle)
		return err_set(e, errno, "open the bundle '%s'",
			       a->bundle ? a->bundle : ".");
	r = verb_absolute(a->config, &p->config, e);
	if (r == 0)
		r = verb_absolute(a->console_socket, &p->console_socket, e);
	if (r == 0)
		r = verb_absolute(a->pidfd_socket, &p->pidfd_socket, e);
	if (r == 0)
		r = verb_absolute(a->pid_file, &p->pid_file, e);
	a->bundle = p->bundle;
	a->config = p->config;
	a->console_socket = p->console_socket;
	a->pidfd_socket = p->pidfd_socket;
	a->pid_file = p->pid_file;
	return r;
}

static int create(struct invocation *inv, struct err *e)
{
	auto_(paths_done) struct paths paths = { 0 };
	struct create_args *a = inv->args;
	int r = resolve(a, &paths, e);

	a->id = inv->words[0];
	return r < 0 ? r : container_create(&inv->ctx, a, e);
}

static int run(struct invocation *inv, struct err *e)
{
	auto_(paths_done) struct paths paths = { 0 };
	struct create_args *a = inv->args;
	int r = resolve(a, &paths, e);

	a->id = inv->words[0];
	return r < 0 ? r : container_run(&inv->ctx, a, &inv->status, e);
}

const struct verb verb_create = {
	.name = "create",
	.run = create,
	.words = "ID",
	.min = 1,
	.max = 1,
	.opts = OPTS(create_opts),
	.args_size = sizeof(struct create_args),
	.flags = VERB_ENTERS,
	.failure = 1,
	.help = "prepare a container; its program waits for start",
};

const struct verb verb_run = {
	.name = "run",
	.run = run,
	.words = "ID",
	.min = 1,
	.max = 1,
	.opts = OPTS(run_opts),
	.args_size = sizeof(struct create_args),
	.flags = VERB_ENTERS,
	.failure = 1,
	.help = "create a container, start it, wait for its end",
};
