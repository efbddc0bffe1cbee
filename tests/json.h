/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json.h - output of programs for test scripts, by jansson. A member without memory for it is
 * missing, which the script detects.
 */
#ifndef TESTS_JSON_H
#define TESTS_JSON_H

#include <stdio.h>

#include <jansson.h>

#include "tenths.h"

/* Prints root as a line on stdout, and releases it. */
static inline void
json_print(json_t *root)
{
	json_dumpf(root, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(root);
}

#endif
