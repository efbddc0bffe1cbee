/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "common/checks.h"
#include "common/export.h"
#include "refusals/refusals.h"

#define RULE(id, name, error, by) [HCA_RULE_##id] = {name, by, error},

static const struct {
	const char *name, *by;
	int error;
} rules[HCA_RULES_COUNT] = {
	[HCA_RULE_NONE] = {"none", "nobody", 0},
	HCA_RULES(RULE)
};

static uint64_t counts[HCA_RULES_COUNT];

int
hca_refuse(enum hca_rule rule)
{
	if (rule == HCA_RULE_NONE)
		return 0;
	__atomic_add_fetch(&counts[rule], 1, __ATOMIC_RELAXED);
	hca_trace("refused: %s: %s() says %s", rules[rule].name, rules[rule].by,
		strerror(rules[rule].error));
	return rules[rule].error;
}

EXPORT uint64_t
softhca_refusals(const char *name)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < HCA_RULES_COUNT; i++)
		if (name == NULL || strcmp(name, rules[i].name) == 0)
			sum += __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
	return sum;
}
