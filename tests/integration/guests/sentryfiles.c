// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tries to open the sentry's own files in a /proc that shows it (--pid=host, or
 * `picket-sentry run`), over every way to name them.  The sentry would open its own
 * memory without a question: nothing but the refusal protects it.
 *
 * usage: sentryfiles PID     prints what was opened; status 1 if anything was
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int opened, tried;

static void result(const char *how, const char *path, int fd)
{
	tried++;
	if (fd < 0)
		return;
	printf("%s '%s' was opened\n", how, path);
	opened++;
	close(fd);
}

static int open2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static const char *const files[] = {
	"mem",
	"environ",
	"maps",
	"auxv",
	"exe",
	"cwd",
	"root",
	"fd/0",
	"fd/3",
	"fd/4",
	"fd/5",
	"map_files",
	"ns/mnt",
	"stack",
	"syscall",
	"clear_refs",
	"root/etc/passwd",
	"cwd/1",
};

static void every_way(const char *dir)
{
	char path[300], name[400];
	int d = open(dir, O_PATH | O_DIRECTORY), e = open(dir, O_RDONLY | O_DIRECTORY);

	if (chdir(dir) < 0)
		return;
	unlink("/tmp/sentryfiles");
	if (symlink(dir, "/tmp/sentryfiles") < 0)
		perror("symlink");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *f = files[i];
		int o = openat(d, f, O_PATH), n = openat(d, f, O_PATH | O_NOFOLLOW);

		snprintf(path, sizeof(path), "%s/%s", dir, f);
		result("by name", path, open(path, O_RDONLY));
		result("relative to the working directory", f, open(f, O_RDONLY));
		snprintf(name, sizeof(name), "./%s", f);
		result("relative to the working directory", name, open(name, O_RDONLY));
		result("below an O_PATH directory", f, openat(d, f, O_RDONLY));
		result("below a directory", f, e < 0 ? -1 : openat(e, f, O_RDONLY));
		result("beneath", f, open2(d, f, O_RDONLY, RESOLVE_BENEATH));
		result("in root", f, open2(d, f, O_RDONLY, RESOLVE_IN_ROOT));
		result("without links", f, open2(d, f, O_RDONLY, RESOLVE_NO_SYMLINKS));
		result("without crossing", f, open2(d, f, O_RDONLY, RESOLVE_NO_XDEV));
		snprintf(name, sizeof(name), "/proc/self/cwd/%s", f);
		result("over /proc/self/cwd", name, open(name, O_RDONLY));
		snprintf(name, sizeof(name), "/proc/self/fd/%d/%s", d, f);
		result("over /proc/self/fd", name, open(name, O_RDONLY));
		snprintf(name, sizeof(name), "/dev/fd/%d", o);
		result("an O_PATH descriptor again", f,
		       o < 0 ? -1 : open(name, O_RDONLY));
		result("and to write", f, o < 0 ? -1 : open(name, O_RDWR));
		snprintf(name, sizeof(name), "/dev/fd/%d", n);
		result("the link's descriptor", f, n < 0 ? -1 : open(name, O_RDONLY));
		snprintf(name, sizeof(name), "/tmp/sentryfiles/%s", f);
		result("over a symbolic link", name, open(name, O_RDONLY));
		snprintf(name, sizeof(name), "../%s/%s", strrchr(dir, '/') + 1, f);
		result("up and down", name, open(name, O_RDONLY));
		snprintf(name, sizeof(name), "/proc/self/root%s", path);
		result("over /proc/self/root", name, open(name, O_RDONLY));
		close(o);
		close(n);
	}
	unlink("/tmp/sentryfiles");
	close(d);
	close(e);
}

int main(int argc, char **argv)
{
	char dir[300];
	struct dirent *de;
	DIR *tasks;

	if (argc != 2)
		return 2;
	snprintf(dir, sizeof(dir), "/proc/%s", argv[1]);
	every_way(dir);
	snprintf(dir, sizeof(dir), "/proc/%s/task", argv[1]);
	tasks = opendir(dir);
	while (tasks && (de = readdir(tasks))) {
		if (*de->d_name == '.')
			continue;
		snprintf(dir, sizeof(dir), "/proc/%s/task/%s", argv[1], de->d_name);
		every_way(dir);
		snprintf(dir, sizeof(dir), "/proc/%s", de->d_name);
		every_way(dir);
	}
	printf("%d ways, %d opened\n", tried, opened);
	return tried == 0 || opened ? 1 : 0;
}
