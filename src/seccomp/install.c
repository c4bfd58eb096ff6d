// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters into the calling thread, and their listeners to the agent. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "kernel/seccomp.h"

int seccomp_install(const struct seccomp_program *p, int *ret_listener, struct err *e)
{
	const struct sock_fprog prog = { .len = (unsigned short)p->n,
					 .filter = p->insns };
	int r;

	*ret_listener = -1;
	if (!p->insns)
		return 0;
	r = kernel_seccomp_filter(p->flags, &prog);
	if (r < 0)
		return err_set(e, errno, "install the seccomp filter");
	if (p->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		*ret_listener = r;
	return 0;
}

static int connect_agent(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return take_fd(fd);
}

/* ContainerProcessState of the specification. */
static int make_message(const struct spec_seccomp *s, pid_t pid, const char *state_json,
			struct strbuf *ret)
{
	int r = strbuf_addf(
		ret, "{\"ociVersion\":\"1.2.0\",\"fds\":[\"seccompFd\"],\"pid\":%d,",
		pid);

	if (r == 0 && s->listener_metadata) {
		r = strbuf_addf(ret, "\"metadata\":");
		if (r == 0)
			r = json_put_string(ret, s->listener_metadata);
		if (r == 0)
			r = strbuf_addf(ret, ",");
	}
	return r < 0 ? r : strbuf_addf(ret, "\"state\":%s}", state_json);
}

int seccomp_send_listener(const struct spec_seccomp *s, int sock, int listener, pid_t pid,
			  const char *state_json, struct err *e)
{
	auto_close int own = sock < 0 ? connect_agent(s->listener_path) : -1;
	auto_(strbuf_done) struct strbuf message = { 0 };
	int r;

	if (sock < 0 && own < 0)
		return err_set(e, -own, "failed to connect with seccomp agent '%s'",
			       s->listener_path);
	r = state_json ? make_message(s, pid, state_json, &message) : -ENOMEM;
	if (r == 0)
		r = fd_send(sock < 0 ? own : sock, message.s, message.len, &listener, 1);
	if (r < 0)
		return err_set(e, -r, "send the listener to seccomp agent '%s'",
			       s->listener_path);
	return 0;
}
