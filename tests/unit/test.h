/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unit tests' harness.  TEST(name) { ... CHECK(...); } registers itself; each test
 * runs in a child of its own, so that a crash costs one line; TAP on stdout.
 * TEST=substring in the environment chooses tests.
 */
#ifndef PICKET_TEST_H
#define PICKET_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};
void test_register(struct test *t);

#define TEST(name_)								\
	static void test_##name_(void);						\
	static struct test reg_##name_ = { #name_, test_##name_, NULL };	\
	__attribute__((constructor)) static void add_##name_(void)		\
	{									\
		test_register(&reg_##name_);					\
	}									\
	static void test_##name_(void)

/* Failure ends the test with a diagnostic that names the place and the values. */
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
/* End the test as skipped: only for what this machine cannot have. */
void test_skip(const char *why) __attribute__((noreturn));

#define CHECK(x) \
	do { if (!(x)) test_fail(__FILE__, __LINE__, "%s", #x); } while (0)
#define CHECK_INT(got, want)							\
	do {									\
		long long g_ = (long long)(got), w_ = (long long)(want);	\
		if (g_ != w_)							\
			test_fail(__FILE__, __LINE__, "%s: got %lld, want %lld",	\
				  #got, g_, w_);				\
	} while (0)
#define CHECK_STR(got, want)							\
	do {									\
		const char *g_ = (got), *w_ = (want);				\
		if (!g_ || !w_ || strcmp(g_, w_))				\
			test_fail(__FILE__, __LINE__, "%s: got \"%s\", want \"%s\"",	\
				  #got, g_ ? g_ : "(null)", w_ ? w_ : "(null)");	\
	} while (0)
#define CHECK_HAS(text, part)							\
	do {									\
		const char *t_ = (text), *p_ = (part);				\
		if (!t_ || !strstr(t_, p_))					\
			test_fail(__FILE__, __LINE__, "\"%s\" does not contain \"%s\"",	\
				  t_ ? t_ : "(null)", p_);			\
	} while (0)

#endif
