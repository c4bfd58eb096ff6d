// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Terminals: a pair of its own, sizes and signals, what is typed, the end of a session.
 * Prints each result, one a line: to be compared with a plain runtime's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define SHOW(expr) show(#expr, (long)(expr))

static volatile sig_atomic_t got[65];

static void on_signal(int sig)
{
	got[sig]++;
}

static void show(const char *what, long r)
{
	printf("%s = ", what);
	if (r < 0)
		puts(strerrorname_np(errno));
	else
		printf("%ld\n", r);
}

/* A second at most: signals and characters come by themselves. */
static int wait_for(int sig)
{
	for (int i = 0; i < 1000 && !got[sig]; i++)
		usleep(1000);
	return got[sig];
}

static const char *typed(int fd)
{
	static char text[256];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&p, 1, 1000) == 1 ? read(fd, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

/* In a session with the terminal as its own, by its name and as /dev/tty. */
static void session(int master, const char *name)
{
	struct winsize size = { 40, 100, 0, 0 };
	struct termios t;
	char c = 'x';
	int tty, fd;

	SHOW(setsid() == getpid());
	SHOW(open("/dev/tty", O_RDWR));
	tty = open(name, O_RDWR);
	SHOW(tty < 0 ? -1 : 0);
	SHOW(isatty(tty));
	SHOW(ioctl(tty, TIOCSCTTY, 0));
	fd = open("/dev/tty", O_RDWR);
	SHOW(fd < 0 ? -1 : 0);
	SHOW(tcgetsid(fd) == getpid());
	SHOW(tcgetpgrp(fd) == getpid());
	SHOW(ioctl(tty, TIOCSWINSZ, &size));
	SHOW(wait_for(SIGWINCH));
	SHOW(ioctl(tty, TIOCGWINSZ, &size) < 0 ? -1 : size.ws_row * 1000 + size.ws_col);
	size.ws_row = 50;
	SHOW(ioctl(master, TIOCSWINSZ, &size));
	SHOW(wait_for(SIGWINCH) >= 1);
	SHOW(tcgetattr(tty, &t));
	SHOW(tcsetattr(tty, TCSADRAIN, &t));
	SHOW(tcsendbreak(tty, 0));
	SHOW(ioctl(tty, TCSBRK, 1));
	SHOW(tcflush(tty, TCIOFLUSH));
	SHOW(tcdrain(tty));
	SHOW(tcflow(tty, TCOON));
	SHOW(write(master, "line\n", 5));
	printf("read '%s'\n", typed(fd));
	SHOW(write(master, "\003", 1));
	SHOW(wait_for(SIGINT));
	SHOW(write(master, "\034", 1));
	SHOW(wait_for(SIGQUIT));
	SHOW(ioctl(tty, TIOCSTI, &c) < 0 && (errno == EPERM || errno == EIO));
	c = 2;
	SHOW(ioctl(tty, TIOCLINUX, &c) < 0);
	SHOW(ioctl(tty, TIOCCONS) < 0);
	SHOW(ioctl(tty, TIOCEXCL));
	SHOW(ioctl(tty, TIOCNXCL));
	SHOW(ioctl(tty, TIOCOUTQ, &fd));
	SHOW(tcgetattr(open("/dev/null", O_RDONLY), &t));
}

/* A process in the background may not read, and is told so. */
static void background(const char *name)
{
	int status, tty = open(name, O_RDWR);
	pid_t pid = fork();
	char c;

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGTTIN, SIG_DFL);
		exit(read(tty, &c, 1) < 0);
	}
	SHOW(waitpid(pid, &status, WUNTRACED) == pid);
	SHOW(WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
	signal(SIGTTOU, SIG_IGN);
	SHOW(tcsetpgrp(tty, pid));
	SHOW(tcgetpgrp(tty) == pid);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	SHOW(tcsetpgrp(tty, getpgrp()));
	SHOW(tcsetpgrp(tty, 99999));
}

int main(void)
{
	static const int signals[] = { SIGWINCH, SIGINT, SIGQUIT, SIGHUP };
	int master = posix_openpt(O_RDWR | O_NOCTTY), status;
	const char *name;
	struct stat st;
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (size_t i = 0; i < 4; i++)
		signal(signals[i], on_signal);
	SHOW(grantpt(master));
	SHOW(unlockpt(master));
	name = ptsname(master);
	SHOW(!name || stat(name, &st) < 0 ? -1 : (long)st.st_mode);
	pid = fork();
	if (pid == 0) {
		session(master, name);
		background(name);
		puts("the master is closed:");
		close(master);
		kill(getppid(), SIGHUP);	/* now it closes its own */
		SHOW(wait_for(SIGHUP));
		SHOW(write(open("/dev/tty", O_RDWR), "x", 1));
		exit(0);
	}
	while (!got[SIGHUP])
		usleep(1000);
	close(master);
	waitpid(pid, &status, 0);
	SHOW(status);
	SHOW(open(name, O_RDWR));
	SHOW(open("/dev/tty", O_RDWR));
	return 0;
}
