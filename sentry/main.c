// SPDX-License-Identifier: GPL-2.0-or-later
/* options -> self-confinement -> loop. */
#include <stdio.h>

int main(void)
{
	fputs("picket-sentry: no verbs yet\n", stderr);
	return 1;
}
