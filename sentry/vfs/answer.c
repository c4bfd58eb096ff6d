// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What mode strict gives for an open that has arrived in a procfs: the file itself, a text
 * of the sentry's in its place, or nothing, by the list of procfs.def.  The place is the
 * kernel's word for an open descriptor, never the path that the guest gave.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "policy/release.h"
#include "task/task.h"
#include "vfs/internal.h"
#include "vfs/mounttext.h"
#include "views/views.h"

#define TEXT_MAX (8u << 20)
#define USUAL	 "/proc/"
#define PID_MAX	 "4194304"	/* of a new pid namespace: the kernel's greatest */
#define SEALS	 (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U	/* Linux 6.3 */
#endif

static bool listed;
static int usual_fd = -1;	/* /proc; kept open: its mount id cannot be given to another */
static uint64_t usual_mnt;

/* The last text of each kind: openers of the same one share its memory. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct made {
	struct strbuf text;
	int fd;			/* where text.s is set */
} made[PROC_ANSWERS];

static int ask(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		     STATX_TYPE | STATX_MNT_ID, ret);
}

void answer_init(void)
{
	struct statx st;

	listed = true;
	usual_fd = open(USUAL, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (usual_fd >= 0 && procfs_is_root(usual_fd) && ask(usual_fd, &st) == 0)
		usual_mnt = st.stx_mnt_id;
}

/* The name below the root of the procfs; for parts of one that are mounted elsewhere too. */
static int name_of(int fd, uint64_t mnt_id, char ret[PATH_MAX])
{
	char link[VFS_FD_NAME_MAX], path[PATH_MAX];
	ssize_t n = readlinkat(task_procfs(), vfs_fd_name(fd, link), path, PATH_MAX - 1);
	auto_free char *info = NULL;
	size_t len;
	int r;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	/* The kernel's path of something on that very mount. */
	if (mnt_id == usual_mnt && !strncmp(path, USUAL, strlen(USUAL))) {
		strcpy(ret, path + strlen(USUAL) - 1);
		return 0;
	}
	r = fd_read_file(task_procfs(), "thread-self/mountinfo", TEXT_MAX, &info, &len);
	return r < 0 ? r : mounttext_inside(info, (unsigned int)mnt_id, path, ret);
}

/* name: where the file is, set for an answer of the list. */
static int look_up(int fd, uint64_t flags, char name[PATH_MAX])
{
	struct statx st;
	int answer;

	if (!listed || (flags & O_PATH) || procfs_kind(fd) == PROCFS_NOT)
		return PROC_PASS;
	if (ask(fd, &st) < 0)
		return -EACCES;
	if (S_ISDIR(st.stx_mode))
		return PROC_PASS;
	if (name_of(fd, st.stx_mnt_id, name) < 0)
		return -EACCES;
	answer = proclist_answer(name + 1);
	if (answer == PROC_ABSENT)
		return -ENOENT;
	if (answer != PROC_PASS && (flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	return answer;
}

int answer_check(int fd, uint64_t flags)
{
	char name[PATH_MAX];

	return look_up(fd, flags, name);
}

static int add(struct strbuf *out, const char *text)
{
	return strbuf_add(out, text, strlen(text));
}

static int add_line(struct strbuf *out, const char *text)
{
	return strbuf_addf(out, "%s\n", text);
}

static view_live_fn *mounts_maker(int answer)
{
	switch (answer) {
	case PROC_MOUNTINFO:
		return mounttext_info;
	case PROC_MOUNTS:
		return mounttext_mounts;
	default:
		return mounttext_stats;
	}
}

/* fd: the kernel's file, opened as the caller. */
static int add_mounts(struct strbuf *out, enum proc_answer answer, int fd)
{
	auto_free char *text = NULL;
	size_t len;
	int r = fd_read_all(fd, TEXT_MAX, &text, &len);

	return r < 0 ? r : mounts_maker(answer)(text, out);
}

static int make_text(struct strbuf *out, enum proc_answer answer, int fd)
{
	switch (answer) {
	case PROC_MOUNTINFO:
	case PROC_MOUNTS:
	case PROC_MOUNTSTATS:
		return add_mounts(out, answer, fd);
	case PROC_CGROUP:
		return add(out, "0::/\n");
	case PROC_CPUSET:
		return add(out, "/\n");
	case PROC_WCHAN:
		return add(out, "0");
	case PROC_CORE:
		return add_line(out, "core");
	case PROC_PID_MAX:
		return add_line(out, PID_MAX);
	case PROC_BANNER:
		return add(out, release_banner());
	case PROC_RELEASE:
		return add_line(out, release_release());
	case PROC_VERSION:
		return add_line(out, release_version());
	default:
		return 0;
	}
}

static int sealed_file(const struct strbuf *text)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	auto_close int fd = memfd_create("proc", flags | MFD_NOEXEC_SEAL);
	int r;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("proc", flags);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text->s, text->len);
	if (r == 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(fd);
}

/* A description of its own for each opener, whatever one has done to the file's mode. */
static int open_made(const struct made *m, const struct open_how *how)
{
	struct open_how h = { .flags = how->flags & ~(uint64_t)(O_CREAT | O_EXCL |
								O_TRUNC | O_NOFOLLOW) };
	char name[VFS_FD_NAME_MAX];
	int r = task_own_caps();

	return r < 0 ? r : open_for_guest(task_procfs(), vfs_fd_name(m->fd, name), &h);
}

static int open_text(enum proc_answer answer, struct strbuf *text,
		     const struct open_how *how)
{
	struct made *m = &made[answer];
	int fd;

	if (m->text.s && m->text.len == text->len &&
	    !memcmp(m->text.s, text->s, text->len))
		return open_made(m, how);
	fd = sealed_file(text);
	if (fd < 0)
		return fd;
	if (m->text.s)
		close(m->fd);
	strbuf_done(&m->text);
	m->text = *text;
	m->fd = fd;
	*text = (struct strbuf){ 0 };
	return open_made(m, how);
}

int answer_open(int fd, const struct open_how *how)
{
	auto_close int kernels = fd;
	auto_(strbuf_done) struct strbuf text = { 0 };
	char name[PATH_MAX];
	int answer = look_up(fd, how->flags, name), r;

	if (answer == PROC_VIEW) {
		r = views_open(name + 1, how->flags);
		/* Of a procfs that the container was given from elsewhere there are no views. */
		return r == -ENOENT ? take_fd(kernels) : r;
	}
	if (answer == PROC_PASS || answer == PROC_READ)
		return take_fd(kernels);
	if (answer < 0)
		return answer;
	if (answer == PROC_MOUNTINFO || answer == PROC_MOUNTS) {
		r = views_open_live(fd, mounts_maker(answer), how->flags);
		if (r != -ENOENT)
			return r;
	}
	r = add(&text, "");
	if (r == 0)
		r = make_text(&text, (enum proc_answer)answer, fd);
	if (r < 0)
		return r;
	pthread_mutex_lock(&lock);
	r = open_text((enum proc_answer)answer, &text, how);
	pthread_mutex_unlock(&lock);
	return r;
}
