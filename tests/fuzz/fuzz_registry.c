/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c and record.c against the naive model of the unit tests. The input is a sequence of
 * steps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "registry/registry_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *wrong)
{
	if (wrong == NULL)
		return;
	fprintf(stderr, "%s differs\n", wrong);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	model_reset();
	for (; size >= MODEL_STEP_SIZE; data += MODEL_STEP_SIZE, size -= MODEL_STEP_SIZE)
		check(model_step(data));
	check(model_compare());
	return 0;
}
