// SPDX-License-Identifier: GPL-2.0-or-later
/* Global options: see cli/globals.h. */
#include "cli/globals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "cli/verbs.h"
#include "sandbox/sandbox.h"
#include "state/state.h"

#define CONF "/etc/picket/picket.conf"
#define CONF_MAX (1u << 20)

#define G(member) offsetof(struct globals, member)
static const struct opt table[] = {
	{ "root", 0, OPT_STRING, G(root), "DIR",
	  "where the containers' state is kept "
	  "(/run/picket, $XDG_RUNTIME_DIR/picket)",
	  OPT_CONF },
	{ "log", 0, OPT_STRING, G(log), "FILE", "append messages to FILE too", OPT_CONF },
	{ "log-format", 0, OPT_STRING, G(log_format), "FORMAT",
	  "of that file: text or json", OPT_CONF },
	{ "log-level", 0, OPT_STRING, G(log_level), "LEVEL", "error, warning or debug",
	  OPT_CONF },
	{ "debug", 0, OPT_BOOL, G(debug), NULL, "the same as --log-level debug" },
	{ "systemd-cgroup", 0, OPT_BOOL, G(systemd_cgroup), NULL,
	  "let systemd make the cgroups" },
	{ "cgroup-manager", 0, OPT_STRING, G(cgroup_manager), "NAME",
	  "cgroupfs, systemd or "
	  "disabled",
	  OPT_CONF },
	{ "rootless", 0, OPT_STRING, G(rootless), "WORD", "true, false or auto" },
	{ "sentry", 0, OPT_STRING, G(sentry), "MODE", "strict (default), balanced or off",
	  OPT_CONF },
	{ "release", 0, OPT_STRING, G(release), "RELEASE",
	  "what containers with a sentry take for the kernel's", OPT_CONF },
	{ "timings", 0, OPT_BOOL, G(timings), NULL, "print how long each phase took" },
	{ "criu", 0, OPT_IGNORED, 0, "FILE", "", OPT_HIDDEN },
	{ "version", 'v', OPT_BOOL, G(version), NULL, "print the version" },
};
const struct opts globals_opts = OPTS(table);

/* Cut the blanks off both ends. */
static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r");
	len = strlen(s);
	while (len > 0 && strchr(" \t\r", s[len - 1]))
		s[--len] = '\0';
	return s;
}

int globals_parse_conf(const char *name, char *text, struct globals *g, struct err *e)
{
	char *line, *rest = text;

	for (int n = 1; (line = strsep(&rest, "\n")); n++) {
		char *value;
		int r;

		line = trim(line);
		if (!*line || *line == '#')
			continue;
		value = strchr(line, '=');
		if (!value)
			return err_text(e, EINVAL, "%s: line %d: expected 'key = value'",
					name, n);
		*value++ = '\0';
		r = opts_set(&globals_opts, OPT_CONF, trim(line), trim(value), g, e);
		if (r < 0)
			return err_prefix(e, "%s: line %d", name, n);
	}
	return 0;
}

int globals_load_conf(struct globals *g, struct err *e)
{
	size_t len;
	int r = fd_read_file(AT_FDCWD, CONF, CONF_MAX, &g->conf, &len);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_set(e, -r, "read " CONF);
	return globals_parse_conf(CONF, g->conf, g, e);
}

struct word {
	const char *word;
	int value;
};

/* The value of a word; absent: the first row's. */
static int pick(const char *option, const char *given, const struct word *words, size_t n,
		int *ret, struct err *e)
{
	*ret = words[0].value;
	if (!given)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i].word, given) == 0) {
			*ret = words[i].value;
			return 0;
		}
	}
	return err_text(e, EINVAL, "invalid value \"%s\" for --%s", given, option);
}
#define PICK(option, given, words, ret, e) \
	pick(option, given, words, sizeof(words) / sizeof((words)[0]), ret, e)

static int open_log(const struct globals *g, struct err *e)
{
	static const struct word formats[] = {
		{ "text", LOG_FORMAT_TEXT },
		{ "json", LOG_FORMAT_JSON },
	};
	static const struct word levels[] = {
		{ "error", LOG_LEVEL_ERROR },
		{ "warning", LOG_LEVEL_WARNING },
		{ "debug", LOG_LEVEL_DEBUG },
	};
	const char *path = g->log;
	int format, level, r;

	r = PICK("log-format", g->log_format, formats, &format, e);
	if (r == 0)
		r = PICK("log-level", g->log_level, levels, &level, e);
	if (r < 0)
		return r;
	if (g->debug)
		level = LOG_LEVEL_DEBUG;
	if (str_starts(path, "file:"))
		path += strlen("file:");
	r = log_open(path && *path ? path : NULL, format, level);
	return r < 0 ? err_set(e, -r, "open the log file '%s'", path) : 0;
}

int verb_set_sentry(const char *word, struct context *ctx, struct err *e)
{
	if (sandbox_parse_mode(word, &ctx->sentry) < 0)
		return err_text(e, EINVAL,
				"invalid value \"%s\" for --sentry: expected strict, "
				"balanced or off",
				word);
	return 0;
}

int globals_apply(const struct globals *g, struct context *ret, struct err *e)
{
	static const struct word managers[] = {
		{ "cgroupfs", CGROUP_CGROUPFS },
		{ "systemd", CGROUP_SYSTEMD },
		{ "disabled", CGROUP_DISABLED },
	};
	static const struct word rootless[] = {
		{ "auto", -1 }, { "true", 1 }, { "false", 0 }, { "1", 1 }, { "0", 0 },
	};
	int driver, is_rootless, r;

	r = open_log(g, e);
	if (r == 0)
		r = PICK("cgroup-manager", g->cgroup_manager, managers, &driver, e);
	if (r == 0)
		r = PICK("rootless", g->rootless, rootless, &is_rootless, e);
	if (r < 0)
		return r;
	if (g->systemd_cgroup)
		driver = CGROUP_SYSTEMD;
	*ret = (struct context){
		.root = g->root,
		.cgroup_driver = (enum cgroup_driver)driver,
		.sentry = SENTRY_STRICT,
		.release = g->release,
		.rootless = is_rootless < 0 ? store_is_rootless() : is_rootless,
		.unprivileged = geteuid() != 0,
		.debug = g->debug,
		.timings = g->timings,
		.log_path = g->log,
	};
	return g->sentry ? verb_set_sentry(g->sentry, ret, e) : 0;
}
