/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much D-Bus as a runtime needs to ask systemd for a scope: method calls over one
 * stream socket, their replies, and JobRemoved signals.  Own code because libsystemd
 * doubles the start time of a program that links it.
 */
#ifndef PICKET_CGROUP_DBUS_H
#define PICKET_CGROUP_DBUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* ---- writing: values are appended, aligned as the protocol says ---- */

struct dbus_body {
	struct strbuf out;
	int error;		/* the first failure sticks */
};
void dbus_put_u8(struct dbus_body *b, uint8_t v);
void dbus_put_u32(struct dbus_body *b, uint32_t v);
void dbus_put_u64(struct dbus_body *b, uint64_t v);
void dbus_put_string(struct dbus_body *b, const char *s);	/* also for object paths */
void dbus_put_signature(struct dbus_body *b, const char *s);
void dbus_align(struct dbus_body *b, size_t to);
/* An array's elements stand between; align: of its element type. */
struct dbus_array { size_t len_at, start; };
struct dbus_array dbus_open_array(struct dbus_body *b, size_t align);
void dbus_close_array(struct dbus_body *b, struct dbus_array a);

/* "(sv)" entries of a property list, within an array that is open. */
void dbus_prop_string(struct dbus_body *b, const char *name, const char *value);
void dbus_prop_bool(struct dbus_body *b, const char *name, bool value);
void dbus_prop_u64(struct dbus_body *b, const char *name, uint64_t value);
/* Start of an entry whose variant of type `signature` the caller appends. */
void dbus_prop_open(struct dbus_body *b, const char *name, const char *signature);

/*
 * gvariant.c: the text of an org.systemd.property annotation ("uint64 5", "'a'", "true",
 * "['x', 'y']", "@as []") as an entry; -EINVAL for what is not one of those.  Pure.
 */
int dbus_prop_gvariant(struct dbus_body *b, const char *name, const char *text);

/* ---- talking ---- */

struct dbus {
	int fd;
	uint32_t serial;
	bool is_bus;		/* a message bus, not systemd's private socket */
	char jobs[8][128];	/* JobRemoved seen before it was asked for: "path result" */
	size_t jobs_n;
};

/* The system's or the user's manager.  dbus_close() in every case. */
int dbus_open(struct dbus *d, bool user, struct err *e);
void dbus_close(struct dbus *d);

/*
 * Call org.freedesktop.systemd1.Manager.<member> with the body; the first string of the
 * reply goes to ret (may be NULL).  An error reply is -EREMOTEIO with its text; its name
 * is in ret_name, which is empty otherwise.
 */
#define DBUS_NAME_MAX 128
int dbus_call(struct dbus *d, const char *member, const char *signature,
	      const struct dbus_body *body, char ret[DBUS_NAME_MAX],
	      char ret_name[DBUS_NAME_MAX], struct err *e);

/* Wait until systemd has finished the job (an object path): -EREMOTEIO unless "done". */
int dbus_wait_job(struct dbus *d, const char *job, struct err *e);

#endif
