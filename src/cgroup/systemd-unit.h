/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and properties of a container's unit.  Pure. */
#ifndef PICKET_CGROUP_SYSTEMD_UNIT_H
#define PICKET_CGROUP_SYSTEMD_UNIT_H

#include "cgroup/dbus.h"
#include "spec/spec.h"

struct systemd_unit {
	char *name;		/* "prefix-name.scope", or a slice's own name; malloc'ed */
	char *slice;		/* the parent; malloc'ed */
	bool is_slice;
};

/* cgroupsPath "slice:prefix:name", each part may be empty -> unit. */
int systemd_unit_of(const char *cgroups_path, const char *id, bool user,
		    struct systemd_unit *ret, struct err *e);
void systemd_unit_done(struct systemd_unit *u);

void systemd_put_unit(struct dbus_body *b, const struct systemd_unit *u, const char *id,
		      pid_t pid, bool v2);
int systemd_put_limits(struct dbus_body *b, const struct spec_resources *r, bool v2,
		       struct err *e);
/* org.systemd.property.NAME annotations. */
int systemd_put_annotations(struct dbus_body *b, const struct spec *spec, struct err *e);

#endif
