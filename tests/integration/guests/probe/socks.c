// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets: bound and connected. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "probe.h"

void probe_socks(void)
{
	struct sockaddr_un un = { AF_UNIX, "s" }, got;
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(got);
	struct stat st;
	int s, t;

	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	umask(027);
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(stat("s", &st) ? -1 : (long)st.st_mode);
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(getsockname(s, (void *)&got, &len));
	printf("%s %u\n", got.sun_path, len);
	SHOW(listen(s, 5));
	t = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&un, sizeof(un)));
	SHOW(bind(t, (void *)&un, 200));
	SHOW(bind(t, (void *)&un, 120));
	SHOW(bind(t, (void *)&un, 1));
	SHOW(bind(t, (void *)&un, 2));
	SHOW(bind(t, (void *)bad(), 20));
	SHOW(bind(9999, (void *)&un, 20));
	SHOW(bind(0, (void *)&un, 20));
	t = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(un.sun_path, sizeof(un.sun_path), "none/s");
	SHOW(bind(t, (void *)&un, sizeof(un)));
	SHOW(connect(t, (void *)&un, sizeof(un)));
	memset(un.sun_path, 'l', sizeof(un.sun_path));
	SHOW(bind(t, (void *)&un, sizeof(un)));
	SHOW(stat("s", &st));
	s = socket(AF_INET, SOCK_STREAM, 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	SHOW(bind(s, (void *)&in, sizeof(in)));
	SHOW(bind(s, (void *)&in, sizeof(in)));
	SHOW(bind(s, (void *)&un, sizeof(un)));
	SHOW(listen(s, 1));
	len = sizeof(in);
	SHOW(getsockname(s, (void *)&in, &len));
	t = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&in, sizeof(in)));
	SHOW(connect(t, (void *)&in, sizeof(in)));
	SHOW(connect(t, (void *)bad(), sizeof(in)));
	SHOW(connect(t, (void *)&in, 3));
	t = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	close(s);
	SHOW(connect(t, (void *)&in, sizeof(in)) && errno != EINPROGRESS &&
	     errno != ECONNREFUSED);
	t = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(t, (void *)&in, sizeof(in)));
}
