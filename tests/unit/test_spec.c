// SPDX-License-Identifier: GPL-2.0-or-later
#include "spec/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "test.h"

static struct spec spec;
static struct err e;

static int parse(const char *json)
{
	spec_done(&spec);
	e.msg[0] = '\0';
	return spec_parse("config.json", json, strlen(json), &spec, &e);
}

#define MINIMAL_BUT(process, rest)                                              \
	"{\"ociVersion\":\"1.0.2-dev\",\"root\":{\"path\":\"r\"},\"process\":{" \
	"\"cwd\":\"/\",\"args\":[\"sh\"]" process "}" rest "}"

static int validate(const char *json)
{
	CHECK_INT(parse(json), 0);
	return spec_validate(&spec, &e);
}

TEST(spec_errors_name_the_place)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ "{\"process\":{\"args\":[\"a\",7]}}",
		  "config.json: .process.args[1]: expected a string, got a number" },
		{ "{\"process\":{\"user\":{\"uid\":4294967295}}}",
		  "config.json: .process.user.uid: expected an integer from 0 to 4294967294, "
		  "got 4294967295" },
		{ "{\"process\":{\"user\":{\"uid\":-1}}}",
		  ".process.user.uid: expected" },
		{ "{\"process\":{\"user\":{\"uid\":1.0}}}", "got 1.0" },
		{ "{\"process\":{\"user\":{\"uid\":\"0\"}}}",
		  ".process.user.uid: expected an integer, got a string" },
		{ "{\"process\":[]}",
		  "config.json: .process: expected an object, got an array" },
		{ "{\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_X\"}]}}",
		  ".process.rlimits[0].type: unknown value 'RLIMIT_X'" },
		{ "{\"process\":{\"capabilities\":{\"bounding\":[\"chown me\"]}}}",
		  ".process.capabilities.bounding[0]: unknown capability 'chown me'" },
		{ "{\"annotations\":{\"a.b/c\":1}}",
		  ".annotations[\"a.b/c\"]: expected a string, got a number" },
		{ "{\"linux\":{\"intelRdt\":{}}}", ".linux.intelRdt: not supported" },
		{ "{\"windows\":{}}", ".windows: not supported" },
		{ "{\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]}}",
		  ".linux.namespaces[1]: duplicated namespace 'pid'" },
		{ "{\"linux\":{\"namespaces\":[{\"type\":\"moon\"}]}}",
		  "unknown value 'moon'" },
		{ "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\","
		  "\"defaultErrnoRet\":1}}}",
		  "not with SCMP_ACT_ALLOW" },
		{ "{\"linux\":{\"resources\":{\"unified\":{\"../x\":\"1\"}}}}",
		  ".linux.resources.unified[\"../x\"]: must be a plain file name" },
		{ "{\"hooks\":{\"prestart\":[{\"path\":\"x\"}]}}",
		  ".hooks.prestart[0]: path must be an absolute path" },
		{ "{\"hostname\":\"a\\u0000b\"}", "NUL" },
		{ "[]", "config.json: .: expected an object, got an array" },
		{ "{\n \"a\": x}", "config.json: line 2, column " },
		{ "{\"a\":", "config.json: line 1, column 6: " },
		{ "", "config.json: line 1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_INT(parse(rows[i].json), -EINVAL);
		CHECK_HAS(e.msg, rows[i].want);
		CHECK(!strchr(e.msg, '\n'));
	}
}

TEST(spec_unknown_fields_and_null_are_absent)
{
	CHECK_INT(
		parse("{\"moon\":{\"x\":[1]},\"process\":{\"args\":null,\"user\":null},"
		      "\"linux\":null,\"hostname\":\"\",\"mounts\":[{\"destination\":\"x\"}]}"),
		0);
	CHECK(spec.process.present && !spec.process.args.v && !spec.hostname);
	CHECK_STR(spec.mounts[0].destination, "/x");
}

TEST(spec_fields_arrive)
{
	CHECK_INT(
		parse("{\"process\":{\"args\":[\"a\",\"\"],\"user\":{\"uid\":7,\"additionalGids\":[1,2],"
		      "\"umask\":63},\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_MOON\"]},"
		      "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":18446744073709551615}],"
		      "\"oomScoreAdj\":-500},"
		      "\"hooks\":{\"poststop\":[{\"path\":\"/h\",\"env\":[],\"timeout\":3}]},"
		      "\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"/n\"}],"
		      "\"resources\":{\"pids\":{\"limit\":0},\"memory\":{\"limit\":-1,\"swappiness\":-1},"
		      "\"devices\":[{\"allow\":true,\"type\":\"c\",\"major\":10,\"access\":\"rm\"}],"
		      "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":9}],"
		      "\"rdma\":{\"mlx\":{\"hcaHandles\":3}}},"
		      "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"b\",\"major\":1,\"minor\":2,"
		      "\"fileMode\":25008}],\"timeOffsets\":{\"boottime\":{\"secs\":-5}}}}"),
		0);
	CHECK_INT(spec.process.args.n, 2);
	CHECK_STR(spec.process.args.v[1], "");
	CHECK(!spec.process.args.v[2]);
	CHECK_INT(spec.process.uid, 7);
	CHECK_INT(spec.process.additional_gids[1], 2);
	CHECK(spec.process.umask.has && spec.process.umask.v == 077);
	CHECK_INT(spec.process.caps.bounding, 1);
	CHECK_INT(spec.process.rlimits[0].resource, RLIMIT_CORE);
	CHECK(spec.process.rlimits[0].hard == UINT64_MAX);
	CHECK_INT(spec.process.oom_score_adj.v, -500);
	CHECK_INT(spec.hooks[SPEC_HOOK_POSTSTOP].v[0].timeout_s, 3);
	CHECK(spec.hooks[SPEC_HOOK_POSTSTOP].v[0].env.v);
	CHECK(spec.ns[SPEC_NS_NETWORK].present);
	CHECK_STR(spec.ns[SPEC_NS_NETWORK].path, "/n");
	CHECK(spec.resources.pids_limit.has && spec.resources.pids_limit.v == 0);
	CHECK(!spec.resources.memory_swappiness.has);
	CHECK_INT(spec.resources.devices[0].minor, -1);
	CHECK(spec.resources.devices[0].mknod && !spec.resources.devices[0].write);
	CHECK_STR(spec.resources.hugepages[0].page_size, "2MB");
	CHECK_STR(spec.resources.rdma[0].device, "mlx");
	CHECK_INT(spec.devices[0].mode, 0660);
	CHECK_INT(spec.time_offsets.boottime_s.v, -5);
}

TEST(spec_validate_says_what_is_wrong)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ "{}", ".ociVersion: missing" },
		{ "{\"ociVersion\":\"2.0.0\"}", "expected 1.x.y" },
		{ "{\"ociVersion\":\"1.0\"}", "is not a version" },
		{ "{\"ociVersion\":\"1.0.0\"}", ".root.path: missing" },
		{ MINIMAL_BUT(",\"cwd\":\"x\"", ""), "is not an absolute path" },
		{ MINIMAL_BUT(",\"args\":[]", ""), ".process.args: must not be empty" },
		{ MINIMAL_BUT(",\"env\":[\"A=1\",\"B\"]", ""), ".process.env[1]: 'B'" },
		{ MINIMAL_BUT("", ",\"hostname\":\"h\""),
		  "without a private UTS namespace" },
		{ MINIMAL_BUT("", ",\"linux\":{\"maskedPaths\":[\"/x\"]}"),
		  "unable to restrict sys entries without a private MNT namespace" },
		{ MINIMAL_BUT("", ",\"linux\":{\"uidMappings\":[{\"size\":1}]}"),
		  "without a user namespace" },
		{ MINIMAL_BUT("", ",\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}"),
		  "needs uidMappings" },
		{ MINIMAL_BUT("", ",\"linux\":{\"sysctl\":{\"net.x\":\"1\"}}"),
		  "sysctl \"net.x\" is not in a separate kernel namespace" },
		{ MINIMAL_BUT("", ",\"linux\":{\"namespaces\":[{\"type\":\"network\"}],"
				  "\"sysctl\":{\"netx\":\"1\"}}"),
		  "sysctl \"netx\"" },
		{ MINIMAL_BUT("", ",\"linux\":{\"namespaces\":[{\"type\":\"network\","
				  "\"path\":\"/proc/self/ns/net\"}],"
				  "\"sysctl\":{\"net.x\":\"1\"}}"),
		  "sysctl \"net.x\" is not in a separate kernel namespace" },
		{ MINIMAL_BUT("", ",\"linux\":{\"sysctl\":{\"kernel/hostname\":\"1\"}}"),
		  ".hostname" },
		{ MINIMAL_BUT(
			  "",
			  ",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			  "\"listenerPath\":\"/s\",\"syscalls\":[{\"names\":[\"write\"],"
			  "\"action\":\"SCMP_ACT_NOTIFY\"}]}}"),
		  "SCMP_ACT_NOTIFY cannot be used for the write syscall" },
		{ MINIMAL_BUT("", ",\"annotations\":{\"\":\"x\"}"), "must not be empty" },
		{ MINIMAL_BUT(",\"execCPUAffinity\":{\"final\":\"1-\"}", ""),
		  "list of CPUs" },
		{ MINIMAL_BUT(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":3}",
			      ""),
		  "only for SCHED_FIFO" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_INT(validate(rows[i].json), -EINVAL);
		CHECK_HAS(e.msg, rows[i].want);
	}
	CHECK_INT(validate(MINIMAL_BUT("", "")), 0);
	CHECK_INT(validate(MINIMAL_BUT(
			  "", ",\"linux\":{\"namespaces\":[{\"type\":\"network\"}],"
			      "\"sysctl\":{\"net/ipv4/conf/a.b/x\":\"1\"}}")),
		  0);
}

TEST(spec_seccomp_hash_follows_the_content)
{
#define PROFILE(name, more)                                                  \
	"{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"" more \
	",\"syscalls\":[{\"action\":\"SCMP_ACT_ALLOW\",\"names\":[" name "]}]}}}"
	uint64_t first;

	CHECK_INT(parse(PROFILE("\"read\",\"write\"", "")), 0);
	first = spec.seccomp.content_hash;
	CHECK_INT(parse(PROFILE("\"read\",\"write\"", "")), 0);
	CHECK(spec.seccomp.content_hash == first);
	CHECK_INT(parse(PROFILE("\"readwrite\"", "")), 0);
	CHECK(spec.seccomp.content_hash != first);
	CHECK_INT(parse(PROFILE("\"read\",\"write\"", ",\"flags\":[]")), 0);
	CHECK(spec.seccomp.content_hash != first);
}

TEST(spec_default_is_valid)
{
	for (unsigned int flags = 0; flags < 4; flags++) {
		char *json = spec_default_json(flags);

		CHECK(json);
		CHECK_INT(validate(json), 0);
		CHECK_INT(spec.ns[SPEC_NS_USER].present, flags & SPEC_DEFAULT_ROOTLESS);
		CHECK_INT(spec.masked_paths.n, 10);
		free(json);
	}
}

/* What the fuzzer does at length: every prefix of a real file, and flipped bytes. */
TEST(spec_parse_survives_damage)
{
	char *json = spec_default_json(0);
	size_t len = strlen(json);

	for (size_t i = 0; i < len; i++) {
		spec_done(&spec);
		CHECK(spec_parse("x", json, i, &spec, &e) < 0 || i == len - 1);
	}
	for (size_t i = 0; i < len; i++) {
		char saved = json[i];

		json[i] = (char)(saved ^ (1 << i % 8));
		spec_done(&spec);
		if (spec_parse("x", json, len, &spec, &e) == 0)
			(void)spec_validate(&spec, &e);
		json[i] = saved;
	}
	free(json);
}

TEST(spec_load_names_a_missing_file)
{
	CHECK_INT(spec_load(AT_FDCWD, "no-such.json", &spec, &e), -ENOENT);
	CHECK_STR(e.msg, "JSON specification file no-such.json not found");
}
