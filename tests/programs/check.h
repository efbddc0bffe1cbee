/* SPDX-License-Identifier: BSD-3-Clause */
/* check.h - for small programs that end at the first failure. */
#ifndef PROGRAMS_CHECK_H
#define PROGRAMS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

/* Unless ok: prints what, with the meaning of errno, and ends the program with status 1. */
static inline void
check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

#endif
