// SPDX-License-Identifier: GPL-2.0-or-later
/* What inotify tells of files and directories, and locks between processes. */
#define _GNU_SOURCE
#include <sys/file.h>
#include <sys/inotify.h>

#include "probe.h"

/* The events since the last look; a cookie only as "the same as before". */
static void events(int in, const char *what)
{
	char buf[8192] __attribute__((aligned(8)));
	ssize_t n = read(in, buf, sizeof(buf));
	uint32_t cookie = 0;

	printf("%s:", what);
	for (char *p = buf; n > 0 && p < buf + n;) {
		struct inotify_event *e = (void *)p;

		if (e->len && e->name[0] == '#')	/* O_TMPFILE: a number */
			strcpy(e->name, "#");
		printf(" %d %x '%s'%s", e->wd, e->mask, e->len ? e->name : "",
		       e->cookie && e->cookie == cookie ? " =" : "");
		cookie = e->cookie;
		p += sizeof(*e) + e->len;
	}
	puts("");
}

static void watched(void)
{
	int in = inotify_init1(IN_NONBLOCK), fd, d;

	mkdir("d", 0755);
	make_file("d/f", 0644);
	SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
	SHOW(inotify_add_watch(in, "d/f", IN_ALL_EVENTS));
	SHOW(inotify_add_watch(in, "none", IN_ALL_EVENTS));
	SHOW(inotify_add_watch(in, "d/f", IN_ONLYDIR | IN_OPEN));
	fd = open("d/f", O_RDWR);
	events(in, "open");
	SHOW(write(fd, "x", 1));
	close(fd);
	events(in, "write, close");
	close(open("d/f", O_WRONLY | O_TRUNC));
	events(in, "O_TRUNC");
	SHOW(truncate("d/f", 3));
	events(in, "truncate");
	make_file("d/new", 0644);
	events(in, "create");
	SHOW(open("d/new", O_RDWR | O_CREAT | O_EXCL, 0600));
	SHOW(open("d/none", O_RDONLY));
	events(in, "opens that fail");
	SHOW(rename("d/new", "d/moved"));
	events(in, "rename within");
	SHOW(rename("d/moved", "out"));
	events(in, "rename away");
	SHOW(rename("out", "d/in"));
	events(in, "rename to");
	SHOW(link("d/in", "d/hard"));
	SHOW(symlink("in", "d/soft"));
	SHOW(mkdir("d/sub", 0755));
	SHOW(mkfifo("d/fifo", 0644));
	events(in, "made");
	SHOW(chmod("d/in", 0600));
	SHOW(chown("d/in", -1, -1));
	SHOW(utimensat(AT_FDCWD, "d/in", NULL, 0));
	events(in, "attributes");
	d = open("d", O_RDONLY | O_DIRECTORY);
	events(in, "directory opened");
	close(d);
	SHOW(unlink("d/hard"));
	SHOW(rmdir("d/sub"));
	events(in, "removed");
	close(open("d", O_TMPFILE | O_RDWR, 0600));
	events(in, "O_TMPFILE");
	SHOW(unlink("d/f"));
	events(in, "the watched file itself");
	close(in);
}

/* Masks, kinds of files, and which of several mistakes is the one that is told. */
static void watches(void)
{
	static const char *const paths[] = { "w",	  "w/f",       "w/f/",
					     "w/link",	  "w/link/",   "none",
					     "w/f/x",	  "",	       "w/down",
					     "w/secret",  "w/no",      "/proc/self",
					     "w/dirlink", "w/dirlink/" };
	static const uint32_t masks[] = { IN_OPEN,
					  IN_OPEN | IN_DONT_FOLLOW,
					  IN_OPEN | IN_ONLYDIR,
					  IN_OPEN | IN_ONLYDIR | IN_DONT_FOLLOW,
					  IN_CLOSE | IN_MASK_ADD,
					  IN_OPEN | IN_MASK_CREATE,
					  IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE,
					  IN_OPEN | IN_EXCL_UNLINK | IN_ONESHOT,
					  IN_ONESHOT,
					  0,
					  1u << 20 };
	int in = inotify_init1(IN_NONBLOCK);

	mkdir("w", 0755);
	make_file("w/f", 0644);
	make_file("w/secret", 0000);
	SHOW(symlink("f", "w/link"));
	SHOW(symlink("none", "w/down"));
	SHOW(symlink("../w", "w/dirlink"));
	SHOW(mkdir("w/no", 0000));
	for (size_t i = 0; i < COUNT(paths); i++) {
		for (size_t k = 0; k < COUNT(masks); k++) {
			printf("%s, %x: ", paths[i], masks[k]);
			SHOW(inotify_add_watch(in, paths[i], masks[k]));
			SHOW(inotify_add_watch(0, paths[i], masks[k]));
			SHOW(inotify_add_watch(99, paths[i], masks[k]));
		}
	}
	SHOW(inotify_add_watch(in, bad(), IN_OPEN));
	SHOW(inotify_add_watch(in, bad(), 0));
	SHOW(inotify_add_watch(99, bad(), IN_OPEN));
	SHOW(inotify_add_watch(open("w", O_PATH), "w", IN_OPEN));
	close(open("w/link", O_RDONLY));
	events(in, "by a link");
	SHOW(inotify_rm_watch(in, 1));
	close(in);
	SHOW(syscall(SYS_epoll_create, 0));
	SHOW(syscall(SYS_epoll_create, -1));
	FD(syscall(SYS_epoll_create, 1));
}

static const char *lock_of(int fd, int cmd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };

	if (fcntl(fd, cmd, &l) < 0)
		return strerrorname_np(errno);
	return l.l_type == F_UNLCK ? "free" : "held";
}

/* In another process, with a descriptor of its own. */
static void elsewhere(const char *what)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("l", O_RDWR);

		printf("%s: flock %s, fcntl %s, OFD %s\n", what,
		       flock(fd, LOCK_EX | LOCK_NB) < 0 ? strerrorname_np(errno) : "free",
		       lock_of(fd, F_GETLK), lock_of(fd, F_OFD_GETLK));
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void locks(void)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 5 };
	int fd, second;
	pid_t pid;

	make_file("l", 0666);
	fd = open("l", O_RDWR);
	second = open("l", O_RDWR);
	elsewhere("none");
	SHOW(flock(fd, LOCK_EX));
	elsewhere("flock");
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, LOCK_UN));
	SHOW(fcntl(fd, F_SETLK, &l));
	elsewhere("fcntl");
	close(second);
	elsewhere("a descriptor of the file is closed");
	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	close(open("l", O_RDONLY));
	elsewhere("OFD");
	SHOW(fcntl(open("l", O_RDONLY), F_OFD_SETLK, &l));
	close(fd);
	elsewhere("closed");
	pid = fork();
	if (pid == 0) {
		fd = open("l", O_RDWR);
		exit(flock(fd, LOCK_EX) || fcntl(fd, F_SETLK, &l));
	}
	waitpid(pid, NULL, 0);
	elsewhere("its holder has ended");
}

static volatile sig_atomic_t broken;

static void on_break(int sig)
{
	(void)sig;
	broken = 1;
}

/* An open by another process breaks a lease: its holder is told, the other one waits. */
static void leases(void)
{
	int fd, status;
	pid_t pid;

	make_file("lease", 0666);
	fd = open("lease", O_RDONLY);
	signal(SIGIO, on_break);
	SHOW(fcntl(fd, F_GETLEASE));
	SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
	SHOW(fcntl(fd, F_GETLEASE));
	SHOW(fcntl(fd, F_SETLEASE, 77));
	pid = fork();
	if (pid == 0)
		exit(open("lease", O_WRONLY) < 0);
	while (!broken)
		usleep(1000);
	SHOW(waitpid(pid, NULL, WNOHANG));
	SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
	SHOW(waitpid(pid, &status, 0) == pid ? status : -1);
	close(fd);
	fd = open("lease", O_RDWR);
	SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
	SHOW(open("lease", O_RDONLY | O_NONBLOCK));
	SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
}

void probe_events(void)
{
	watched();
	watches();
	locks();
	leases();
}
