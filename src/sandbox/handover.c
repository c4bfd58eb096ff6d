// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the runtime says to the sentry: at the start through its socket, later through the
 * control socket in the state directory.
 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "handover.h"

#define CONTROL_NAME "sentry.sock"
#define REPLY_TIMEOUT_S 10

/* A path of any length: through the directory's descriptor. */
static void control_address(int statedir, struct sockaddr_un *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	snprintf(sa->sun_path, sizeof(sa->sun_path), "/proc/self/fd/%d/" CONTROL_NAME,
		 statedir);
}

static int control_listen(int statedir, struct err *e)
{
	auto_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa;

	control_address(statedir, &sa);
	unlinkat(statedir, CONTROL_NAME, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    listen(fd, 16) < 0)
		return err_set(e, errno, "make the sentry's control socket");
	return take_fd(fd);
}

static int receive_reply(int sock, pid_t *ret_sentry, struct err *e)
{
	const struct timeval tv = { .tv_sec = REPLY_TIMEOUT_S };
	struct handover_reply reply;
	ssize_t n;

	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	n = fd_recv(sock, &reply, sizeof(reply), NULL, 0);
	/* Refused for who we are, before the request was read: the answer is behind the error. */
	if (n == -ECONNRESET)
		n = fd_recv(sock, &reply, sizeof(reply), NULL, 0);
	if (n == -EAGAIN)
		return err_text(e, ETIMEDOUT, "wait for the sentry: no answer in %d s",
				REPLY_TIMEOUT_S);
	if (n == 0)
		return err_text(e, EPIPE,
				"the sentry ended before it took the container over");
	if (n < 0)
		return err_set(e, (int)-n, "read the sentry's answer");
	if (n != sizeof(reply))
		return err_text(e, EPROTO,
				"the sentry's answer has %zd bytes, expected %zu", n,
				sizeof(reply));
	reply.msg[sizeof(reply.msg) - 1] = '\0';
	if (reply.error)
		return err_set(e, -reply.error, "sentry: %s", reply.msg);
	*ret_sentry = reply.sentry_pid;
	return 0;
}

static struct handover make_message(enum handover_kind kind, enum sentry_mode mode)
{
	return (struct handover){
		.magic = HANDOVER_MAGIC,
		.version = HANDOVER_VERSION,
		.kind = kind,
		.mode = mode == SENTRY_STRICT ? HANDOVER_STRICT : HANDOVER_BALANCED,
	};
}

static int send_message(const struct sandbox *s, const struct handover *h, const int *fds,
			size_t n, struct err *e)
{
	int r = fd_send(s->sock, h, sizeof(*h), fds, n);

	/* One that is gone may have left an answer that says why. */
	if (r < 0 && r != -EPIPE)
		return err_set(e, -r, "hand the container over to the sentry");
	return 0;
}

static int put_label(char to[HANDOVER_LABEL], const char *label, struct err *e)
{
	size_t len = label ? strlen(label) : 0;

	if (len >= HANDOVER_LABEL)
		return err_text(e, ENAMETOOLONG,
				"label '%.40s...': %zu characters, with a sentry %d are "
				"possible",
				label, len, HANDOVER_LABEL - 1);
	memcpy(to, label ?: "", len + 1);
	return 0;
}

int sandbox_join(struct sandbox *s, const struct sandbox_guest *g, struct err *e)
{
	struct handover h = make_message(HANDOVER_JOIN, g->mode);
	auto_close int control = control_listen(g->statedir, e);
	int fds[HANDOVER_JOIN_FDS + HANDOVER_CGROUPS], n = HANDOVER_JOIN_FDS, r;
	pid_t sentry;

	if (control < 0)
		return control;
	h.flags = g->flags;
	h.namespaces = g->namespaces;
	h.caps = g->caps;
	snprintf(h.release, sizeof(h.release), "%s", g->release);
	fds[HANDOVER_FD_INIT] = g->pidfd;
	fds[HANDOVER_FD_CONTROL] = control;
	fds[HANDOVER_FD_STATE] = g->statedir;
	for (int i = 0; i < HANDOVER_CGROUPS; i++) {
		if (g->cgroups[i] < 0)
			continue;
		h.cgroups |= 1u << i;
		fds[n++] = g->cgroups[i];
	}
	r = put_label(h.apparmor, g->apparmor, e);
	if (r == 0)
		r = put_label(h.selinux, g->selinux, e);
	if (r == 0)
		r = send_message(s, &h, fds, (size_t)n, e);
	if (r == 0 && (g->flags & HANDOVER_WAITS))
		r = receive_reply(s->sock, &sentry, e);
	return r;
}

bool sandbox_has_ended(const struct sandbox *s)
{
	struct pollfd p = { .fd = s->sock };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

int sandbox_serve(struct sandbox *s, enum sentry_mode mode, int listener, uint32_t flags,
		  pid_t *ret_sentry, struct err *e)
{
	struct handover h = make_message(HANDOVER_SERVE, mode);
	int r;

	h.flags = flags;
	r = send_message(s, &h, &listener, 1, e);
	if (r == 0)
		r = receive_reply(s->sock, ret_sentry, e);
	if (r == 0) {
		close(s->sock);
		s->sock = -1;
	}
	return r;
}

/* The sentry listens to who has made the container: root asks as that one. */
static int connect_as_owner(int sock, int statedir)
{
	const uid_t self = geteuid();
	struct sockaddr_un sa;
	struct stat st;
	bool change;
	int r;

	control_address(statedir, &sa);
	if (fstat(statedir, &st) < 0)
		return -errno;
	change = self == 0 && st.st_uid != 0;
	if (change && seteuid(st.st_uid) < 0)
		return -errno;
	r = connect(sock, (struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : 0;
	return change && seteuid(self) < 0 ? -errno : r;
}

/* Connect, ask, await a reply without an error.  Returns the socket. */
static int request(int statedir, const struct handover *h, const int *fds, size_t n,
		   struct err *e)
{
	auto_close int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t sentry;
	int r = sock < 0 ? -errno : connect_as_owner(sock, statedir);

	if (r < 0)
		return err_set(e, -r, "connect to the container's sentry");
	r = fd_send(sock, h, sizeof(*h), fds, n);
	/* One that does not listen has answered already. */
	if (r < 0 && r != -EPIPE)
		return err_set(e, -r, "send a message to the container's sentry");
	r = receive_reply(sock, &sentry, e);
	return r < 0 ? r : take_fd(sock);
}

int sandbox_attach_exec(int statedir, enum sentry_mode mode, int listener, int pidfd,
			struct err *e)
{
	const struct handover h = make_message(HANDOVER_EXEC, mode);
	const int
		fds[] = { [HANDOVER_FD_LISTENER] = listener, [HANDOVER_FD_PIDFD] = pidfd };
	auto_close int sock = request(statedir, &h, fds, ARRAY_SIZE(fds), e);

	return sock < 0 ? sock : 0;
}

int sandbox_stats(int statedir, enum sentry_mode mode, struct handover_stats *ret,
		  struct err *e)
{
	const struct handover h = make_message(HANDOVER_STATS, mode);
	auto_close int sock = request(statedir, &h, NULL, 0, e);
	ssize_t n;

	if (sock < 0)
		return sock;
	n = fd_recv(sock, ret, sizeof(*ret), NULL, 0);
	if (n < 0)
		return err_set(e, (int)-n, "read the sentry's counters");
	if (n != sizeof(*ret))
		return err_text(e, EPROTO,
				"the sentry's counters have %zd bytes, expected %zu", n,
				sizeof(*ret));
	return 0;
}

int sandbox_trace(int statedir, enum sentry_mode mode, const char *names, struct err *e)
{
	struct handover h = make_message(HANDOVER_TRACE, mode);
	const struct timeval forever = { 0 };
	int sock;

	if (strlen(names) >= sizeof(h.names))
		return err_text(e, EINVAL,
				"trace: names of %zu characters, %zu are possible",
				strlen(names), sizeof(h.names) - 1);
	strcpy(h.names, names);
	sock = request(statedir, &h, NULL, 0, e);
	if (sock >= 0)
		setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	return sock;
}
