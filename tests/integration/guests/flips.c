// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is checked must be what is used: while mediated calls run, a sibling thread, a
 * process that shares the memory and one that shares the address space flip the paths,
 * addresses, flags and structures that the calls point to.  One of both values is legal,
 * the other one names something that the caller must not get.
 *
 * usage: flips [MILLIONS [jail]]    at least so many flips during calls; default: one round
 *
 * Begins as root, in a directory of its own; the calls are made by user 1000.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define USER 1000
#define CALLS 100		/* of each kind with each peer, in a round; in jail fewer */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Each field has two values; a flip is one store, so that no copy is half of each. */
static struct shared {
	char path[32], other[32];	/* "a/..." is the caller's, "b/..." is not */
	char attr[16];			/* "user.x", "usez.x" */
	struct sockaddr_un un;
	struct sockaddr_in in;		/* an address of this machine, or not */
	struct open_how how;		/* for reading, or for reading and writing */
	struct timespec times[2];	/* right, or wrong */
	atomic_bool during;		/* a call */
	_Atomic long flips, total;	/* during calls; and between them */
	atomic_int stop;
	bool swap;			/* exchange "dir" and "link" as well */
} * s;

static int jail;		/* as chroot'ed caller: "b" is outside of it */

static void flip_all(int way)
{
	s->path[0] = s->other[0] = s->un.sun_path[0] = way ? 'b' : 'a';
	s->attr[3] = way ? 'z' : 'r';
	s->in.sin_addr.s_addr = htonl(way ? 0x08080808 : INADDR_LOOPBACK);
	s->how.flags = way ? O_RDWR : O_RDONLY;
	s->times[0].tv_nsec = way ? 1000000000 : 5;
}

static void *flip(void *arg)
{
	(void)arg;
	for (int n = 0; !s->stop; n++) {
		flip_all(n & 1);
		s->total++;
		if (s->during)
			s->flips++;
		if (s->swap && n % 64 == 0)
			syscall(SYS_renameat2, AT_FDCWD, "a/dir", AT_FDCWD, "a/link", 2);
		for (int i = 0; i < 20 + n % 17; i++)
			atomic_signal_fence(memory_order_seq_cst);
	}
	return NULL;
}

static int flip_process(void *arg)
{
	flip(arg);
	_exit(0);
}

static void wrong(const char *what)
{
	err(1, "the wrong object: %s, %s", what, s->path);
}

static void is_good(int fd)
{
	char text[16] = "";

	if (read(fd, text, 4) != 4 || strcmp(text, "good"))
		wrong("its content");
	close(fd);
}

static int new_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

/* --- the calls: a result, checked where there is something to see ------------------------ */
static long do_open(void)
{
	int fd = (int)syscall(SYS_open, s->path, O_RDONLY);

	if (fd >= 0)
		is_good(fd);
	return fd;
}

static long do_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, s->path, &how, sizeof(how));

	if (fd >= 0)
		is_good(fd);
	return fd;
}

static long do_open_how(void)
{
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "a/readable", &s->how,
			      sizeof(s->how));

	if (fd >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		wrong("a descriptor for writing");
	if (fd >= 0)
		close(fd);
	return fd;
}

static long do_creat(void)
{
	int fd = (int)syscall(SYS_creat, s->path, 0600);

	if (fd >= 0 && (close(fd) < 0 || unlink("a/new") < 0))
		wrong("creat");
	return fd;
}

static long do_excl(void)
{
	int fd = openat(AT_FDCWD, s->path, O_CREAT | O_EXCL | O_RDWR, 0600);

	if (fd >= 0 && (close(fd) < 0 || unlink("a/new") < 0))
		wrong("O_EXCL");
	return fd;
}

static long do_mkdir(void)
{
	int r = mkdir(s->path, 0700);

	if (r == 0 && rmdir("a/new") < 0)
		wrong("mkdir");
	return r;
}

static long made(int r)
{
	if (r == 0 && unlink("a/new") < 0)
		wrong("a new name");
	return r;
}

static long do_mknod(void)
{
	return made(mknod(s->path, S_IFIFO | 0600, 0));
}

static long do_symlink(void)
{
	return made(symlink("text", s->path));
}

static long do_link(void)
{
	int r = link(s->path, "a/hard");

	if (r == 0 && unlink("a/hard") < 0)
		wrong("link");
	return r;
}

static long do_rename(void)
{
	int r;

	new_file("a/doomed");
	r = rename(s->path, s->other);
	if (r == 0 && unlink("a/moved") < 0)
		wrong("rename");
	return r;
}

static long do_unlink(void)
{
	new_file("a/doomed");
	return unlink(s->path);
}

static long do_rmdir(void)
{
	mkdir("a/newdir", 0700);
	return rmdir(s->path);
}

static long do_chmod(void)
{
	return chmod(s->path, 0640);
}

static long do_fchmodat2(void)
{
	return syscall(452, AT_FDCWD, s->path, 0640, 0);
}

static long do_chown(void)
{
	return chown(s->path, USER, USER);
}

static long do_lchown(void)
{
	return fchownat(AT_FDCWD, s->path, USER, USER, AT_SYMLINK_NOFOLLOW);
}

static long do_truncate(void)
{
	return truncate(s->path, 4);
}

static long do_utimensat(void)
{
	static const struct timespec times[2] = { { 1, 1 }, { 2, 2 } };

	return utimensat(AT_FDCWD, s->path, times, 0);
}

static long do_times(void)
{
	struct stat st;
	int r = utimensat(AT_FDCWD, "a/file", s->times, 0);

	if (r == 0 && (stat("a/file", &st) < 0 || st.st_atim.tv_nsec != 5))
		wrong("the times");
	return r;
}

static long do_utimes(void)
{
	return syscall(SYS_utimes, s->path, NULL);
}

static long do_utime(void)
{
	return syscall(SYS_utime, s->path, NULL);
}

static long do_futimesat(void)
{
	return syscall(SYS_futimesat, AT_FDCWD, s->path, NULL);
}

static long do_setxattr(void)
{
	return setxattr(s->path, "user.x", "x", 1, 0);
}

static long do_removexattr(void)
{
	int r = removexattr(s->path, "user.y");

	return r < 0 && errno == ENODATA ? 0 : r;
}

static long do_attr(void)
{
	return setxattr("a/file", s->attr, "x", 1, 0);
}

static long do_bind_un(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int r = bind(fd, (struct sockaddr *)&s->un, sizeof(s->un));
	int e = errno;

	close(fd);
	if (r == 0 && unlink("a/sock") < 0)
		wrong("bind");
	errno = e;
	return r;
}

static long to_local(int fd, int r, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in got = { 0 };
	socklen_t len = sizeof(got);
	int e = errno;

	if (r == 0 && (name(fd, (struct sockaddr *)&got, &len) < 0 ||
		       got.sin_addr.s_addr != htonl(INADDR_LOOPBACK)))
		wrong("an address");
	close(fd);
	errno = e;
	return r;
}

static long do_bind_in(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return to_local(fd, bind(fd, (struct sockaddr *)&s->in, sizeof(s->in)),
			getsockname);
}

static long do_connect(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return to_local(fd, connect(fd, (struct sockaddr *)&s->in, sizeof(s->in)),
			getpeername);
}

static long do_swapped(void)
{
	int fd = open("a/dir/environ", O_RDONLY);

	if (fd >= 0)
		is_good(fd);
	return fd;
}

static long do_exec(void)
{
	static char *none[] = { NULL };
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		syscall(SYS_execve, s->path, none, none);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static const struct op {
	const char *name;
	long (*run)(void);
	const char *path;
	int denied;		/* the only other result, of the other value */
} ops[] = {
	/* clang-format off */
	{ "open",		do_open,	"/file",	EACCES },
	{ "openat2, path",	do_openat2,	"/file",	EACCES },
	{ "openat2, how",	do_open_how,	"",		EACCES },
	{ "creat",		do_creat,	"/new",	EACCES },
	{ "openat, O_EXCL",	do_excl,	"/new",	EACCES },
	{ "mkdir",		do_mkdir,	"/new",	EACCES },
	{ "mknod",		do_mknod,	"/new",	EACCES },
	{ "symlink",		do_symlink,	"/new",	EACCES },
	{ "link",		do_link,	"/file",	EPERM },
	{ "rename",		do_rename,	"/doomed",	EACCES },
	{ "unlink",		do_unlink,	"/doomed",	EACCES },
	{ "rmdir",		do_rmdir,	"/newdir",	EACCES },
	{ "chmod",		do_chmod,	"/file",	EPERM },
	{ "fchmodat2",		do_fchmodat2,	"/file",	EPERM },
	{ "chown",		do_chown,	"/file",	EPERM },
	{ "fchownat",		do_lchown,	"/file",	EPERM },
	{ "truncate",		do_truncate,	"/file",	EACCES },
	{ "utimensat, path",	do_utimensat,	"/file",	EPERM },
	{ "utimensat, times",	do_times,	"",		EINVAL },
	{ "utimes",		do_utimes,	"/file",	EACCES },
	{ "utime",		do_utime,	"/file",	EACCES },
	{ "futimesat",		do_futimesat,	"/file",	EACCES },
	{ "setxattr, path",	do_setxattr,	"/file",	EACCES },
	{ "setxattr, name",	do_attr,	"",		EOPNOTSUPP },
	{ "removexattr",	do_removexattr,	"/nothing",	EACCES },
	{ "bind, path",		do_bind_un,	"",		EACCES },
	{ "bind, address",	do_bind_in,	"",		EADDRNOTAVAIL },
	{ "connect",		do_connect,	"",		ENETUNREACH },
	{ "open, links swapped", do_swapped,	"swap",		EACCES },
	{ "execve",		do_exec,	"/program",	EACCES },
	/* clang-format on */
};

static bool is_legal(const struct op *op, long r)
{
	if (r >= 0 || errno == op->denied)
		return true;
	/* For who is in jail b does not exist. */
	return jail && errno == ENOENT;
}

static void run(const struct op *op, long results[2])
{
	int calls = jail || op->run == do_exec ? CALLS / 10 : CALLS;

	strcpy(s->path + 1, op->path);
	s->swap = op->run == do_swapped;
	for (int i = 0; i < calls; i++) {
		long r, before = s->total;

		while (s->total == before)	/* let the peer run */
			sched_yield();
		s->during = true;
		r = op->run();
		s->during = false;
		if (!is_legal(op, r))
			err(1, "%s: neither of both results", op->name);
		results[r < 0]++;
	}
	s->swap = false;
}

static void run_all(long results[][2])
{
	for (size_t i = 0; i < COUNT(ops); i++)
		run(&ops[i], results[i]);
}

static void with_peers(long results[][2])
{
	static char stack[65536];
	pthread_t thread;
	pid_t pid;

	s->stop = 0;
	pthread_create(&thread, NULL, flip, NULL);
	run_all(results);
	s->stop = 1;
	pthread_join(thread, NULL);
	s->stop = 0;
	pid = fork();
	if (pid == 0)
		flip_process(NULL);
	run_all(results);
	s->stop = 1;
	waitpid(pid, NULL, 0);
	s->stop = 0;
	pid = clone(flip_process, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	run_all(results);
	s->stop = 1;
	waitpid(pid, NULL, 0);
}

/* --- what the caller has, and what it must not get --------------------------------------- */
static void make(const char *path, const char *text, uid_t owner, mode_t mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchown(fd, owner, owner) < 0 ||
	    fchmod(fd, mode) < 0)
		err(2, "%s", path);
	close(fd);
}

static void make_side(const char *dir, uid_t owner, const char *text)
{
	mkdir(dir, 0755);
	if (chdir(dir) < 0)
		err(2, "%s", dir);
	make("file", text, owner, 0600);
	make("nothing", text, owner, 0600);
	make("doomed", text, owner, 0600);
	make("readable", "good", 0, 0644);
	mkdir("newdir", 0700);
	mkdir("dir", 0755);
	make("dir/environ", text, owner, 0600);
	if (symlink(jail ? "/none" : "/proc/1", "link") < 0 && errno != EEXIST)
		err(2, "link");
	if (chown("newdir", owner, owner) < 0 || chown(".", owner, owner) < 0 ||
	    chdir("..") < 0)
		err(2, "%s", dir);
}

static void copy_program(const char *to, uid_t owner)
{
	static char buf[1 << 16];
	int in = open("/proc/self/exe", O_RDONLY), out;
	ssize_t n;

	make(to, "", owner, 0700);
	out = open(to, O_WRONLY | O_TRUNC);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			err(2, "%s", to);
	close(in);
	close(out);
}

static void check_untouched(const char *dir)
{
	static const char *const files[] = { "file", "nothing", "doomed", "readable",
					     "newdir" };
	char path[64];
	struct stat st;

	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		if (stat(path, &st) < 0 || st.st_uid != 0 ||
		    (S_ISREG(st.st_mode) && st.st_size == 0) || st.st_mtime < 1000 ||
		    (st.st_mode & 07777) != (i == 3 ? 0644 :
					     i == 4 ? 0700 :
						      0600) ||
		    getxattr(path, "user.x", NULL, 0) >= 0)
			errx(1, "%s was changed", path);
	}
	snprintf(path, sizeof(path), "%s/new", dir);
	if (access(path, F_OK) == 0)
		errx(1, "%s was made", path);
	snprintf(path, sizeof(path), "%s/moved", dir);
	if (access(path, F_OK) == 0)
		errx(1, "%s was made", path);
}

static void call_as_user(long flips)
{
	static long results[COUNT(ops)][2];

	if (setgid(USER) < 0 || setuid(USER) < 0)
		err(2, "become a user");
	do
		with_peers(results);
	while (s->flips < flips);
	for (size_t i = 0; i < COUNT(ops); i++)
		printf("%-24s %8ld times the one, %8ld times the other\n", ops[i].name,
		       results[i][0], results[i][1]);
	printf("%ld flips during calls\n", s->flips);
	exit(0);
}

int main(int argc, char **argv)
{
	long flips = argc > 1 ? atol(argv[1]) * 1000000 : 0;
	int status;
	pid_t pid;

	if (!*argv[0])
		return 0;	/* executed by do_exec */
	jail = argc > 2;
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		 0);
	*s = (struct shared){
		.other = "a/moved",
		.attr = "user.x",
		.un = { AF_UNIX, "a/sock" },
		.in = { .sin_family = AF_INET,
			.sin_port = htons(50009),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
		.how = { .flags = O_RDONLY },
		.times = { { 5, 5 }, { 6, 6 } },
	};
	if (jail)
		mkdir("jail", 0755);
	make_side("b", 0, "secret");
	copy_program("b/program", 0);
	if (jail && chdir("jail") < 0)
		err(2, "jail");
	make_side("a", USER, "good");
	copy_program("a/program", USER);
	pid = fork();
	if (pid == 0) {
		if (jail && chroot(".") < 0)
			err(2, "chroot");
		call_as_user(flips);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		return 1;
	check_untouched(jail ? "../b" : "b");
	return 0;
}
