// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filters that tasks really carry, and what they let through.  The kernel hands a
 * filter out by ptrace(2), to an administrator only.
 */
#include "debug/debug.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/str.h"

#define X32_BIT 0x40000000u
#define UNIFIED_FIRST 424	/* those that libseccomp does not know by name */
#define UNIFIED_LAST 469	/* Linux 6.18 */
#define FILTERS_MAX 64		/* of one task; the kernel has no such limit */

static const struct abi {
	const char *name;
	uint32_t audit, bit, scmp;
} abis[] = {
	[SURFACE_X86_64] = { "x86_64", AUDIT_ARCH_X86_64, 0, SCMP_ARCH_X86_64 },
	[SURFACE_X32] = { "x32", AUDIT_ARCH_X86_64, X32_BIT, SCMP_ARCH_X32 },
	[SURFACE_I386] = { "i386", AUDIT_ARCH_I386, 0, SCMP_ARCH_X86 },
};

/* ptrace(2) as the kernel has it: the libc gives it another type for each language. */
static long trace(long request, pid_t pid, unsigned long addr, void *data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static void add_filter(uint8_t mine[3][SURFACE_CALLS], const struct sock_filter *f,
		       size_t n)
{
	for (size_t abi = 0; abi < ARRAY_SIZE(abis); abi++)
		for (uint32_t nr = 0; nr < SURFACE_CALLS; nr++)
			mine[abi][nr] = (uint8_t)outcomes_join(
				mine[abi][nr],
				outcomes_of(f, n, abis[abi].audit, nr | abis[abi].bit));
}

/* All filters of a stopped task. */
static int read_filters(struct surface *s, pid_t pid, struct err *e)
{
	uint8_t mine[3][SURFACE_CALLS];

	memset(mine, OUTCOME_NATIVE, sizeof(mine));
	for (unsigned long i = 0; i < FILTERS_MAX; i++) {
		auto_free struct sock_filter *f = NULL;
		long n = trace(PTRACE_SECCOMP_GET_FILTER, pid, i, NULL);

		/* ENOENT: no more of them; EINVAL: none at all. */
		if (n < 0 && (errno == ENOENT || (errno == EINVAL && i == 0)))
			break;
		if (n < 0)
			return err_set(e, errno,
				       "read seccomp filter %lu of process %d "
				       "(that needs CAP_SYS_ADMIN)",
				       i, (int)pid);
		f = calloc((size_t)n, sizeof(*f));
		if (!f || trace(PTRACE_SECCOMP_GET_FILTER, pid, i, f) != n)
			return err_set(e, f ? errno : ENOMEM,
				       "read seccomp filter %lu of process %d", i,
				       (int)pid);
		add_filter(mine, f, (size_t)n);
	}
	for (size_t abi = 0; abi < ARRAY_SIZE(abis); abi++)
		for (size_t nr = 0; nr < SURFACE_CALLS; nr++)
			s->outcomes[abi][nr] |= mine[abi][nr];
	s->tasks++;
	return 0;
}

int surface_add_task(struct surface *s, pid_t pid, struct err *e)
{
	unsigned long signal;
	int status, r;

	if (trace(PTRACE_SEIZE, pid, 0, NULL) < 0)
		return errno == ESRCH ? -ESRCH :
					err_set(e, errno, "trace process %d", (int)pid);
	if (trace(PTRACE_INTERRUPT, pid, 0, NULL) < 0 ||
	    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return -ESRCH;
	r = read_filters(s, pid, e);
	/* Stopped by a signal on its way to it, not by us: it still gets that. */
	signal = status >> 16 ? 0 : (unsigned long)WSTOPSIG(status);
	trace(PTRACE_DETACH, pid, 0, (void *)signal);
	return r;
}

enum class { NATIVE, SOME_NATIVE, SENTRY, ERRNO, KILL, MIXED, CLASSES };

static const char *const class_names[CLASSES] = {
	[NATIVE] = "native", [SOME_NATIVE] = "some-native",
	[SENTRY] = "sentry", [ERRNO] = "errno",
	[KILL] = "kill",     [MIXED] = "mixed",
};

static enum class class_of(const struct surface *s, size_t abi, uint32_t nr) {
	switch (s->outcomes[abi][nr]){
		case OUTCOME_NATIVE : return NATIVE; case OUTCOME_NOTIFY : return SENTRY;
		case OUTCOME_ERRNO : return ERRNO;
		case OUTCOME_KILL : return KILL;
	}
return s->outcomes[abi][nr] & OUTCOME_NATIVE ? SOME_NATIVE : MIXED;
}

/* Name of a call, malloc'ed; NULL: no such number.  New ones have the same on all ABIs. */
static char *call_name(size_t abi, uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(abis[abi].scmp,
						      (int)(nr | abis[abi].bit));

	return name || nr < UNIFIED_FIRST || nr > UNIFIED_LAST ?
		       name :
		       str_printf("call_%u", nr);
}

char *debug_call_name(uint32_t nr)
{
	return call_name(SURFACE_X86_64, nr);
}

/* The lines of one ABI, and how many there are of each class. */
static int put_calls(const struct surface *s, size_t abi, size_t count[CLASSES],
		     struct strbuf *b)
{
	int r = 0;

	for (uint32_t nr = 0; nr < SURFACE_CALLS && r == 0; nr++) {
		auto_free char *name = call_name(abi, nr);
		enum class c = class_of(s, abi, nr);

		if (!name)
			continue;
		count[c]++;
		r = strbuf_addf(b, "%-8s%4u  %-12s%s\n", abis[abi].name, nr,
				class_names[c], name);
	}
	return r;
}

char *surface_table(const struct surface *s)
{
	struct strbuf head = { 0 }, calls = { 0 };
	int r = strbuf_addf(&head, "%-8s", "ABI");

	for (size_t c = 0; c < CLASSES && r == 0; c++)
		r = strbuf_addf(&head, "%12s", class_names[c]);
	for (size_t abi = 0; abi < ARRAY_SIZE(abis) && r == 0; abi++) {
		size_t count[CLASSES] = { 0 };

		r = put_calls(s, abi, count, &calls);
		if (r == 0)
			r = strbuf_addf(&head, "\n%-8s", abis[abi].name);
		for (size_t c = 0; c < CLASSES && r == 0; c++)
			r = strbuf_addf(&head, "%12zu", count[c]);
	}
	if (r == 0)
		r = strbuf_addf(&head, "\n\n%s", calls.s);
	strbuf_done(&calls);
	if (r == 0)
		return head.s;
	strbuf_done(&head);
	return NULL;
}

static void write_class(const struct surface *s, size_t abi, enum class class,
			struct json_writer *w)
{
	json_open_array(w, class_names[class]);
	for (uint32_t nr = 0; nr < SURFACE_CALLS; nr++) {
		auto_free char *name =
			class_of(s, abi, nr) == class ? call_name(abi, nr) : NULL;

		if (name)
			json_write(w, NULL, name);
	}
	json_close_array(w);
}

char *surface_json(const struct surface *s)
{
	struct json_writer w = { .indent = "  " };

	json_open_object(&w, NULL);
	json_write_i64(&w, "tasks", (int64_t)s->tasks);
	for (size_t abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		json_open_object(&w, abis[abi].name);
		for (size_t c = 0; c < CLASSES; c++)
			write_class(s, abi, (enum class)c, &w);
		json_close_object(&w);
	}
	json_close_object(&w);
	return json_finish(&w);
}
