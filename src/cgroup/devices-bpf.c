// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * v2 has no device controller: a BPF program on the cgroup decides.  Programs of others
 * (systemd's, an outer runtime's) stay attached; ours is known by its name.
 */
#include "cgroup/ops.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PROGRAM_NAME "picket_devices"
#define PROGRAMS_MAX 64

static int kernel_bpf(int cmd, union bpf_attr *attr)
{
	int r = (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : r;
}

static int load(const struct device_list *l, struct err *e)
{
	auto_free struct bpf_insn *insns = NULL;
	union bpf_attr attr = { 0 };
	size_t n;
	int r = device_list_bpf(l, &insns, &n);

	if (r < 0)
		return err_set(e, -r, "build the device program");
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)insns;
	attr.insn_cnt = (uint32_t)n;
	attr.license = (uint64_t)(uintptr_t) "GPL";
	strcpy(attr.prog_name, PROGRAM_NAME);
	r = kernel_bpf(BPF_PROG_LOAD, &attr);
	if (r < 0)
		return err_set(e, -r, "load the device program of %zu instructions", n);
	return r;
}

/* Descriptor of program `id` if it is one of ours. */
static int open_ours(uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .prog_id = id };
	auto_close int fd = kernel_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	int r;

	if (fd < 0)
		return fd;
	attr = (union bpf_attr){ .info = { .bpf_fd = (uint32_t)fd,
					   .info_len = sizeof(info),
					   .info = (uint64_t)(uintptr_t)&info } };
	r = kernel_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (r < 0)
		return r;
	return strcmp(info.name, PROGRAM_NAME) == 0 ? take_fd(fd) : -ENOENT;
}

/* Our program that is attached to this very cgroup, or a negative errno. */
static int find_attached(int dirfd)
{
	uint32_t ids[PROGRAMS_MAX];
	union bpf_attr attr = { .query = { .target_fd = (uint32_t)dirfd,
					   .attach_type = BPF_CGROUP_DEVICE,
					   .prog_cnt = PROGRAMS_MAX,
					   .prog_ids = (uint64_t)(uintptr_t)ids } };
	int r = kernel_bpf(BPF_PROG_QUERY, &attr);

	for (uint32_t i = 0; r == 0 && i < attr.query.prog_cnt; i++) {
		int fd = open_ours(ids[i]);

		if (fd >= 0)
			return fd;
	}
	return r < 0 ? r : -ENOENT;
}

int cgroup_attach_devices(int dirfd, const struct device_list *l, struct err *e)
{
	auto_close int old = find_attached(dirfd);
	auto_close int prog = load(l, e);
	union bpf_attr attr = { 0 };
	int r;

	if (prog < 0)
		return prog;
	attr.target_fd = (uint32_t)dirfd;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	r = kernel_bpf(BPF_PROG_ATTACH, &attr);
	if (r < 0)
		return err_set(e, -r, "attach the device program");
	return 0;
}
