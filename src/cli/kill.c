// SPDX-License-Identifier: GPL-2.0-or-later
/* kill: a signal to a container's init, or to all of it. */
#include <errno.h>
#include <signal.h>
#include <strings.h>

#include "base/cleanup.h"
#include "cli/signal.h"
#include "cli/verbs.h"

/* clang-format off */
static const char *const names[] = {
	[SIGHUP] = "HUP",       [SIGINT] = "INT",       [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",     [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
	[SIGKILL] = "KILL",     [SIGUSR1] = "USR1",     [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM",     [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
	[SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",     [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN",     [SIGTTOU] = "TTOU",     [SIGURG] = "URG",   [SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ",     [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
	[SIGIO] = "IO",         [SIGPWR] = "PWR",       [SIGSYS] = "SYS",
};
/* clang-format on */

/* The kernel's range: glibc's SIGRTMIN leaves two out for its threads. */
enum { RTMIN = 34, RTMAX = 64 };

static int realtime(const char *s)
{
	uint32_t n = 0;

	if (strncasecmp(s, "RTMIN", 5) == 0) {
		if (s[5] && (s[5] != '+' || str_parse_u32(s + 6, &n) < 0))
			return -EINVAL;
		return n <= RTMAX - RTMIN ? RTMIN + (int)n : -EINVAL;
	}
	if (strncasecmp(s, "RTMAX", 5) == 0) {
		if (s[5] && (s[5] != '-' || str_parse_u32(s + 6, &n) < 0))
			return -EINVAL;
		return n <= RTMAX - RTMIN ? RTMAX - (int)n : -EINVAL;
	}
	return -EINVAL;
}

int signal_by_name(const char *s)
{
	uint32_t n;

	if (str_parse_u32(s, &n) == 0)
		return n >= 1 && n <= RTMAX ? (int)n : -EINVAL;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && strcasecmp(names[i], s) == 0)
			return (int)i;
	if (strcasecmp(s, "POLL") == 0)
		return SIGIO;
	if (strcasecmp(s, "IOT") == 0)
		return SIGABRT;
	if (strcasecmp(s, "CLD") == 0)
		return SIGCHLD;
	return realtime(s);
}

struct args {
	bool all;
};

static const struct opt kill_opts[] = {
	{ "all", 'a', OPT_BOOL, offsetof(struct args, all), NULL,
	  "all processes of the container" },
};

static int kill_(struct invocation *inv, struct err *e)
{
	const char *word = inv->words[1] ? inv->words[1] : "TERM";
	const struct args *a = inv->args;
	int sig = signal_by_name(word);

	if (sig < 0)
		return err_text(e, EINVAL, "unknown signal \"%s\"", word);
	return container_kill(&inv->ctx, inv->words[0], sig, a->all ? KILL_ALL : 0, e);
}

const struct verb verb_kill = {
	.name = "kill",
	.run = kill_,
	.words = "ID [SIGNAL]",
	.min = 1,
	.max = 2,
	.failure = 1,
	.opts = OPTS(kill_opts),
	.args_size = sizeof(struct args),
	.help = "send a signal (TERM) to a container's init",
};
