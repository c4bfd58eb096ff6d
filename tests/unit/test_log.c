// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "test.h"

static char dir[] = "/tmp/picket-test-XXXXXX";

/* What one error line looks like in a log of this format; stderr goes to "err". */
static char *logged(enum log_format format, const char *name, const char *msg)
{
	char *text;
	size_t len;
	int err, at;

	CHECK(mkdtemp(dir));
	CHECK(chdir(dir) == 0);
	err = open("err", O_CREAT | O_WRONLY | O_TRUNC, 0600);
	CHECK(dup2(err, STDERR_FILENO) == STDERR_FILENO);
	CHECK_INT(log_open("log", format, LOG_LEVEL_ERROR), 0);
	log_warning("not at this level");
	log_error("%s", msg);
	at = open(".", O_RDONLY | O_DIRECTORY);
	CHECK_INT(fd_read_file(at, name, 10000, &text, &len), 0);
	unlink("err");
	unlink("log");
	rmdir(dir);
	return text;
}

TEST(log_json_is_one_object_with_a_time)
{
	char *text = logged(LOG_FORMAT_JSON, "log", "say \"a\\b\"\n\001");
	const char *want =
		"{\"level\":\"error\",\"msg\":\"say \\\"a\\\\b\\\"\\n\\u0001\",\"time\":\"2";

	CHECK(strncmp(text, want, strlen(want)) == 0);
	CHECK_STR(text + strlen(text) - 4, "Z\"}\n");
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
}

TEST(log_text_has_runc_fields)
{
	char *text = logged(LOG_FORMAT_TEXT, "log", "no");

	CHECK(strncmp(text, "time=\"2", 7) == 0);
	CHECK_HAS(text, "Z\" level=error msg=\"no\"\n");
}

TEST(log_stderr_is_one_line)
{
	CHECK_STR(logged(LOG_FORMAT_TEXT, "err", "open 'a\nb': \"x\""),
		  "picket: open 'a\\nb': \"x\"\n");
}
