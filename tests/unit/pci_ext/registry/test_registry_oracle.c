/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * registry.c and record.c against a naive model, with random operations. The number of operations
 * is the first argument; the seed is the second.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "registry_model.h"
#include "random_number.h"
#include "unit.h"

static uint64_t operations = 200000;

static void
random_operations_agree_with_the_model(void **state)
{
	uint64_t n, number;
	const char *wrong;
	uint8_t bytes[MODEL_STEP_SIZE];
	int i;

	model_reset();
	for (n = 0; n < operations; n++) {
		number = random_number();
		for (i = 0; i < MODEL_STEP_SIZE; i++)
			bytes[i] = number >> (8 * i);
		wrong = model_step(bytes);
		if (wrong == NULL && n % 32 == 0)
			wrong = model_compare();
		if (wrong != NULL)
			fail_msg("%s differs at operation %" PRIu64, wrong, n);
	}
	assert_null(model_compare());
	model_reset();
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_the_model),
	};

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	printf("# %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
	return cmocka_run_group_tests_name("registry_oracle", tests, NULL, NULL);
}
