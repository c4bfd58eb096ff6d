// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Build tool: prints the filters as C.  "trap" is what a guest is under, one for each
 * mode, made from syscalls.def and arguments.def; "self" is what the sentry is under,
 * made from policy/self-filter.def.
 *
 * Calls that are decided by their number alone load nothing else, so that the kernel
 * finds out at installation and then skips the filter for them (Linux 5.11).  libseccomp
 * does not serve here: it has one default action for a whole filter, the list has one
 * for each call.
 */
#include <asm/termbits.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "abi/bpf.h"
#include "abi/nr.h"
#include "abi/rules.h"
#include "abi/table.h"

#define ROWS_MAX 512

enum verdict { NOTIFY, ALLOWED, REFUSED, BY_RULES };

struct verdict_row {
	int nr;
	enum verdict verdict;
	int err;
	unsigned int flags;	/* of a mediated row: see abi/table.h */
};

#define NATIVE(name_, ...)		{ __NR_##name_, ALLOWED, 0, 0 },
#define NATIVE_IF(name_, err_, ...)	{ __NR_##name_, BY_RULES, (err_), 0 },
#define DENY(name_, err_, ...)		{ __NR_##name_, REFUSED, (err_), 0 },
#define EMULATE(name_, flags_, ...)	{ __NR_##name_, NOTIFY, 0, (flags_) },
#define BROKER(name_, flags_, ...)	{ __NR_##name_, NOTIFY, 0, (flags_) },
#define CONTINUE(name_, flags_, ...)	{ __NR_##name_, NOTIFY, 0, (flags_) },
static const struct verdict_row trap_rows[] = {
#include "abi/syscalls.def"
};

#define REFUSE(name_, err_, ...)	RULE(RULE_REFUSE, name_, err_, __VA_ARGS__)
#define ALLOW(name_, ...)		RULE(RULE_ALLOW, name_, 0, __VA_ARGS__)
#define ELSE(name_, err_, ...)		RULE(RULE_ELSE, name_, err_, __VA_ARGS__)
#define RANGE(name_, arg_, first_, last_) \
	RULE(RULE_RANGE, name_, 0, IN(arg_, first_, last_))
#define VALUE(name_, arg_, value_)	RANGE(name_, arg_, value_, value_)
#define BUT_NOT(name_, arg_, value_, err_) \
	RULE(RULE_RANGE, name_, err_, IN(arg_, value_, value_))
static const struct rule trap_rules[] = {
#include "abi/arguments.def"
};

#ifdef __SANITIZE_ADDRESS__
#define SELF_ASAN SELF
#else
#define SELF_ASAN(...)
#endif
#define SELF(name_, ...)		{ __NR_##name_, ALLOWED, 0, 0 },
#define SELF_IF(name_, ...)		{ __NR_##name_, BY_RULES, 0, 0 },
#define SELF_DENY(name_, err_, ...)	{ __NR_##name_, REFUSED, (err_), 0 },
#define SELF_ALSO(...)
static const struct verdict_row self_rows[] = {
#include "policy/self-filter.def"
};
#undef SELF
#undef SELF_IF
#undef SELF_DENY
#undef SELF_ALSO
#define SELF(name_, ...)
#define SELF_DENY(name_, ...)
#define SELF_ALSO(name_, ...)		RULE(RULE_ALLOW, name_, 0, __VA_ARGS__)
#define SELF_IF(name_, reason_, ...)	RULE(RULE_ALLOW, name_, 0, __VA_ARGS__)
static const struct rule self_rules[] = {
#include "policy/self-filter.def"
	{ .nr = -1 }
};

/* The mediated calls that programs make most, tried before the tree. */
static const int trap_hot[] = { __NR_openat };
static const int no_hot[] = { -1 };

struct filter {
	const char *kind, *name;
	const struct verdict_row *rows;
	size_t n_rows;
	const struct rule *rules;
	size_t n_rules;
	const int *hot;
	size_t n_hot;
	unsigned int native;	/* mediated rows with one of these flags are native */
	uint32_t foreign;	/* x32, i386, numbers that are not in the list */
	uint32_t otherwise;	/* arguments that no rule allows; 0: the row's errno */
};

#define PART(v) (v), sizeof(v) / sizeof((v)[0])
static const struct filter filters[] = {
	{ "trap", "trap_filter_strict", PART(trap_rows), PART(trap_rules), PART(trap_hot),
	  0, SECCOMP_RET_ERRNO | ENOSYS, 0 },
	{ "trap", "trap_filter_balanced", PART(trap_rows), PART(trap_rules), PART(no_hot),
	  FILES, SECCOMP_RET_ERRNO | ENOSYS, 0 },
	{ "self", "self_filter", PART(self_rows), PART(self_rules), PART(no_hot), 0,
	  SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS },
};

static void emit_row(const struct filter *f, const struct verdict_row *row,
		     struct bpf_code *c)
{
	uint32_t refusal = SECCOMP_RET_ERRNO | (uint32_t)row->err;

	switch (row->verdict) {
	case NOTIFY:	/* but for what rules allow or refuse */
		if (row->flags & f->native)
			bpf_return(c, SECCOMP_RET_ALLOW);
		else if (rules_exist(f->rules, f->n_rules, row->nr))
			rules_emit(f->rules, f->n_rules, row->nr, SECCOMP_RET_USER_NOTIF,
				   c);
		else
			bpf_return(c, SECCOMP_RET_USER_NOTIF);
		break;
	case ALLOWED:
		bpf_return(c, SECCOMP_RET_ALLOW);
		break;
	case REFUSED:
		bpf_return(c, refusal);
		break;
	case BY_RULES:
		rules_emit(f->rules, f->n_rules, row->nr,
			   f->otherwise ? f->otherwise : refusal, c);
		break;
	}
}

static const struct verdict_row *find_row(const struct filter *f, int nr)
{
	const struct verdict_row *found = NULL;

	for (size_t i = 0; i < f->n_rows; i++) {
		if (f->rows[i].nr != nr)
			continue;
		if (found)
			errx(1, "%s: call %d is listed twice", f->name, nr);
		found = &f->rows[i];
	}
	return found;
}

static void emit_load(struct bpf_code *c, size_t offset)
{
	bpf_add(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void emit_filter(const struct filter *f, struct bpf_code *c)
{
	struct bpf_tree tree = { NULL, 0, 0 };

	emit_load(c, offsetof(struct seccomp_data, arch));
	bpf_add(c, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
	bpf_return(c, f->foreign);
	emit_load(c, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < f->n_hot; i++) {
		const struct verdict_row *row = find_row(f, f->hot[i]);
		struct bpf_code code = { NULL, 0, 0 };

		if (!row)
			continue;
		emit_row(f, row, &code);
		bpf_add(c, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)code.n,
			(uint32_t)row->nr);
		bpf_append(c, &code);
		bpf_done(&code);
	}
	for (int nr = 0; nr <= ROWS_MAX; nr++) {
		const struct verdict_row *row = find_row(f, nr);
		struct bpf_code code = { NULL, 0, 0 };

		if (row)
			emit_row(f, row, &code);
		else
			bpf_return(&code, f->foreign);
		bpf_tree_add(&tree, (uint32_t)nr, &code);
		bpf_done(&code);
	}
	bpf_tree_emit(&tree, c);
	bpf_tree_done(&tree);
}

static void print(const struct filter *f, const struct bpf_code *c)
{
	printf("\nstatic const struct sock_filter %s[] = {\n", f->name);
	for (size_t i = 0; i < c->n; i++)
		printf("\t{ %#04x, %u, %u, %#x },\n", c->insn[i].code, c->insn[i].jt,
		       c->insn[i].jf, c->insn[i].k);
	printf("};\n");
}

static void make(const struct filter *f)
{
	struct bpf_code c = { NULL, 0, 0 };

	emit_filter(f, &c);
	bpf_shrink(&c);
	if (c.n > BPF_MAXINSNS)
		errx(1, "%s: %zu instructions", f->name, c.n);
	print(f, &c);
	bpf_done(&c);
}

int main(int argc, char **argv)
{
	size_t made = 0;

	printf("/* Made by sentry/abi/mkfilter: do not edit. */\n"
	       "#include <linux/filter.h>\n");
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		if (argc == 2 && !strcmp(argv[1], filters[i].kind)) {
			make(&filters[i]);
			made++;
		}
	}
	if (!made)
		errx(1, "usage: mkfilter trap|self");
	if (fflush(stdout) || ferror(stdout))
		err(1, "write filter");
	return 0;
}
