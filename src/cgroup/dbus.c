// SPDX-License-Identifier: GPL-2.0-or-later
/* The connection to systemd's manager: authentication, calls, replies, finished jobs. */
#include "cgroup/dbus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define TIMEOUT_S 30
#define MESSAGE_MAX (1u << 20)

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER SYSTEMD ".Manager"
#define BUS "org.freedesktop.DBus"

enum message_type { METHOD_CALL = 1, METHOD_RETURN, ERROR_REPLY, SIGNAL };
enum header_field {
	PATH = 1,
	INTERFACE,
	MEMBER,
	ERROR_NAME,
	REPLY_SERIAL,
	DESTINATION,
	SENDER,
	SIGNATURE
};

struct target {
	const char *destination, *path, *interface;
};
static const struct target manager = { SYSTEMD, "/org/freedesktop/systemd1", MANAGER };
static const struct target bus = { BUS, "/org/freedesktop/DBus", BUS };

/* A received message; the strings point into buf. */
struct message {
	char *buf;
	size_t len, body;
	enum message_type type;
	uint32_t reply_serial;
	const char *member, *error_name;
};

static void message_done(struct message *m)
{
	free(m->buf);
	*m = (struct message){ 0 };
}

static int read_exact(int fd, void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		done += (size_t)n;
	}
	return 0;
}

static uint32_t get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* A string at *at within m (aligned there); NULL if it does not fit. */
static const char *get_string(const struct message *m, size_t *at)
{
	size_t p = (*at + 3) & ~(size_t)3, len;

	if (p + 4 > m->len)
		return NULL;
	len = get_u32(m->buf + p);
	if (len >= m->len || p + 4 + len >= m->len || m->buf[p + 4 + len] != '\0')
		return NULL;
	*at = p + 4 + len + 1;
	return m->buf + p + 4;
}

/* One (yv) of the header; only the types that the protocol gives these fields. */
static int parse_field(struct message *m, size_t *at)
{
	size_t p = (*at + 7) & ~(size_t)7;
	char code, type;
	const char *s;

	if (p + 4 > m->body || m->buf[p + 1] != 1)
		return -EBADMSG;
	code = m->buf[p];
	type = m->buf[p + 2];
	*at = p + 4;
	if (type == 'u') {
		if (p + 8 > m->body)
			return -EBADMSG;
		if (code == REPLY_SERIAL)
			m->reply_serial = get_u32(m->buf + p + 4);
		*at = p + 8;
		return 0;
	}
	if (type == 'g') {
		*at += 1 + (size_t)(unsigned char)m->buf[p + 4] + 1;
		return *at <= m->body ? 0 : -EBADMSG;
	}
	s = type == 's' || type == 'o' ? get_string(m, at) : NULL;
	if (code == MEMBER)
		m->member = s;
	if (code == ERROR_NAME)
		m->error_name = s;
	return s ? 0 : -EBADMSG;
}

static int receive(struct dbus *d, struct message *ret)
{
	char head[16];
	size_t fields, at = sizeof(head);
	uint32_t body_len;
	int r = read_exact(d->fd, head, sizeof(head));

	*ret = (struct message){ 0 };
	if (r < 0)
		return r;
	body_len = get_u32(head + 4);
	fields = get_u32(head + 12);
	if (head[0] != 'l' || body_len > MESSAGE_MAX || fields > MESSAGE_MAX)
		return -EBADMSG;
	ret->body = (sizeof(head) + fields + 7) & ~(size_t)7;
	ret->len = ret->body + body_len;
	ret->type = (enum message_type)head[1];
	ret->buf = malloc(ret->len + 1);
	if (!ret->buf)
		return -ENOMEM;
	memcpy(ret->buf, head, sizeof(head));
	r = read_exact(d->fd, ret->buf + sizeof(head), ret->len - sizeof(head));
	while (r == 0 && at < sizeof(head) + fields)
		r = parse_field(ret, &at);
	return r;
}

static void put_field(struct dbus_body *b, enum header_field code, const char *type,
		      const char *value)
{
	dbus_align(b, 8);
	dbus_put_u8(b, code);
	dbus_put_signature(b, type);
	if (*type == 'g')
		dbus_put_signature(b, value);
	else
		dbus_put_string(b, value);
}

static int send_call(struct dbus *d, const struct target *t, const char *member,
		     const char *signature, const struct dbus_body *body)
{
	struct dbus_body m = { 0 };
	struct dbus_array fields;
	int r;

	dbus_put_u8(&m, 'l');
	dbus_put_u8(&m, METHOD_CALL);
	dbus_put_u8(&m, 0);
	dbus_put_u8(&m, 1);
	dbus_put_u32(&m, body ? (uint32_t)body->out.len : 0);
	dbus_put_u32(&m, ++d->serial);
	fields = dbus_open_array(&m, 8);
	put_field(&m, PATH, "o", t->path);
	put_field(&m, INTERFACE, "s", t->interface);
	put_field(&m, MEMBER, "s", member);
	put_field(&m, DESTINATION, "s", t->destination);
	if (body)
		put_field(&m, SIGNATURE, "g", signature);
	dbus_close_array(&m, fields);
	dbus_align(&m, 8);
	r = m.error ? m.error : body ? body->error : 0;
	if (r == 0 && body)
		r = strbuf_add(&m.out, body->out.s, body->out.len);
	if (r == 0 && send(d->fd, m.out.s, m.out.len, MSG_NOSIGNAL) != (ssize_t)m.out.len)
		r = errno ? -errno : -EIO;
	strbuf_done(&m.out);
	return r;
}

/* JobRemoved(u id, o job, s unit, s result): keep it for dbus_wait_job(). */
static void note_job(struct dbus *d, const struct message *m)
{
	size_t at = m->body + sizeof(uint32_t);
	const char *job = get_string(m, &at);
	const char *unit = job ? get_string(m, &at) : NULL;
	const char *result = unit ? get_string(m, &at) : NULL;

	if (!result)
		return;
	if (d->jobs_n == ARRAY_SIZE(d->jobs)) { /* others' jobs: forget the oldest */
		memmove(d->jobs[0], d->jobs[1], sizeof(d->jobs) - sizeof(d->jobs[0]));
		d->jobs_n--;
	}
	snprintf(d->jobs[d->jobs_n++], sizeof(d->jobs[0]), "%s %s", job, result);
}

/* The next message that is a reply to `serial`, or any one where that is 0. */
static int receive_reply(struct dbus *d, uint32_t serial, struct message *ret)
{
	for (;;) {
		int r = receive(d, ret);

		if (r < 0)
			return r;
		if (ret->type == SIGNAL && str_eq(ret->member, "JobRemoved"))
			note_job(d, ret);
		if (serial == 0 || (ret->type != SIGNAL && ret->reply_serial == serial))
			return 0;
		message_done(ret);
	}
}

static int call(struct dbus *d, const struct target *t, const char *member,
		const char *signature, const struct dbus_body *body,
		char ret[DBUS_NAME_MAX], char ret_name[DBUS_NAME_MAX], struct err *e)
{
	auto_(message_done) struct message m = { 0 };
	const char *text;
	size_t at;
	int r = send_call(d, t, member, signature, body);

	if (r == 0)
		r = receive_reply(d, d->serial, &m);
	if (r < 0)
		return err_set(e, -r, "call systemd's %s", member);
	at = m.body;
	text = m.len > m.body ? get_string(&m, &at) : NULL;
	if (m.type == ERROR_REPLY) {
		if (ret_name)
			snprintf(ret_name, DBUS_NAME_MAX, "%s",
				 m.error_name ? m.error_name : "");
		return err_text(e, EREMOTEIO, "systemd's %s: %s", member,
				text	     ? text :
				m.error_name ? m.error_name :
					       "refused");
	}
	if (ret)
		snprintf(ret, DBUS_NAME_MAX, "%s", text ? text : "");
	return 0;
}

int dbus_call(struct dbus *d, const char *member, const char *signature,
	      const struct dbus_body *body, char ret[DBUS_NAME_MAX],
	      char ret_name[DBUS_NAME_MAX], struct err *e)
{
	if (ret_name)
		*ret_name = '\0';
	return call(d, &manager, member, signature, body, ret, ret_name, e);
}

int dbus_wait_job(struct dbus *d, const char *job, struct err *e)
{
	size_t len = strlen(job);
	int r;

	for (;;) {
		auto_(message_done) struct message m = { 0 };

		for (size_t i = 0; i < d->jobs_n; i++) {
			const char *result = d->jobs[i] + len;

			if (strncmp(d->jobs[i], job, len) != 0 || *result != ' ')
				continue;
			if (str_eq(result + 1, "done"))
				return 0;
			return err_text(e, EREMOTEIO, "systemd's job %s: %s", job,
					result + 1);
		}
		r = receive_reply(d, 0, &m);
		if (r < 0)
			return err_set(e, -r, "wait for systemd's job %s", job);
	}
}

/*
 * SASL EXTERNAL without a uid: the server takes it from the socket's credentials, which
 * is right in a user namespace too.  Sent in one piece, the server answers line by line.
 */
static int authenticate(int fd)
{
	static const char hello[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
	char line[256];
	size_t n = 0;
	int r = fd_write_all(fd, hello, sizeof(hello) - 1);

	while (r == 0) {
		r = read_exact(fd, &line[n], 1);
		if (r < 0 || line[n] != '\n') {
			if (++n == sizeof(line))
				r = -EBADMSG;
			continue;
		}
		line[n] = '\0';
		if (str_starts(line, "OK "))
			return 0;
		if (!str_starts(line, "DATA"))
			return -EACCES;
		n = 0;
	}
	return r;
}

static int connect_to(const char *path)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	r = authenticate(fd);
	return r < 0 ? r : take_fd(fd);
}

/* On a bus: a name of our own, and the manager's signals. */
static int enter_bus(struct dbus *d, struct err *e)
{
	struct dbus_body b = { 0 };
	int r = call(d, &bus, "Hello", "", NULL, NULL, NULL, e);

	dbus_put_string(&b, "type='signal',interface='" MANAGER "',member='JobRemoved'");
	if (r == 0)
		r = call(d, &bus, "AddMatch", "s", &b, NULL, NULL, e);
	strbuf_done(&b.out);
	return r < 0 ? r : call(d, &manager, "Subscribe", "", NULL, NULL, NULL, e);
}

/* "unix:path=/run/user/1000/bus,guid=..." -> the path, malloc'ed, or NULL. */
static char *path_of_address(const char *address)
{
	const char *path = address ? strstr(address, "unix:path=") : NULL;

	if (!path)
		return NULL;
	path += strlen("unix:path=");
	return strndup(path, strcspn(path, ",;"));
}

int dbus_open(struct dbus *d, bool user, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	auto_free char *private = NULL;
	auto_free char *socket_path = NULL;

	*d = (struct dbus){ .fd = -1 };
	if (user && runtime) {
		private = str_printf("%s/systemd/private", runtime);
		socket_path = path_of_address(getenv("DBUS_SESSION_BUS_ADDRESS"));
		if (!socket_path)
			socket_path = str_printf("%s/bus", runtime);
	} else if (!user) {
		private = strdup("/run/systemd/private");
		socket_path = strdup("/run/dbus/system_bus_socket");
	}
	if (private)
		d->fd = connect_to(private);
	if (d->fd >= 0)
		return 0;
	d->is_bus = true;
	d->fd = socket_path ? connect_to(socket_path) : -ENOENT;
	if (d->fd < 0)
		return err_set(e, -d->fd,
			       "connect to systemd%s (needed by the systemd cgroup "
			       "driver)",
			       user ? " of the user" : "");
	return enter_bus(d, e);
}

void dbus_close(struct dbus *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
