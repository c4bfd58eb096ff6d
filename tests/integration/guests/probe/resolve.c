// SPDX-License-Identifier: GPL-2.0-or-later
/* openat2: every flag of resolution, alone and in pairs, on paths that tell them apart. */
#define _GNU_SOURCE
#include <linux/openat2.h>

#include "probe.h"

static const uint64_t resolves[] = {
	0,
	RESOLVE_NO_XDEV,
	RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_SYMLINKS,
	RESOLVE_BENEATH,
	RESOLVE_IN_ROOT,
	RESOLVE_BENEATH | RESOLVE_IN_ROOT,
	RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	RESOLVE_IN_ROOT | RESOLVE_NO_XDEV,
	RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	0x40,
	1ull << 32,
};

static const char *const paths[] = {
	"f",
	"d/f",
	"d/../f",
	"..",
	"../f",
	"d/../../f",
	"ld/f",
	"lf",
	"labs",
	"lup",
	"lup/f",
	"lout",
	"d/lback",
	"/",
	"/f",
	"/d/f",
	"/etc/passwd",
	"/proc/1/limits",
	"/proc/self/stat",
	"/proc/self/cwd/f",
	"/proc/self/exe",
	"/proc/self/fd/0",
	"/dev/null",
	"dang",
	"loop",
	"f/",
	"",
	".",
	"d/.",
	"self",
	"self/comm",
	"thread-self/comm",
	"/self/fd",
	"selfish",
	"self/cwd/f",
};

static void flags(void)
{
	static const uint64_t odd[] = { 1ull << 32,
					1ull << 63,
					0x40000000,
					O_TMPFILE,
					O_TMPFILE | O_CREAT | O_RDWR,
					O_CREAT | O_DIRECTORY,
					O_PATH | O_RDWR,
					O_PATH | O_CREAT,
					O_RDWR | O_CREAT | O_NOFOLLOW,
					3 };
	static const uint64_t modes[] = { 0, 0600, 07777, 010000, 1ull << 40 };

	for (size_t i = 0; i < COUNT(odd); i++) {
		for (size_t k = 0; k < COUNT(modes); k++) {
			struct open_how how = { .flags = odd[i], .mode = modes[k] };
			long fd = syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how));

			/* The documented difference: no O_PATH descriptor of a file. */
			if ((odd[i] & O_PATH) && modes[k] == 0 && odd[i] == O_PATH)
				continue;
			printf("flags %#lx, mode %#lo: ", (long)odd[i], (long)modes[k]);
			FD(fd);
		}
	}
}

void probe_resolve(void)
{
	char cwd[PATH_MAX], text[PATH_MAX + 10];
	int dirs[3];

	if (!getcwd(cwd, sizeof(cwd)))
		exit(1);
	mkdir("d", 0755);
	make_file("f", 0644);
	make_file("d/f", 0644);
	SHOW(symlink("f", "lf"));
	SHOW(symlink("d", "ld"));
	snprintf(text, sizeof(text), "%s/f", cwd);
	SHOW(symlink(text, "labs"));
	SHOW(symlink("..", "lup"));
	SHOW(symlink("/etc/passwd", "lout"));
	SHOW(symlink("../f", "d/lback"));
	SHOW(symlink("/proc/self/stat", "self"));
	SHOW(symlink("absent", "dang"));
	SHOW(symlink("loop", "loop"));
	dirs[0] = AT_FDCWD;
	dirs[1] = open("d", O_RDONLY | O_DIRECTORY);
	dirs[2] = open("/proc", O_PATH);
	for (size_t d = 0; d < COUNT(dirs); d++) {
		for (size_t p = 0; p < COUNT(paths); p++) {
			for (size_t r = 0; r < COUNT(resolves); r++) {
				printf("%zu '%s' %#lx: ", d, paths[p], (long)resolves[r]);
				FD(open2(dirs[d], paths[p], O_RDONLY | O_CLOEXEC,
					 resolves[r]));
			}
		}
	}
	flags();
}
