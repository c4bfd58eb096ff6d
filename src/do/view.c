// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of the host is visible in a sandbox: an allow-list of system directories, read-only;
 * /etc without its secrets; an otherwise empty root file system in memory.
 */
#include "do/internal.h"

#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "ns/ns.h"

#define SMALL_FILE (256 << 10)

/* guard: nobody reads there what "other" may not read.  Of /var/lib, what /usr links to. */
static const struct {
	const char *path;
	bool guard;
} visible[] = {
	{ "/usr", false },
	{ "/bin", false },
	{ "/sbin", false },
	{ "/lib", false },
	{ "/lib32", false },
	{ "/lib64", false },
	{ "/libx32", false },
	{ "/nix", false },
	{ "/opt", true },
	{ "/etc", true },
	{ "/var/lib/dpkg", false },
	{ "/var/lib/ghc", false },
	{ "/var/lib/texmf", false },
};

/* Known names are gone altogether; the guard makes other secrets unreadable. */
static const char *const hidden_etc[] = {
	"shadow", "shadow-", "gshadow", "gshadow-", "sudoers", "sudoers.d",
};

static char *or_default(const char *s, const char *fallback)
{
	return strdup(s && *s ? s : fallback);
}

/* /etc/passwd itself: a static program must not load name service modules. */
static void find_user(struct do_host *h)
{
	auto_fclose FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw = NULL;

	while (f && (pw = fgetpwent(f)) && pw->pw_uid != h->uid)
		;
	if (!f)
		pw = NULL;
	h->user = pw ? strdup(pw->pw_name) : or_default(getenv("USER"), "user");
	h->home = pw && pw->pw_dir[0] == '/' ?
			  strdup(pw->pw_dir) :
			  or_default(h->uid ? NULL : "/root", "/home/user");
}

static void find_terminal(struct do_host *h)
{
	struct winsize w;

	h->tty = isatty(0) && isatty(1);
	if (h->tty && ioctl(0, TIOCGWINSZ, &w) == 0) {
		h->rows = w.ws_row;
		h->cols = w.ws_col;
	}
}

int do_view_host(struct do_host *h, struct err *e)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return err_set(e, errno, "read link '/proc/self/exe'");
	self[n] = 0;
	h->uid = geteuid();
	h->gid = getegid();
	h->self = strdup(self);
	h->cwd = getcwd(NULL, 0);
	if (!h->cwd)
		return err_set(e, errno, "find the current directory");
	h->term = getenv("TERM");
	h->lang = getenv("LANG");
	find_user(h);
	find_terminal(h);
	return h->self && h->user && h->home ? 0 : err_set(e, ENOMEM, "look at the host");
}

void do_host_done(struct do_host *h)
{
	for (size_t i = 0; i < h->entries_n; i++)
		free(h->entries[i].source);
	free(h->user);
	free(h->home);
	free(h->cwd);
	free(h->rootfs);
	free(h->overlay);
	free(h->self);
	*h = (struct do_host){ 0 };
}

static int make_dir(int at, const char *name, mode_t mode, struct err *e)
{
	if (mkdirat(at, name, mode) < 0 && errno != EEXIST)
		return err_set(e, errno, "make directory '%s'", name);
	if (fchmodat(at, name, mode, 0) < 0) /* past our umask */
		return err_set(e, errno, "chmod '%s'", name);
	return 0;
}

/* All of an absolute path below `at`. */
static int make_path(int at, const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	struct stat st;

	for (const char *slash = path + 1; slash; slash = strchr(slash, '/')) {
		size_t len = (size_t)(slash - path) - 1;

		if (len && len < sizeof(part)) {
			memcpy(part, path + 1, len);
			part[len] = 0;
			if (fstatat(at, part, &st, 0) < 0 &&
			    make_dir(at, part, 0755, e) < 0)
				return -errno;
		}
		slash++;
	}
	return path[1] ? make_dir(at, path + 1, mode, e) : 0;
}

static int make_file(int at, const char *name, const char *text, size_t len,
		     struct err *e)
{
	auto_close int fd =
		openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return err_set(e, errno, "make '%s'", name);
	r = fd_write_all(fd, text, len);
	if (r == 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	return r < 0 ? err_set(e, -r, "write '%s'", name) : 0;
}

/* A small file of the host as it reads now: often a link or a mount. */
static int copy_host_file(int at, const char *name, const char *source, struct err *e)
{
	auto_free char *text = NULL;
	size_t len;

	if (fd_read_file(AT_FDCWD, source, SMALL_FILE, &text, &len) < 0)
		return 0;
	return make_file(at, name, text, len, e);
}

static int make_etc_mask(int scratch, enum do_net net, struct err *e)
{
	static const char hosts[] = "127.0.0.1\tlocalhost picket\n"
				    "::1\tlocalhost ip6-localhost ip6-loopback\n";
	auto_close int at = -EBADF;
	int r = make_dir(scratch, "mask-etc", 0755, e);

	if (r < 0)
		return r;
	at = openat(scratch, "mask-etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return err_set(e, errno, "open 'mask-etc'");
	for (size_t i = 0; i < ARRAY_SIZE(hidden_etc); i++)
		if (mknodat(at, hidden_etc[i], S_IFCHR, 0) < 0)
			return err_set(e, errno, "hide '/etc/%s'", hidden_etc[i]);
	r = make_file(at, "hostname", "picket\n", 7, e);
	if (r == 0 && net == DO_NET_NONE)
		return make_file(at, "hosts", hosts, sizeof(hosts) - 1, e);
	if (r == 0)
		r = copy_host_file(at, "hosts", "/etc/hosts", e);
	return r < 0 ? r : copy_host_file(at, "resolv.conf", "/etc/resolv.conf", e);
}

static bool is_empty(const char *path)
{
	auto_closedir DIR *dir = opendir(path);
	int n = 0;

	while (dir && n < 3 && readdir(dir))
		n++;
	return dir && n < 3;
}

/* Source of a guarded directory: its view, or, where an ordinary user cannot have one
 * (mounts below it), the directory itself, read with the rights the user has anyway. */
static int guard_source(const struct do_scratch *s, const char *path, char **ret,
			struct err *e)
{
	auto_free char *mask = str_printf("mask-%s", path + 1);
	int r;

	if (!mask)
		return err_set(e, ENOMEM, "guard '%s'", path);
	r = make_dir(s->dirfd, mask, 0755, e);
	if (r == 0)
		r = do_overlay_guard(s, path, path + 1, mask, e);
	if (r < 0 && !s->own_userns)
		return r;
	*ret = r < 0 ? strdup(path) : str_printf("%s%s", s->path, path);
	return 0;
}

static int add_entry(const struct do_scratch *s, struct do_host *h, const char *path,
		     bool guard, struct err *e)
{
	struct do_entry *entry = &h->entries[h->entries_n];
	struct stat st;
	ssize_t n;
	int r = 0;

	if (lstat(path, &st) < 0)
		return 0;
	entry->path = path;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, entry->link, sizeof(entry->link) - 1);
		h->entries_n += n > 0;
		return 0;
	}
	if (!S_ISDIR(st.st_mode) || (guard && is_empty(path)))
		return 0;
	if (guard)
		r = guard_source(s, path, &entry->source, e);
	else
		entry->source = strdup(path);
	if (r < 0)
		return r;
	if (!entry->source)
		return err_set(e, ENOMEM, "show '%s'", path);
	h->entries_n++;
	return 0;
}

static int make_skeleton(const struct do_scratch *s, const struct do_host *h,
			 struct err *e)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = {
		{ "tmp", 01777 },      { "run", 0755 },	    { "run/lock", 01777 },
		{ "home", 0755 },      { "root", 0700 },    { "var", 0755 },
		{ "var/tmp", 01777 },  { "var/lib", 0755 }, { "var/log", 0755 },
		{ "var/cache", 0755 },
	};
	auto_close int root = -EBADF;
	int r = make_dir(s->dirfd, "rootfs", 0755, e);

	if (r < 0)
		return r;
	root = openat(s->dirfd, "rootfs", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_set(e, errno, "open 'rootfs'");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(dirs); i++)
		r = make_dir(root, dirs[i].path, dirs[i].mode, e);
	if (r < 0)
		return r;
	if (symlinkat("../run", root, "var/run") < 0 ||
	    symlinkat("../run/lock", root, "var/lock") < 0)
		return err_set(e, errno, "make symlinks in the sandbox's /var");
	for (size_t i = 0; i < h->entries_n; i++)
		if (!h->entries[i].source &&
		    symlinkat(h->entries[i].link, root, h->entries[i].path + 1) < 0)
			return err_set(e, errno, "make symlink '%s'", h->entries[i].path);
	return make_path(root, h->home, 0700, e);
}

int do_view_make(const struct do_scratch *s, const struct do_options *o,
		 struct do_host *h, struct err *e)
{
	int r = make_etc_mask(s->dirfd, o->net, e);

	/* After the scratch was opened: its user namespace counts. */
	if (r == 0)
		r = idmap_same_file("/proc/self/uid_map", h->uids, DO_MAPS_MAX,
				    &h->uids_n, e);
	if (r == 0)
		r = idmap_same_file("/proc/self/gid_map", h->gids, DO_MAPS_MAX,
				    &h->gids_n, e);
	h->rootfs = str_printf("%s/rootfs", s->path);
	h->overlay = str_printf("%s/cwd", s->path);
	if (!h->rootfs || !h->overlay)
		return err_set(e, ENOMEM, "name the sandbox's directories");
	_Static_assert(ARRAY_SIZE(visible) <= DO_ENTRIES_MAX, "entries");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(visible); i++)
		r = add_entry(s, h, visible[i].path, visible[i].guard, e);
	return r < 0 ? r : make_skeleton(s, h, e);
}
