// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many calls, each with its result, one a line: made without and with the sentry, in a
 * new directory each; the outputs have to be the same.
 *
 * usage: probe GROUP...
 */
#define _GNU_SOURCE
#include <linux/openat2.h>
#include <sys/mman.h>

#include "probe.h"

#define PAGE 4096

void show(int line, const char *what, long r)
{
	if (r < 0)
		printf("%d: %s = %s\n", line, what, strerrorname_np(errno));
	else
		printf("%d: %s = %ld\n", line, what, r);
}

void show_fd(int line, const char *what, int fd)
{
	struct stat st;

	if (fd < 0) {
		show(line, what, fd);
		return;
	}
	memset(&st, 0, sizeof(st));
	fstat(fd, &st);
	printf("%d: %s = file %o, flags %o, cloexec %d, %d links, %u:%u\n", line, what,
	       st.st_mode, (unsigned)fcntl(fd, F_GETFL), fcntl(fd, F_GETFD),
	       S_ISDIR(st.st_mode) ? 0 : (int)st.st_nlink, st.st_uid, st.st_gid);
	close(fd);
}

void show_text(int line, int fd)
{
	char buf[256];
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = '\0';
	printf("%d: text '%.*s'\n", line, (int)strcspn(buf, "\n"), buf);
	close(fd);
}

int open2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	/* EAGAIN is for ".." below a root while anybody, anywhere, mounts or renames. */
	for (int i = 0; i < 1000; i++) {
		int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

		if (fd >= 0 || errno != EAGAIN)
			return fd;
	}
	return -1;
}

char *edge(void)
{
	static char *p;

	if (!p) {
		p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED || mprotect(p + 2 * PAGE, PAGE, PROT_NONE) < 0)
			exit(1);
		p += 2 * PAGE;
	}
	return p;
}

char *bad(void)
{
	return edge();
}

void make_file(const char *path, mode_t mode)
{
	close(open(path, O_WRONLY | O_CREAT, mode));
}

static const struct group {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "names", probe_names },
	{ "attributes", probe_attributes },
	{ "opens", probe_opens },
	{ "resolve", probe_resolve },
	{ "limits", probe_limits },
	{ "places", probe_places },
	{ "pointers", probe_pointers },
	{ "procs", probe_procs },
	{ "creds", probe_creds },
	{ "socks", probe_socks },
	{ "fifos", probe_fifos },
	{ "threads", probe_threads },
	{ "events", probe_events },
	{ "objects", probe_objects },
	{ "descriptors", probe_descriptors },
};

static void run(const struct group *g)
{
	char dir[32];
	int status = -1;
	pid_t pid;

	snprintf(dir, sizeof(dir), "probe-%s", g->name);
	printf("== %s\n", g->name);
	if (mkdir(dir, 0755) < 0)
		perror(dir);
	pid = fork();
	if (pid == 0) {
		if (chdir(dir) < 0)
			_exit(1);
		g->run();
		exit(0);
	}
	waitpid(pid, &status, 0);
	printf("== %s: status %d\n", g->name, status);
}

int main(int argc, char **argv)
{
	umask(022);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < COUNT(groups); k++)
			if (!strcmp(argv[i], groups[k].name))
				run(&groups[k]);
	return 0;
}
