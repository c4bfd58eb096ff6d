// SPDX-License-Identifier: GPL-2.0-or-later
/* Credentials, groups and the root directory are those of the caller. */
#define _GNU_SOURCE
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/time.h>

#include "probe.h"

void probe_creds(void)
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
