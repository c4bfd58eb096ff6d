// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of files and descriptors: what can be done with each, however it was opened. */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/xattr.h>

#include "probe.h"

static char name[64];

static const char *fd_name(int fd)
{
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return name;
}

static void tmpfiles(void)
{
	int fd, d = open(".", O_PATH);

	fd = open(".", O_TMPFILE | O_RDWR, 0640);
	SHOW(write(fd, "unnamed", 7));
	SHOW(linkat(AT_FDCWD, fd_name(fd), AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	TEXT(open("named", O_RDONLY));
	SHOW(linkat(fd, "", d, "named2", AT_EMPTY_PATH));
	FD(open("named2", O_RDWR));
	close(fd);
	fd = openat(d, ".", O_TMPFILE | O_WRONLY | O_EXCL, 0600);
	SHOW(linkat(AT_FDCWD, fd_name(fd), AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
	FD(open(fd_name(fd), O_RDONLY));
	close(fd);
	FD(open("named", O_TMPFILE | O_RDWR, 0600));
	FD(open("none", O_TMPFILE | O_RDWR, 0600));
}

static void paths(void)
{
	char buf[8];
	struct stat st;
	int fd = open("named", O_PATH), d = open("..", O_PATH | O_DIRECTORY);

	SHOW(read(fd, buf, sizeof(buf)));
	SHOW(fchmod(fd, 0600));
	SHOW(fstat(fd, &st));
	SHOW(fchownat(fd, "", -1, -1, AT_EMPTY_PATH));
	SHOW(fsetxattr(fd, "user.x", "x", 1, 0));
	SHOW(ftruncate(fd, 0));
	SHOW(fcntl(fd, F_GETFL));
	SHOW(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	TEXT(open(fd_name(fd), O_RDONLY));
	FD(openat(fd, "x", O_RDONLY));
	FD(openat(d, "none", O_RDONLY));
	SHOW(fchdir(fd));
	SHOW(fchdir(open(".", O_PATH)));
	SHOW(readlinkat(open("loop", O_PATH | O_NOFOLLOW), "", buf, sizeof(buf)));
}

static void copies(void)
{
	int in, out, p[2];
	off_t at = 2;

	make_file("in", 0644);
	in = open("in", O_RDWR);
	out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0644);
	SHOW(write(in, "0123456789", 10));
	SHOW(copy_file_range(in, &at, out, NULL, 4, 0));
	SHOW(copy_file_range(in, &at, out, NULL, 4, 1));
	SHOW(copy_file_range(in, &at, open("out", O_RDONLY), NULL, 4, 0));
	SHOW(copy_file_range(in, &at, open("out", O_WRONLY | O_APPEND), NULL, 4, 0));
	at = 0;
	SHOW(sendfile(out, in, &at, 3));
	SHOW(pipe(p));
	at = 5;
	SHOW(splice(in, &at, p[1], NULL, 5, 0));
	SHOW(splice(p[0], NULL, out, NULL, 5, 0));
	SHOW(splice(in, &at, out, NULL, 5, 0));
	TEXT(open("out", O_RDONLY));
	SHOW(fallocate(out, FALLOC_FL_KEEP_SIZE, 0, 4096));
	SHOW(lseek(out, 0, SEEK_HOLE));
	close(in);
	close(out);
}

static void attributes(void)
{
	char buf[100];
	struct statx sx;
	int fd = open("in", O_RDWR);

	SHOW(fsetxattr(fd, "user.one", "1", 1, 0));
	SHOW(setxattr("in", "user.two", "22", 2, XATTR_CREATE));
	SHOW(listxattr("in", buf, sizeof(buf)));
	SHOW(listxattr("in", buf, 3));
	SHOW(listxattr("in", NULL, 0));
	SHOW(getxattr("in", "user.two", buf, 1));
	SHOW(fgetxattr(fd, "user.one", buf, 8));
	SHOW(fremovexattr(fd, "user.one"));
	SHOW(removexattr("in", "user.one"));
	SHOW(setxattr("in", "security.odd", "x", 1, 0));
	SHOW(setxattr("in", "trusted.x", "x", 1, 0));
	SHOW(setxattr("loop", "user.x", "x", 1, 0));
	SHOW(lsetxattr("loop", "user.x", "x", 1, 0));
	SHOW(statx(AT_FDCWD, "in", 0, STATX_BASIC_STATS, &sx));
	printf("%o %u %llu %u\n", sx.stx_mode, sx.stx_nlink, sx.stx_size,
	       sx.stx_mask & 0x7ff);
	SHOW(statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &sx));
	SHOW(statx(fd, "", 0, STATX_SIZE, &sx));
	SHOW(statx(AT_FDCWD, "loop", 0, STATX_SIZE, &sx));
	SHOW(statx(AT_FDCWD, "in", 0x40000000, STATX_SIZE, &sx));
	SHOW(statx(AT_FDCWD, "in", 0, 0x80000000, &sx));
	close(fd);
}

static void memfds(void)
{
	int fd = memfd_create("m", MFD_ALLOW_SEALING), again;

	SHOW(write(fd, "memory", 6));
	again = open(fd_name(fd), O_RDONLY);
	SHOW(write(again, "x", 1));
	TEXT(again);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	SHOW(ftruncate(fd, 1));
	SHOW(truncate(fd_name(fd), 1));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
	SHOW(fcntl(fd, F_GET_SEALS));
	FD(open(fd_name(fd), O_RDWR));
	FD(open(fd_name(fd), O_RDWR | O_TRUNC));
	SHOW(chmod(fd_name(fd), 0400));
	close(fd);
	FD(memfd_create("sealed", MFD_CLOEXEC));
}

/* A program that is written cannot run, one that runs cannot be written. */
static void busy(void)
{
	static char *const args[] = { (char *)"run", NULL };
	static char text[1 << 16];
	int in = open("/proc/self/exe", O_RDONLY), out = creat("program", 0755);
	ssize_t n;

	while ((n = read(in, text, sizeof(text))) > 0)
		if (write(out, text, (size_t)n) != n)
			perror("program");
	for (int i = 0; i < 2; i++) {
		int status = -1;
		pid_t pid;

		if (i == 1)
			close(out);
		pid = fork();
		if (pid == 0) {
			execv("./program", args);
			_exit(errno);
		}
		waitpid(pid, &status, 0);
		SHOW(WEXITSTATUS(status));
	}
	SHOW(open("/proc/self/exe", O_WRONLY));
	SHOW(truncate("/proc/self/exe", 0));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void directories(void)
{
	static char *names[600];
	int n = 0;
	struct dirent *e;
	DIR *d;

	mkdir("many", 0755);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		make_file(name, 0600);
	}
	d = opendir("many");
	while (d && (e = readdir(d)) && n < 600) {
		names[n++] = strdup(e->d_name);
		if (n == 250)
			unlink("many/499");
	}
	qsort(names, (size_t)n, sizeof(*names), by_name);
	printf("%d names, %s to %s\n", n / 10, names[0], names[n - 1]);
	rewinddir(d);
	unlink("many/0");
	n = 0;
	while (readdir(d))
		n++;
	SHOW(n);
	SHOW(rmdir("many"));
	SHOW(fchdir(dirfd(d)));
	SHOW(unlinkat(dirfd(d), "1", 0));
}

void probe_objects(void)
{
	if (symlink("loop", "loop") < 0)
		perror("loop");
	tmpfiles();
	paths();
	copies();
	attributes();
	memfds();
	busy();
	directories();
}
