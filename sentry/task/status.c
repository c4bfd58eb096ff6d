// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/TID/status: the one place where the kernel tells groups, effective capabilities
 * and the umask of another thread.  Parsing is pure.  Names of programs cannot forge a
 * line: the kernel escapes newlines in them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "task/internal.h"

#define STATUS_USUAL 4096
#define STATUS_MAX   (1 << 20)	/* 65536 groups of up to 11 characters fit */

/* The value of "key:" at the start of a line; NULL if there is none. */
static const char *field(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (!strncmp(line, key, len) && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

/* Up to max decimal numbers of one line.  Returns how many there are in all. */
static size_t numbers(const char *s, unsigned int *ret, size_t max)
{
	size_t n = 0;

	for (;;) {
		char *end;
		unsigned long v;

		while (*s == ' ' || *s == '\t')
			s++;
		if (*s < '0' || *s > '9')
			return n;
		v = strtoul(s, &end, 10);
		if (n < max)
			ret[n] = (unsigned int)v;
		n++;
		s = end;
	}
}

/* The last number of a line of pids: innermost namespace. */
static pid_t last_number(const char *s)
{
	unsigned int v[34];	/* MAX_PID_NS_LEVEL is 32 */
	size_t n = s ? numbers(s, v, 34) : 0;

	return n > 0 && n <= 34 ? (pid_t)v[n - 1] : 0;
}

static int parse_groups(const char *s, struct creds *cr)
{
	size_t n = numbers(s, cr->few, TASK_GROUPS_MAX);

	cr->groups = cr->few;
	cr->groups_n = n;
	if (n <= TASK_GROUPS_MAX)
		return 0;
	cr->groups = calloc(n, sizeof(*cr->groups));
	if (!cr->groups)
		return -ENOMEM;
	numbers(s, cr->groups, n);
	return 0;
}

static void parse_ids(const unsigned int u[4], const unsigned int g[4], struct creds *cr)
{
	cr->uid = u[0];
	cr->euid = u[1];
	cr->suid = u[2];
	cr->fsuid = u[3];
	cr->gid = g[0];
	cr->egid = g[1];
	cr->sgid = g[2];
	cr->fsgid = g[3];
}

int task_status_parse(const char *text, struct task_status *st)
{
	const char *tgid = field(text, "Tgid"), *uid = field(text, "Uid");
	const char *gid = field(text, "Gid"), *groups = field(text, "Groups");
	const char *caps = field(text, "CapEff"), *mask = field(text, "Umask");
	unsigned int u[4], g[4], pid;

	memset(st, 0, sizeof(*st));
	if (!tgid || !uid || !gid || !groups || !caps)
		return -EPROTO;
	if (numbers(tgid, &pid, 1) != 1 || numbers(uid, u, 4) != 4 ||
	    numbers(gid, g, 4) != 4)
		return -EPROTO;
	st->tgid = (pid_t)pid;
	st->ns_tgid = last_number(field(text, "NStgid"));
	st->ns_tid = last_number(field(text, "NSpid"));
	/* A thread that is exiting has no umask any more. */
	st->umask = mask ? (mode_t)strtoul(mask, NULL, 8) & 0777 : 0777;
	parse_ids(u, g, &st->creds);
	st->creds.cap_effective = strtoull(caps, NULL, 16);
	return parse_groups(groups, &st->creds);
}

void task_status_done(struct task_status *st)
{
	if (st->creds.groups != st->creds.few)
		free(st->creds.groups);
	memset(st, 0, sizeof(*st));
}

int proc_read(int fd, char *buf, size_t size, char **ret)
{
	ssize_t n = read(fd, buf, size - 1), more;
	char *big;

	if (n < 0)
		return -errno;
	*ret = buf;
	buf[n] = '\0';
	if ((size_t)n < size - 1)
		return 0;
	big = malloc(STATUS_MAX);
	if (!big)
		return -ENOMEM;
	memcpy(big, buf, (size_t)n);
	more = read(fd, big + n, STATUS_MAX - 1 - (size_t)n);
	if (more < 0 || n + more == STATUS_MAX - 1) {
		free(big);
		return more < 0 ? -errno : -EFBIG;
	}
	big[n + more] = '\0';
	*ret = big;
	return 0;
}

static int text_read(const struct call *c, char buf[STATUS_USUAL], char **ret)
{
	auto_close int fd = proc_open_task(c, "status", O_RDONLY);

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	return proc_read(fd, buf, STATUS_USUAL, ret);
}

int status_read(const struct call *c, struct task *t)
{
	char buf[STATUS_USUAL], *text = NULL;
	int r = text_read(c, buf, &text);

	if (r < 0)
		return r;
	task_status_done(&t->st);
	r = task_status_parse(text, &t->st);
	if (text != buf)
		free(text);
	return r;
}

static uint64_t signals(const char *text, const char *key)
{
	const char *s = field(text, key);

	return s ? strtoull(s, NULL, 16) : 0;
}

int task_pending(struct call *c, uint64_t *ret)
{
	char buf[STATUS_USUAL], *text = NULL;
	int r = task_get(c);

	if (r == 0)
		r = text_read(c, buf, &text);
	if (r < 0)
		return r;
	*ret = (signals(text, "SigPnd") | signals(text, "ShdPnd")) &
	       signals(text, "SigBlk");
	if (text != buf)
		free(text);
	return 0;
}
