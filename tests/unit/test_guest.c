// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory; the guest is this process. */
#include "guest/mem.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#define PAGE 4096

static struct call self(void)
{
	return (struct call){ .tid = getpid(), .listener = -1 };
}

static gptr_t at(const void *p)
{
	return GPTR((uint64_t)(uintptr_t)p);
}

/* Two pages, the second one unmapped: returns the first. */
static char *page_before_hole(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK_INT(munmap(p + PAGE, PAGE), 0);
	return p;
}

TEST(guest_read_stops_at_a_hole)
{
	char *p = page_before_hole(), buf[16];
	struct call c = self();

	memcpy(p + PAGE - 8, "12345678", 8);
	CHECK_INT(guest_read(&c, buf, at(p + PAGE - 8), 8), 0);
	CHECK(!memcmp(buf, "12345678", 8));
	CHECK_INT(guest_read(&c, buf, at(p + PAGE - 8), 9), -EFAULT);
	CHECK_INT(guest_read(&c, buf, at(p + PAGE), 1), -EFAULT);
	CHECK_INT(guest_read(&c, buf, GPTR(0), 1), -EFAULT);
	CHECK_INT(guest_read(&c, buf, GPTR(~0ull - 3), 8), -EFAULT);
	CHECK_INT(guest_read(&c, buf, GPTR(0), 0), 0);
}

TEST(guest_write_reports_holes_and_read_only_memory)
{
	char *p = page_before_hole();
	struct call c = self();

	CHECK_INT(guest_write(&c, at(p + PAGE - 4), "abcd", 4), 0);
	CHECK(!memcmp(p + PAGE - 4, "abcd", 4));
	CHECK_INT(guest_write(&c, at(p + PAGE - 4), "abcdefgh", 8), -EFAULT);
	CHECK_INT(mprotect(p, PAGE, PROT_READ), 0);
	CHECK_INT(guest_write(&c, at(p), "x", 1), -EFAULT);
}

TEST(guest_strings_may_end_before_a_hole)
{
	char *p = page_before_hole(), buf[PATH_MAX];
	struct call c = self();

	memcpy(p + PAGE - 5, "/etc", 5);
	CHECK_INT(guest_read_path(&c, buf, at(p + PAGE - 5)), 4);
	CHECK_STR(buf, "/etc");
	p[PAGE - 1] = 'x';
	CHECK_INT(guest_read_path(&c, buf, at(p + PAGE - 5)), -EFAULT);
	CHECK_INT(guest_read_path(&c, buf, GPTR(8)), -EFAULT);
	CHECK_INT(guest_read_path(&c, buf, at("")), 0);
}

TEST(guest_strings_of_every_length)
{
	static char src[2 * PATH_MAX], buf[PATH_MAX];
	struct call c = self();

	memset(src, 'a', sizeof(src));
	CHECK_INT(guest_read_path(&c, buf, at(src)), -ENAMETOOLONG);
	src[PATH_MAX] = '\0';
	CHECK_INT(guest_read_path(&c, buf, at(src)), -ENAMETOOLONG);
	src[PATH_MAX - 1] = '\0';
	CHECK_INT(guest_read_path(&c, buf, at(src)), PATH_MAX - 1);
	CHECK_STR(buf, src);
	CHECK_INT(guest_read_str(&c, buf, at(src + PATH_MAX - 4), 3), -ENAMETOOLONG);
	CHECK_INT(guest_read_str(&c, buf, at(src + PATH_MAX - 4), 4), 3);
}

TEST(guest_structs_grow_and_shrink)
{
	struct {
		uint64_t v[4];
	} src = { { 1, 2, 3, 0 } };
	struct {
		uint64_t v[3];
	} dst;
	struct call c = self();

	CHECK_INT(guest_read_struct(&c, &dst, sizeof(dst), at(&src), 32, 8), 0);
	CHECK_INT(dst.v[2], 3);
	CHECK_INT(guest_read_struct(&c, &dst, sizeof(dst), at(&src), 16, 8), 0);
	CHECK_INT(dst.v[1], 2);
	CHECK_INT(dst.v[2], 0);
	src.v[3] = 1;
	CHECK_INT(guest_read_struct(&c, &dst, sizeof(dst), at(&src), 32, 8), -E2BIG);
	CHECK_INT(guest_read_struct(&c, &dst, sizeof(dst), at(&src), 4, 8), -EINVAL);
	CHECK_INT(guest_read_struct(&c, &dst, sizeof(dst), at(&src), 8192, 8), -E2BIG);
}

TEST(guest_of_a_dead_task_is_esrch)
{
	struct call c = { .tid = 0x3ffffff0, .listener = -1 };
	char buf[4];

	CHECK_INT(guest_read(&c, buf, at(buf), 4), -ESRCH);
}
