// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Environment, working directory and program of the container's process.  All of it runs
 * inside the container's root: nothing here may be trusted to be what it is called.
 */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/str.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* O_NONBLOCK and the type check: an image's /etc/passwd may be a FIFO. */
static FILE *open_passwd(void)
{
	auto_close int fd =
		open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	FILE *f;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	f = fdopen(fd, "re");
	if (f)
		(void)take_fd(fd);
	return f;
}

static char *home_of(uint32_t uid)
{
	auto_fclose FILE *f = open_passwd();
	const struct passwd *pw;

	while (f && (pw = fgetpwent(f)))
		if (pw->pw_uid == uid && pw->pw_dir && *pw->pw_dir)
			return strdup(pw->pw_dir);
	return strdup("/");
}

/* Is a later entry of the same name in the list? */
static bool is_overridden(const struct spec_strings *env, size_t i, size_t name_len)
{
	for (size_t j = i + 1; j < env->n; j++)
		if (strncmp(env->v[j], env->v[i], name_len + 1) == 0)
			return true;
	return false;
}

int process_env(const struct spec_process *p, char ***ret_env, struct err *e)
{
	auto_(strv_done) struct strv out = { 0 };
	bool has_home = false;
	int r = 0;

	for (size_t i = 0; i < p->env.n && r == 0; i++) {
		const char *entry = p->env.v[i], *eq = strchr(entry, '=');

		if (!eq || eq == entry)
			return err_text(e, EINVAL,
					"config.json: .process.env[%zu]: "
					"expected 'NAME=value', got '%s'",
					i, entry);
		if (is_overridden(&p->env, i, (size_t)(eq - entry)))
			continue;
		if (str_starts(entry, "HOME=")) {
			if (!eq[1])
				continue;
			has_home = true;
		}
		r = strv_add(&out, entry);
	}
	if (r == 0 && !has_home) {
		auto_free char *home = home_of(p->uid);

		r = strv_take(&out, home ? str_printf("HOME=%s", home) : NULL);
	}
	if (r < 0)
		return err_set(e, -r, "build the environment");
	*ret_env = take_ptr(out.v);
	out.n = 0;
	return 0;
}

/*
 * A directory of the host that is still open somewhere can be entered through /proc; the
 * kernel then reports a name that does not start at our root.  The bare call: glibc
 * replaces such an answer by a walk of its own.
 */
static int check_cwd(struct err *e)
{
	char buf[4096];

	if (syscall(SYS_getcwd, buf, sizeof(buf)) < 0)
		return err_set(e, errno, "read the working directory");
	if (buf[0] != '/')
		return err_text(
			e, EPERM,
			"current working directory is outside of container "
			"mount namespace root -- possible container breakout detected");
	return 0;
}

int process_chdir(const char *cwd, int flags, struct err *e)
{
	int r = chdir(cwd) < 0 ? -errno : 0;

	if (r == -ENOENT && (flags & PROCESS_CWD_MAKE)) {
		auto_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		auto_close int dir = path_mkdir_in_root(root, cwd, 0755);

		if (dir < 0)
			return err_set(e, -dir, "mkdir working directory '%s'", cwd);
		r = fchdir(dir) < 0 ? -errno : 0;
	}
	if (r < 0)
		return err_set(e, -r, "chdir to cwd ('%s') set in config.json failed",
			       cwd);
	return check_cwd(e);
}

/* 0: an executable file; EACCES, ENOENT, ... otherwise (negative). */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return access(path, X_OK) < 0 ? -errno : 0;
}

static int program_error(const char *name, int code, struct err *e)
{
	if (code == EACCES)
		return err_text(e, code, "exec: \"%s\": permission denied", name);
	if (code == EISDIR)
		return err_text(e, code, "exec: \"%s\": is a directory", name);
	if (code == ENOTDIR)
		return err_text(e, code, "exec: \"%s\": stat %s: not a directory", name,
				name);
	if (code == ENOENT)
		return err_text(e, code,
				"exec: \"%s\": stat %s: no such file or directory", name,
				name);
	return err_set(e, code, "exec: \"%s\"", name);
}

static const char *search_path(char *const *env)
{
	for (; env && *env; env++)
		if (str_starts(*env, "PATH="))
			return *env + strlen("PATH=");
	return DEFAULT_PATH;
}

int process_find_program(const struct spec_process *p, char *const *env, char **ret_path,
			 struct err *e)
{
	const char *name = p->args.n ? p->args.v[0] : "";
	const char *dir = search_path(env), *end;
	int r;

	if (strchr(name, '/')) {
		r = check_program(name);
		if (r < 0)
			return program_error(name, -r, e);
		*ret_path = strdup(name);
		return *ret_path ? 0 : err_set(e, ENOMEM, "exec: \"%s\"", name);
	}
	for (; *name && dir; dir = *end ? end + 1 : NULL) {
		auto_free char *path = NULL;

		end = strchrnul(dir, ':');
		if (end == dir) /* an empty element would mean the cwd */
			continue;
		path = str_printf("%.*s/%s", (int)(end - dir), dir, name);
		if (!path)
			return err_set(e, ENOMEM, "exec: \"%s\"", name);
		if (check_program(path) == 0) {
			*ret_path = take_ptr(path);
			return 0;
		}
	}
	return err_text(e, ENOENT, "exec: \"%s\": executable file not found in $PATH",
			name);
}
