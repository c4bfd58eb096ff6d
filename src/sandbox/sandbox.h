/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start the sentry beside a container and hand listeners over to it. */
#ifndef PICKET_SANDBOX_SANDBOX_H
#define PICKET_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/mode.h"
#include "spec/spec.h"

struct sandbox {
	pid_t pid; /* of picket-sentry (its watchdog), child of the runtime */
	int sock; /* handover socket; -1: it serves */
};

/* Parse "strict", "balanced", "off".  -EINVAL otherwise. */
int sandbox_parse_mode(const char *word, enum sentry_mode *ret);
const char *sandbox_mode_name(enum sentry_mode mode);

/* Mode for this container: flag/configuration, tightened (never loosened) by the annotation. */
int sandbox_effective_mode(const struct spec *s, enum sentry_mode configured,
			   enum sentry_mode *ret, struct err *e);

/*
 * What the guest takes for the kernel's release: the annotation dev.picket.release, else
 * the configured word, else "": the sentry's default.  Starts with "NUMBER.NUMBER".
 */
int sandbox_effective_release(const struct spec *s, const char *configured,
			      const char **ret, struct err *e);

/*
 * picket-sentry's program: O_PATH descriptor, found beside picket or in BINDIR.  When the
 * runtime re-executes itself the descriptor is handed on and set again.
 */
int sandbox_find_program(struct err *e);
void sandbox_set_program(int fd);

/* Spawn picket-sentry early, so that it starts beside the init. */
int sandbox_spawn(struct sandbox *ret, struct err *e);

/* The trap filter of the mode: built at build time, installed by the init.
 * Returns the listener's descriptor (O_CLOEXEC). */
int sandbox_install_filter(enum sentry_mode mode, struct err *e);

/* What the sentry is to know of the container: see include/handover.h. */
struct sandbox_guest {
	const char *release;
	const char *apparmor, *selinux;	/* of its processes; NULL: none */
	enum sentry_mode mode;
	int pidfd, statedir;
	uint32_t namespaces, flags;	/* CLONE_NEW*; HANDOVER_* */
	uint64_t caps;
	const int *cgroups;		/* HANDOVER_CGROUPS descriptors, -1: none */
};

/*
 * The container's mount tree stands: the sentry joins and makes its own mounts, beside the
 * init; with HANDOVER_WAITS in the flags until it has.
 */
int sandbox_join(struct sandbox *s, const struct sandbox_guest *g, struct err *e);

/* It ended after it had joined: its watchdog then ends the init, and that is why. */
bool sandbox_has_ended(const struct sandbox *s);

/* The init's listener, and the sentry's answer.  flags: HANDOVER_SEALED. */
int sandbox_serve(struct sandbox *s, enum sentry_mode mode, int listener, uint32_t flags,
		  pid_t *ret_sentry, struct err *e);

/* exec: hand the listener to the running sentry. */
int sandbox_attach_exec(int statedir, enum sentry_mode mode, int listener, int pidfd,
			struct err *e);

/* What the running sentry has counted. */
struct handover_stats;
int sandbox_stats(int statedir, enum sentry_mode mode, struct handover_stats *ret,
		  struct err *e);

/*
 * A socket from which a message can be read for each line about a mediated call, until the
 * container ends.  names: see handover.h.
 */
int sandbox_trace(int statedir, enum sentry_mode mode, const char *names, struct err *e);

/* Abandon a sentry that was spawned but not attached. */
void sandbox_abort(struct sandbox *s);

#endif
