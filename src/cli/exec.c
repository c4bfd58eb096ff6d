// SPDX-License-Identifier: GPL-2.0-or-later
/* exec: one more process in a container that runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/verbs.h"
#include "process/process.h"

struct args {
	struct exec_args exec;
	struct strv env, gids, caps, cgroups;
};

#define A(member) offsetof(struct args, member)
static const struct opt exec_opts[] = {
	{ "process", 'p', OPT_STRING, A(exec.process_file), "FILE",
	  "a process object as JSON" },
	{ "console-socket", 0, OPT_STRING, A(exec.console_socket), "SOCKET",
	  "where the terminal's master is sent" },
	{ "pidfd-socket", 0, OPT_STRING, A(exec.pidfd_socket), "SOCKET",
	  "where a pidfd of the process is sent" },
	{ "pid-file", 0, OPT_STRING, A(exec.pid_file), "FILE", "gets the process's pid" },
	{ "cwd", 0, OPT_STRING, A(exec.cwd), "DIR", "working directory" },
	{ "env", 'e', OPT_STRINGS, A(env), "NAME=VALUE", "add to the environment" },
	{ "tty", 't', OPT_BOOL, A(exec.tty), NULL, "with a terminal" },
	{ "user", 'u', OPT_STRING, A(exec.user), "UID[:GID]", "as this user" },
	{ "additional-gids", 'g', OPT_STRINGS, A(gids), "GID", "one more group" },
	{ "detach", 'd', OPT_BOOL, A(exec.detach), NULL, "do not wait for the process" },
	{ "process-label", 0, OPT_STRING, A(exec.process_label), "LABEL",
	  "SELinux label" },
	{ "apparmor", 0, OPT_STRING, A(exec.apparmor), "PROFILE", "AppArmor profile" },
	{ "no-new-privs", 0, OPT_BOOL, A(exec.no_new_privs), NULL,
	  "no privileges by exec" },
	{ "cap", 'c', OPT_STRINGS, A(caps), "CAPABILITY", "add a capability" },
	{ "preserve-fds", 0, OPT_UINT, A(exec.preserve_fds), "N",
	  "pass descriptors 3 to 2+N on" },
	{ "cgroup", 0, OPT_STRINGS, A(cgroups), "[CONTROLLER,...:]PATH",
	  "in this sub-cgroup of the container's" },
	{ "ignore-paused", 0, OPT_BOOL, A(exec.ignore_paused), NULL,
	  "also in a paused container" },
};

static int parse_gids(const struct strv *words, uint32_t **ret, struct err *e)
{
	auto_free uint32_t *gids = calloc(words->n + 1, sizeof(*gids));

	if (!gids)
		return err_set(e, ENOMEM, "parse --additional-gids");
	for (size_t i = 0; i < words->n; i++)
		if (str_parse_u32(words->v[i], &gids[i]) < 0 || gids[i] == UINT32_MAX)
			return err_text(e, EINVAL,
					"invalid value \"%s\" for flag "
					"--additional-gids: expected a group id",
					words->v[i]);
	*ret = take_ptr(gids);
	return 0;
}

static int parse_caps(const struct strv *words, uint64_t *ret, struct err *e)
{
	for (size_t i = 0; i < words->n; i++) {
		int cap = caps_by_name(words->v[i]);

		if (cap < 0)
			return err_text(e, EINVAL, "unknown capability '%s'",
					words->v[i]);
		*ret |= UINT64_C(1) << cap;
	}
	return 0;
}

static int check(const struct args *a, char *const *words, struct err *e)
{
	if (!a->exec.process_file && !words[1])
		return err_text(e, EINVAL, "\"exec\" requires a command or --process");
	if (a->exec.process_file && words[1])
		return err_text(e, EINVAL,
				"exec: a command and --process exclude each other");
	for (size_t i = 0; i < a->env.n; i++)
		if (a->env.v[i][0] == '=' || !strchr(a->env.v[i], '='))
			return err_text(e, EINVAL,
					"invalid value \"%s\" for flag --env: expected "
					"NAME=VALUE",
					a->env.v[i]);
	return 0;
}

static int exec_(struct invocation *inv, struct err *e)
{
	struct args *a = inv->args;
	auto_free char *console = NULL, *pidfd = NULL, *pid_file = NULL;
	auto_free uint32_t *gids = NULL;
	int r = check(a, inv->words, e);

	if (r == 0)
		r = parse_gids(&a->gids, &gids, e);
	if (r == 0)
		r = parse_caps(&a->caps, &a->exec.caps, e);
	if (r == 0)
		r = verb_absolute(a->exec.console_socket, &console, e);
	if (r == 0)
		r = verb_absolute(a->exec.pidfd_socket, &pidfd, e);
	if (r == 0)
		r = verb_absolute(a->exec.pid_file, &pid_file, e);
	if (r < 0)
		return r;
	a->exec.id = inv->words[0];
	a->exec.argv = inv->words + 1;
	a->exec.console_socket = console;
	a->exec.pidfd_socket = pidfd;
	a->exec.pid_file = pid_file;
	a->exec.env = a->env.v;
	a->exec.gids = gids;
	a->exec.gids_n = a->gids.n;
	a->exec.cgroups = a->cgroups.v;
	return container_exec(&inv->ctx, &a->exec, &inv->status, e);
}

const struct verb verb_exec = {
	.name = "exec",
	.run = exec_,
	.words = "ID [COMMAND [ARGUMENT...]]",
	.min = 1,
	.max = -1,
	.opts = OPTS(exec_opts),
	.args_size = sizeof(struct args),
	.flags = VERB_ENTERS,
	.failure = 255,
	.help = "run one more process in a container",
};
