// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ENOSYS stub.  A profile that refuses what it does not name would answer EPERM to a
 * call that is younger than the profile, and the libc would report that instead of falling
 * back to an older call.  So what is numbered beyond the newest named call gets ENOSYS.
 * Pure.
 */
#include "seccomp/internal.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

#define X32_BIT	       0x40000000
#define INSNS_PER_ARCH 6
#define ARCH_MAX       32

#define OFF_NR	       offsetof(struct seccomp_data, nr)
#define OFF_ARCH       offsetof(struct seccomp_data, arch)

static bool is_permissive(const char *action)
{
	return str_eq(action, "SCMP_ACT_ALLOW") || str_eq(action, "SCMP_ACT_LOG") ||
	       str_eq(action, "SCMP_ACT_TRACE") || str_eq(action, "SCMP_ACT_NOTIFY");
}

/* Number of the newest call of arch that a rule names, or -1. */
static int newest(const struct spec_seccomp *s, uint32_t arch)
{
	int last = -1;

	for (size_t i = 0; i < s->rules_n; i++)
		for (size_t j = 0; j < s->rules[i].names.n; j++) {
			int nr = seccomp_syscall_resolve_name_arch(
				arch, s->rules[i].names.v[j]);

			if (nr > last)
				last = nr;
		}
	return last;
}

static size_t list_architectures(const struct spec_seccomp *s, uint32_t ret[ARCH_MAX])
{
	size_t n = 0;

	ret[n++] = seccomp_arch_native();
	for (size_t i = 0; i < s->architectures.n && n < ARCH_MAX; i++) {
		uint32_t arch = seccomp_arch_token(s->architectures.v[i]);

		if (arch && arch != ret[0])
			ret[n++] = arch;
	}
	return n;
}

/*
 * The x86-64 entry serves x32 too, by a bit in the number: those calls are left to the
 * profile.
 */
static size_t add_arch(struct sock_filter *v, uint32_t arch, int last)
{
	const uint32_t answer = SECCOMP_RET_ERRNO | ENOSYS;
	const bool x86_64 = arch == AUDIT_ARCH_X86_64;
	struct sock_filter *p = v;

	*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0,
					    x86_64 ? 4 : 3);
	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFF_NR);
	if (x86_64)
		*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2,
						    0);
	*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 0,
					    1);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
	/* What follows compares the architecture again. */
	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFF_ARCH);
	return (size_t)(p - v);
}

int seccomp_add_stub(const struct spec_seccomp *s, struct seccomp_program *p)
{
	struct sock_filter stub[1 + ARCH_MAX * INSNS_PER_ARCH];
	uint32_t arch[ARCH_MAX];
	struct sock_filter *v;
	size_t n = 0, archs;

	if (is_permissive(s->default_action))
		return 0;
	archs = list_architectures(s, arch);
	stub[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OFF_ARCH);
	for (size_t i = 0; i < archs; i++) {
		int last = arch[i] == SCMP_ARCH_X32 ? -1 : newest(s, arch[i]);

		if (last >= 0)
			n += add_arch(stub + n, arch[i], last);
	}
	v = calloc(n + p->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v, stub, n * sizeof(*v));
	memcpy(v + n, p->insns, p->n * sizeof(*v));
	free(p->insns);
	p->insns = v;
	p->n += n;
	return 0;
}
