// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many calls by path, each with its result, one a line: run natively and under the
 * sentry, in an empty directory each; the outputs have to be the same.
 *
 * usage: fsprobe [GROUP...]     names, open, proc, creds, sock, fifo, threads
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/fsuid.h>
#include <sys/xattr.h>
#include <grp.h>
#include <unistd.h>

#define SHOW(expr) show(__LINE__, #expr, (long)(expr))
#define FD(expr)   show_fd(__LINE__, #expr, (int)(expr))

static void show(int line, const char *what, long r)
{
	if (r < 0)
		printf("%d: %s = %s\n", line, what, strerrorname_np(errno));
	else
		printf("%d: %s = %ld\n", line, what, r);
	fflush(stdout);
}

/* A descriptor by what it is, not by its number; closed afterwards. */
static void show_fd(int line, const char *what, int fd)
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
	fflush(stdout);
	close(fd);
}

static void text_of(int line, int fd)
{
	char buf[256];
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = '\0';
	printf("%d: text '%.*s'\n", line, (int)strcspn(buf, "\n"), buf);
	fflush(stdout);
	close(fd);
}
#define TEXT(fd) text_of(__LINE__, (fd))

static int open2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static char *bad(void)
{
	static char *p;

	if (!p)
		p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p;
}

static void names(void)
{
	static char longest[PATH_MAX + 10], name[300];
	struct stat st;
	int d, e;

	memset(name, 'n', 256);
	memset(longest, 'x', PATH_MAX);
	for (int i = 100; i < PATH_MAX; i += 100)
		longest[i] = '/';
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d/e/", 01777));
	SHOW(mkdir("d/e//f//", 0700));
	SHOW(mkdir("", 0700));
	SHOW(mkdir("/", 0700));
	SHOW(mkdir(".", 0700));
	SHOW(mkdir("..", 0700));
	SHOW(mkdir("d/none/x", 0700));
	SHOW(mkdir(name, 0700));
	SHOW(mkdir(longest, 0700));
	longest[PATH_MAX - 1] = '\0';
	SHOW(mkdir(longest, 0700));
	SHOW(mkdir(bad(), 0700));
	SHOW(syscall(SYS_mkdir, 0, 0700));
	SHOW(mkdir((char *)-1L, 0700));
	SHOW(stat("d/e", &st) ? -1 : (long)st.st_mode);
	SHOW(symlink("d", "ld"));
	SHOW(symlink("d/none", "dangling"));
	SHOW(symlink("loop", "loop"));
	SHOW(symlink("", "empty"));
	SHOW(symlink("x", ""));
	SHOW(symlink(bad(), "x"));
	SHOW(symlink("x", bad()));
	SHOW(symlink("x", "ld"));
	SHOW(mkdir("ld/g", 0700));
	SHOW(mkdir("ld", 0700));
	SHOW(mkdir("ld/", 0700));
	SHOW(mkdir("dangling", 0700));
	SHOW(mkdir("dangling/", 0700));
	SHOW(mkdir("loop/x", 0700));
	SHOW(rmdir("loop/x"));
	SHOW(rmdir("ld"));
	SHOW(rmdir("ld/"));
	SHOW(rmdir("."));
	SHOW(rmdir("d/.."));
	SHOW(rmdir("d/e/."));
	SHOW(rmdir("/"));
	SHOW(rmdir("d"));
	SHOW(rmdir("ld/g"));
	SHOW(rmdir(""));
	SHOW(rmdir("/proc"));
	SHOW(mknod("f", S_IFREG | 0640, 0));
	SHOW(mknod("f", S_IFREG | 0640, 0));
	SHOW(mknod("fifo", S_IFIFO | 0644, 0));
	SHOW(mknod("sock", S_IFSOCK | 0644, 0));
	SHOW(mknod("dir", S_IFDIR | 0644, 0));
	SHOW(mknod("odd", 0170000, 0));
	SHOW(mknod("f/", S_IFREG, 0));
	SHOW(mknod("f2/", S_IFREG, 0));
	SHOW(rmdir("f"));
	SHOW(unlink("f/"));
	SHOW(unlink("f/x"));
	SHOW(unlink("d"));
	SHOW(unlink("d/"));
	SHOW(unlink("/"));
	SHOW(unlink("."));
	SHOW(unlink("none"));
	SHOW(unlink("none/"));
	SHOW(unlink("dangling/"));
	SHOW(unlink("dangling"));
	SHOW(unlinkat(AT_FDCWD, "f", 1));
	SHOW(unlinkat(-1, "f", 0));
	SHOW(unlinkat(0, "f", 0));
	SHOW(unlinkat(9999, "/none", 0));
	d = open("d", O_RDONLY | O_DIRECTORY);
	e = open("d/e", O_PATH);
	SHOW(mkdirat(d, "m", 0755));
	SHOW(mkdirat(e, "../m2", 0755));
	SHOW(renameat(d, "m", e, "m"));
	SHOW(renameat(d, "m", e, "m"));
	SHOW(renameat(e, "m", d, "e"));
	SHOW(rename("d", "d/e/x"));
	SHOW(rename("d", "d"));
	SHOW(rename("f", "d"));
	SHOW(rename("d", "f"));
	SHOW(rename("f", "g/"));
	SHOW(rename("f/", "g"));
	SHOW(rename("f", "f/"));
	SHOW(rename("d/e", "."));
	SHOW(rename("d/e", ".."));
	SHOW(rename("/", "x"));
	SHOW(rename("x", "/"));
	SHOW(rename("", "x"));
	SHOW(rename("f", ""));
	SHOW(rename("f", "loop/x"));
	SHOW(rename(bad(), "x"));
	SHOW(rename("f", bad()));
	SHOW(rename("ld", "ld2"));
	SHOW(rename("f", "none/x"));
	SHOW(rename("f", "/proc/x"));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", RENAME_NOREPLACE));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", RENAME_EXCHANGE));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "ld2", 1 << 10));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "q", RENAME_EXCHANGE));
	SHOW(rename("ld2", "f"));
	SHOW(link("f", "hard"));
	SHOW(link("f", "hard"));
	SHOW(link("d", "harddir"));
	SHOW(link("none", "x"));
	SHOW(link("f/", "x"));
	SHOW(link("f", "x/"));
	SHOW(link("f", "/proc/x"));
	SHOW(symlink("f", "lf"));
	SHOW(link("lf", "hardlf"));
	SHOW(lstat("hardlf", &st) ? -1 : (long)(st.st_mode & S_IFMT));
	SHOW(linkat(AT_FDCWD, "lf", AT_FDCWD, "hardf", AT_SYMLINK_FOLLOW));
	SHOW(lstat("hardf", &st) ? -1 : (long)st.st_nlink);
	SHOW(linkat(AT_FDCWD, "lf", AT_FDCWD, "y", 0x2));
	SHOW(linkat(d, "", AT_FDCWD, "y", 0));
	SHOW(linkat(9999, "", AT_FDCWD, "y", AT_EMPTY_PATH));
}

static void attributes(void)
{
	struct timespec ts[2] = { { 1000, 5 }, { 2000, 6 } };
	const struct timespec omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	const struct timespec wrong[2] = { { 0, 2000000000 }, { 0, 0 } };
	struct timeval tv[2] = { { 10, 20 }, { 30, 40 } };
	static char value[70000];
	struct stat st;
	int d;

	mkdir("d", 0755);
	mknod("d/f", S_IFREG | 0644, 0);
	symlink("d/f", "l");
	symlink("none", "dangling");
	d = open("d", O_RDONLY);
	SHOW(chmod("l", 04711));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mode);
	SHOW(chmod("d/", 0700));
	SHOW(chmod("d/f/", 0700));
	SHOW(chmod("dangling", 0700));
	SHOW(chmod("", 0700));
	SHOW(chmod(bad(), 0700));
	SHOW(chmod("d/f", 0777777));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mode);
	SHOW(fchmodat(d, "f", 0600, 0));
	SHOW(fchmodat(d, "none", 0600, 0));
	SHOW(syscall(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(452, d, "", 0710, AT_EMPTY_PATH));
	SHOW(syscall(452, d, "", 0710, 0));
	SHOW(syscall(452, d, "f", 0710, 1));
	SHOW(chown("l", -1, -1));
	SHOW(chown("none", -1, -1));
	SHOW(lchown("dangling", getuid(), getgid()));
	SHOW(chown("dangling", getuid(), getgid()));
	SHOW(fchownat(d, "", -1, -1, AT_EMPTY_PATH));
	SHOW(fchownat(d, "f", -1, -1, 1));
	SHOW(fchownat(AT_FDCWD, "", -1, -1, AT_EMPTY_PATH));
	SHOW(truncate("l", 1234));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_size);
	SHOW(truncate("d", 0));
	SHOW(truncate("d/f", -1));
	SHOW(truncate("none", 0));
	SHOW(truncate("d/f/", 0));
	SHOW(utimensat(AT_FDCWD, "l", ts, 0));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mtim.tv_sec);
	SHOW(utimensat(AT_FDCWD, "dangling", ts, AT_SYMLINK_NOFOLLOW));
	SHOW(lstat("dangling", &st) ? -1 : (long)st.st_mtim.tv_sec);
	SHOW(utimensat(AT_FDCWD, "none", omit, 0));
	SHOW(utimensat(AT_FDCWD, "l", wrong, 0));
	SHOW(utimensat(AT_FDCWD, "l", NULL, 0));
	SHOW(syscall(SYS_utimensat, d, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, d, NULL, ts, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, 9999, NULL, ts, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, "l", bad(), 0));
	SHOW(utimes("l", tv));
	SHOW(stat("d/f", &st) ? -1 : (long)st.st_mtim.tv_nsec);
	SHOW(syscall(SYS_futimesat, d, "f", tv));
	SHOW(syscall(SYS_futimesat, d, NULL, tv));
	SHOW(syscall(SYS_utime, "l", NULL));
	SHOW(setxattr("l", "user.a", "hello", 5, 0));
	SHOW(getxattr("d/f", "user.a", value, 100));
	SHOW(setxattr("l", "user.a", "hello", 5, XATTR_CREATE));
	SHOW(setxattr("l", "user.b", "hello", 5, XATTR_REPLACE));
	SHOW(setxattr("l", "user.b", "hello", 5, 4));
	SHOW(setxattr("l", "user.b", value, 65537, 0));
	SHOW(setxattr("l", "user.b", bad(), 5, 0));
	SHOW(setxattr("l", bad(), "x", 1, 0));
	SHOW(setxattr("l", "", "x", 1, 0));
	SHOW(setxattr("l", "nonsense", "x", 1, 0));
	SHOW(setxattr("none", "user.a", "x", 1, 0));
	SHOW(lsetxattr("l", "user.a", "x", 1, 0));
	SHOW(removexattr("l", "user.a"));
	SHOW(removexattr("l", "user.a"));
	SHOW(lremovexattr("l", "user.a"));
}

static void opens(void)
{
	static char longest[PATH_MAX + 10];
	static const int ways[] = { O_RDONLY,
				    O_WRONLY,
				    O_RDWR,
				    3,
				    O_WRONLY | O_TRUNC,
				    O_WRONLY | O_APPEND,
				    O_RDONLY | O_NONBLOCK,
				    O_RDONLY | O_CLOEXEC,
				    O_PATH,
				    O_PATH | O_NOFOLLOW,
				    O_RDONLY | O_NOFOLLOW,
				    O_RDONLY | O_DIRECTORY,
				    O_PATH | O_DIRECTORY,
				    O_WRONLY | O_CREAT,
				    O_WRONLY | O_CREAT | O_EXCL,
				    O_RDONLY | O_NOATIME,
				    O_RDWR | O_SYNC,
				    O_RDWR | O_DSYNC,
				    O_RDWR | O_ASYNC,
				    O_RDONLY | O_NOCTTY,
				    1 << 30,
				    O_CREAT | O_DIRECTORY,
				    O_TMPFILE,
				    O_TMPFILE | O_RDWR,
				    O_TMPFILE | O_RDWR | O_EXCL };
	static const char *const what[] = { "f",	  "d",
					    "lf",	  "ld",
					    "ld/",	  "f/",
					    "dangling",	  "loop",
					    "loop/x",	  "none",
					    "none/",	  "d/f",
					    "ld/f",	  "f/x",
					    ".",	  "..",
					    "/",	  "",
					    "./f",	  "d/../f",
					    "d/./f",	  "//proc/version",
					    "/etc/",	  "/dev/null",
					    "/dev/null/", "/proc",
					    "fifo_" };
	int d;

	mkdir("d", 0755);
	mknod("d/f", S_IFREG | 0644, 0);
	mknod("f", S_IFREG | 0644, 0);
	symlink("f", "lf");
	symlink("d", "ld");
	symlink("none2/x", "dangling");
	symlink("loop", "loop");
	d = open("d", O_PATH | O_DIRECTORY);
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++) {
			printf("open('%s', 0%o):\n", what[i], ways[k]);
			FD(syscall(SYS_open, what[i], ways[k], 0640));
			if (ways[k] & O_CREAT && !access("none", F_OK))
				unlink("none");
			if (ways[k] & O_PATH)	/* the documented difference of openat2 */
				continue;
			FD(open2(AT_FDCWD, what[i], (uint64_t)ways[k], 0));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_BENEATH));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_IN_ROOT));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_NO_SYMLINKS));
			FD(open2(d, what[i], (uint64_t)ways[k], RESOLVE_NO_XDEV));
		}
	}
	memset(longest, '/', PATH_MAX);
	FD(open(longest, O_RDONLY));
	longest[PATH_MAX - 1] = '\0';
	FD(open(longest, O_RDONLY));
	FD(open(bad(), O_RDONLY));
	FD(openat(d, "f", O_RDONLY));
	FD(openat(d, "../f", O_RDONLY));
	FD(openat(-1, "f", O_RDONLY));
	FD(openat(-1, "/etc/passwd", O_RDONLY));
	FD(openat(-1, "", O_RDONLY));
	FD(openat(9999, "f", O_RDONLY));
	FD(openat(open("f", O_RDONLY), "f", O_RDONLY));
	FD(creat("new", 0642));
	FD(creat("d", 0642));
	umask(077);
	FD(creat("new2", 0666));
	FD(open("d", O_TMPFILE | O_WRONLY, 0666));
	umask(022);
	FD(creat("new3", 0666));
}

static void procs(void)
{
	char name[64];
	int p[2], fd;

	mknod("f", S_IFREG | 0644, 0);
	fd = open("f", O_RDWR);
	if (write(fd, "content", 7) != 7)
		exit(1);
	FD(open("/proc/self/status", O_RDONLY));
	FD(open("/proc/self/stat", O_WRONLY));
	FD(open("/proc/self/none", O_RDONLY));
	FD(open("/proc/self", O_RDONLY | O_DIRECTORY));
	FD(open("/proc/self/", O_RDONLY | O_DIRECTORY));
	FD(open("/proc/self", O_RDONLY | O_NOFOLLOW));
	FD(open("/proc/self", O_PATH | O_NOFOLLOW));
	FD(open("/proc/thread-self/stat", O_RDONLY));
	FD(open("/proc/mounts", O_RDONLY));
	FD(open("/etc/mtab", O_RDONLY));
	FD(open("/proc/self/exe", O_RDONLY));
	FD(open("/proc/self/exe", O_WRONLY));
	FD(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW));
	FD(open("/proc/self/exe/x", O_RDONLY));
	FD(open("/proc/self/root", O_RDONLY));
	FD(open("/proc/self/root/etc/passwd", O_RDONLY));
	FD(open("/proc/self/cwd", O_RDONLY));
	TEXT(open("/proc/self/cwd/f", O_RDONLY));
	FD(open("/proc/self/cwd/../../etc", O_RDONLY));
	FD(open("/proc/self/mem", O_RDWR));
	FD(open("/proc/self/maps", O_RDONLY));
	FD(open("/proc/self/environ", O_RDONLY));
	FD(open("/proc/self/oom_score_adj", O_RDWR));
	FD(open("/proc/self/ns/net", O_RDONLY));
	FD(open("/proc/self/fd", O_RDONLY));
	FD(open("/proc/self/fd/9999", O_RDONLY));
	FD(open("/proc/self/task", O_RDONLY));
	FD(open("/proc/99999999/stat", O_RDONLY));
	FD(open("/proc/none", O_RDONLY));
	FD(open("/proc/none", O_RDWR | O_CREAT, 0600));
	FD(open("/proc/self/none", O_RDWR | O_CREAT, 0600));
	FD(open("/proc/self/cwd/created", O_RDWR | O_CREAT, 0604));
	FD(open("/proc/self/cwd/created", O_RDWR | O_CREAT | O_EXCL, 0604));
	FD(open("/proc/self/cwd/created/", O_RDWR));
	TEXT(open("/proc/self/comm", O_RDONLY));
	TEXT(open("/proc/thread-self/comm", O_RDONLY));
	TEXT(open("/proc/sys/kernel/ostype", O_RDONLY));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	TEXT(open(name, O_RDONLY));
	FD(open(name, O_RDONLY));
	FD(open(name, O_PATH));
	FD(open(name, O_RDONLY | O_NOFOLLOW));
	FD(open(name, O_WRONLY | O_CREAT, 0600));
	FD(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600));
	SHOW(chmod(name, 0611));
	SHOW(truncate(name, 3));
	TEXT(open(name, O_RDONLY));
	SHOW(rename(name, "x"));
	SHOW(mkdir("/proc/self/cwd/dir", 0750));
	SHOW(rmdir("/proc/self/cwd/dir"));
	SHOW(mkdir("/proc/self/x", 0750));
	SHOW(rename("/proc/self/cwd/f", "/proc/self/cwd/g"));
	SHOW(linkat(AT_FDCWD, name, AT_FDCWD, "h", AT_SYMLINK_FOLLOW));
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", getpid(), fd);
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/%d/cwd/g", getppid());
	FD(open(name, O_RDONLY) < 0 ? -1 : 0);
	SHOW(symlink("/proc/self/fd", "fds"));
	snprintf(name, sizeof(name), "fds/%d", fd);
	TEXT(open(name, O_RDONLY));
	SHOW(symlink(name, "thefd"));
	TEXT(open("thefd", O_RDONLY));
	SHOW(pipe(p));
	snprintf(name, sizeof(name), "/dev/fd/%d", p[0]);
	SHOW(write(p[1], "pipe", 4));
	TEXT(open(name, O_RDONLY));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", socket(AF_UNIX, SOCK_STREAM, 0));
	FD(open(name, O_RDWR));
	FD(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_SYMLINKS));
	FD(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
	FD(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_XDEV));
	SHOW(chdir("/proc/self"));
	TEXT(open("comm", O_RDONLY));
	TEXT(open("../self/comm", O_RDONLY));
	FD(open("fd", O_RDONLY));
	SHOW(chdir("fd"));
	snprintf(name, sizeof(name), "%d", fd);
	TEXT(open(name, O_RDONLY));
	fd = open("/proc", O_RDONLY | O_DIRECTORY);
	TEXT(openat(fd, "self/comm", O_RDONLY));
	TEXT(openat(fd, "thread-self/comm", O_RDONLY));
	FD(openat(fd, "../etc/passwd", O_RDONLY));
}

static void creds(void)
{
	struct stat st;

	if (geteuid()) {
		puts("not root");
		return;
	}
	chmod(".", 0777);
	mknod("rootonly", S_IFREG | 0600, 0);
	mkdir("private", 0700);
	mknod("private/f", S_IFREG | 0644, 0);
	if (fork() == 0) {
		SHOW(setresgid(1000, 1000, 1000));
		SHOW(setresuid(1000, 1000, 0));
		FD(open("rootonly", O_RDONLY));
		FD(open("private/f", O_RDONLY));
		FD(open("/etc/shadow", O_RDONLY));
		FD(creat("byuser", 0664));
		SHOW(mkdir("byuserdir", 0777));
		SHOW(chmod("rootonly", 0644));
		SHOW(chown("byuser", 0, 0));
		SHOW(truncate("rootonly", 0));
		SHOW(unlink("private/f"));
		SHOW(rename("rootonly", "x"));
		SHOW(utimes("rootonly", NULL));
		FD(open("/proc/self/environ", O_RDONLY));
		FD(open("/proc/self/fd", O_RDONLY));
		FD(open("/proc/1/environ", O_RDONLY));
		FD(open("/proc/1/fd/0", O_RDONLY));
		TEXT(open("/proc/self/comm", O_RDONLY));
		SHOW(seteuid(0));
		FD(open("x", O_RDONLY));
		FD(creat("byroot", 0664));
		SHOW(setfsuid(1000));
		FD(open("x", O_RDWR));
		FD(creat("byfsuser", 0664));
		_exit(0);
	}
	wait(NULL);
	if (fork() == 0) {
		const gid_t groups[] = { 2000, 3000 };

		SHOW(chown("rootonly", 0, 3000));
		SHOW(chmod("rootonly", 0640));
		SHOW(setgroups(2, groups));
		SHOW(setresuid(1000, 1000, 1000));
		FD(open("rootonly", O_RDONLY));
		FD(open("rootonly", O_RDWR));
		_exit(0);
	}
	wait(NULL);
	if (fork() == 0) {
		mkdir("root", 0755);
		mkdir("root/etc", 0755);
		mknod("root/etc/passwd", S_IFREG | 0600, 0);
		SHOW(chroot("root"));
		FD(open("/etc/passwd", O_RDONLY));
		FD(open("/../../etc/passwd", O_RDONLY));
		FD(open("/usr", O_RDONLY));
		FD(open("rootonly", O_RDONLY));
		FD(open("/proc/self/stat", O_RDONLY));
		SHOW(mkdir("/made", 0700));
		_exit(0);
	}
	wait(NULL);
	SHOW(stat("root/made", &st));
	FD(open("/etc/passwd", O_RDONLY));
}

static void socks(void)
{
	struct sockaddr_un un = { AF_UNIX, "s" }, got;
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(got);
	struct stat st;
	int s, t;

	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	umask(027);
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(stat("s", &st) ? -1 : (long)st.st_mode);
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(getsockname(s, (void *)&got, &len));
	printf("%s %u\n", got.sun_path, len);
	SHOW(listen(s, 5));
	t = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&un, sizeof(un)));
	SHOW(bind(t, (void *)&un, 200));
	SHOW(bind(t, (void *)&un, 120));
	SHOW(bind(t, (void *)&un, 1));
	SHOW(bind(t, (void *)&un, 2));
	SHOW(bind(t, (void *)bad(), 20));
	SHOW(bind(9999, (void *)&un, 20));
	SHOW(bind(0, (void *)&un, 20));
	t = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(un.sun_path, sizeof(un.sun_path), "none/s");
	SHOW(bind(t, (void *)&un, sizeof(un)));
	SHOW(connect(t, (void *)&un, sizeof(un)));
	memset(un.sun_path, 'l', sizeof(un.sun_path));
	SHOW(bind(t, (void *)&un, sizeof(un)));
	SHOW(stat("s", &st));
	s = socket(AF_INET, SOCK_STREAM, 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	SHOW(bind(s, (void *)&in, sizeof(in)));
	SHOW(bind(s, (void *)&in, sizeof(in)));
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(listen(s, 1));
	len = sizeof(in);
	SHOW(getsockname(s, (void *)&in, &len));
	t = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&in, sizeof(in)));
	SHOW(connect(t, (void *)&in, sizeof(in)));
	SHOW(connect(t, (void *)bad(), sizeof(in)));
	SHOW(connect(t, (void *)&in, 3));
	t = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	close(s);
	SHOW(connect(t, (void *)&in, sizeof(in)) && errno != EINPROGRESS &&
	     errno != ECONNREFUSED);
	t = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&in, sizeof(in)));
}

static void ignore(int sig)
{
	(void)sig;
}

static void fifos(void)
{
	struct sigaction sa = { .sa_handler = ignore };
	int fd;

	SHOW(mkfifo("p", 0600));
	FD(open("p", O_RDONLY | O_NONBLOCK));
	FD(open("p", O_WRONLY | O_NONBLOCK));
	FD(open("p", O_RDWR));
	if (fork() == 0) {
		usleep(50000);
		fd = open("p", O_WRONLY);
		_exit(write(fd, "through the fifo", 16) != 16);
	}
	TEXT(open("p", O_RDONLY));
	wait(NULL);
	/* A signal with a handler interrupts, or restarts. */
	sigaction(SIGALRM, &sa, NULL);
	ualarm(100000, 0);
	FD(open("p", O_RDONLY));
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	ualarm(100000, 0);
	if (fork() == 0) {
		usleep(300000);
		fd = open("p", O_WRONLY);
		_exit(write(fd, "restarted", 9) != 9);
	}
	TEXT(open("p", O_RDONLY));
	wait(NULL);
	/* One that kills ends the wait. */
	if (fork() == 0) {
		signal(SIGALRM, SIG_DFL);
		ualarm(100000, 0);
		open("p", O_RDONLY);
		_exit(1);
	}
	SHOW(({
		int st;
		wait(&st);
		WTERMSIG(st);
	}));
	usleep(50000);	/* the sentry looks every few milliseconds */
	FD(open("p", O_WRONLY | O_NONBLOCK));
}

static void *thread(void *arg)
{
	char name[40];
	long id = (long)arg, bad_ones = 0;

	for (int i = 0; i < 200; i++) {
		int fd;

		snprintf(name, sizeof(name), "t%ld-%d", id, i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		bad_ones += fd < 0;
		close(fd);
		bad_ones += mkdir("/proc/self/cwd/none/x", 0700) == 0 || errno != ENOENT;
		fd = open("/proc/thread-self/comm", O_RDONLY);
		bad_ones += fd < 0;
		close(fd);
		bad_ones += unlink(name) < 0;
	}
	return (void *)bad_ones;
}

static void *move_and_mask(void *dir)
{
	umask(dir ? 077 : 0);
	return (void *)(long)chdir(dir ? dir : "..");
}

static char stack[65536];

static int move_too(void *dir)
{
	return (int)(long)move_and_mask(dir);
}

/* A thread, and a process with CLONE_FS, change the directory and umask of others. */
static void shared_fs(void)
{
	pthread_t t;
	int st;

	SHOW(mkdir("sub", 0755));
	for (int i = 0; i < 20; i++) {
		FD(open("here", O_RDWR | O_CREAT, 0666));
		SHOW(unlink("here"));
		if (i < 10) {
			pthread_create(&t, NULL, move_and_mask, i % 2 ? NULL : "sub");
			pthread_join(t, NULL);
		} else {
			clone(move_too, stack + sizeof(stack), CLONE_FS | SIGCHLD,
			      i % 2 ? NULL : (void *)"sub");
			wait(&st);
		}
		SHOW(access("sub", F_OK));
		SHOW(access("../sub/here", F_OK));
	}
}

static void threads(void)
{
	pthread_t t[8];
	void *r;

	shared_fs();

	for (long i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, thread, (void *)i);
	for (long i = 0; i < 8; i++) {
		pthread_join(t[i], &r);
		SHOW((long)r);
	}
	for (int i = 0; i < 50; i++) {
		int st = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(close(open("/etc/passwd", O_RDONLY)) != 0);
		if (waitpid(pid, &st, 0) != pid || st)
			SHOW(st);
	}
}

static const struct probe {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "names", names }, { "attributes", attributes }, { "open", opens },
	{ "proc", procs },  { "creds", creds },		  { "sock", socks },
	{ "fifo", fifos },  { "threads", threads },
};

static int wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc == 1;
}

int main(int argc, char **argv)
{
	umask(022);
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		char dir[32];
		int status = -1;
		pid_t pid;

		if (!wanted(argc, argv, groups[i].name))
			continue;
		snprintf(dir, sizeof(dir), "probe-%s", groups[i].name);
		printf("== %s\n", groups[i].name);
		fflush(stdout);
		if (mkdir(dir, 0755) < 0)
			perror(dir);
		pid = fork();
		if (pid == 0) {
			if (chdir(dir) < 0)
				_exit(1);
			groups[i].run();
			exit(0);
		}
		waitpid(pid, &status, 0);
		printf("== %s: status %d\n", groups[i].name, status);
	}
	return 0;
}
