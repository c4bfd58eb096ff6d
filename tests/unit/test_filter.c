// SPDX-License-Identifier: GPL-2.0-or-later
/* The filters as the kernel would run them: a small interpreter, and the list's own audit. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "abi/nr.h"
#include "abi/table.h"
#include "base/cleanup.h"
#include "self-filter.h"
#include "test.h"
#include "trap-filter.h"

#define NOTIFY SECCOMP_RET_USER_NOTIF
#define ALLOWED SECCOMP_RET_ALLOW
#define REFUSED(e) (SECCOMP_RET_ERRNO | (e))

struct run {
	size_t steps;
	bool constant;		/* decided by number and architecture alone */
};

static bool jump(const struct sock_filter *f, uint32_t a)
{
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		return a == f->k;
	case BPF_JGT:
		return a > f->k;
	case BPF_JGE:
		return a >= f->k;
	case BPF_JSET:
		return a & f->k;
	}
	test_fail(__FILE__, __LINE__, "jump %#x", f->code);
}

static uint32_t interpret(const struct sock_filter *f, size_t n,
			  const struct seccomp_data *data, struct run *ret)
{
	uint32_t a = 0;

	*ret = (struct run){ 0, true };
	for (size_t pc = 0; pc < n; pc++) {
		ret->steps++;
		switch (f[pc].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			CHECK(f[pc].k + sizeof(a) <= sizeof(*data));
			memcpy(&a, (const char *)data + f[pc].k, sizeof(a));
			ret->constant &= f[pc].k < offsetof(struct seccomp_data,
							    instruction_pointer);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f[pc].k;
			break;
		case BPF_RET | BPF_K:
			return f[pc].k;
		case BPF_JMP | BPF_JA:
			pc += f[pc].k;
			break;
		default:
			CHECK_INT(BPF_CLASS(f[pc].code), BPF_JMP);
			pc += jump(&f[pc], a) ? f[pc].jt : f[pc].jf;
		}
	}
	test_fail(__FILE__, __LINE__, "ran off the end");
}

#define TRAP(nr_, ...) trap((nr_), (const uint64_t[6]){ __VA_ARGS__ })
static uint32_t trap(int nr, const uint64_t *args)
{
	struct seccomp_data d = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };
	struct run run;

	memcpy(d.args, args, sizeof(d.args));
	return interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run);
}

TEST(filter_every_row_has_its_verdict)
{
	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *row = &table_rows[i];
		struct seccomp_data d = {
			.nr = row->nr,
			.arch = AUDIT_ARCH_X86_64,
			.args = { 0x201, 0x201, 0x201, 0x201, 0x201, 0x201 },
		};
		struct run run;
		uint32_t got = interpret(trap_filter_strict,
					 ARRAY_SIZE(trap_filter_strict), &d, &run);

		if (row->class == CLASS_NATIVE_IF || row->nr == __NR_socket ||
		    row->nr == __NR_setsockopt || row->nr == __NR_recvfrom ||
		    row->nr == __NR_getsockopt)
			continue;
		if (!run.constant &&
		    (row->class == CLASS_NATIVE || row->class == CLASS_DENY))
			test_fail(__FILE__, __LINE__, "%s loads arguments", row->name);
		if (row->class == CLASS_NATIVE)
			CHECK_INT(got, ALLOWED);
		else if (row->class == CLASS_DENY)
			CHECK_INT(got, REFUSED((uint32_t)row->err));
		else
			CHECK_INT(got, NOTIFY);
	}
}

TEST(filter_knows_files_and_data)
{
	CHECK_INT(TRAP(__NR_openat, 0), NOTIFY);
	CHECK_INT(TRAP(__NR_read, 0), ALLOWED);
	CHECK_INT(TRAP(__NR_close, 0), ALLOWED);
	CHECK_INT(TRAP(__NR_io_uring_setup, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(__NR_clone3, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(__NR_mount, 0), NOTIFY);
	CHECK_INT(TRAP(__NR_pivot_root, 0), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_fsopen, 0), REFUSED(ENOSYS));
}

TEST(filter_leaves_what_needs_no_mediation)
{
	const uint64_t high = 1ull << 32;	/* a pointer whose lower half is zero */

	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 8192, MSG_DONTWAIT), NOTIFY);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 8192, 0), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 8192, MSG_DONTWAIT | MSG_PEEK), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 8191, MSG_DONTWAIT), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 16384, MSG_DONTWAIT), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 65536, 0, high, high), NOTIFY);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 65536, 0, 0, 0), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 65536, MSG_DONTWAIT, 8, 8), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 65535, 0, 8, 8), ALLOWED);
	CHECK_INT(TRAP(__NR_recvfrom, 3, 8, 65537, 0, 8, 8), ALLOWED);
	CHECK_INT(TRAP(__NR_getsockopt, 3, SOL_SOCKET, SO_ERROR), ALLOWED);
	CHECK_INT(TRAP(__NR_getsockopt, 3, SOL_SOCKET, SO_COOKIE), ALLOWED);
	CHECK_INT(TRAP(__NR_getsockopt, 3, IPPROTO_TCP, SO_TYPE), ALLOWED);
	CHECK_INT(TRAP(__NR_getsockopt, 3, SOL_SOCKET, SO_TYPE), NOTIFY);
	CHECK_INT(TRAP(__NR_getsockopt, 3, SOL_SOCKET, SO_PROTOCOL), NOTIFY);
	CHECK_INT(TRAP(__NR_getsockopt, 3, SOL_SOCKET, SO_DOMAIN), NOTIFY);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_PATH | O_CLOEXEC), ALLOWED);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_CLOEXEC), NOTIFY);
	CHECK_INT(TRAP(__NR_open, 8, O_PATH), ALLOWED);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_DIRECTORY | O_CLOEXEC | O_NONBLOCK), ALLOWED);
	CHECK_INT(TRAP(__NR_open, 8, O_DIRECTORY), ALLOWED);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_DIRECTORY | O_CREAT), NOTIFY);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_DIRECTORY | O_RDWR), NOTIFY);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_TMPFILE), NOTIFY);
	CHECK_INT(TRAP(__NR_openat, 3, 8, O_TMPFILE | O_WRONLY), NOTIFY);
	CHECK_INT(TRAP(__NR_utimensat, 3, 0, 8), ALLOWED);
	CHECK_INT(TRAP(__NR_utimensat, 3, high, 8), NOTIFY);
}

static uint32_t balanced(const struct row *row, uint64_t arg)
{
	struct seccomp_data d = {
		.nr = row->nr,
		.arch = AUDIT_ARCH_X86_64,
		.args = { arg, arg, arg, arg, arg, arg },
	};
	struct run run;

	return interpret(trap_filter_balanced, ARRAY_SIZE(trap_filter_balanced), &d,
			 &run);
}

/* The modes differ in the calls that the list marks, and in no other. */
TEST(filter_balanced_leaves_files_only)
{
	static const uint64_t values[] = { 0,		1,    0x201,   CLONE_FS,
					   AF_VSOCK,	1024, TIOCSTI, CLONE_NEWUSER,
					   ~(uint64_t)0 };

	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *row = &table_rows[i];

		for (size_t k = 0; k < ARRAY_SIZE(values); k++) {
			uint64_t v = values[k];

			if (row->flags & FILES)
				CHECK_INT(balanced(row, v), ALLOWED);
			else
				CHECK_INT(balanced(row, v),
					  TRAP(row->nr, v, v, v, v, v, v));
		}
	}
}

static bool is_in(const int *list, size_t n, int nr)
{
	while (n > 0 && list[n - 1] != nr)
		n--;
	return n > 0;
}

TEST(list_marks_what_takes_a_path)
{
	static const int not_files[] = { __NR_execve, __NR_execveat, __NR_chroot,
					 __NR_mount, __NR_umount2 };
	static const int files_too[] = { __NR_fchdir,		__NR_umask,
					 __NR_fsetxattr,	__NR_fremovexattr,
					 __NR_fstatfs,		__NR_readahead,
					 __NR_getdents,		__NR_syncfs,
					 __NR_inotify_rm_watch, __NR_sync_file_range };

	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *row = &table_rows[i];
		bool files = strstr(row->args, "path") ||
			     is_in(files_too, ARRAY_SIZE(files_too), row->nr);

		if (row->class == CLASS_NATIVE)
			continue;
		files &= !is_in(not_files, ARRAY_SIZE(not_files), row->nr);
		if (files != !!(row->flags & FILES))
			test_fail(__FILE__, __LINE__, "%s: FILES or not?", row->name);
	}
}

TEST(filter_foreign_entries_are_enosys)
{
	struct seccomp_data d = { .nr = 5, .arch = AUDIT_ARCH_I386 };
	struct run run;

	CHECK_INT(interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run),
		  REFUSED(ENOSYS));
	CHECK_INT(TRAP(0x40000000, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(0x40000000 + __NR_openat, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(-1, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(337, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(470, 0), REFUSED(ENOSYS));
	CHECK_INT(TRAP(100000, 0), REFUSED(ENOSYS));
}

TEST(filter_sockets_by_family_type_protocol)
{
	CHECK_INT(TRAP(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC), ALLOWED);
	CHECK_INT(TRAP(__NR_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP),
		  ALLOWED);
	CHECK_INT(TRAP(__NR_socket, AF_INET6, SOCK_DGRAM), ALLOWED);
	CHECK_INT(TRAP(__NR_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP), ALLOWED);
	CHECK_INT(TRAP(__NR_socket, AF_INET, SOCK_RAW, IPPROTO_RAW),
		  REFUSED(EPROTONOSUPPORT));
	CHECK_INT(TRAP(__NR_socket, AF_INET, SOCK_STREAM, IPPROTO_SCTP),
		  REFUSED(EPROTONOSUPPORT));
	CHECK_INT(TRAP(__NR_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), NOTIFY);
	CHECK_INT(TRAP(__NR_setsockopt, 3, SOL_NETLINK, NETLINK_EXT_ACK), REFUSED(0));
	CHECK_INT(TRAP(__NR_setsockopt, 3, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP), NOTIFY);
	CHECK_INT(TRAP(__NR_setsockopt, 3, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP), NOTIFY);
	CHECK_INT(TRAP(__NR_setsockopt, 3, SOL_NETLINK, 0), REFUSED(ENOPROTOOPT));
	CHECK_INT(TRAP(__NR_socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER),
		  REFUSED(EPROTONOSUPPORT));
	CHECK_INT(TRAP(__NR_socket, AF_VSOCK, SOCK_STREAM), REFUSED(EAFNOSUPPORT));
	CHECK_INT(TRAP(__NR_socket, AF_PACKET, SOCK_RAW), REFUSED(EAFNOSUPPORT));
	CHECK_INT(TRAP(__NR_socketpair, AF_UNIX, SOCK_STREAM), ALLOWED);
	CHECK_INT(TRAP(__NR_socketpair, AF_TIPC, SOCK_STREAM), REFUSED(EAFNOSUPPORT));
	CHECK_INT(TRAP(__NR_setsockopt, 3, SOL_SOCKET, SO_REUSEADDR), ALLOWED);
	CHECK_INT(TRAP(__NR_setsockopt, 3, IPPROTO_IP, 64), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_setsockopt, 3, IPPROTO_TCP, 31), REFUSED(ENOPROTOOPT));
}

TEST(filter_upper_halves_mean_nothing)
{
	CHECK_INT(TRAP(__NR_ioctl, 0, 0xffffffff00000000 | TIOCSTI), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_clone, 0xff00000000000000 | CLONE_NEWUSER), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_socket, 0xff00000000 | AF_VSOCK), REFUSED(EAFNOSUPPORT));
}

TEST(filter_no_new_namespaces)
{
	static const uint64_t kinds[] = { CLONE_NEWNS,	CLONE_NEWCGROUP, CLONE_NEWUTS,
					  CLONE_NEWIPC, CLONE_NEWUSER,	 CLONE_NEWPID,
					  CLONE_NEWNET };

	CHECK_INT(TRAP(__NR_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND), ALLOWED);
	CHECK_INT(TRAP(__NR_clone, 17), ALLOWED);
	CHECK_INT(TRAP(__NR_clone, CLONE_FS | CLONE_VM | CLONE_THREAD | CLONE_SIGHAND),
		  ALLOWED);
	CHECK_INT(TRAP(__NR_clone, CLONE_FS | 17), NOTIFY);
	CHECK_INT(TRAP(__NR_clone, CLONE_NEWUSER | 17), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_clone, CLONE_NEWNS), REFUSED(EPERM));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		CHECK_INT(TRAP(__NR_clone, kinds[i] | CLONE_THREAD), REFUSED(EPERM));
}

TEST(filter_ioctl_prctl_fcntl_by_value)
{
	CHECK_INT(TRAP(__NR_ioctl, 0, TCGETS), ALLOWED);
	CHECK_INT(TRAP(__NR_ioctl, 0, TIOCGWINSZ), ALLOWED);
	CHECK_INT(TRAP(__NR_ioctl, 0, FIONREAD), ALLOWED);
	CHECK_INT(TRAP(__NR_ioctl, 0, FIONBIO), ALLOWED);
	CHECK_INT(TRAP(__NR_ioctl, 0, TIOCGPTPEER), ALLOWED);
	CHECK_INT(TRAP(__NR_ioctl, 0, TIOCSTI), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_ioctl, 0, TIOCLINUX), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_ioctl, 0, 0x400454ca /* TUNSETIFF */), REFUSED(ENOTTY));
	CHECK_INT(TRAP(__NR_ioctl, 0, 0), REFUSED(ENOTTY));
	CHECK_INT(TRAP(__NR_ioctl, 0, 0xffffffff), REFUSED(ENOTTY));
	CHECK_INT(TRAP(__NR_prctl, 15), ALLOWED);
	CHECK_INT(TRAP(__NR_prctl, 35), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_prctl, 0x53564d41), ALLOWED);
	CHECK_INT(TRAP(__NR_prctl, 9999), REFUSED(EINVAL));
	CHECK_INT(TRAP(__NR_fcntl, 0, 1030), ALLOWED);
	CHECK_INT(TRAP(__NR_fcntl, 0, F_SETLEASE), ALLOWED);
	CHECK_INT(TRAP(__NR_fcntl, 0, F_NOTIFY), REFUSED(EINVAL));
	CHECK_INT(TRAP(__NR_personality, 0x40000), ALLOWED);
	CHECK_INT(TRAP(__NR_personality, 0xffffffff), ALLOWED);
	CHECK_INT(TRAP(__NR_personality, 0x400000), REFUSED(EPERM));
	CHECK_INT(TRAP(__NR_seccomp, 1, 0), ALLOWED);
	CHECK_INT(TRAP(__NR_seccomp, 1, 8 | 1), REFUSED(EBUSY));
}

/* Mediated calls run the filter each time: it must stay short for them. */
TEST(filter_hot_calls_are_short)
{
	struct seccomp_data d = { .nr = __NR_openat, .arch = AUDIT_ARCH_X86_64 };
	struct run run;

	interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run);
	printf("# openat %zu instructions of %zu\n", run.steps,
	       ARRAY_SIZE(trap_filter_strict));
	CHECK(run.steps <= 12);
	d.nr = __NR_ioctl;
	d.args[1] = TCGETS;
	interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run);
	printf("# ioctl %zu\n", run.steps);
	CHECK(run.steps <= 24);
	d.nr = __NR_fcntl;
	d.args[1] = 4;
	interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run);
	printf("# fcntl %zu\n", run.steps);
	CHECK(run.steps <= 20);
}

TEST(list_has_every_number_once)
{
	for (int nr = 0; nr < 470; nr++) {
		size_t found = 0;

		for (size_t i = 0; i < table_rows_n; i++)
			found += table_rows[i].nr == nr;
		if (found != ((nr <= 336 || nr >= 424) ? 1 : 0))
			test_fail(__FILE__, __LINE__, "number %d: %zu rows", nr, found);
	}
}

static uint32_t by_number(int nr, bool *ret_constant)
{
	struct seccomp_data d = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };
	struct run run;
	uint32_t got =
		interpret(trap_filter_strict, ARRAY_SIZE(trap_filter_strict), &d, &run);

	*ret_constant = run.constant;
	return got;
}

/*
 * What reaches the host's kernel without the sentry, for some arguments at least: it may
 * shrink.  Growing needs a reason.
 */
TEST(list_keeps_the_surface)
{
	size_t native = 0, by_rules = 0, mediated = 0;

	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *row = &table_rows[i];
		bool constant;

		native += row->class == CLASS_NATIVE;
		by_rules += row->class == CLASS_NATIVE_IF;
		if (row->class >= CLASS_EMULATE) {
			by_number(row->nr, &constant);
			mediated += !constant;
		}
	}
	CHECK_INT(native, 135);
	CHECK_INT(by_rules, 7);
	CHECK_INT(mediated, 8);
}

/* Large pieces of kernel, and what reaches beyond the container: whatever the arguments. */
TEST(list_never_lets_these_through)
{
	static const int never[] = { __NR_bpf,
				     __NR_io_uring_setup,
				     __NR_io_uring_enter,
				     __NR_io_uring_register,
				     __NR_userfaultfd,
				     __NR_perf_event_open,
				     __NR_keyctl,
				     __NR_add_key,
				     __NR_request_key,
				     __NR_kexec_load,
				     __NR_kexec_file_load,
				     __NR_init_module,
				     __NR_finit_module,
				     __NR_delete_module,
				     __NR_create_module,
				     __NR_query_module,
				     __NR_get_kernel_syms,
				     __NR_mount,
				     __NR_umount2,
				     __NR_pivot_root,
				     __NR_move_mount,
				     __NR_open_tree,
				     __NR_open_tree_attr,
				     __NR_fsopen,
				     __NR_fsconfig,
				     __NR_fsmount,
				     __NR_fspick,
				     __NR_mount_setattr,
				     __NR_statmount,
				     __NR_listmount,
				     __NR_unshare,
				     __NR_setns,
				     __NR_open_by_handle_at,
				     __NR_name_to_handle_at,
				     __NR_fanotify_init,
				     __NR_fanotify_mark,
				     __NR_quotactl,
				     __NR_quotactl_fd,
				     __NR_ptrace,
				     __NR_process_vm_readv,
				     __NR_process_vm_writev,
				     __NR_process_madvise,
				     __NR_process_mrelease,
				     __NR_kcmp,
				     __NR_pidfd_getfd,
				     __NR_vmsplice,
				     __NR_swapon,
				     __NR_swapoff,
				     __NR_reboot,
				     __NR_settimeofday,
				     __NR_clock_settime,
				     __NR_clock_adjtime,
				     __NR_adjtimex,
				     __NR_acct,
				     __NR_iopl,
				     __NR_ioperm,
				     __NR_modify_ldt,
				     __NR_move_pages,
				     __NR_migrate_pages,
				     __NR_mbind,
				     __NR_set_mempolicy,
				     __NR_get_mempolicy,
				     __NR_set_mempolicy_home_node,
				     __NR_lookup_dcookie,
				     __NR_syslog,
				     __NR_vhangup,
				     __NR_nfsservctl,
				     __NR_uselib,
				     __NR_ustat,
				     __NR_sysfs,
				     __NR__sysctl,
				     __NR_memfd_secret,
				     __NR_clone3,
				     __NR_uprobe,
				     __NR_uretprobe,
				     __NR_lsm_get_self_attr,
				     __NR_lsm_set_self_attr,
				     __NR_lsm_list_modules,
				     __NR_msgget,
				     __NR_msgsnd,
				     __NR_msgrcv,
				     __NR_msgctl,
				     __NR_semget,
				     __NR_semop,
				     __NR_semtimedop,
				     __NR_semctl,
				     __NR_mq_open,
				     __NR_mq_unlink,
				     __NR_mq_timedsend,
				     __NR_mq_timedreceive,
				     __NR_mq_notify,
				     __NR_mq_getsetattr };

	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		bool constant;
		uint32_t got = by_number(never[i], &constant);

		if (!constant || got == ALLOWED)
			test_fail(__FILE__, __LINE__, "%s is native",
				  table_find(never[i])->name);
	}
}

TEST(list_explains_what_continues)
{
	for (size_t i = 0; i < table_rows_n; i++) {
		const struct row *row = &table_rows[i];

		if ((row->flags & MAY_CONTINUE) && strlen(row->note) < 5)
			test_fail(__FILE__, __LINE__, "%s continues without a reason",
				  row->name);
		if (row->class == CLASS_NATIVE_IF && !*row->note)
			test_fail(__FILE__, __LINE__, "%s: which arguments?", row->name);
	}
}

#define SELF(name_, reason_) { #name_, __NR_##name_, (reason_) },
#define SELF_IF(name_, reason_, ...) SELF(name_, reason_)
#define SELF_ALSO(...)
#define SELF_DENY(name_, err_, reason_)
#define SELF_ASAN(name_, reason_)
static const struct {
	const char *name;
	int nr;
	const char *reason;
} self_rows[] = {
#include "policy/self-filter.def"
};

TEST(self_filter_is_small_and_explained)
{
	CHECK(ARRAY_SIZE(self_rows) <= 80);
	for (size_t i = 0; i < ARRAY_SIZE(self_rows); i++)
		if (strlen(self_rows[i].reason) < 5)
			test_fail(__FILE__, __LINE__, "%s: why?", self_rows[i].name);
}

TEST(self_filter_kills_the_rest)
{
	static const int never[] = { __NR_execve,	  __NR_execveat,
				     __NR_ptrace,	  __NR_move_mount,
				     __NR_setns,	  __NR_bpf,
				     __NR_io_uring_setup, __NR_fork,
				     __NR_vfork,	  1000 };
	struct seccomp_data d = { .arch = AUDIT_ARCH_X86_64 };
	struct run run;

	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		d.nr = never[i];
		CHECK_INT(interpret(self_filter, ARRAY_SIZE(self_filter), &d, &run),
			  SECCOMP_RET_KILL_PROCESS);
	}
	d.nr = __NR_futex;
	CHECK_INT(interpret(self_filter, ARRAY_SIZE(self_filter), &d, &run), ALLOWED);
}

#define SELF_CALL(nr_, ...) self_call((nr_), (const uint64_t[6]){ __VA_ARGS__ })
static uint32_t self_call(int nr, const uint64_t *args)
{
	struct seccomp_data d = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };
	struct run run;

	memcpy(d.args, args, sizeof(d.args));
	return interpret(self_filter, ARRAY_SIZE(self_filter), &d, &run);
}

TEST(self_filter_looks_at_arguments)
{
	CHECK_INT(SELF_CALL(__NR_mmap, 0, 4096, 3), ALLOWED);
	CHECK_INT(SELF_CALL(__NR_mmap, 0, 4096, 5), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(SELF_CALL(__NR_clone, CLONE_VM | CLONE_THREAD), ALLOWED);
	CHECK_INT(SELF_CALL(__NR_clone, 17), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(SELF_CALL(__NR_clone3, 0), REFUSED(ENOSYS));
	CHECK_INT(SELF_CALL(__NR_ioctl, 3, SECCOMP_IOCTL_NOTIF_RECV), ALLOWED);
	CHECK_INT(SELF_CALL(__NR_ioctl, 3, TIOCSTI), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(SELF_CALL(__NR_unshare, CLONE_NEWUSER), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(SELF_CALL(__NR_mount, 0, 0, 0, MS_BIND | MS_REC), ALLOWED);
	CHECK_INT(SELF_CALL(__NR_mount, 0, 0, 0, MS_MOVE), SECCOMP_RET_KILL_PROCESS);
	CHECK_INT(SELF_CALL(__NR_umount2, 0, MNT_DETACH | UMOUNT_NOFOLLOW), ALLOWED);
	CHECK_INT(SELF_CALL(__NR_umount2, 0, MNT_FORCE), SECCOMP_RET_KILL_PROCESS);
}
