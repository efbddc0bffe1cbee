/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * json.h - what programs for test scripts print by jansson. A member that there is no memory for is missing,
 * which the script finds.
 */
#ifndef TESTS_JSON_H
#define TESTS_JSON_H

#include <stdio.h>

#include <jansson.h>

#include "tenths.h"

/* On a line of stdout; root is released. */
static inline void
json_print(json_t *root)
{
	json_dumpf(root, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(root);
}

#endif
