/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A number rounded to one decimal as JSON, as printf("%.1f") rounds. Any thread.
 */
#ifndef DMAMAP_TENTHS_H
#define DMAMAP_TENTHS_H

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

/* NULL: out of memory. */
static inline json_t *
json_tenths(double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.1f", value);
	return json_real(strtod(text, NULL));
}

#endif
