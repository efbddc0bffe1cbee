/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs.c: which memory is registered with relaxed ordering. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "common/verbs.h"
#include "fake_ibverbs.h"

static uint64_t memory;

/* Of a word that the peer writes the order counts. */
static void
packets_are_relaxed_where_the_cpu_wants_it(void **state)
{
	struct ibv_mr *mr;
	int wanted;

	for (wanted = 1; wanted >= 0; wanted--) {
		wants_relaxed_ordering = wanted;
		mlx5x_verbs_init();
		assert_int_equal(mlx5x_verbs_reg_mr(&object.pd, &memory, 3, true, &mr), 0);
		assert_int_equal(registered.access, IBV_ACCESS_LOCAL_WRITE |
			(wanted ? IBV_ACCESS_RELAXED_ORDERING : 0));
		assert_int_equal(mlx5x_verbs_reg_mr(&object.pd, &memory, 2, false, &mr), 0);
		assert_int_equal(registered.access, wanted ? IBV_ACCESS_RELAXED_ORDERING : 0);
		assert_int_equal(mlx5x_verbs_reg_dmabuf_mr(&object.pd, 0, 0, &memory, 3, true,
			&mr), 0);
		assert_int_equal(registered.access, IBV_ACCESS_LOCAL_WRITE |
			(wanted ? IBV_ACCESS_RELAXED_ORDERING : 0));
		assert_int_equal(mlx5x_verbs_reg_word(&object.pd, &memory, 8, &mr), 0);
		assert_int_equal(registered.access,
			IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_relaxed_where_the_cpu_wants_it),
	};

	return cmocka_run_group_tests_name("verbs_ordering", tests, NULL, NULL);
}
