// SPDX-License-Identifier: GPL-2.0-or-later
/* argv -> verb -> exit status. */
#include <stdio.h>

int main(void)
{
	fputs("picket: no verbs yet\n", stderr);
	return 1;
}
