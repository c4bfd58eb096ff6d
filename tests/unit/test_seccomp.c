// SPDX-License-Identifier: GPL-2.0-or-later
/* Profiles are compiled and the programs run on made-up calls, as the kernel would. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"

static uint32_t load_word(const struct seccomp_data *d, uint32_t off)
{
	uint32_t w;

	CHECK(off % 4 == 0 && off + 4 <= sizeof(*d));
	memcpy(&w, (const char *)d + off, 4);
	return w;
}

static uint32_t run(const struct seccomp_program *p, const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct sock_filter *i = &p->insns[pc];
		bool t;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load_word(d, i->k);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			t = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			t = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			t = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			t = a & i->k;
			break;
		default:
			test_fail(__FILE__, __LINE__, "instruction %#x", i->code);
		}
		pc += t ? i->jt : i->jf;
	}
	test_fail(__FILE__, __LINE__, "ran off the end");
}

static uint32_t call3(const struct seccomp_program *p, uint32_t arch, int nr, uint64_t a0,
		      uint64_t a1)
{
	const struct seccomp_data d = { .nr = nr, .arch = arch, .args = { a0, a1 } };

	return run(p, &d);
}

static uint32_t call(const struct seccomp_program *p, int nr, uint64_t a0, uint64_t a1)
{
	return call3(p, AUDIT_ARCH_X86_64, nr, a0, a1);
}

static const char *archs[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" };
static const char *allowed[] = { "read",	 "write",      "openat",    "socket",
				 "no_such_call", "exit_group", "faccessat2" };
static const char *personality[] = { "personality" };
static const char *clone[] = { "clone" };
static const char *clone3[] = { "clone3" };
static struct spec_seccomp_arg domain[] = { { 0, 0, 0, SCMP_CMP_EQ },
					    { 0, 8, 0, SCMP_CMP_EQ } };
static struct spec_seccomp_arg no_ns[] = { { 0, 0x7e020000, 0, SCMP_CMP_MASKED_EQ } };

/* The shape of docker's profile: refuse all, allow names, two by argument, one ENOSYS. */
static struct spec_seccomp_rule rules[] = {
	{ .names = { allowed, 7 }, .action = "SCMP_ACT_ALLOW" },
	{ .names = { personality, 1 },
	  .action = "SCMP_ACT_ALLOW",
	  .args = domain,
	  .args_n = 2 },
	{ .names = { clone, 1 }, .action = "SCMP_ACT_ALLOW", .args = no_ns, .args_n = 1 },
	{ .names = { clone3, 1 },
	  .action = "SCMP_ACT_ERRNO",
	  .errno_ret = { true, ENOSYS } },
};

static const struct spec_seccomp docker = {
	.present = true,
	.default_action = "SCMP_ACT_ERRNO",
	.architectures = { archs, 3 },
	.rules = rules,
	.rules_n = 4,
	.content_hash = 0x1234,
};

static struct seccomp_program compile(const struct spec_seccomp *s)
{
	struct seccomp_program p;
	struct err e = ERR_INIT;

	if (seccomp_program_compile(s, &p, &e) < 0)
		test_fail(__FILE__, __LINE__, "%s", e.msg);
	return p;
}

#define EPERM_	(SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_ (SECCOMP_RET_ERRNO | ENOSYS)

TEST(seccomp_profile_decides_as_written)
{
	struct seccomp_program p = compile(&docker);

	CHECK_INT(call(&p, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_mount, 0, 0), EPERM_);
	CHECK_INT(call(&p, SYS_clone3, 0, 0), ENOSYS_);
	CHECK_INT(call(&p, SYS_clone, 17, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_clone, 17 | 0x10000000, 0), EPERM_);
	CHECK_INT(p.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	CHECK(!p.notify);
}

TEST(seccomp_repeated_arguments_are_alternatives)
{
	struct seccomp_program p = compile(&docker);

	CHECK_INT(call(&p, SYS_personality, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_personality, 8, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_personality, 9, 0), EPERM_);
}

TEST(seccomp_newer_calls_get_enosys)
{
	struct seccomp_program p = compile(&docker);

	CHECK_INT(call(&p, SYS_faccessat2, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_faccessat2 - 1, 0, 0), EPERM_);
	CHECK_INT(call(&p, SYS_faccessat2 + 1, 0, 0), ENOSYS_);
	CHECK_INT(call(&p, 9999, 0, 0), ENOSYS_);
	CHECK_INT(call3(&p, AUDIT_ARCH_I386, 9999, 0, 0), ENOSYS_);
	CHECK_INT(call3(&p, AUDIT_ARCH_I386, 3, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, 0x40000000 | 0, 0, 0), SECCOMP_RET_ALLOW); /* x32 read */
	CHECK_INT(call(&p, 0x40000000 | 165, 0, 0), EPERM_);
	CHECK_INT(call3(&p, AUDIT_ARCH_ARM, 3, 0, 0), SECCOMP_RET_KILL_THREAD);
}

TEST(seccomp_permissive_default_has_no_stub)
{
	struct spec_seccomp s = docker;
	struct seccomp_program p;
	struct spec_seccomp_rule deny = { .names = { clone, 1 },
					  .action = "SCMP_ACT_KILL" };

	s.default_action = "SCMP_ACT_ALLOW";
	s.rules = &deny;
	s.rules_n = 1;
	p = compile(&s);
	CHECK_INT(call(&p, 9999, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(call(&p, SYS_clone, 0, 0), SECCOMP_RET_KILL_THREAD);
}

TEST(seccomp_notify_asks_for_a_listener)
{
	const char *flags[] = { "SECCOMP_FILTER_FLAG_LOG" };
	struct spec_seccomp_rule rule = { .names = { clone, 1 },
					  .action = "SCMP_ACT_NOTIFY" };
	const struct spec_seccomp s = { .default_action = "SCMP_ACT_ALLOW",
					.rules = &rule,
					.rules_n = 1,
					.has_flags = true,
					.flags = { flags, 1 } };
	struct seccomp_program p = compile(&s);

	CHECK(p.notify);
	CHECK_INT(p.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_NEW_LISTENER);
	CHECK_INT(call(&p, SYS_clone, 0, 0), SECCOMP_RET_USER_NOTIF);
}

TEST(seccomp_errors_name_the_field)
{
	const char *bad[] = { "SCMP_ARCH_PDP11" }, *flag[] = { "FLAG_X" };
	struct spec_seccomp s = docker;
	struct seccomp_program p;
	struct err e = ERR_INIT;

	s.architectures = (struct spec_strings){ bad, 1 };
	CHECK_INT(seccomp_program_compile(&s, &p, &e), -EINVAL);
	CHECK_HAS(e.msg, ".linux.seccomp.architectures[0]");
	s = docker;
	s.has_flags = true;
	s.flags = (struct spec_strings){ flag, 1 };
	CHECK_INT(seccomp_program_compile(&s, &p, &e), -EINVAL);
	CHECK_HAS(e.msg, ".linux.seccomp.flags[0]");
	s = docker;
	s.default_action = "SCMP_ACT_MAYBE";
	CHECK_INT(seccomp_program_compile(&s, &p, &e), -EINVAL);
	CHECK_HAS(e.msg, ".linux.seccomp.defaultAction");
}

TEST(seccomp_cache_serves_only_the_same_profile)
{
	char dir[] = "/tmp/picket-test-XXXXXX";
	struct seccomp_program a, b, c;
	struct spec_seccomp other = docker;
	struct err e = ERR_INIT;
	struct stat st;
	int fd;

	CHECK(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	CHECK_INT(seccomp_program_load(&docker, fd, &a, &e), 0);
	CHECK_INT(fstatat(fd, "0000000000001234.bpf", &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(seccomp_program_load(&docker, fd, &b, &e), 0);
	CHECK(a.n == b.n && !memcmp(a.insns, b.insns, a.n * sizeof(*a.insns)));
	CHECK_INT(a.flags, b.flags);
	other.rules_n = 1; /* another profile under the same hash */
	CHECK_INT(seccomp_program_load(&other, fd, &c, &e), 0);
	CHECK_INT(call(&c, SYS_clone, 17, 0), EPERM_);
	CHECK_INT(call(&c, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
	CHECK_INT(fchmodat(fd, "0000000000001234.bpf", 0666, 0), 0);
	CHECK_INT(seccomp_program_load(&docker, fd, &b, &e), 0);
	CHECK_INT(call(&b, SYS_clone, 17, 0), SECCOMP_RET_ALLOW);
	unlinkat(fd, "0000000000001234.bpf", 0);
	rmdir(dir);
}
