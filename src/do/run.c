// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of `picket do`: look, prepare, plan, run, compare, clean up. */
#include "do/internal.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "state/state.h"

struct sandbox_run {
	struct do_options *o;
	struct do_host host;
	struct do_scratch scratch;
	struct spec spec;
	char *root, *workdir; /* state root, --workdir made absolute; malloc'ed */
	bool own_root; /* made for this run */
	int keepfd;
	char id[32];
};

static int make_absolute(struct strv *dirs, const char *option, struct err *e)
{
	for (size_t i = 0; i < dirs->n; i++) {
		char *real = realpath(dirs->v[i], NULL);

		if (!real)
			return err_set(e, errno, "%s '%s'", option, dirs->v[i]);
		if (!strcmp(real, "/")) {
			free(real);
			return err_text(e, EINVAL,
					"%s '%s': the whole file system cannot "
					"be shared",
					option, dirs->v[i]);
		}
		free(dirs->v[i]);
		dirs->v[i] = real;
	}
	return 0;
}

static int make_workdir(struct sandbox_run *s, struct err *e)
{
	if (!s->o->workdir || s->o->workdir[0] == '/')
		return 0;
	s->workdir = str_printf("%s/%s", s->host.cwd, s->o->workdir);
	s->o->workdir = s->workdir;
	return s->workdir ? 0 : err_set(e, ENOMEM, "name the working directory");
}

/* Before anything is done: a run whose result cannot be kept is not started. */
static int open_keep(const char *dir, struct err *e)
{
	auto_close int fd = -EBADF;
	auto_closedir DIR *d = NULL;
	int n = 0;

	if (mkdir(dir, 0777) < 0 && errno != EEXIST)
		return err_set(e, errno, "make --keep directory '%s'", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "open --keep directory '%s'", dir);
	d = opendir(dir);
	while (d && n < 3 && readdir(d))
		n++;
	if (n > 2)
		return err_text(e, ENOTEMPTY, "--keep directory '%s' is not empty", dir);
	return take_fd(fd);
}

/* --root, the usual one, or for a user without a session a directory of this run's own. */
static int find_root(struct sandbox_run *s, const struct context *ctx, struct err *e)
{
	struct store store;
	char own[] = "/tmp/picket-XXXXXX";
	const char *dir = getenv("XDG_RUNTIME_DIR");
	const char *root = ctx->root;
	int r;

	if (!root && s->host.uid && !(dir && *dir == '/')) {
		root = mkdtemp(own);
		if (!root)
			return err_set(e, errno, "make a directory in '/tmp'");
		s->own_root = true;
	}
	r = store_open(root, STORE_CREATE, &store, e);
	if (r < 0)
		return r;
	s->root = strdup(store.path);
	store_close(&store);
	return s->root ? 0 : err_set(e, ENOMEM, "name the state directory");
}

static int prepare(struct sandbox_run *s, const struct context *ctx, struct err *e)
{
	struct do_options *o = s->o;
	uint32_t rnd;
	int r = do_view_host(&s->host, e);

	if (r == 0)
		r = make_absolute(&o->ro, "--ro", e);
	if (r == 0)
		r = make_absolute(&o->rw, "--rw", e);
	if (r == 0)
		r = make_workdir(s, e);
	if (r == 0 && o->keep)
		s->keepfd = r = open_keep(o->keep, e);
	if (r >= 0)
		r = find_root(s, ctx, e);
	if (r < 0)
		return r;
	if (getrandom(&rnd, sizeof(rnd), 0) != sizeof(rnd))
		return err_set(e, errno, "get random bytes");
	snprintf(s->id, sizeof(s->id), "do-%08x", rnd);
	r = do_scratch_open(s->root, s->host.user, &s->scratch, e);
	if (r == 0)
		r = do_view_make(&s->scratch, o, &s->host, e);
	if (r == 0 && do_plan_cwd(o, &s->host) == DO_CWD_OVERLAY)
		r = do_overlay_cwd(&s->scratch, &s->host, e);
	return r < 0 ? r : do_plan(o, &s->host, s->id, &s->spec, e);
}

/*
 * Kills the sandbox when its time is over; *fired tells.  A process, since the main one
 * waits inside container_run(); it dies with it.
 */
static pid_t start_watchdog(const struct context *ctx, const struct sandbox_run *s,
			    int *fired)
{
	int64_t ms = s->o->timeout_ms;
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	const struct timespec again = { 0, 20000000 };
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	while (nanosleep(&t, &t) < 0)
		;
	*fired = 1;
	for (;;) {
		container_kill(ctx, s->id, SIGKILL, 0, NULL);
		nanosleep(&again, NULL);
	}
}

static int run(const struct context *ctx, struct sandbox_run *s, int *ret_status,
	       struct err *e)
{
	struct create_args args = { .id = s->id,
				    .bundle = s->scratch.path,
				    .spec = &s->spec };
	int *fired = mmap(NULL, sizeof(*fired), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t watchdog = 0;
	int r;

	if (fired == MAP_FAILED)
		return err_set(e, errno, "map shared memory");
	if (s->o->timeout_ms) {
		watchdog = start_watchdog(ctx, s, fired);
		if (watchdog < 0)
			return err_set(e, errno, "fork");
	}
	r = container_run(ctx, &args, ret_status, e);
	if (watchdog) {
		kill(watchdog, SIGKILL);
		waitpid(watchdog, NULL, 0);
	}
	if (r == 0 && *fired)
		*ret_status = DO_TIMEOUT;
	munmap(fired, sizeof(*fired));
	return r;
}

static int print_change(void *arg, char kind, const char *path)
{
	do_print_change(arg, kind, path);
	return 0;
}

static int report(const struct sandbox_run *s, struct err *e)
{
	auto_close int upper = -EBADF;
	int r = 0;

	if (!s->scratch.upper || !(s->o->diff || s->o->keep))
		return 0;
	upper = open(s->scratch.upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0)
		return err_set(e, errno, "open the overlay's changes");
	if (s->o->diff) {
		r = do_diff(upper, s->scratch.lower, print_change, stdout, e);
		if (fflush(stdout) == EOF && r == 0)
			r = err_set(e, errno, "write the list of changes");
	}
	return r < 0 || !s->o->keep ? r : do_keep(upper, s->keepfd, e);
}

/* May we make a cgroup beside our own?  Only version 2 can be delegated safely. */
static bool has_delegated_cgroup(void)
{
	auto_free char *text = NULL, *dir = NULL;
	size_t len;
	char *own, *slash;

	if (cgroup_host_layout() != CGROUP_V2 ||
	    fd_read_file(AT_FDCWD, "/proc/self/cgroup", 64 << 10, &text, &len) < 0)
		return false;
	own = strstr(text, "0::/");
	if (!own || (own != text && own[-1] != '\n'))
		return false;
	own += 3;
	own[strcspn(own, "\n")] = 0;
	slash = strrchr(own, '/');
	*slash = 0;
	dir = str_printf("/sys/fs/cgroup%s", own);
	return dir && access(dir, W_OK) == 0;
}

/* Limits need a cgroup of our own; an ordinary user has one only where it was delegated. */
static int plan_cgroup(struct sandbox_run *s, struct context *ctx, struct err *e)
{
	if (!s->spec.resources.present) {
		ctx->cgroup_driver = CGROUP_DISABLED;
		return 0;
	}
	if (!s->scratch.own_userns)
		return 0;
	if (!has_delegated_cgroup())
		return err_text(
			e, EPERM,
			"cannot apply --memory, --cpus or --pids: no cgroup is "
			"delegated to this user (run as root, without limits, or below "
			"systemd-run --user --scope)");
	s->spec.cgroups_path =
		spec_strdup(&s->spec, s->id); /* relative: beside our own */
	return s->spec.cgroups_path ? 0 : err_set(e, ENOMEM, "name a cgroup");
}

int do_run(const struct context *ctx, struct do_options *o, int *ret_status,
	   struct err *e)
{
	struct sandbox_run s = { .o = o, .scratch = DO_SCRATCH_INIT, .keepfd = -EBADF };
	struct context inner = *ctx;
	int r = prepare(&s, ctx, e);

	/* In our own user namespace we have every right that the steps below need. */
	inner.root = s.root;
	inner.rootless = inner.unprivileged = false;
	if (r == 0)
		r = plan_cgroup(&s, &inner, e);
	if (r == 0)
		r = run(&inner, &s, ret_status, e);
	if (r == 0)
		r = report(&s, e);
	spec_done(&s.spec);
	do_scratch_close(&s.scratch);
	do_host_done(&s.host);
	if (s.keepfd >= 0)
		close(s.keepfd);
	if (s.own_root && s.root)
		rmdir(s.root);
	free(s.root);
	free(s.workdir);
	return r;
}
