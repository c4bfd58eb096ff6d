// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bad pointers: each pointer argument of each mediated call by path, of the sockets and
 * of what is answered, one after the other.  The calls and their arguments are those of
 * the sentry's own list: a new row is probed by being there.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "probe.h"

enum { NEW_FD = 1, MAY_CONTINUE = 2, FILES = 4 };

static const struct row {
	const char *name;
	long nr;
	int flags;
	const char *format;
} rows[] = {
/* clang-format off */
#define ROW(name_, flags_, format_, ...) { #name_, SYS_##name_, (flags_), format_ },
#define BROKER	 ROW
#define EMULATE	 ROW
#define CONTINUE ROW
#define NATIVE(...)
#define NATIVE_IF(...)
#define DENY(...)
#include "abi/syscalls.def"
	/* clang-format on */
};

/* Of those that are no calls by path. */
static const char *const also[] = {
	"bind",	     "connect",		 "uname",
	"sysinfo",   "clock_getres",	 "execve",
	"execveat",  "chroot",		 "capset",
	"setgroups", "process_vm_readv", "process_vm_writev",
};

static char *text_at_end(const char *text)
{
	return strcpy(edge() - strlen(text) - 1, text);
}

static void *read_only(void)
{
	static void *p;

	if (!p)
		p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p;
}

/* Ways to be bad; the last ones are good, just so. */
static void *pointer(int way)
{
	switch (way) {
	case 0:
		return NULL;
	case 1:
		return (void *)1;
	case 2:
		return (void *)-1L;
	case 3:
		return (void *)0xffff888000000000;
	case 4:
		return (void *)0x8000000000000000;
	case 5:
		return edge();
	case 6:
		return memset(edge() - 1, 'x', 1);
	case 7:
		return (char *)memset(edge() - 8, 'x', 8) + 1;
	case 8:
		return (char *)memset(edge() - 300, 'y', 300);
	case 9:
		return read_only();
	case 10:
		return text_at_end("f");
	case 11:
		return text_at_end("none/x");
	}
	return NULL;
}
#define WAYS 12

static struct open_how how = { .flags = O_RDONLY };
static struct sockaddr_in address = { .sin_family = AF_INET };
static char area[4096];
static char *no_strings[] = { NULL };

static long argument(const char *format, const char *path)
{
	if (!strcmp(format, "path"))
		return (long)path;
	if (!strcmp(format, "str"))
		return (long)"user.text";
	if (!strcmp(format, "dirfd"))
		return AT_FDCWD;
	if (!strcmp(format, "how"))
		return (long)&how;
	if (!strcmp(format, "size"))
		return sizeof(how);
	if (!strcmp(format, "sockaddr"))
		return (long)&address;
	if (!strcmp(format, "len"))
		return sizeof(address);
	if (!strcmp(format, "fd"))
		return socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (!strcmp(format, "ptr") || !strcmp(format, "iov"))
		return (long)area;
	if (!strcmp(format, "argv") || !strcmp(format, "envp"))
		return (long)no_strings;
	if (!strcmp(format, "uid") || !strcmp(format, "gid"))
		return -1;
	if (!strcmp(format, "pid"))
		return getpid();
	if (!strcmp(format, "count") || !strcmp(format, "n"))
		return 1;
	return 0;
}

static bool is_pointer(const char *format)
{
	static const char *const names[] = { "path",	 "str",	 "how",	 "ptr",
					     "sockaddr", "argv", "envp", "iov" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(format, names[i]))
			return true;
	return false;
}

/* The result in a child: some of the calls would change the caller. */
static void try(const struct row *row, char format[6][16], const char *path, int which,
		int way)
{
	long a[6] = { 0 }, r;
	pid_t pid;

	make_file("f", 0644);
	pid = fork();
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	for (int i = 0; i < 6; i++)
		a[i] = argument(format[i], path);
	a[which] = (long)pointer(way);
	r = syscall(row->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	printf("%s '%s': argument %d, way %d: %s\n", row->name, path, which, way,
	       r < 0 ? strerrorname_np(errno) : "ok");
	exit(0);
}

static void try_all(const struct row *row)
{
	char format[6][16] = { "" };

	sscanf(row->format, "%15s %15s %15s %15s %15s %15s", format[0], format[1],
	       format[2], format[3], format[4], format[5]);
	for (int which = 0; which < 6; which++) {
		for (int way = 0; is_pointer(format[which]) && way < WAYS; way++) {
			try(row, format, "none/x", which, way);
			try(row, format, "f", which, way);
		}
	}
}

/* A structure that is longer than the kernel's, or shorter, or ends on a bad page. */
static void sizes(void)
{
	static const size_t of_how[] = { 0,  1,	 8,   16,   23,	  24,	25,   32,
					 48, 64, 100, 4095, 4096, 4097, 8192, -1UL };
	char *p = edge();

	for (size_t i = 0; i < COUNT(of_how); i++) {
		size_t n = of_how[i] < 4096 ? of_how[i] : 4096;

		printf("size %zd: ", of_how[i]);
		memset(p - 4096, 0, 4096);
		FD(syscall(SYS_openat2, AT_FDCWD, "f", p - n, of_how[i]));
		if (n <= 24)
			continue;
		p[-1] = 1;
		FD(syscall(SYS_openat2, AT_FDCWD, "f", p - n, of_how[i]));
		p[-1] = 0;
		FD(syscall(SYS_openat2, AT_FDCWD, "f", p - n + 1, of_how[i]));
	}
}

void probe_pointers(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool wanted = rows[i].flags & FILES;

		for (size_t k = 0; k < COUNT(also); k++)
			wanted |= !strcmp(rows[i].name, also[k]);
		if (wanted)
			try_all(&rows[i]);
	}
	sizes();
}
