// SPDX-License-Identifier: GPL-2.0-or-later
/* ps: the container's processes; the table is what ps(1) says of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cli/verbs.h"

#define OUTPUT_MAX (64u << 20) /* bytes of ps(1)'s output that are read at most */

struct args {
	const char *format;
};

static const struct opt ps_opts[] = {
	{ "format", 'f', OPT_STRING, offsetof(struct args, format), "FORMAT",
	  "table or json" },
};

struct pids {
	pid_t *v;
	size_t n;
};

static void pids_done(struct pids *p)
{
	free(p->v);
}

static int put_json(const struct pids *pids, struct strbuf *b)
{
	int r = strbuf_add(b, "[", 1);

	for (size_t i = 0; i < pids->n && r == 0; i++)
		r = strbuf_addf(b, "%s%d", i ? "," : "", (int)pids->v[i]);
	return r < 0 ? r : strbuf_addf(b, "]\n");
}

/* Output of `ps words...`, malloc'ed. */
static int run_ps(char *const *words, char **ret, struct err *e)
{
	static char *const standard[] = { (char *)"ps", (char *)"-ef", NULL };
	int pipefd[2], status = 0, r;
	size_t len;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	pid = fork();
	if (pid == 0) {
		dup2(pipefd[1], STDOUT_FILENO);
		execvp("ps", words ? words : standard);
		_exit(127);
	}
	close(pipefd[1]);
	r = pid < 0 ? -errno : fd_read_all(pipefd[0], OUTPUT_MAX, ret, &len);
	close(pipefd[0]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && r == 0 && status != 0)
		return err_text(e, EIO, "run ps: %s",
				status >> 8 == 127 ? "not found" : "failed");
	return r < 0 ? err_set(e, -r, "run ps") : 0;
}

/* The n-th word of a line as a number, -1 if it is none. */
static long field(const char *line, size_t n)
{
	char number[16] = "";
	uint32_t v;

	for (size_t i = 0;; i++) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t");
		if (len == 0)
			return -1;
		if (i == n) {
			if (len >= sizeof(number))
				return -1;
			memcpy(number, line, len);
			return str_parse_u32(number, &v) < 0 ? -1 : (long)v;
		}
		line += len;
	}
}

/* Which word of the heading is PID; -1: none. */
static int find_column(char *head)
{
	int n = 0;

	for (const char *p = head + strspn(head, " \t"); *p; n++) {
		size_t len = strcspn(p, " \t");

		if (len == 3 && memcmp(p, "PID", 3) == 0)
			return n;
		p += len;
		p += strspn(p, " \t");
	}
	return -1;
}

static bool has_pid(const struct pids *pids, long pid)
{
	for (size_t i = 0; i < pids->n; i++)
		if (pids->v[i] == pid)
			return true;
	return false;
}

static int put_table(const struct pids *pids, char *const *words, struct strbuf *b,
		     struct err *e)
{
	auto_free char *text = NULL;
	char *line, *rest;
	int column, r = run_ps(words, &text, e);

	if (r < 0)
		return r;
	rest = text;
	line = strsep(&rest, "\n");
	column = line ? find_column(line) : -1;
	if (column < 0)
		return err_text(e, EINVAL, "ps printed no column PID");
	r = strbuf_addf(b, "%s\n", line);
	while (r == 0 && (line = strsep(&rest, "\n")))
		if (has_pid(pids, field(line, (size_t)column)))
			r = strbuf_addf(b, "%s\n", line);
	return r < 0 ? err_set(e, -r, "list the processes") : 0;
}

static int ps(struct invocation *inv, struct err *e)
{
	const struct args *a = inv->args;
	auto_(pids_done) struct pids pids = { 0 };
	auto_(strbuf_done) struct strbuf b = { 0 };
	bool json = str_eq(a->format, "json");
	char **words = NULL;
	int r;

	if (a->format && !json && strcmp(a->format, "table") != 0)
		return err_text(e, EINVAL, "invalid format option '%s'", a->format);
	r = container_pids(&inv->ctx, inv->words[0], &pids.v, &pids.n, e);
	if (r < 0)
		return r;
	if (inv->words[1]) {
		/* The place of the id is free for the program's name. */
		words = inv->words;
		words[0] = (char *)"ps";
	}
	r = json ? put_json(&pids, &b) : put_table(&pids, words, &b, e);
	return r < 0 ? r : verb_print(b.s, e);
}

const struct verb verb_ps = {
	.name = "ps",
	.run = ps,
	.words = "ID [PS-OPTION...]",
	.min = 1,
	.max = -1,
	.failure = 1,
	.opts = OPTS(ps_opts),
	.args_size = sizeof(struct args),
	.help = "show a container's processes",
};
