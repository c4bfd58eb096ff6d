// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compiled profiles on disk.  A file is a header, the whole profile as bytes, the program.
 * It is used only if it is the runtime's own (owner, mode, size) and its profile is the
 * same byte for byte; anything else is compiled anew and replaced.
 */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

#define CACHE_MAGIC 0x70636b32u
#define CACHE_NAME "~seccomp" /* beside the containers: ~ is in no id */
#define CACHE_MAX   (1u << 20)

struct header {
	uint32_t magic, arch;
	uint32_t libseccomp[3]; /* another version may compile differently */
	uint32_t flags, notify;
	uint32_t profile_len, insns_n;
};

static void put(struct strbuf *b, const void *p, size_t len, int *r)
{
	if (*r == 0)
		*r = strbuf_add(b, p, len);
}

static void put_u64(struct strbuf *b, uint64_t v, int *r)
{
	put(b, &v, sizeof(v), r);
}

/* Its length (0: absent) keeps neighbours apart. */
static void put_text(struct strbuf *b, const char *s, int *r)
{
	put_u64(b, s ? strlen(s) + 1 : 0, r);
	if (s)
		put(b, s, strlen(s), r);
}

static void put_texts(struct strbuf *b, const struct spec_strings *l, int *r)
{
	put_u64(b, l->n, r);
	for (size_t i = 0; i < l->n; i++)
		put_text(b, l->v[i], r);
}

static void put_opt(struct strbuf *b, struct spec_opt_u64 o, int *r)
{
	put_u64(b, o.has, r);
	put_u64(b, o.has ? o.v : 0, r);
}

/* Everything that the program depends on, unambiguously. */
static int put_profile(struct strbuf *b, const struct spec_seccomp *s)
{
	int r = 0;

	put_text(b, s->default_action, &r);
	put_opt(b, s->default_errno_ret, &r);
	put_texts(b, &s->architectures, &r);
	put_u64(b, s->has_flags, &r);
	put_texts(b, &s->flags, &r);
	put_u64(b, s->rules_n, &r);
	for (size_t i = 0; i < s->rules_n; i++) {
		const struct spec_seccomp_rule *rule = &s->rules[i];

		put_texts(b, &rule->names, &r);
		put_text(b, rule->action, &r);
		put_opt(b, rule->errno_ret, &r);
		put_u64(b, rule->args_n, &r);
		for (size_t j = 0; j < rule->args_n; j++) {
			put_u64(b, rule->args[j].index, &r);
			put_u64(b, (uint64_t)rule->args[j].op, &r);
			put_u64(b, rule->args[j].value, &r);
			put_u64(b, rule->args[j].value_two, &r);
		}
	}
	return r;
}

static struct header header_of(const struct seccomp_program *p, size_t profile_len)
{
	const struct scmp_version *v = seccomp_version();

	return (struct header){
		.magic = CACHE_MAGIC,
		.arch = seccomp_arch_native(),
		.libseccomp = { v->major, v->minor, v->micro },
		.flags = p->flags,
		.notify = p->notify,
		.profile_len = (uint32_t)profile_len,
		.insns_n = (uint32_t)p->n,
	};
}

static int read_file(int cachedir, const char *name, char **ret, size_t *ret_len)
{
	auto_close int fd =
		openat(cachedir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 07777) != 0600)
		return -EPERM;
	return fd_read_all(fd, CACHE_MAX, ret, ret_len);
}

/* The program in the file, if it is this profile's. */
static int load_cached(int cachedir, const char *name, const struct strbuf *profile,
		       struct seccomp_program *ret)
{
	auto_free char *bytes = NULL;
	struct header h, want;
	size_t len = 0;
	int r = read_file(cachedir, name, &bytes, &len);

	if (r < 0)
		return r;
	if (len < sizeof(h))
		return -EINVAL;
	memcpy(&h, bytes, sizeof(h));
	*ret = (struct seccomp_program){ .flags = h.flags,
					 .notify = h.notify,
					 .n = h.insns_n };
	want = header_of(ret, profile->len);
	if (memcmp(&h, &want, sizeof(h)) != 0 || h.insns_n == 0 ||
	    h.insns_n > BPF_MAXINSNS ||
	    len != sizeof(h) + profile->len + h.insns_n * sizeof(struct sock_filter) ||
	    memcmp(bytes + sizeof(h), profile->s, profile->len) != 0)
		return -EINVAL;
	ret->insns = calloc(ret->n, sizeof(*ret->insns));
	if (!ret->insns)
		return -ENOMEM;
	memcpy(ret->insns, bytes + sizeof(h) + profile->len,
	       ret->n * sizeof(*ret->insns));
	return 0;
}

static void store(int cachedir, const char *name, const struct strbuf *profile,
		  const struct seccomp_program *p)
{
	auto_(strbuf_done) struct strbuf b = { 0 };
	struct header h = header_of(p, profile->len);
	int r = 0;

	put(&b, &h, sizeof(h), &r);
	put(&b, profile->s, profile->len, &r);
	put(&b, p->insns, p->n * sizeof(*p->insns), &r);
	if (r == 0 && b.len <= CACHE_MAX)
		r = fd_replace_file(cachedir, name, b.s, b.len, 0600);
	if (r < 0)
		log_debug("seccomp cache: write '%s': %s", name, strerror(-r));
}

int seccomp_cache_open(int rootdir)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(rootdir, CACHE_NAME, flags);

	if (fd < 0 && errno == ENOENT && mkdirat(rootdir, CACHE_NAME, 0700) == 0)
		fd = openat(rootdir, CACHE_NAME, flags);
	return fd < 0 ? -errno : fd;
}

int seccomp_program_load(const struct spec_seccomp *s, int cachedir,
			 struct seccomp_program *ret, struct err *e)
{
	auto_(strbuf_done) struct strbuf profile = { 0 };
	char name[32];
	int r;

	if (cachedir < 0)
		return seccomp_program_compile(s, ret, e);
	snprintf(name, sizeof(name), "%016" PRIx64 ".bpf", s->content_hash);
	if (put_profile(&profile, s) < 0)
		return err_set(e, ENOMEM, "look up the compiled seccomp profile");
	if (load_cached(cachedir, name, &profile, ret) == 0)
		return 0;
	r = seccomp_program_compile(s, ret, e);
	if (r == 0)
		store(cachedir, name, &profile, ret);
	return r;
}
