/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tap.h - TAP on stdout, for programs of which one file prints results.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_count, tap_failed;

/* A result, at once: a program that crashes later has shown it. Returns good. */
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

/* The plan. Returns whether all were good. */
static inline bool
tap_done(void)
{
	printf("1..%u\n", tap_count);
	fflush(stdout);
	return tap_failed == 0;
}

#endif
