// SPDX-License-Identifier: GPL-2.0-or-later
/* An OCI seccomp profile as a BPF program, by libseccomp. */
#include "seccomp/seccomp.h"

#include <ctype.h>
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "kernel/seccomp.h"
#include "seccomp/internal.h"

#define TREE_FROM 32 /* names from which a binary tree pays */
#define ARGS_MAX  6

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static int action_of(const char *name, struct spec_opt_u64 errno_ret, uint32_t *ret)
{
	const uint16_t code = errno_ret.has ? (uint16_t)errno_ret.v : EPERM;
	/* clang-format off */
	const struct { const char *name; uint32_t action; } actions[] = {
		{ "SCMP_ACT_KILL",         SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD",  SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP",         SCMP_ACT_TRAP },
		{ "SCMP_ACT_ERRNO",        SCMP_ACT_ERRNO(code) },
		{ "SCMP_ACT_TRACE",        SCMP_ACT_TRACE(code) },
		{ "SCMP_ACT_LOG",          SCMP_ACT_LOG },
		{ "SCMP_ACT_ALLOW",        SCMP_ACT_ALLOW },
		{ "SCMP_ACT_NOTIFY",       SCMP_ACT_NOTIFY },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (str_eq(name, actions[i].name)) {
			*ret = actions[i].action;
			return 0;
		}
	return -EINVAL;
}

uint32_t seccomp_arch_token(const char *name)
{
	char lower[32] = "";

	if (!str_starts(name, "SCMP_ARCH_"))
		return 0;
	name += strlen("SCMP_ARCH_");
	for (size_t i = 0; name[i] && i < sizeof(lower) - 1; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	return seccomp_arch_resolve_name(lower);
}

static int add_architectures(scmp_filter_ctx ctx, const struct spec_seccomp *s,
			     struct err *e)
{
	for (size_t i = 0; i < s->architectures.n; i++) {
		const char *name = s->architectures.v[i];
		uint32_t arch = seccomp_arch_token(name);
		int r = arch ? seccomp_arch_add(ctx, arch) : -EINVAL;

		if (!arch)
			return err_text(e, EINVAL,
					"config.json: .linux.seccomp.architectures"
					"[%zu]: unknown architecture '%s'",
					i, name);
		if (r < 0 && r != -EEXIST)
			return err_set(e, -r,
				       "config.json: .linux.seccomp.architectures[%zu]: "
				       "add '%s'",
				       i, name);
	}
	return 0;
}

static int make_args(const struct spec_seccomp_rule *rule, struct scmp_arg_cmp *ret,
		     bool *ret_repeats)
{
	unsigned int seen = 0;

	*ret_repeats = false;
	if (rule->args_n > ARGS_MAX)
		*ret_repeats = true; /* six arguments: some are named twice */
	for (size_t i = 0; i < rule->args_n; i++) {
		const struct spec_seccomp_arg *a = &rule->args[i];

		if (a->index >= ARGS_MAX)
			return -EINVAL;
		*ret_repeats |= seen >> a->index & 1;
		seen |= 1u << a->index;
		ret[i] = (struct scmp_arg_cmp){ .arg = a->index,
						.op = (enum scmp_compare)a->op,
						.datum_a = a->value,
						.datum_b = a->value_two };
	}
	return 0;
}

/*
 * Conditions on different arguments must all hold; libseccomp refuses two on the same
 * one: as in runc, each condition then is a rule of its own.
 */
static int add_rule(scmp_filter_ctx ctx, uint32_t action, int nr,
		    const struct scmp_arg_cmp *args, size_t n, bool repeats)
{
	int r = 0;

	if (!repeats)
		return seccomp_rule_add_array(ctx, action, nr, (unsigned int)n, args);
	for (size_t i = 0; i < n && r == 0; i++)
		r = seccomp_rule_add_array(ctx, action, nr, 1, &args[i]);
	return r;
}

static int add_rules_of(scmp_filter_ctx ctx, const struct spec_seccomp *s, size_t index,
			uint32_t default_action, struct err *e)
{
	const struct spec_seccomp_rule *rule = &s->rules[index];
	auto_free struct scmp_arg_cmp *args = calloc(rule->args_n + 1, sizeof(*args));
	uint32_t action = 0;
	bool repeats;
	int r = args ? action_of(rule->action, rule->errno_ret, &action) : -ENOMEM;

	if (r == 0)
		r = make_args(rule, args, &repeats);
	if (r < 0)
		return err_set(e, -r, "config.json: .linux.seccomp.syscalls[%zu]", index);
	if (action == default_action)
		return 0;
	for (size_t i = 0; i < rule->names.n; i++) {
		int nr = seccomp_syscall_resolve_name(rule->names.v[i]);

		if (nr == __NR_SCMP_ERROR) {
			log_debug("seccomp: unknown syscall '%s', ignoring it",
				  rule->names.v[i]);
			continue;
		}
		r = add_rule(ctx, action, nr, args, rule->args_n, repeats);
		if (r < 0)
			return err_set(e, -r,
				       "config.json: .linux.seccomp.syscalls[%zu]: add "
				       "a rule for '%s'",
				       index, rule->names.v[i]);
	}
	return 0;
}

/* Absent flags mean SPEC_ALLOW, an empty list means none: as in runc. */
static int flags_of(const struct spec_seccomp *s, bool notify, unsigned int *ret,
		    struct err *e)
{
	*ret = s->has_flags ? 0 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < s->flags.n; i++) {
		const char *f = s->flags.v[i];

		if (str_eq(f, "SECCOMP_FILTER_FLAG_TSYNC"))
			*ret |= SECCOMP_FILTER_FLAG_TSYNC;
		else if (str_eq(f, "SECCOMP_FILTER_FLAG_LOG"))
			*ret |= SECCOMP_FILTER_FLAG_LOG;
		else if (str_eq(f, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
			*ret |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		else if (str_eq(f, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
			*ret |= notify ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0;
		else
			return err_text(e, EINVAL,
					"config.json: .linux.seccomp.flags[%zu]: "
					"unknown flag '%s'",
					i, f);
	}
	if (notify)
		*ret |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (notify && (*ret & SECCOMP_FILTER_FLAG_TSYNC))
		*ret |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
	return 0;
}

/* libseccomp before 2.6 exports to a descriptor only. */
static int export(scmp_filter_ctx ctx, struct seccomp_program *ret)
{
	auto_close int fd = memfd_create("bpf", MFD_CLOEXEC);
	auto_free char *bytes = NULL;
	size_t len;
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = fd_read_all(fd, 8 * BPF_MAXINSNS, &bytes, &len);
	if (r < 0)
		return r;
	ret->n = len / sizeof(*ret->insns);
	ret->insns = (struct sock_filter *)(void *)take_ptr(bytes);
	return 0;
}

static bool has_notify(const struct spec_seccomp *s)
{
	for (size_t i = 0; i < s->rules_n; i++)
		if (str_eq(s->rules[i].action, "SCMP_ACT_NOTIFY"))
			return true;
	return false;
}

static size_t count_names(const struct spec_seccomp *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->rules_n; i++)
		n += s->rules[i].names.n;
	return n;
}

static int build(scmp_filter_ctx ctx, const struct spec_seccomp *s,
		 uint32_t default_action, struct seccomp_program *p, struct err *e)
{
	int r = add_architectures(ctx, s, e);

	for (size_t i = 0; i < s->rules_n && r == 0; i++)
		r = add_rules_of(ctx, s, i, default_action, e);
	if (r < 0)
		return r;
	if (count_names(s) > TREE_FROM)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = export(ctx, p);
	if (r == 0)
		r = seccomp_add_stub(s, p);
	if (r == 0 && p->n > BPF_MAXINSNS)
		r = -E2BIG;
	return r < 0 ? err_set(e, -r, "build the seccomp filter") : 0;
}

int seccomp_program_compile(const struct spec_seccomp *s, struct seccomp_program *ret,
			    struct err *e)
{
	auto_(release) scmp_filter_ctx ctx = NULL;
	struct seccomp_program p = { .notify = has_notify(s) };
	uint32_t action = 0;
	int r = action_of(s->default_action, s->default_errno_ret, &action);

	*ret = (struct seccomp_program){ 0 };
	if (r < 0)
		return err_text(e, EINVAL,
				"config.json: .linux.seccomp.defaultAction: unknown "
				"action '%s'",
				s->default_action);
	r = flags_of(s, p.notify, &p.flags, e);
	if (r < 0)
		return r;
	ctx = seccomp_init(action);
	if (!ctx)
		return err_set(e, ENOMEM, "start a seccomp filter");
	r = build(ctx, s, action, &p, e);
	if (r < 0)
		seccomp_program_done(&p);
	*ret = p;
	return r;
}

void seccomp_program_done(struct seccomp_program *p)
{
	free(p->insns);
	*p = (struct seccomp_program){ 0 };
}
