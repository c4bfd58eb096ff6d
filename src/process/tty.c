// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Terminals: the container's pty, the console socket, and the copying between our own
 * terminal and the pty's master in the foreground.  Every device is checked on its
 * descriptor: the container's /dev is not trusted (CVE-2025-52565).
 */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "kernel/openat2.h"

static bool is_ptmx(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(5, 2);
}

static bool is_on_devpts(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC;
}

static int open_ptmx(const char *path)
{
	const struct open_how how = {
		.flags = O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	auto_close int fd = kernel_openat2(AT_FDCWD, path, &how);

	if (fd < 0)
		return -errno;
	return is_ptmx(fd) ? take_fd(fd) : -ENOTTY;
}

static void set_size(int fd, uint16_t height, uint16_t width)
{
	const struct winsize ws = { .ws_row = height, .ws_col = width };

	if (height || width)
		(void)ioctl(fd, TIOCSWINSZ, &ws);
}

int tty_open(uint16_t height, uint16_t width, int *ret_master, int *ret_slave,
	     struct err *e)
{
	auto_close int master = open_ptmx("/dev/pts/ptmx");
	auto_close int slave = -1;
	int unlock = 0;

	if (master < 0)
		master = open_ptmx("/dev/ptmx");
	if (master < 0)
		return err_set(e, -master, "open a terminal: /dev/pts/ptmx");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_set(e, errno, "unlock a terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_set(e, errno, "open the container's side of a terminal");
	if (!is_on_devpts(slave))
		return err_text(e, ENOTTY,
				"open a terminal: its other side is not on devpts");
	set_size(master, height, width);
	*ret_master = take_fd(master);
	*ret_slave = take_fd(slave);
	return 0;
}

void tty_reopen(int master, int *slave)
{
	auto_close int fd = -EBADF;
	unsigned int number;
	char path[32];
	struct stat was, is;

	if (ioctl(master, TIOCGPTN, &number) < 0 || fstat(*slave, &was) < 0)
		return;
	snprintf(path, sizeof(path), "/dev/pts/%u", number);
	fd = open(path, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &is) < 0 || is.st_dev != was.st_dev ||
	    is.st_ino != was.st_ino)
		return;
	close(*slave);
	*slave = take_fd(fd);
}

/* A path that does not fit sun_path is reached through its descriptor. */
static int socket_address(const char *path, int *ret_fd, struct sockaddr_un *ret)
{
	char link[PATH_FD_MAX];

	ret->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(ret->sun_path)) {
		*ret_fd = open(path, O_PATH | O_CLOEXEC);
		if (*ret_fd < 0)
			return -errno;
		path = path_of_fd(*ret_fd, link);
	}
	strncpy(ret->sun_path, path, sizeof(ret->sun_path) - 1);
	return 0;
}

int tty_connect(const char *console_socket, struct err *e)
{
	auto_close int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_close int held = -1;
	struct sockaddr_un addr = { 0 };
	int r = sock < 0 ? -errno : socket_address(console_socket, &held, &addr);

	if (r == 0 && connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		r = -errno;
	if (r < 0)
		return err_set(e, -r, "connect to console socket '%s'", console_socket);
	return take_fd(sock);
}

int tty_send_to(int sock, int master, struct err *e)
{
	unsigned int n = 0;
	char name[32];
	int r;

	if (ioctl(master, TIOCGPTN, &n) < 0)
		return err_set(e, errno, "number of the container's terminal");
	snprintf(name, sizeof(name), "/dev/pts/%u", n);
	r = fd_send(sock, name, strlen(name), &master, 1);
	if (r < 0)
		return err_set(e, -r, "send the terminal over the console socket");
	return 0;
}

int tty_take(int slave, struct err *e)
{
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return err_set(e, errno, "set the controlling terminal");
	for (int fd = 0; fd <= 2; fd++)
		if (slave != fd && dup2(slave, fd) < 0)
			return err_set(e, errno, "make the terminal descriptor %d", fd);
	return 0;
}

static bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* The container's own in place of the host's, whose mode and owner its root could change. */
static int reopen_null(int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);
	const struct open_how how = {
		.flags = (uint64_t)(flags & (O_ACCMODE | O_APPEND | O_NONBLOCK)) |
			 O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	auto_close int null = flags < 0 ? -1 :
					  kernel_openat2(AT_FDCWD, "/dev/null", &how);

	if (null < 0)
		return err_set(e, errno,
			       "open the container's '/dev/null' for descriptor %d", fd);
	if (!is_null(null))
		return err_text(e, ENODEV,
				"open the container's '/dev/null' for descriptor %d: "
				"not the null device",
				fd);
	return dup2(null, fd) < 0 ?
		       err_set(e, errno, "make /dev/null descriptor %d", fd) :
		       0;
}

int process_take_stdio(const struct spec_process *p, struct err *e)
{
	struct stat st;
	int r = 0;

	for (int fd = 0; fd <= 2 && r == 0; fd++) {
		if (is_null(fd))
			r = reopen_null(fd, e);
		/* Read-only files, unmapped ids: the program has what it was given. */
		else if (fstat(fd, &st) == 0 && st.st_uid != p->uid)
			(void)!fchown(fd, p->uid, (gid_t)-1);
	}
	return r;
}

void tty_copy_size(int master)
{
	struct winsize ws;

	/* A terminal without a size (script(1), a CI's) leaves consoleSize in force. */
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0 && (ws.ws_row || ws.ws_col))
		(void)ioctl(master, TIOCSWINSZ, &ws);
}

void tty_proxy_resize(const struct tty_proxy *t)
{
	tty_copy_size(t->master);
}

int tty_proxy_open(struct tty_proxy *t, int master, struct err *e)
{
	struct termios raw;
	int flags = fcntl(master, F_GETFL);

	*t = (struct tty_proxy){ .master = master };
	/* Only the master is ours alone: stdio's flags are shared with our caller. */
	if (flags < 0 || fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_set(e, errno, "make the terminal non-blocking");
	tty_proxy_resize(t);
	if (tcgetattr(STDIN_FILENO, &t->saved) < 0)
		return 0; /* stdin is no terminal: nothing to make raw */
	raw = t->saved;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return err_set(e, errno, "make our terminal raw");
	t->raw = true;
	return 0;
}

size_t tty_proxy_poll(const struct tty_proxy *t, struct pollfd fds[TTY_PROXY_FDS])
{
	const bool may_read = !t->in_eof && t->in_len < sizeof(t->in);

	fds[0] =
		(struct pollfd){ .fd = t->master_eof ? -1 : t->master, .events = POLLIN };
	if (t->in_len)
		fds[0].events |= POLLOUT;
	fds[1] = (struct pollfd){ .fd = may_read ? STDIN_FILENO : -1, .events = POLLIN };
	return TTY_PROXY_FDS;
}

/* False when nothing more can come now. */
static bool copy_out(struct tty_proxy *t)
{
	char buf[8192];
	ssize_t n = read(t->master, buf, sizeof(buf));

	if (n > 0) {
		(void)fd_write_all(STDOUT_FILENO, buf, (size_t)n);
		return true;
	}
	/* EIO: no process has the slave open any more. */
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		t->master_eof = true;
	return false;
}

static void copy_in(struct tty_proxy *t)
{
	ssize_t n = read(STDIN_FILENO, t->in + t->in_len, sizeof(t->in) - t->in_len);

	if (n > 0)
		t->in_len += (size_t)n;
	else if (n == 0 || errno != EINTR)
		t->in_eof = true;
}

static void flush_in(struct tty_proxy *t)
{
	ssize_t n = write(t->master, t->in, t->in_len);

	if (n <= 0)
		return;
	t->in_len -= (size_t)n;
	memmove(t->in, t->in + n, t->in_len);
}

void tty_proxy_step(struct tty_proxy *t, const struct pollfd *fds, size_t n)
{
	if (n != TTY_PROXY_FDS)
		return;
	if (fds[1].revents)
		copy_in(t);
	if (t->in_len && !t->master_eof)
		flush_in(t);
	if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
		(void)copy_out(t);
}

void tty_proxy_drain(struct tty_proxy *t)
{
	while (!t->master_eof && copy_out(t))
		;
}

void tty_proxy_close(struct tty_proxy *t)
{
	if (t->raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
	t->raw = false;
}
