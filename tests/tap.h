/* SPDX-License-Identifier: BSD-3-Clause */
/* tap.h - TAP on stdout, for programs with one file that prints results. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_count, tap_failed;

/* Prints a result immediately, in case the program crashes later. Returns good. */
static inline bool __attribute__((format(printf, 2, 3)))
tap_result(bool good, const char *format, ...)
{
	va_list ap;

	tap_failed += !good;
	printf("%sok %u - ", good ? "" : "not ", ++tap_count);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return good;
}

/* Prints the plan. Returns whether all results were good. */
static inline bool
tap_done(void)
{
	printf("1..%u\n", tap_count);
	fflush(stdout);
	return tap_failed == 0;
}

#endif
