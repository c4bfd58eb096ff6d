// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's names for the guest: see policy/release.h. */
#include "policy/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define DEFAULT_RELEASE "6.1.0"
#define UTS_VERSION		"#1 SMP PREEMPT_DYNAMIC"
#define BANNER_MAX	192
#define MINOR_OF_26	60

static char release[sizeof(((struct utsname *)0)->release)] = DEFAULT_RELEASE;
static char banner[BANNER_MAX] = "Linux version " DEFAULT_RELEASE " " UTS_VERSION "\n";

void release_set(const char *text)
{
	snprintf(release, sizeof(release), "%s", *text ? text : DEFAULT_RELEASE);
	snprintf(banner, sizeof(banner), "Linux version %s %s\n", release, UTS_VERSION);
}

const char *release_release(void)
{
	return release;
}

const char *release_version(void)
{
	return UTS_VERSION;
}

const char *release_banner(void)
{
	return banner;
}

/* The second number, after 60, stands for the first two; the rest follows the numbers. */
void release_under_26(char *ret, unsigned long size)
{
	const char *dot = strchr(release, '.');
	size_t numbers = 0;

	for (int dots = 0; release[numbers]; numbers++) {
		if (release[numbers] == '.' ? ++dots == 3 :
					      !strchr("0123456789", release[numbers]))
			break;
	}
	snprintf(ret, size, "2.6.%ld%s", MINOR_OF_26 + (dot ? atol(dot + 1) : 0),
		 release + numbers);
}
