/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "pinned.h"

long
pinned_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kb = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmPin: %ld", &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb;
}
