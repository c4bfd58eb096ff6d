// SPDX-License-Identifier: GPL-2.0-or-later
/* spec: a config.json to start from. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cli/verbs.h"

struct args {
	const char *bundle;
	bool rootless;
};

static const struct opt spec_opts[] = {
	{ "bundle", 'b', OPT_STRING, offsetof(struct args, bundle), "DIR",
	  "where it is written (working directory)" },
	{ "rootless", 0, OPT_BOOL, offsetof(struct args, rootless), NULL,
	  "for an ordinary user" },
};

static int spec(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	const char *bundle = a->bundle ? a->bundle : ".";
	unsigned int flags =
		(a->rootless ? SPEC_DEFAULT_ROOTLESS : 0) |
		(cgroup_host_layout() == CGROUP_V2 ? SPEC_DEFAULT_CGROUP_NS : 0);
	auto_free char *text = spec_default_json(flags);
	auto_close int dir = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		       fd = -EBADF;
	int r;

	if (!text)
		return err_set(e, ENOMEM, "make config.json");
	if (dir < 0)
		return err_set(e, errno, "open the bundle '%s'", bundle);
	fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return err_text(e, EEXIST, "File config.json exists. Remove it first");
	r = fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
	return r < 0 ? err_set(e, -r, "write config.json in '%s'", bundle) : 0;
}

const struct verb verb_spec = {
	.name = "spec",
	.run = spec,
	.words = "",
	.min = 0,
	.max = 0,
	.failure = 1,
	.opts = OPTS(spec_opts),
	.args_size = sizeof(struct args),
	.help = "write a config.json to start from",
};
