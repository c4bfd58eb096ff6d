// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox/mode.c, container/sync.c: who wins, and what a hostile init may say. */
#include "test.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "container/sync.h"
#include "sandbox/sandbox.h"

static int effective(const char *annotation, enum sentry_mode configured, struct err *e)
{
	struct spec_kv kv = { "dev.picket.sentry", annotation };
	struct spec s = { .annotations = { &kv, annotation != NULL } };
	enum sentry_mode mode;
	int r = sandbox_effective_mode(&s, configured, &mode, e);

	return r < 0 ? r : (int)mode;
}

TEST(sandbox_annotation_only_tightens)
{
	struct err e = ERR_INIT;

	CHECK_INT(effective(NULL, SENTRY_OFF, &e), SENTRY_OFF);
	CHECK_INT(effective("strict", SENTRY_OFF, &e), SENTRY_STRICT);
	CHECK_INT(effective("off", SENTRY_STRICT, &e), SENTRY_STRICT);
	CHECK_INT(effective("balanced", SENTRY_STRICT, &e), SENTRY_STRICT);
	CHECK_INT(effective("balanced", SENTRY_OFF, &e), SENTRY_BALANCED);
	CHECK_INT(effective("off", SENTRY_BALANCED, &e), SENTRY_BALANCED);
	CHECK(effective("loose", SENTRY_STRICT, &e) < 0);
	CHECK_HAS(e.msg, "dev.picket.sentry");
}

static const char *release(const char *annotation, const char *configured, struct err *e)
{
	struct spec_kv kv = { "dev.picket.release", annotation };
	struct spec s = { .annotations = { &kv, annotation != NULL } };
	const char *ret;

	return sandbox_effective_release(&s, configured, &ret, e) < 0 ? NULL : ret;
}

TEST(sandbox_release_is_the_annotations_or_the_configured)
{
	struct err e = ERR_INIT;

	CHECK_STR(release(NULL, NULL, &e), "");
	CHECK_STR(release(NULL, "6.6.1", &e), "6.6.1");
	CHECK_STR(release("5.4", "6.6.1", &e), "5.4");
	CHECK(!release("", NULL, &e));
	CHECK_HAS(e.msg, "dev.picket.release");
	CHECK(!release("6.x", NULL, &e));
	CHECK(!release("6.1 (me@host)", NULL, &e));
	CHECK(!release("6.1.0-00000000000000000000000000000000000000000000000000000000000",
		       NULL, &e));
	CHECK(!release(NULL, "new", &e));
	CHECK_HAS(e.msg, "'new'");
}

TEST(sync_carries_kinds_values_and_descriptors)
{
	struct err e = ERR_INIT;
	struct sync_in in;
	int a, b;

	CHECK_INT(sync_pair(&a, &b, &e), 0);
	CHECK_INT(sync_send(b, SYNC_CLONED, 42, 1), 0);
	CHECK_INT(sync_expect(a, SYNC_CLONED, &in, &e), 0);
	CHECK_INT(in.value, 42);
	CHECK(in.fd >= 0);
	CHECK_INT(sync_send(b, SYNC_TTY, 0, -1), 0);
	CHECK(sync_expect(a, SYNC_GO, &in, &e) < 0);
	close(b);
	CHECK_INT(sync_recv(a, &in, &e), 0);
}

TEST(sync_cleans_an_error_of_the_other_side)
{
	struct err e = ERR_INIT, bad = { -5, "" };
	struct sync_in in;
	int a, b;

	memset(bad.msg, 'x', sizeof(bad.msg));
	memcpy(bad.msg, "a\nb\033c", 5);
	CHECK_INT(sync_pair(&a, &b, &e), 0);
	CHECK_INT(sync_send_error(b, &bad), 0);
	CHECK(sync_recv(a, &in, &e) < 0);
	CHECK(!strncmp(e.msg, "a?b?c", 5));
	CHECK(e.code > 0);
}

TEST(sync_refuses_packets_of_wrong_sizes_and_kinds)
{
	const unsigned int zeros[4] = { 0 }, high[2] = { 99, 0 };
	struct err e = ERR_INIT;
	struct sync_in in;
	int a, b;

	CHECK_INT(sync_pair(&a, &b, &e), 0);
	send(b, zeros, 3, 0);
	CHECK(sync_recv(a, &in, &e) < 0);
	send(b, zeros, 16, 0);
	CHECK(sync_recv(a, &in, &e) < 0);
	send(b, high, 8, 0);
	CHECK(sync_recv(a, &in, &e) < 0);
	CHECK_HAS(e.msg, "malformed");
}
