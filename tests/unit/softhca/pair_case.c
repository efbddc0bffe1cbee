/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pair_case.h"

struct pair pair;
void (*pair_case_more)(void);

static int
begin(void **state, enum ibv_qp_type type)
{
	assert_int_equal(rig_set_up(state), 0);
	pair_set_up(&pair, *state, type);
	if (pair_case_more != NULL)
		pair_case_more();
	return 0;
}

int
pair_case_rc(void **state)
{
	return begin(state, IBV_QPT_RC);
}

int
pair_case_uc(void **state)
{
	return begin(state, IBV_QPT_UC);
}

int
pair_case_ud(void **state)
{
	return begin(state, IBV_QPT_UD);
}

int
pair_case_end(void **state)
{
	pair_tear_down(&pair);
	return rig_tear_down(state);
}
