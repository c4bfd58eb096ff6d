/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where messages go: stderr, and the file of --log.  Callers parse that file, so at the
 * default level it gets exactly one line on failure and none on success (go-runc,
 * podman); the JSON form is {"level":..,"msg":..,"time":RFC3339}.
 */
#ifndef PICKET_BASE_LOG_H
#define PICKET_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/*
 * Set up logging.  path NULL: stderr only.  The descriptor is O_APPEND|O_CLOEXEC and is
 * opened before any namespace is entered.  Returns 0 or a negative errno.
 */
int log_open(const char *path, enum log_format format, enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
