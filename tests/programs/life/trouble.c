/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include <rte_common.h>

#include "inject.h"
#include "life.h"
#include "trouble.h"

#define CALLS 5		/* a fault hits one of the first N */

static const char *const verbs[] = {
	"reg_mr", "create_cq", "create_qp", "create_wq", "create_rwq_ind_table", "create_flow",
	"modify_qp", "modify_wq",
};

void
trouble_enter(struct life *life)
{
	if (life->troubles++ == 0)
		__atomic_add_fetch(&life->trouble, 1, __ATOMIC_RELEASE);
}

void
trouble_leave(struct life *life)
{
	if (--life->troubles == 0)
		__atomic_add_fetch(&life->trouble, 1, __ATOMIC_RELEASE);
}

bool
trouble_order(struct life *life)
{
	unsigned int n = 1 + dice_roll(&life->dice, CALLS), functions = 0;
	char order[64];

	if (dice_roll(&life->dice, 3) != 0)
		return false;
	trouble_enter(life);
	if (dice_roll(&life->dice, 2) == 0) {
		snprintf(order, sizeof(order), "%s@%u",
			verbs[dice_roll(&life->dice, RTE_DIM(verbs))], n);
		model.order_faults(order);
		return true;
	}
	while (inject_names[functions] != NULL)
		functions++;
	inject_order(inject_names[dice_roll(&life->dice, functions)], n);
	return true;
}

void
trouble_end(struct life *life, bool ordered)
{
	if (!ordered)
		return;
	inject_order(NULL, 0);
	model.order_faults("");
	trouble_leave(life);
}
