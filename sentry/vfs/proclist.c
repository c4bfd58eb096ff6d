// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of a procfs and what they are answered with: see vfs/proclist.h. */
#include "vfs/proclist.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define DIGITS "0123456789"
#define TASKS  "/task/"

#define PASS(name_)	     { (name_), PROC_PASS },
#define READ(name_)	     { (name_), PROC_READ },
#define VIEW(name_)	     { (name_), PROC_VIEW },
#define SHOW(name_, answer_) { (name_), PROC_##answer_ },
static const struct {
	const char *name;
	enum proc_answer answer;
} rows[] = {
#include "vfs/procfs.def"
};

/* Behind "1" or "1/task/2"; NULL: the name does not begin with a process. */
static const char *behind_pid(const char *name)
{
	size_t n = strspn(name, DIGITS), m;

	if (n == 0 || name[n] != '/')
		return NULL;
	name += n;
	if (strncmp(name, TASKS, strlen(TASKS)))
		return name;
	m = strspn(name + strlen(TASKS), DIGITS);
	return m > 0 && name[strlen(TASKS) + m] == '/' ? name + strlen(TASKS) + m : name;
}

/* A star is any one component. */
static bool matches(const char *row, const char *name)
{
	for (; *row; row++) {
		if (*row == '*') {
			size_t n = strcspn(name, "/");

			if (n == 0)
				return false;
			name += n;
		} else if (*row != *name++) {
			return false;
		}
	}
	return !*name;
}

enum proc_answer proclist_answer(const char *name)
{
	static const char pid[] = "PID";
	const char *rest = behind_pid(name);
	size_t skip = rest ? strlen(pid) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool of_pid = !strncmp(rows[i].name, pid, strlen(pid));

		if (of_pid == (rest != NULL) &&
		    matches(rows[i].name + skip, rest ? rest : name))
			return rows[i].answer;
	}
	return PROC_ABSENT;
}
