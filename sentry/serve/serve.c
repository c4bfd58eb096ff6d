// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sentry proper: handover, joining, confinement, service.
 */
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "handover.h"
#include "kernel/pidfd.h"
#include "notify/notify.h"
#include "obs/trace.h"
#include "policy/label.h"
#include "policy/release.h"
#include "policy/self.h"
#include "serve/internal.h"
#include "task/task.h"
#include "vfs/mounts.h"
#include "vfs/path.h"
#include "views/views.h"

#define TABLE_SIZE 256		/* descriptors; grown while there is one thread */

static int init_pidfd = -1;	/* for on_watchdog_death() */
static pid_t watchdog;
static uid_t creator;		/* of the handover socket, as we see it */

/* Nobody watches us any more: end the container rather than serve unwatched. */
static void on_watchdog_death(int sig)
{
	(void)sig;
	kernel_pidfd_send_signal(init_pidfd, SIGKILL);
	_exit(1);
}

/* What is cheap with one thread and costs an RCU grace period with several. */
static void grow_table(void)
{
	int fd = fcntl(HANDOVER_SOCKET_FD, F_DUPFD_CLOEXEC, TABLE_SIZE - 1);

	if (fd >= 0)
		close(fd);
}

static int mount_views(const struct handover *h, const int *fds, int dev, int procfs,
		       struct err *e)
{
	int cgroups[VIEWS_CGROUPS],
		flags = (h->flags & HANDOVER_VIEW_PROC ? VIEWS_PROC : 0) |
			(h->flags & HANDOVER_VIEW_SYS ? VIEWS_SYS : 0) |
			(h->mode == HANDOVER_BALANCED ? VIEWS_COVER : 0);

	for (int i = 0; i < VIEWS_CGROUPS; i++)
		cgroups[i] = h->cgroups & 1u << i ? *fds++ : -1;
	return views_mount(flags, dev, procfs, cgroups, e);
}

static int join(const struct handover *h, const int *fds, int link, int procfs,
		struct err *e)
{
	const int for_watchdog[] = { fds[HANDOVER_FD_INIT], fds[HANDOVER_FD_STATE] };
	int dev = views_open_dev(),
	    r = fd_send(link, "", 1, for_watchdog, ARRAY_SIZE(for_watchdog));

	if (r < 0)
		return err_set(e, -r, "tell the watchdog");
	close(link);
	close(fds[HANDOVER_FD_STATE]);
	r = serve_join(fds[HANDOVER_FD_INIT], (int)h->namespaces, e);
	if (r < 0)
		return r;
	init_pidfd = fds[HANDOVER_FD_INIT];
	return mount_views(h, fds + HANDOVER_JOIN_FDS, dev, procfs, e);
}

/* Nothing is looked up by path afterwards but for guests, nothing mounted. */
static int confine(const struct handover *h, bool sealed, int procfs, struct err *e)
{
	int flags = h->flags & HANDOVER_SHARED_PIDNS ? TASK_SHARED_PIDNS : 0,
	    r = self_drop_caps(h->caps);

	if (r < 0)
		return err_set(e, -r, "drop capabilities");
	r = task_init(procfs, flags);
	release_set(h->release);
	/* Its guests change umask and directory natively: nobody tells. */
	if (h->mode == HANDOVER_BALANCED)
		task_note_shared_fs();
	if (r == 0)
		r = vfs_init(h->mode == HANDOVER_STRICT ? VFS_LIST_PROCFS : 0);
	if (r == 0 && sealed)
		mounts_allow();
	if (r < 0)
		return err_set(e, -r, "prepare to serve");
	views_pause();
	/* After every change of credentials, which would clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != watchdog)
		return err_text(e, ESRCH, "the watchdog has ended");
	r = label_take(procfs, h->apparmor, h->selinux, e);
	if (r < 0)
		return r;
	r = self_confine();
	if (r < 0)
		return err_set(e, -r, "confine the sentry");
	r = views_serve();
	return r < 0 ? err_set(e, -r, "serve the views") : 0;
}

/* The second message, and what has to wait for it. */
static int serve(int sock, const struct handover *joined, int procfs, struct err *e)
{
	struct handover h;
	int listener, r = message_receive(sock, &h, &listener, 1, e);

	if (r == 0)
		r = message_check(&h, HANDOVER_SERVE, &listener, 1, e);
	if (r == 0 && (joined->flags & HANDOVER_WAITS))
		r = confine(joined, h.flags & HANDOVER_SEALED, procfs, e);
	if (r < 0)
		return r;
	r = notify_serve(listener);
	return r < 0 ? err_set(e, -r, "serve the listener") : 0;
}

static int start(int sock, int link, int *ret_control, struct err *e)
{
	int fds[HANDOVER_JOIN_FDS + HANDOVER_CGROUPS], procfs = serve_open_procfs(), r;
	struct handover h;

	grow_table();
	r = procfs < 0 ? procfs : notify_init(procfs);
	if (r < 0)
		return err_set(e, -r, "prepare to serve");
	r = message_receive(sock, &h, fds, ARRAY_SIZE(fds), e);
	if (r == 0)
		r = message_check(&h, HANDOVER_JOIN, fds, HANDOVER_JOIN_FDS, e);
	if (r < 0)
		return r;
	r = join(&h, fds, link, procfs, e);
	creator = message_sender(sock);
	if (h.flags & HANDOVER_WAITS)
		message_reply(sock, r, e);
	else if (r == 0)
		r = confine(&h, false, procfs, e);
	if (r < 0) {
		/* Our end takes the init along: not before picket listens to us. */
		fd_recv(sock, &h, sizeof(h), NULL, 0);
		return r;
	}
	*ret_control = fds[HANDOVER_FD_CONTROL];
	fcntl(*ret_control, F_SETFL, O_NONBLOCK); /* clients may change their mind */
	return serve(sock, &h, procfs, e);
}

int serve_container(int sock, int link, pid_t parent)
{
	struct sigaction sa = { .sa_handler = on_watchdog_death };
	struct err e = ERR_INIT;
	int control = -1, r;

	watchdog = parent;
	sigaction(SIGTERM, &sa, NULL);
	r = start(sock, link, &control, &e);
	if (r == -ECANCELED)
		return 0;		/* picket has changed its mind */
	if (r == 0)
		r = control_check(control, &e);
	if (message_reply(sock, r, &e) < 0 && r == 0)
		r = -EPIPE;		/* the container will not be started */
	close(sock);
	if (r < 0)
		return 1;
	while ((r = notify_watch(control)) > 0)
		control_serve(control, creator);
	trace_finish();
	return r < 0;
}
