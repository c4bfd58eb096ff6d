// SPDX-License-Identifier: GPL-2.0-or-later
/* The limits of names, paths, links, sizes and counts: one below, at, and one above. */
#define _GNU_SOURCE
#include <grp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/xattr.h>

#include "probe.h"

static char text[PATH_MAX + 100];

static const char *of(size_t len, const char *unit)
{
	size_t n = strlen(unit);

	for (size_t i = 0; i < len; i++)
		text[i] = unit[i % n];
	text[len] = '\0';
	return text;
}

static void each(const char *path)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	FD(open(path, O_RDONLY));
	FD(open(path, O_RDWR | O_CREAT, 0600));
	FD(open(path, O_PATH));
	FD(open2(AT_FDCWD, path, O_RDONLY, 0));
	SHOW(unlink(path));
	SHOW(mkdir(path, 0700));
	SHOW(truncate(path, 0));
	if (*path != '/') {		/* the root directory is not ours to change */
		SHOW(chmod(path, 0711));
		SHOW(chown(path, -1, -1));
		SHOW(utimensat(AT_FDCWD, path, NULL, 0));
		SHOW(setxattr(path, "user.x", "x", 1, 0));
	}
	SHOW(rmdir(path));
	SHOW(mknod(path, S_IFREG | 0600, 0));
	SHOW(rename(path, "a"));
	SHOW(rename("a", path));
	SHOW(link(path, "b"));
	SHOW(unlink("b"));
	SHOW(unlink(path));
	SHOW(symlink(path, "l"));
	SHOW(unlink("l"));
	SHOW(symlink("l", path));
	SHOW(unlink(path));
	SHOW(chdir(path));
	SHOW(fchdir(here));
	close(here);
	SHOW(syscall(SYS_execve, path, NULL, NULL));
}

static void names_and_paths(void)
{
	static const size_t lens[] = { 254, 255, 256, 4094, 4095, 4096, 4097 };

	for (size_t i = 0; i < COUNT(lens); i++) {
		printf("name of %zu\n", lens[i]);
		each(of(lens[i], "n"));
	}
	for (size_t i = 3; i < COUNT(lens); i++) {
		printf("path of %zu\n", lens[i]);
		of(lens[i], "./");
		memset(text + lens[i] - 5, 'e', 5);
		each(text);
		printf("slashes, %zu\n", lens[i]);
		each(of(lens[i], "/"));
	}
}

/* 40 links may be followed, not 41; whether or not a link in /proc is among them. */
static void links(void)
{
	char from[20], to[20];

	make_file("l0", 0644);
	for (int i = 1; i <= 42; i++) {
		snprintf(from, sizeof(from), "l%d", i);
		snprintf(to, sizeof(to), "l%d", i - 1);
		SHOW(symlink(to, from));
	}
	FD(open("l39", O_RDONLY));
	FD(open("l40", O_RDONLY));
	FD(open("l41", O_RDONLY));
	FD(open("l41", O_RDWR | O_CREAT, 0600));
	FD(open("l41", O_RDWR | O_CREAT | O_EXCL, 0600));
	FD(open("l41", O_RDONLY | O_NOFOLLOW));
	FD(open("/proc/self/cwd/l38", O_RDONLY));
	FD(open("/proc/self/cwd/l39", O_RDONLY));
	FD(open("/proc/self/cwd/l40", O_RDONLY));
	SHOW(chmod("l40", 0600));
	SHOW(chmod("l41", 0600));
	SHOW(rename("l41", "l0/x"));
	SHOW(unlink("l41"));
	SHOW(linkat(AT_FDCWD, "l40", AT_FDCWD, "hard", AT_SYMLINK_FOLLOW));
	SHOW(truncate("l42", 0));
}

static void attributes(void)
{
	static char value[XATTR_SIZE_MAX + 2];
	static const size_t sizes[] = { 0, 1, 4000, 65536, 65537, -1UL };
	char name[300] = "user.";

	make_file("x", 0644);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		SHOW(setxattr("x", "user.v", value, sizes[i], 0));
		SHOW(getxattr("x", "user.v", NULL, 0));
	}
	for (size_t n = 253; n <= 257; n++) {
		memset(name + 5, 'n', n - 5);
		name[n] = '\0';
		SHOW(setxattr("x", name, "v", 1, 0));
		SHOW(removexattr("x", name));
	}
	SHOW(setxattr("x", "", "v", 1, 0));
	SHOW(setxattr("x", "user.", "v", 1, 0));
	SHOW(setxattr("x", "user", "v", 1, 0));
	SHOW(setxattr("x", "odd.x", "v", 1, 0));
	SHOW(setxattr("x", "user.none", NULL, 0, XATTR_REPLACE));
	SHOW(setxattr("x", "user.x", "v", 1, 3));
	SHOW(setxattr("none", "user.x", "v", 1, 8));
	SHOW(removexattr("x", ""));
	SHOW(removexattr("none", ""));
	SHOW(truncate("x", LONG_MAX));
	SHOW(truncate("x", LONG_MIN));
	SHOW(truncate("x", 1L << 62));
	SHOW(truncate("none", -1));
}

static void addresses(void)
{
	static const socklen_t lens[] = { 0,   1,   2,	 3,   4,   15,	 16,
					  17,  27,  28,	 107, 109, 110,	 111,
					  112, 127, 128, 129, 200, 4096, (socklen_t)-1 };
	static const int kinds[][2] = { { AF_UNIX, SOCK_STREAM },
					{ AF_UNIX, SOCK_DGRAM },
					{ AF_INET, SOCK_STREAM },
					{ AF_INET, SOCK_DGRAM },
					{ AF_INET6, SOCK_DGRAM } };
	static const int families[] = { AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, 99 };

	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t f = 0; f < COUNT(families); f++) {
			for (size_t i = 0; i < COUNT(lens); i++) {
				struct sockaddr_storage ss[33] = { { 0 } }, got = { 0 };
				socklen_t len = sizeof(got);
				int s = socket(kinds[k][0], kinds[k][1] | SOCK_NONBLOCK,
					       0);

				ss->ss_family = (sa_family_t)families[f];
				((char *)ss)[2] = k < 2 ? 's' : 0;
				printf("kind %zu, family %d, length %d: ", k, families[f],
				       (int)lens[i]);
				if (s < 0) {
					puts("none");
					continue;
				}
				SHOW(bind(s, (void *)ss, lens[i]));
				getsockname(s, (void *)&got, &len);
				SHOW(len);
				unlink("s");
				SHOW(connect(s, (void *)ss, lens[i]));
				close(s);
			}
		}
	}
}

static void counts(void)
{
	static gid_t many[65537];
	static const long n[] = { 0, 1, 33, 65536, 65537, -1, INT_MIN };

	for (size_t i = 0; i < COUNT(n); i++) {
		SHOW(syscall(SYS_setgroups, n[i], many));
		FD(open("x", O_RDWR));
	}
	SHOW(syscall(SYS_umask, 0xffffffff));
	SHOW(syscall(SYS_umask, 022));
	SHOW(syscall(SYS_setfsuid, -1));
	SHOW(syscall(SYS_setuid, -1));
	SHOW(syscall(SYS_setresuid, -1, -1, -1));
	SHOW(syscall(SYS_fchdir, -1));
	SHOW(syscall(SYS_fchdir, open("x", O_RDONLY)));
	SHOW(syscall(SYS_capset, NULL, NULL));
}

void probe_limits(void)
{
	names_and_paths();
	links();
	attributes();
	addresses();
	counts();
}
