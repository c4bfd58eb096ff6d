// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every call by path, on every kind of path, from every kind of place: three tables, and
 * what the tree looks like after each call that has succeeded.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/openat2.h>
#include <sys/time.h>
#include <sys/xattr.h>

#include "probe.h"

static const struct timespec times[2] = { { 1000, 1 }, { 2000, 2 } };

/* nr(dirfd, path, ...), or without the dirfd: then only from the working directory. */
static const struct op {
	const char *name;
	long nr;
	enum { AT, PATH, FROM, TO } kind;
	long a, b, c;
} ops[] = {
	/* clang-format off */
	{ "openat read",	SYS_openat, AT, O_RDONLY },
	{ "openat write",	SYS_openat, AT, O_WRONLY },
	{ "openat trunc",	SYS_openat, AT, O_RDWR | O_TRUNC },
	{ "openat creat",	SYS_openat, AT, O_RDWR | O_CREAT, 0640 },
	{ "openat excl",	SYS_openat, AT, O_RDWR | O_CREAT | O_EXCL, 0666 },
	{ "openat nofollow",	SYS_openat, AT, O_RDONLY | O_NOFOLLOW },
	{ "openat creat nofollow", SYS_openat, AT, O_RDWR | O_CREAT | O_NOFOLLOW, 0600 },
	{ "openat dir",		SYS_openat, AT, O_RDONLY | O_DIRECTORY },
	{ "openat dir nofollow", SYS_openat, AT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW },
	{ "openat path",	SYS_openat, AT, O_PATH },
	{ "openat tmpfile",	SYS_openat, AT, O_TMPFILE | O_RDWR, 0600 },
	{ "openat unknown",	SYS_openat, AT, 0x40000000 },
	{ "mkdirat",		SYS_mkdirat, AT, 0777 },
	{ "mknodat file",	SYS_mknodat, AT, S_IFREG | 0666 },
	{ "mknodat fifo",	SYS_mknodat, AT, S_IFIFO | 0666 },
	{ "mknodat none",	SYS_mknodat, AT, 0600 },
	{ "unlinkat",		SYS_unlinkat, AT, 0 },
	{ "unlinkat dir",	SYS_unlinkat, AT, AT_REMOVEDIR },
	{ "unlinkat flags",	SYS_unlinkat, AT, 0x400 },
	{ "fchmodat",		SYS_fchmodat, AT, 0751 },
	{ "fchmodat2",		SYS_fchmodat2, AT, 0751, AT_SYMLINK_NOFOLLOW },
	{ "fchmodat2 empty",	SYS_fchmodat2, AT, 0751, AT_EMPTY_PATH },
	{ "fchmodat2 flags",	SYS_fchmodat2, AT, 0751, 0x2000 },
	{ "fchownat",		SYS_fchownat, AT, -1, -1, 0 },
	{ "fchownat nofollow",	SYS_fchownat, AT, -1, -1, AT_SYMLINK_NOFOLLOW },
	{ "fchownat empty",	SYS_fchownat, AT, -1, -1, AT_EMPTY_PATH },
	{ "fchownat flags",	SYS_fchownat, AT, -1, -1, 0x4 },
	{ "utimensat",		SYS_utimensat, AT, (long)times, 0 },
	{ "utimensat nofollow",	SYS_utimensat, AT, (long)times, AT_SYMLINK_NOFOLLOW },
	{ "utimensat empty",	SYS_utimensat, AT, (long)times, AT_EMPTY_PATH },
	{ "utimensat flags",	SYS_utimensat, AT, (long)times, 0x8 },
	{ "futimesat",		SYS_futimesat, AT, (long)times },
	{ "execveat",		SYS_execveat, AT, 0, 0, 0 },
	{ "rename from",	SYS_renameat, FROM },
	{ "rename to",		SYS_renameat, TO },
	{ "rename noreplace",	SYS_renameat2, TO, RENAME_NOREPLACE },
	{ "rename exchange",	SYS_renameat2, TO, RENAME_EXCHANGE },
	{ "rename both",	SYS_renameat2, TO, RENAME_EXCHANGE | RENAME_NOREPLACE },
	{ "rename whiteout exchange", SYS_renameat2, TO, RENAME_WHITEOUT | RENAME_EXCHANGE },
	{ "rename flags",	SYS_renameat2, TO, 8 },
	{ "link from",		SYS_linkat, FROM, 0 },
	{ "link from follow",	SYS_linkat, FROM, AT_SYMLINK_FOLLOW },
	{ "link from empty",	SYS_linkat, FROM, AT_EMPTY_PATH },
	{ "link from flags",	SYS_linkat, FROM, 1 },
	{ "link to",		SYS_linkat, TO, 0 },
	{ "open",		SYS_open, PATH, O_RDWR },
	{ "creat",		SYS_creat, PATH, 0604 },
	{ "mkdir",		SYS_mkdir, PATH, 01777 },
	{ "mknod",		SYS_mknod, PATH, S_IFREG | 04711 },
	{ "rmdir",		SYS_rmdir, PATH },
	{ "unlink",		SYS_unlink, PATH },
	{ "chmod",		SYS_chmod, PATH, 0604 },
	{ "chown",		SYS_chown, PATH, -1, -1 },
	{ "lchown",		SYS_lchown, PATH, -1, -1 },
	{ "truncate",		SYS_truncate, PATH, 77 },
	{ "truncate -1",	SYS_truncate, PATH, -1 },
	{ "utime",		SYS_utime, PATH, (long)times },
	{ "utimes",		SYS_utimes, PATH, (long)times },
	{ "setxattr",		SYS_setxattr, PATH, (long)"user.x", (long)"value", 5 },
	{ "lsetxattr",		SYS_lsetxattr, PATH, (long)"user.x", (long)"value", 5 },
	{ "removexattr",	SYS_removexattr, PATH, (long)"user.y" },
	{ "lremovexattr",	SYS_lremovexattr, PATH, (long)"user.y" },
	{ "chroot",		SYS_chroot, PATH },
	{ "execve",		SYS_execve, PATH },
	/* clang-format on */
};

/* "@" is the directory of the tree. */
static const char *const paths[] = {
	"",	    "f",	  "f/",	     "f/.",	 "f/..",  "f/x",    "d",
	"d/",	    "d/.",	  "d/..",    "d//f",	 "./d/f", "d/../f", "new",
	"new/",	    "new/x",	  "./new",   "d/new/",	 "lf",	  "lf/",    "ld",
	"ld/",	    "ld/f",	  "ld/..",   "abs",	 "dang",  "dang/",  "loop",
	"loop/",    "loop/x",	  "..",	     ".",	 "/",	  "//",	    "@",
	"@/f",	    "@/new",	  "@/d/./f", "@//ld//f", "full",  "full/",  "full/g",
	"closed/f", "closed/new",
};

static char top[PATH_MAX];

static void at(char out[PATH_MAX], const char *path)
{
	snprintf(out, PATH_MAX, "%s%s", *path == '@' ? top : "",
		 *path == '@' ? path + 1 : path);
}

static void make_link(const char *text, const char *path)
{
	if (symlink(text, path) < 0)
		perror(path);
}

/* The tree that all calls find: made again after each that has changed it. */
static void plant(void)
{
	char abs[PATH_MAX];

	make_file("f", 0644);
	mkdir("d", 0755);
	make_file("d/f", 0755);
	mkdir("full", 0755);
	make_file("full/g", 0644);
	mkdir("closed", 0700);
	make_file("closed/f", 0644);
	chmod("closed", 0);
	make_link("f", "lf");
	make_link("d", "ld");
	at(abs, "@/d/f");
	make_link(abs, "abs");
	make_link("absent", "dang");
	make_link("loop", "loop");
	truncate("f", 10);
}

static void print_tree(const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[PATH_MAX], text[PATH_MAX] = "";
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		if (list[i]->d_name[0] != '.' && lstat(path, &st) == 0) {
			if (S_ISLNK(st.st_mode) &&
			    readlink(path, text, PATH_MAX - 1) > 0 && *text == '/')
				strcpy(text, "absolute");
			printf("\t%s:%o:%u:%u:%ld:%ld:%s:%zd\n", path, st.st_mode,
			       S_ISDIR(st.st_mode) ? 0 : (unsigned)st.st_nlink, st.st_uid,
			       S_ISREG(st.st_mode) ? (long)st.st_size : 0L,
			       st.st_mtime < 10000 ? (long)st.st_mtime : 0L, text,
			       lgetxattr(path, "user.x", NULL, 0));
			if (S_ISDIR(st.st_mode))
				print_tree(path);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void clear(const char *dir)
{
	DIR *d;
	struct dirent *e;
	char path[PATH_MAX];

	chmod(dir, 0700);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlink(path) < 0) {
			clear(path);
			rmdir(path);
		}
	}
	if (d)
		closedir(d);
}

static long call(const struct op *op, long dirfd, const char *path)
{
	switch (op->kind) {
	case AT:
		return syscall(op->nr, dirfd, path, op->a, op->b, op->c);
	case PATH:
		return syscall(op->nr, path, op->a, op->b, op->c, 0);
	case FROM:
		return syscall(op->nr, dirfd, path, AT_FDCWD, "moved", op->a);
	case TO:
		return syscall(op->nr, AT_FDCWD, "f", dirfd, path, op->a);
	}
	return -1;
}

/* In a child, where the call changes the caller; else a result and what has changed. */
static void try(const char *place, const struct op *op, long dirfd, const char *path)
{
	char real[PATH_MAX];
	bool changes = op->nr == SYS_chroot || op->nr == SYS_execve ||
		       op->nr == SYS_execveat;
	long r;

	at(real, path);
	if (changes && fork() > 0) {
		wait(NULL);
		return;
	}
	r = call(op, dirfd, real);
	printf("%s %s '%s': ", place, op->name, path);
	if (r < 0) {
		puts(strerrorname_np(errno));
	} else if (!strncmp(op->name, "open", 4) || op->nr == SYS_creat) {
		struct stat st = { 0 };
		int bad = fstat((int)r, &st);

		printf("%s %o\n", bad ? "bad" : "file", st.st_mode);
		close((int)r);
	} else {
		puts("ok");
	}
	if (changes)
		_exit(0);
	if (r >= 0 && (op->kind != AT || op->a != O_RDONLY || op->nr != SYS_openat)) {
		print_tree(".");
		clear(".");
		plant();
	}
}

/* The root directory belongs to everyone: nothing of it is changed. */
static bool is_spared(const struct op *op, const char *path)
{
	static const long changing[] = { SYS_fchmodat, SYS_fchmodat2, SYS_fchownat,
					 SYS_chmod,    SYS_utimensat, SYS_futimesat,
					 SYS_utime,    SYS_utimes,    SYS_chown,
					 SYS_lchown,   SYS_setxattr,  SYS_lsetxattr };

	for (size_t i = 0; i < COUNT(changing); i++)
		if (op->nr == changing[i] && path[strspn(path, "/")] == '\0' && *path)
			return true;
	return false;
}

static void all(const char *place, long dirfd)
{
	for (size_t i = 0; i < COUNT(ops); i++)
		for (size_t k = 0; k < COUNT(paths); k++)
			if (!is_spared(&ops[i], paths[k]))
				try(place, &ops[i], dirfd, paths[k]);
}

/* Of the calls with a dirfd, on few paths: what the directory is decides. */
static void few(const char *place, long dirfd)
{
	static const char *const some[] = { "", "f", "new", "@/f", "..", "f/" };

	for (size_t i = 0; i < COUNT(ops); i++)
		for (size_t k = 0; ops[i].kind != PATH && k < COUNT(some); k++)
			try(place, &ops[i], dirfd, some[k]);
}

static void deleted(void)
{
	int fd;

	mkdir("../gone", 0755);
	fd = open("../gone", O_RDONLY | O_DIRECTORY);
	rmdir("../gone");
	few("deleted directory", fd);
	close(fd);
	if (fork() == 0) {
		mkdir("../gone2", 0755);
		if (chdir("../gone2") == 0 && rmdir("../gone2") == 0)
			for (size_t i = 0; i < COUNT(ops); i++)
				for (size_t k = 0; k < COUNT(paths); k++)
					if (*paths[k] != '/' && *paths[k] != '@' &&
					    strncmp(paths[k], "..", 2))
						try("deleted cwd", &ops[i], AT_FDCWD,
						    paths[k]);
		exit(0);
	}
	wait(NULL);
}

/* As another root; ".." and absolute links end there. */
static void chrooted(void)
{
	if (fork() == 0) {
		if (chroot(".") < 0)
			exit(0);
		strcpy(top, "/.");
		clear(".");
		plant();
		all("chroot", AT_FDCWD);
		few("chroot, root directory", open("/", O_RDONLY));
		exit(0);
	}
	wait(NULL);
}

void probe_places(void)
{
	int fd;

	mkdir("tree", 0755);
	if (chdir("tree") < 0 || !getcwd(top, sizeof(top)))
		exit(1);
	plant();
	all("cwd", AT_FDCWD);
	few("AT_FDCWD zero-extended", 0xffffff9cL);
	few("AT_FDCWD with high bits", 0x1234ffffff9cL);
	few("closed", 99);
	few("negative", -1);
	few("far", 0x7fffffff);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	few("directory", fd);
	few("directory with high bits", fd | 0x500000000L);
	close(fd);
	few("O_PATH directory", fd = open(".", O_PATH));
	close(fd);
	few("file", fd = open("../file", O_RDWR | O_CREAT, 0644));
	close(fd);
	few("O_PATH file", fd = open("../file", O_PATH));
	close(fd);
	few("O_PATH link", fd = open("lf", O_PATH | O_NOFOLLOW));
	close(fd);
	deleted();
	chrooted();
}
