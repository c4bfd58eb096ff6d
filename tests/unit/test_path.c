// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char base[] = "/tmp/picket-test-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_tree(void)
{
	nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* base/root is the root; base/out must stay untouched. */
static int make_root(void)
{
	int dir, root;

	CHECK(mkdtemp(base));
	atexit(remove_tree);
	dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir >= 0);
	CHECK_INT(mkdirat(dir, "root", 0755), 0);
	CHECK_INT(mkdirat(dir, "out", 0755), 0);
	root = openat(dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(root >= 0);
	return root;
}

static bool is_dir(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

TEST(path_mkdir_makes_parents_with_the_mode_asked)
{
	int root = make_root(), fd;
	struct stat st;

	umask(077);
	fd = path_mkdir_in_root(root, "/a/b/c", 0755);
	CHECK(fd >= 0);
	CHECK(is_dir(root, "a/b/c"));
	CHECK(fstat(fd, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0755);
	CHECK(path_mkdir_in_root(root, "a/b/c/", 0755) >= 0);
	CHECK(path_mkdir_in_root(root, "/", 0755) >= 0);
}

TEST(path_dotdot_stops_at_the_root)
{
	int root = make_root();

	CHECK(path_mkdir_in_root(root, "../../../x/../../y", 0755) >= 0);
	CHECK(is_dir(root, "y"));
	CHECK(is_dir(root, "x"));
	CHECK(!is_dir(root, "../y"));
}

TEST(path_links_stay_inside)
{
	char absolute[64];
	int root = make_root();

	snprintf(absolute, sizeof(absolute), "%s/out", base);
	CHECK_INT(symlinkat(absolute, root, "abs"), 0);
	CHECK_INT(symlinkat("../out", root, "rel"), 0);
	CHECK_INT(symlinkat("abs", root, "chain"), 0);
	CHECK(path_mkdir_in_root(root, "rel/n", 0755) >= 0);
	CHECK(is_dir(root, "out/n"));
	CHECK(path_mkdir_in_root(root, "chain/m", 0755) >= 0);
	CHECK(is_dir(root, absolute[0] == '/' ? absolute + 1 : absolute));
	CHECK(!is_dir(root, "../out/m"));
	CHECK(!is_dir(root, "../out/n"));
}

TEST(path_mkfile_makes_the_target_of_a_dangling_link)
{
	int root = make_root();
	struct stat st;

	CHECK_INT(symlinkat("/etc/real", root, "conf"), 0);
	CHECK(path_mkfile_in_root(root, "/conf", 0644) >= 0);
	CHECK(fstatat(root, "etc/real", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	      S_ISREG(st.st_mode));
	CHECK(is_dir(root, "etc"));
	/* what is there stays, whatever it is */
	CHECK(path_mkfile_in_root(root, "etc", 0644) >= 0);
	CHECK(is_dir(root, "etc"));
}

TEST(path_errors)
{
	int root = make_root();

	CHECK_INT(symlinkat("loop", root, "loop"), 0);
	CHECK_INT(path_mkdir_in_root(root, "loop/x", 0755), -ELOOP);
	CHECK(path_mkfile_in_root(root, "f", 0644) >= 0);
	CHECK_INT(path_mkdir_in_root(root, "f/x", 0755), -ENOTDIR);
	CHECK_INT(path_mkdir_in_root(root, "f", 0755), -ENOTDIR);
	CHECK_INT(path_open_in_root(root, "none", O_PATH, 0), -ENOENT);
}
