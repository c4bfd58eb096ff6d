/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json's seccomp profile: OCI -> BPF by libseccomp, cached by content; installation. */
#ifndef PICKET_SECCOMP_SECCOMP_H
#define PICKET_SECCOMP_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "spec/spec.h"

struct seccomp_program {
	struct sock_filter *insns;	/* malloc'ed; NULL: no profile */
	size_t n;
	unsigned int flags;		/* SECCOMP_FILTER_FLAG_* */
	bool notify;			/* some rule is SCMP_ACT_NOTIFY */
};

/*
 * Compile.  No file is touched.  Calls newer than the newest that the profile names get
 * ENOSYS instead of a refusing default action (runc's stub): programs then fall back.
 * (Not seccomp_load and the like: those names are libseccomp's.)
 */
int seccomp_program_compile(const struct spec_seccomp *s, struct seccomp_program *ret,
			    struct err *e);

/*
 * The same through the cache <cachedir>/<hash>.bpf, which holds the whole profile beside
 * the program: a hash that was made to collide fits no other profile.  Owner, mode and
 * size are verified; files are published by rename.  cachedir < 0: no cache.
 */
int seccomp_program_load(const struct spec_seccomp *s, int cachedir,
			 struct seccomp_program *ret, struct err *e);
void seccomp_program_done(struct seccomp_program *p);

/* The cache's directory below the runtime's root, made if missing; negative where it cannot be. */
int seccomp_cache_open(int rootdir);

/* Install in the calling thread.  *ret_listener: descriptor where flags ask for one, else -1. */
int seccomp_install(const struct seccomp_program *p, int *ret_listener, struct err *e);

/* Hand a listener to the agent at listenerPath with the specification's message.
 * sock: connected already, or -1. */
int seccomp_send_listener(const struct spec_seccomp *s, int sock, int listener, pid_t pid,
			  const char *state_json, struct err *e);

#endif
