/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's texts about mounts, read by lines.  Pure.  Hostile: the guest chooses the names
 * of mount points, and of what it mounts.  Every text given is cut up in place.
 */
#ifndef PICKET_SENTRY_VFS_MOUNTTEXT_H
#define PICKET_SENTRY_VFS_MOUNTTEXT_H

#include <limits.h>
#include <stdbool.h>

#include "base/str.h"

/*
 * /proc/PID/mountinfo, mounts, mountstats without paths of the host: the first mount of a
 * file system shows its root, others what lies below that; a source or an option
 * with a slash is left out (of the source, the type stays).  A line that is not
 * understood is left out.  0 or -ENOMEM.
 */
int mounttext_info(char *text, struct strbuf *out);
int mounttext_mounts(char *text, struct strbuf *out);
int mounttext_stats(char *text, struct strbuf *out);

/*
 * The next mount of a mountinfo text; *text moves on.  What is returned points into the text.
 * A line that is not understood is left out.  False: there is no other.
 */
struct mounttext_line {
	const char *dev;		/* "major:minor" */
	const char *point;
};
bool mounttext_next(char **text, struct mounttext_line *ret);

/*
 * Where in its file system is what lies at `path`, on the mount with that id?  info: a
 * mountinfo text with the same root directory as the path.  -ENOENT: cannot tell.
 */
int mounttext_inside(char *info, unsigned int mnt_id, const char *path,
		     char ret[PATH_MAX]);

#endif
