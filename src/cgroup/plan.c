// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.json's limits as a list of writes, for v1 and v2.  Pure: no system call here.
 * A limit that the layout cannot express is an error that names the field.
 */
#include "cgroup/ops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

void cgroup_plan_done(struct cgroup_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].file);
		free(p->v[i].value);
		free(p->v[i].alt_file);
		free(p->v[i].alt_value);
		free(p->v[i].field);
	}
	free(p->v);
	*p = (struct cgroup_plan){ 0 };
}

/*
 * The plan under construction.  The first failure sticks, so that the many "add" below
 * need no check of their own.
 */
struct builder {
	struct cgroup_plan plan;
	const char *controller;
	int error;
};

static struct cgroup_write *add(struct builder *b, const char *field, const char *file,
				char *value, int flags)
{
	static struct cgroup_write lost;
	struct cgroup_write *v;

	lost = (struct cgroup_write){ 0 };
	v = reallocarray(b->plan.v, b->plan.n + 1, sizeof(*v));
	if (v)
		b->plan.v = v;
	if (!v || !value) {
		b->error = -ENOMEM;
		free(value);
		return &lost;
	}
	v += b->plan.n++;
	*v = (struct cgroup_write){ .controller = b->controller,
				    .file = strdup(file),
				    .value = value,
				    .field = str_printf(".linux.resources.%s", field),
				    .flags = flags };
	if (!v->file || !v->field)
		b->error = -ENOMEM;
	return v;
}

static void add_u64(struct builder *b, const char *field, const char *file,
		    uint64_t value, int flags)
{
	add(b, field, file, str_printf("%" PRIu64, value), flags);
}

static void add_i64(struct builder *b, const char *field, const char *file, int64_t value,
		    int flags)
{
	add(b, field, file, str_printf("%" PRId64, value), flags);
}

/* v2 writes "max" where v1 writes -1. */
static void add_max(struct builder *b, const char *field, const char *file, int64_t value,
		    int flags)
{
	add(b, field, file, value < 0 ? strdup("max") : str_printf("%" PRId64, value),
	    flags);
}

static void add_str(struct builder *b, const char *field, const char *file,
		    const char *value)
{
	if (value && *value)
		add(b, field, file, strdup(value), 0);
}

static bool is_set(struct spec_opt_i64 o)
{
	return o.has && o.v != 0;
}

static bool is_set_u(struct spec_opt_u64 o)
{
	return o.has && o.v != 0;
}

static int unsupported(struct err *e, const char *field, const char *layout)
{
	return err_text(e, ENOTSUP,
			"config.json: .linux.resources.%s: not supported on cgroup %s",
			field, layout);
}

/* runc writes 1 for 0: systemd refuses TasksMax=0. */
static int64_t pids_max(int64_t limit)
{
	return limit == 0 ? 1 : limit;
}

static void plan_pids(struct builder *b, const struct spec_resources *r)
{
	b->controller = "pids";
	if (r->pids_limit.has)
		add_max(b, "pids.limit", "pids.max", pids_max(r->pids_limit.v), 0);
}

static void plan_cpuset(struct builder *b, const struct spec_resources *r)
{
	b->controller = "cpuset";
	add_str(b, "cpu.cpus", "cpuset.cpus", r->cpuset_cpus);
	add_str(b, "cpu.mems", "cpuset.mems", r->cpuset_mems);
}

static void plan_rdma(struct builder *b, const struct spec_resources *r)
{
	b->controller = "rdma";
	for (size_t i = 0; i < r->rdma_n; i++) {
		auto_(strbuf_done) struct strbuf s = { 0 };

		(void)strbuf_addf(&s, "%s", r->rdma[i].device);
		if (r->rdma[i].handles.has)
			(void)strbuf_addf(&s, " hca_handle=%" PRIu64,
					  r->rdma[i].handles.v);
		if (r->rdma[i].objects.has)
			(void)strbuf_addf(&s, " hca_object=%" PRIu64,
					  r->rdma[i].objects.v);
		add(b, "rdma", "rdma.max", take_ptr(s.s), 0);
	}
}

/* "2048kB" is not a name that the kernel has: 2MB, 1GB, 64KB as in hugetlb.<size>. */
static int plan_hugetlb(struct builder *b, const struct spec_resources *r,
			const char *limit, struct err *e)
{
	b->controller = "hugetlb";
	for (size_t i = 0; i < r->hugepages_n; i++) {
		const char *size = r->hugepages[i].page_size;
		size_t digits = size ? strspn(size, "0123456789") : 0;
		char file[96];

		if (!digits || digits > 9 ||
		    (!str_eq(size + digits, "KB") && !str_eq(size + digits, "MB") &&
		     !str_eq(size + digits, "GB")))
			return err_text(
				e, EINVAL,
				"config.json: .linux.resources.hugepageLimits"
				"[%zu].pageSize: expected a size such as '2MB', got '%s'",
				i, size ? size : "");
		snprintf(file, sizeof(file), "hugetlb.%s.%s", size, limit);
		add_u64(b, "hugepageLimits", file, r->hugepages[i].limit, 0);
		snprintf(file, sizeof(file), "hugetlb.%s.rsvd.%s", size, limit);
		add_u64(b, "hugepageLimits", file, r->hugepages[i].limit, WRITE_OPTIONAL);
	}
	return 0;
}

/* One line per device: "MAJOR:MINOR <prefix>VALUE". */
static void add_devs(struct builder *b, const char *field, const char *file,
		     const char *prefix, const struct spec_blkio_devs *d)
{
	for (size_t i = 0; i < d->n; i++)
		add(b, field, file,
		    str_printf("%" PRId64 ":%" PRId64 " %s%" PRIu64, d->v[i].major,
			       d->v[i].minor, prefix, d->v[i].value),
		    0);
}

static int finish(struct builder *b, int r, struct cgroup_plan *ret, struct err *e)
{
	if (r == 0 && b->error)
		r = err_set(e, -b->error, "plan the cgroup's limits");
	if (r < 0)
		cgroup_plan_done(&b->plan);
	*ret = b->plan;
	return r;
}

/* ---- v1 ---- */

static void plan_memory_v1(struct builder *b, const struct spec_resources *r)
{
	b->controller = "memory";
	if (is_set(r->memory_limit))
		add_i64(b, "memory.limit", "memory.limit_in_bytes", r->memory_limit.v,
			WRITE_RETRY);
	if (is_set(r->memory_swap))
		add_i64(b, "memory.swap", "memory.memsw.limit_in_bytes", r->memory_swap.v,
			WRITE_RETRY);
	else if (r->memory_limit.has && r->memory_limit.v == -1)
		add_i64(b, "memory.swap", "memory.memsw.limit_in_bytes", -1,
			WRITE_RETRY | WRITE_OPTIONAL);
	if (is_set(r->memory_reservation))
		add_i64(b, "memory.reservation", "memory.soft_limit_in_bytes",
			r->memory_reservation.v, 0);
	if (is_set(r->memory_kernel))
		add_i64(b, "memory.kernel", "memory.kmem.limit_in_bytes",
			r->memory_kernel.v, 0);
	if (is_set(r->memory_kernel_tcp))
		add_i64(b, "memory.kernelTCP", "memory.kmem.tcp.limit_in_bytes",
			r->memory_kernel_tcp.v, 0);
	if (r->memory_swappiness.has)
		add_u64(b, "memory.swappiness", "memory.swappiness",
			r->memory_swappiness.v, 0);
	if (r->memory_disable_oom_killer)
		add_u64(b, "memory.disableOOMKiller", "memory.oom_control", 1, 0);
}

static void plan_cpu_v1(struct builder *b, const struct spec_resources *r)
{
	b->controller = "cpu";
	if (is_set_u(r->cpu_rt_period))
		add_u64(b, "cpu.realtimePeriod", "cpu.rt_period_us", r->cpu_rt_period.v,
			WRITE_RETRY);
	if (is_set(r->cpu_rt_runtime))
		add_i64(b, "cpu.realtimeRuntime", "cpu.rt_runtime_us",
			r->cpu_rt_runtime.v, WRITE_RETRY);
	if (is_set_u(r->cpu_shares))
		add_u64(b, "cpu.shares", "cpu.shares", r->cpu_shares.v, 0);
	if (is_set_u(r->cpu_period))
		add_u64(b, "cpu.period", "cpu.cfs_period_us", r->cpu_period.v,
			WRITE_RETRY);
	if (is_set(r->cpu_quota))
		add_i64(b, "cpu.quota", "cpu.cfs_quota_us", r->cpu_quota.v, WRITE_RETRY);
	if (r->cpu_burst.has)
		add_u64(b, "cpu.burst", "cpu.cfs_burst_us", r->cpu_burst.v, WRITE_RETRY);
	if (r->cpu_idle.has)
		add_i64(b, "cpu.idle", "cpu.idle", r->cpu_idle.v, 0);
}

/* The BFQ scheduler's file where it is there, else the one of CFQ (Linux < 5.0). */
static void add_alt(struct builder *b, const char *field, const char *file,
		    const char *alt, char *value)
{
	struct cgroup_write *w = add(b, field, file, value, 0);

	if (!w->file)
		return;
	w->alt_file = strdup(alt);
	w->alt_value = strdup(w->value);
	if (!w->alt_file || !w->alt_value)
		b->error = -ENOMEM;
}

static void plan_blkio_v1(struct builder *b, const struct spec_resources *r)
{
	const struct spec_blkio_devs *d = &r->blkio_weight_device;

	b->controller = "blkio";
	if (is_set_u(r->blkio_weight))
		add_alt(b, "blockIO.weight", "blkio.bfq.weight", "blkio.weight",
			str_printf("%" PRIu64, r->blkio_weight.v));
	if (is_set_u(r->blkio_leaf_weight))
		add_u64(b, "blockIO.leafWeight", "blkio.leaf_weight",
			r->blkio_leaf_weight.v, 0);
	for (size_t i = 0; i < d->n; i++)
		add_alt(b, "blockIO.weightDevice", "blkio.bfq.weight_device",
			"blkio.weight_device",
			str_printf("%" PRId64 ":%" PRId64 " %" PRIu64, d->v[i].major,
				   d->v[i].minor, d->v[i].value));
	add_devs(b, "blockIO.throttleReadBpsDevice", "blkio.throttle.read_bps_device", "",
		 &r->blkio_read_bps);
	add_devs(b, "blockIO.throttleWriteBpsDevice", "blkio.throttle.write_bps_device",
		 "", &r->blkio_write_bps);
	add_devs(b, "blockIO.throttleReadIOPSDevice", "blkio.throttle.read_iops_device",
		 "", &r->blkio_read_iops);
	add_devs(b, "blockIO.throttleWriteIOPSDevice", "blkio.throttle.write_iops_device",
		 "", &r->blkio_write_iops);
}

static void plan_net_v1(struct builder *b, const struct spec_resources *r)
{
	b->controller = "net_cls";
	if (is_set_u(r->net_class_id))
		add_u64(b, "network.classID", "net_cls.classid", r->net_class_id.v, 0);
	b->controller = "net_prio";
	for (size_t i = 0; i < r->net_priorities_n; i++)
		add(b, "network.priorities", "net_prio.ifpriomap",
		    str_printf("%s %u", r->net_priorities[i].name,
			       r->net_priorities[i].priority),
		    0);
}

int cgroup_plan_v1(const struct spec_resources *r, struct cgroup_plan *ret, struct err *e)
{
	struct builder b = { 0 };
	int error = 0;

	if (r->unified.n)
		error = unsupported(e, "unified", "v1: invalid configuration");
	plan_memory_v1(&b, r);
	plan_cpu_v1(&b, r);
	plan_cpuset(&b, r);
	plan_pids(&b, r);
	plan_blkio_v1(&b, r);
	plan_net_v1(&b, r);
	plan_rdma(&b, r);
	if (error == 0)
		error = plan_hugetlb(&b, r, "limit_in_bytes", e);
	return finish(&b, error, ret, e);
}

/* ---- v2 ---- */

static int plan_memory_v2(struct builder *b, const struct spec_resources *r,
			  struct err *e)
{
	int64_t swap;
	int error;

	b->controller = "memory";
	if (is_set(r->memory_kernel))
		return unsupported(e, "memory.kernel", "v2");
	if (is_set(r->memory_kernel_tcp))
		return unsupported(e, "memory.kernelTCP", "v2");
	if (is_set_u(r->memory_swappiness))
		return unsupported(e, "memory.swappiness", "v2");
	if (r->memory_disable_oom_killer)
		return unsupported(e, "memory.disableOOMKiller", "v2");
	error = cgroup_swap_v2(r, &swap, e);
	if (error < 0)
		return error;
	/* Without swap accounting there is no file, and unlimited is what already is. */
	if (swap != INT64_MIN)
		add_max(b, "memory.swap", "memory.swap.max", swap,
			swap < 0 ? WRITE_OPTIONAL : 0);
	if (is_set(r->memory_limit))
		add_max(b, "memory.limit", "memory.max", r->memory_limit.v, 0);
	if (is_set(r->memory_reservation))
		add_max(b, "memory.reservation", "memory.low", r->memory_reservation.v,
			0);
	return 0;
}

static int plan_cpu_v2(struct builder *b, const struct spec_resources *r, struct err *e)
{
	bool idle = r->cpu_idle.has && r->cpu_idle.v == 1;

	b->controller = "cpu";
	if (is_set_u(r->cpu_rt_period))
		return unsupported(e, "cpu.realtimePeriod", "v2");
	if (is_set(r->cpu_rt_runtime))
		return unsupported(e, "cpu.realtimeRuntime", "v2");
	if (r->cpu_idle.has)
		add_i64(b, "cpu.idle", "cpu.idle", r->cpu_idle.v, 0);
	if (is_set_u(r->cpu_shares) && !idle) /* an idle group has no weight: EINVAL */
		add_u64(b, "cpu.shares", "cpu.weight", cgroup_cpu_weight(r->cpu_shares.v),
			0);
	if (is_set(r->cpu_quota) || is_set_u(r->cpu_period)) {
		uint64_t period = is_set_u(r->cpu_period) ? r->cpu_period.v : 100000;

		if (is_set(r->cpu_quota) && r->cpu_quota.v > 0)
			add(b, "cpu.quota", "cpu.max",
			    str_printf("%" PRId64 " %" PRIu64, r->cpu_quota.v, period),
			    WRITE_RETRY);
		else
			add(b, "cpu.quota", "cpu.max", str_printf("max %" PRIu64, period),
			    WRITE_RETRY);
	}
	if (r->cpu_burst.has)
		add_u64(b, "cpu.burst", "cpu.max.burst", r->cpu_burst.v, WRITE_RETRY);
	return 0;
}

static int plan_io_v2(struct builder *b, const struct spec_resources *r, struct err *e)
{
	const struct spec_blkio_devs *d = &r->blkio_weight_device;

	b->controller = "io";
	if (is_set_u(r->blkio_leaf_weight))
		return unsupported(e, "blockIO.leafWeight", "v2");
	if (is_set_u(r->blkio_weight)) {
		struct cgroup_write *w = add(b, "blockIO.weight", "io.bfq.weight",
					     str_printf("%" PRIu64, r->blkio_weight.v),
					     0);

		w->alt_file = strdup("io.weight");
		w->alt_value =
			str_printf("%" PRIu64, cgroup_io_weight(r->blkio_weight.v));
	}
	for (size_t i = 0; i < d->n; i++) {
		struct cgroup_write *w =
			add(b, "blockIO.weightDevice", "io.bfq.weight",
			    str_printf("%" PRId64 ":%" PRId64 " %" PRIu64, d->v[i].major,
				       d->v[i].minor, d->v[i].value),
			    0);

		w->alt_file = strdup("io.weight");
		w->alt_value = str_printf("%" PRId64 ":%" PRId64 " %" PRIu64,
					  d->v[i].major, d->v[i].minor,
					  cgroup_io_weight(d->v[i].value));
	}
	add_devs(b, "blockIO.throttleReadBpsDevice", "io.max",
		 "rbps=", &r->blkio_read_bps);
	add_devs(b, "blockIO.throttleWriteBpsDevice", "io.max",
		 "wbps=", &r->blkio_write_bps);
	add_devs(b, "blockIO.throttleReadIOPSDevice", "io.max",
		 "riops=", &r->blkio_read_iops);
	add_devs(b, "blockIO.throttleWriteIOPSDevice", "io.max",
		 "wiops=", &r->blkio_write_iops);
	return 0;
}

/* A value of several lines is one write per line: the kernel takes one at a time. */
static int plan_unified(struct builder *b, const struct spec_resources *r, struct err *e)
{
	for (size_t i = 0; i < r->unified.n; i++) {
		const char *key = r->unified.v[i].key, *line = r->unified.v[i].value;
		size_t len;

		if (!*key || strchr(key, '/'))
			return err_text(e, EINVAL,
					"config.json: .linux.resources.unified: "
					"\"%s\" must be a file name without path",
					key);
		b->controller = "";
		for (; *line; line += len + (line[len] != '\0')) {
			auto_free char *field = str_printf("unified[\"%s\"]", key);

			len = strcspn(line, "\n");
			add(b, field ? field : "unified", key, strndup(line, len),
			    WRITE_UNIFIED);
		}
	}
	return 0;
}

int cgroup_plan_v2(const struct spec_resources *r, struct cgroup_plan *ret, struct err *e)
{
	struct builder b = { 0 };
	int error = plan_memory_v2(&b, r, e);

	if (error == 0)
		error = plan_cpu_v2(&b, r, e);
	if (error == 0)
		error = plan_io_v2(&b, r, e);
	if (error == 0 && is_set_u(r->net_class_id))
		error = unsupported(e, "network.classID", "v2");
	if (error == 0 && r->net_priorities_n)
		error = unsupported(e, "network.priorities", "v2");
	plan_cpuset(&b, r);
	plan_pids(&b, r);
	plan_rdma(&b, r);
	if (error == 0)
		error = plan_hugetlb(&b, r, "max", e);
	if (error == 0)
		error = plan_unified(&b, r, e);
	return finish(&b, error, ret, e);
}
