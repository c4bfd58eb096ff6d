/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of src/seccomp. */
#ifndef PICKET_SECCOMP_INTERNAL_H
#define PICKET_SECCOMP_INTERNAL_H

#include <stdint.h>

#include "seccomp/seccomp.h"

/* libseccomp's token of "SCMP_ARCH_X86_64", or 0. */
uint32_t seccomp_arch_token(const char *name);

/*
 * stub.c: put before *p the code that answers ENOSYS to calls beyond the newest one that
 * the profile names, per architecture.
 */
int seccomp_add_stub(const struct spec_seccomp *s, struct seccomp_program *p);

#endif
