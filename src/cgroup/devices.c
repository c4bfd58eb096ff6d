// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device rules.  config.json lists them in order; the kernel's v1 controller keeps a
 * default and a list of exceptions.  The same list is made here for v1 and v2, so that a
 * container sees the same devices on both.  Pure: no system call.
 */
#include "cgroup/ops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

/* What every container may use: runc's list. */
static const struct device_exception defaults[] = {
	{ 'c', -1, -1, DEV_MKNOD }, { 'b', -1, -1, DEV_MKNOD },
	{ 'c', 1, 3, DEV_ALL }, /* null */
	{ 'c', 1, 5, DEV_ALL }, /* zero */
	{ 'c', 1, 7, DEV_ALL }, /* full */
	{ 'c', 1, 8, DEV_ALL }, /* random */
	{ 'c', 1, 9, DEV_ALL }, /* urandom */
	{ 'c', 5, 0, DEV_ALL }, /* tty */
	{ 'c', 5, 2, DEV_ALL }, /* ptmx */
	{ 'c', 136, -1, DEV_ALL }, /* pts/N */
	{ 'c', 10, 200, DEV_ALL }, /* net/tun: missed by VPN images when it was dropped */
};

void device_list_done(struct device_list *l)
{
	free(l->v);
	*l = (struct device_list){ 0 };
}

static bool covers(int64_t a, int64_t b)
{
	return a == -1 || a == b;
}

/* All devices of b are devices of a. */
static bool is_superset(const struct device_exception *a,
			const struct device_exception *b)
{
	return a->type == b->type && covers(a->major, b->major) &&
	       covers(a->minor, b->minor);
}

static bool overlaps(const struct device_exception *a, const struct device_exception *b)
{
	return a->type == b->type &&
	       (covers(a->major, b->major) || covers(b->major, a->major)) &&
	       (covers(a->minor, b->minor) || covers(b->minor, a->minor));
}

static int add_exception(struct device_list *l, const struct device_exception *x)
{
	struct device_exception *v;

	for (size_t i = 0; i < l->n; i++)
		if (is_superset(&l->v[i], x) && is_superset(x, &l->v[i])) {
			l->v[i].access |= x->access;
			return 0;
		}
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	l->v[l->n++] = *x;
	return 0;
}

/*
 * Back to the default for x.  A part of a broader exception cannot be taken out of the
 * kernel's list: -ERANGE.
 */
static int remove_exception(struct device_list *l, const struct device_exception *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (overlaps(x, &l->v[i]) && !is_superset(x, &l->v[i]) &&
		    (x->access & l->v[i].access))
			return -ERANGE;
	for (size_t i = 0; i < l->n; i++) {
		if (is_superset(x, &l->v[i]))
			l->v[i].access &= ~x->access;
		if (l->v[i].access)
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
	return 0;
}

static int apply_rule(struct device_list *l, const struct spec_device_rule *rule)
{
	const struct device_exception x = {
		.type = rule->type,
		.major = rule->major,
		.minor = rule->minor,
		.access = (rule->mknod ? DEV_MKNOD : 0) | (rule->read ? DEV_READ : 0) |
			  (rule->write ? DEV_WRITE : 0),
	};

	if (rule->type == 'a') {
		l->allow = rule->allow;
		l->n = 0;
		return 0;
	}
	if (!x.access)
		return 0;
	return rule->allow == l->allow ? remove_exception(l, &x) : add_exception(l, &x);
}

int device_list_make(const struct spec_resources *r, struct device_list *ret,
		     struct err *e)
{
	struct device_list l = { 0 };
	int error = 0;

	for (size_t i = 0; i < r->devices_n && error == 0; i++) {
		error = apply_rule(&l, &r->devices[i]);
		if (error == -ERANGE)
			err_text(e, ERANGE,
				 "config.json: .linux.resources.devices[%zu]: takes "
				 "back a part of what an earlier rule gives",
				 i);
		else if (error < 0)
			err_set(e, -error, "collect the device rules");
	}
	for (size_t i = 0; i < ARRAY_SIZE(defaults) && error == 0; i++) {
		if (l.allow) /* a broader denial of the user's stays */
			(void)remove_exception(&l, &defaults[i]);
		else
			error = add_exception(&l, &defaults[i]);
	}
	if (error < 0)
		device_list_done(&l);
	*ret = l;
	return error;
}

static void number_text(int64_t v, char buf[24])
{
	if (v < 0)
		strcpy(buf, "*");
	else
		snprintf(buf, 24, "%" PRId64, v);
}

const char *device_text(const struct device_exception *x, char buf[DEVICE_TEXT_MAX])
{
	char major[24], minor[24];

	number_text(x->major, major);
	number_text(x->minor, minor);
	snprintf(buf, DEVICE_TEXT_MAX, "%c %s:%s %s%s%s", x->type, major, minor,
		 x->access & DEV_READ ? "r" : "", x->access & DEV_WRITE ? "w" : "",
		 x->access & DEV_MKNOD ? "m" : "");
	return buf;
}

static int parse_number(const char *s, int64_t *ret)
{
	if (str_eq(s, "*")) {
		*ret = -1;
		return 0;
	}
	return str_parse_i64(s, ret);
}

static int parse_line(char *line, struct device_list *l)
{
	struct device_exception x = { .type = line[0] };
	char *major = strchr(line, ' '), *minor = strchr(line, ':');
	char *access = minor ? strchr(minor, ' ') : NULL;

	if (!major || !access)
		return -EINVAL;
	*minor++ = *access++ = '\0';
	if (parse_number(major + 1, &x.major) < 0 || parse_number(minor, &x.minor) < 0)
		return -EINVAL;
	x.access = (strchr(access, 'r') ? DEV_READ : 0) |
		   (strchr(access, 'w') ? DEV_WRITE : 0) |
		   (strchr(access, 'm') ? DEV_MKNOD : 0);
	if (x.type == 'a') {
		l->allow = true;
		return 0;
	}
	return add_exception(l, &x);
}

int device_list_parse(char *text, struct device_list *ret)
{
	char *save = NULL;
	int r = 0;

	*ret = (struct device_list){ 0 };
	for (char *line = strtok_r(text, "\n", &save); line && r == 0;
	     line = strtok_r(NULL, "\n", &save))
		r = parse_line(line, ret);
	if (r < 0)
		device_list_done(ret);
	return r;
}

/* ---- the v2 program ---- */

/* Registers of the program: its context's fields, loaded once. */
enum { R_RESULT, R_CTX, R_TYPE, R_ACCESS, R_MAJOR, R_MINOR, R_SCRATCH };

#define INSNS_PER_RULE 8
#define INSNS_FRAME 8

struct emitter {
	struct bpf_insn *v;
	size_t n;
};

static struct bpf_insn *emit(struct emitter *m, int code, int dst, int src, int off,
			     int imm)
{
	m->v[m->n] = (struct bpf_insn){ .code = (uint8_t)code,
					.dst_reg = dst & 15,
					.src_reg = src & 15,
					.off = (int16_t)off,
					.imm = imm };
	return &m->v[m->n++];
}

static void emit_load_context(struct emitter *m)
{
	emit(m, BPF_LDX | BPF_MEM | BPF_W, R_TYPE, R_CTX, 0, 0);
	emit(m, BPF_ALU | BPF_MOV | BPF_X, R_ACCESS, R_TYPE, 0, 0);
	emit(m, BPF_ALU | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff);
	emit(m, BPF_ALU | BPF_RSH | BPF_K, R_ACCESS, 0, 0, 16);
	emit(m, BPF_LDX | BPF_MEM | BPF_W, R_MAJOR, R_CTX, 4, 0);
	emit(m, BPF_LDX | BPF_MEM | BPF_W, R_MINOR, R_CTX, 8, 0);
}

/*
 * An allowed exception must hold all of the access that is asked for, a denied one any of
 * it: as in the v1 controller.
 */
static void emit_rule(struct emitter *m, const struct device_exception *x, bool allow)
{
	size_t start = m->n;
	int type = x->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;

	emit(m, BPF_JMP | BPF_JNE | BPF_K, R_TYPE, 0, 0, type);
	if (x->access != DEV_ALL) {
		emit(m, BPF_ALU | BPF_MOV | BPF_X, R_SCRATCH, R_ACCESS, 0, 0);
		emit(m, BPF_ALU | BPF_AND | BPF_K, R_SCRATCH, 0, 0,
		     allow ? ~x->access : x->access);
		emit(m, BPF_JMP | (allow ? BPF_JNE : BPF_JEQ) | BPF_K, R_SCRATCH, 0, 0,
		     0);
	}
	if (x->major >= 0)
		emit(m, BPF_JMP | BPF_JNE | BPF_K, R_MAJOR, 0, 0, (int)x->major);
	if (x->minor >= 0)
		emit(m, BPF_JMP | BPF_JNE | BPF_K, R_MINOR, 0, 0, (int)x->minor);
	emit(m, BPF_ALU | BPF_MOV | BPF_K, R_RESULT, 0, 0, allow);
	emit(m, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = start; i < m->n; i++) /* every jump leads behind the rule */
		if (BPF_CLASS(m->v[i].code) == BPF_JMP &&
		    BPF_OP(m->v[i].code) != BPF_EXIT)
			m->v[i].off = (int16_t)(m->n - i - 1);
}

int device_list_bpf(const struct device_list *l, struct bpf_insn **ret, size_t *ret_n)
{
	struct emitter m = { .n = 0 };

	m.v = calloc(l->n * INSNS_PER_RULE + INSNS_FRAME, sizeof(*m.v));
	if (!m.v)
		return -ENOMEM;
	emit_load_context(&m);
	for (size_t i = 0; i < l->n; i++)
		emit_rule(&m, &l->v[i], !l->allow);
	emit(&m, BPF_ALU | BPF_MOV | BPF_K, R_RESULT, 0, 0, l->allow);
	emit(&m, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	*ret = m.v;
	*ret_n = m.n;
	return 0;
}
