// SPDX-License-Identifier: GPL-2.0-or-later
/* Device rules -> the kernel's list -> the v2 program, which is run here. */
#include <errno.h>
#include <linux/bpf.h>

#include "cgroup/ops.h"
#include "test.h"

#define RULE(allow_, type_, major_, minor_)                                              \
	{                                                                                \
		allow_, type_, major_, minor_, true, true, true                          \
	}

/* The instructions that the builder uses; anything else fails the test. */
static int run(const struct bpf_insn *v, size_t n, const uint32_t ctx[3])
{
	uint64_t r[11] = { 0 };

	for (size_t pc = 0; pc < n; pc++) {
		const struct bpf_insn *i = &v[pc];
		uint64_t *d = &r[i->dst_reg];

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			*d = ctx[i->off / 4];
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			*d = (uint32_t)r[i->src_reg];
			break;
		case BPF_ALU | BPF_MOV | BPF_K:
			*d = (uint32_t)i->imm;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			*d = (uint32_t)*d & (uint32_t)i->imm;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			*d = (uint32_t)*d >> i->imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			pc += *d != (uint64_t)(int64_t)i->imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += *d == (uint64_t)(int64_t)i->imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)r[0];
		default:
			test_fail(__FILE__, __LINE__, "instruction %#x", i->code);
		}
	}
	test_fail(__FILE__, __LINE__, "ran off the end");
}

static struct device_list list_of(struct spec_device_rule *rules, size_t n)
{
	const struct spec_resources r = { .devices = rules, .devices_n = n };
	struct err e = ERR_INIT;
	struct device_list l;

	if (device_list_make(&r, &l, &e) < 0)
		test_fail(__FILE__, __LINE__, "%s", e.msg);
	return l;
}

static bool may(const struct device_list *l, char type, uint32_t major, uint32_t minor,
		uint32_t access)
{
	const uint32_t kind = type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
	const uint32_t ctx[3] = { access << 16 | kind, major, minor };
	struct bpf_insn *v;
	size_t n;
	int r;

	CHECK_INT(device_list_bpf(l, &v, &n), 0);
	r = run(v, n, ctx);
	free(v);
	return r;
}

TEST(devices_denied_by_default_but_for_the_usual)
{
	struct device_list l = list_of(NULL, 0);

	CHECK(may(&l, 'c', 1, 3, DEV_READ | DEV_WRITE));
	CHECK(may(&l, 'c', 136, 7, DEV_ALL));
	CHECK(may(&l, 'b', 8, 0, DEV_MKNOD));
	CHECK(!may(&l, 'b', 8, 0, DEV_MKNOD | DEV_READ));
	CHECK(!may(&l, 'c', 1, 1, DEV_READ));
	CHECK(!may(&l, 'b', 1, 3, DEV_READ));
}

TEST(devices_rules_apply_in_order)
{
	struct spec_device_rule rules[] = {
		RULE(true, 'b', 8, -1),	  RULE(false, 'a', -1, -1),
		RULE(true, 'c', 10, 229), RULE(true, 'b', 7, -1),
		RULE(false, 'b', 7, -1),
	};
	struct device_list l = list_of(rules, 5);

	CHECK(!may(&l, 'b', 8, 1, DEV_READ));
	CHECK(!may(&l, 'b', 7, 1, DEV_READ));
	CHECK(may(&l, 'c', 10, 229, DEV_ALL));
}

TEST(devices_part_of_the_access)
{
	struct spec_device_rule rules[] = {
		{ true, 'b', 8, 0, .read = true },
		{ true, 'b', 8, 0, .write = true },
		{ true, 'b', 8, 16, .read = true, .write = true },
		{ false, 'b', 8, 16, .write = true },
	};
	struct device_list l = list_of(rules, 4);

	CHECK(may(&l, 'b', 8, 0, DEV_READ | DEV_WRITE));
	CHECK(!may(&l, 'b', 8, 0, DEV_ALL));
	CHECK(may(&l, 'b', 8, 16, DEV_READ));
	CHECK(!may(&l, 'b', 8, 16, DEV_READ | DEV_WRITE));
}

TEST(devices_allowed_by_default)
{
	struct spec_device_rule rules[] = {
		RULE(true, 'a', -1, -1),
		{ false, 'b', 8, 0, .write = true },
	};
	struct device_list l = list_of(rules, 2);

	CHECK(may(&l, 'c', 250, 1, DEV_ALL));
	CHECK(may(&l, 'b', 8, 0, DEV_READ));
	CHECK(!may(&l, 'b', 8, 0, DEV_READ | DEV_WRITE));
}

TEST(devices_a_part_cannot_be_taken_back)
{
	struct spec_device_rule rules[] = { RULE(true, 'c', -1, -1),
					    RULE(false, 'c', 1, 3) };
	const struct spec_resources r = { .devices = rules, .devices_n = 2 };
	struct err e = ERR_INIT;
	struct device_list l;

	CHECK_INT(device_list_make(&r, &l, &e), -ERANGE);
	CHECK_HAS(e.msg, ".linux.resources.devices[1]");
}

TEST(devices_list_reads_back)
{
	char text[] = "c *:* m\nc 1:3 rwm\nb 8:* r\n", buf[DEVICE_TEXT_MAX];
	struct device_list l;

	CHECK_INT(device_list_parse(text, &l), 0);
	CHECK_INT(l.n, 3);
	CHECK(!l.allow);
	CHECK_STR(device_text(&l.v[0], buf), "c *:* m");
	CHECK_STR(device_text(&l.v[1], buf), "c 1:3 rwm");
	CHECK_STR(device_text(&l.v[2], buf), "b 8:* r");
	device_list_done(&l);
	strcpy(text, "a *:* rwm\n");
	CHECK_INT(device_list_parse(text, &l), 0);
	CHECK(l.allow && l.n == 0);
	strcpy(text, "c 1x:3 r\n");
	CHECK_INT(device_list_parse(text, &l), -EINVAL);
}
