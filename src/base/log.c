// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages: one line each to stderr and to the file of --log, by a single write(2), so
 * that lines of concurrent runtimes do not mix.  Never allocates, never fails its caller.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"

#define LINE_MAX_ 4096

static struct {
	int fd;
	enum log_format format;
	enum log_level level;
} out = { .fd = -1 };

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_DEBUG] = "debug",
};

int log_open(const char *path, enum log_format format, enum log_level level)
{
	out.format = format;
	out.level = level;
	if (!path)
		return 0;
	out.fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	return out.fd < 0 ? -errno : 0;
}

/* Append one character of a quoted string; both forms share their escapes. */
static size_t put_escaped(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	if (c == '"' || c == '\\') {
		p[0] = '\\';
		p[1] = (char)c;
		return 2;
	}
	if (c == '\n' || c == '\t' || c == '\r') {
		p[0] = '\\';
		p[1] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
		return 2;
	}
	if (c < 0x20 || c == 0x7f) {
		memcpy(p, "\\u00", 4);
		p[4] = hex[c >> 4];
		p[5] = hex[c & 15];
		return 6;
	}
	p[0] = (char)c;
	return 1;
}

/*
 * {"level":"error","msg":"...","time":"2026-01-02T03:04:05Z"} or
 * time="2026-01-02T03:04:05Z" level=error msg="..."
 */
static void write_file_line(enum log_level level, const char *msg)
{
	char line[LINE_MAX_ + 128], stamp[32];
	bool json = out.format == LOG_FORMAT_JSON;
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	if (!gmtime_r(&now, &tm) ||
	    !strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm))
		memcpy(stamp, "1970-01-01T00:00:00Z", 21);
	if (json)
		n = (size_t)snprintf(line, 128, "{\"level\":\"%s\",\"msg\":\"",
				     level_names[level]);
	else
		n = (size_t)snprintf(line, 128, "time=\"%s\" level=%s msg=\"", stamp,
				     level_names[level]);
	for (; *msg && n < LINE_MAX_; msg++)
		n += put_escaped(line + n, (unsigned char)*msg);
	if (json)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "\",\"time\":\"%s\"}\n",
				      stamp);
	else
		n += (size_t)snprintf(line + n, sizeof(line) - n, "\"\n");
	(void)fd_write_all(out.fd, line, n);
}

/* One line whatever the message quotes: control characters are written as escapes. */
static void write_terminal_line(enum log_level level, const char *msg)
{
	static const char *const prefix[] = {
		[LOG_LEVEL_ERROR] = "picket: ",
		[LOG_LEVEL_WARNING] = "picket: warning: ",
		[LOG_LEVEL_DEBUG] = "picket: debug: ",
	};
	char line[LINE_MAX_];
	size_t n = strlen(prefix[level]);

	memcpy(line, prefix[level], n);
	for (; *msg && n < sizeof(line) - 8; msg++) {
		if (*msg == '"' || *msg == '\\')
			line[n++] = *msg;
		else
			n += put_escaped(line + n, (unsigned char)*msg);
	}
	line[n++] = '\n';
	(void)fd_write_all(STDERR_FILENO, line, n);
}

static void emit(enum log_level level, const char *fmt, va_list ap)
{
	int saved = errno;
	char msg[2048];

	if (level > out.level)
		return;
	vsnprintf(msg, sizeof(msg), fmt, ap);
	write_terminal_line(level, msg);
	if (out.fd >= 0)
		write_file_line(level, msg);
	errno = saved;
}

#define DEFINE_LOG(name, level)               \
	void log_##name(const char *fmt, ...) \
	{                                     \
		va_list ap;                   \
                                              \
		va_start(ap, fmt);            \
		emit(level, fmt, ap);         \
		va_end(ap);                   \
	}

DEFINE_LOG(error, LOG_LEVEL_ERROR)
DEFINE_LOG(warning, LOG_LEVEL_WARNING)
DEFINE_LOG(debug, LOG_LEVEL_DEBUG)
