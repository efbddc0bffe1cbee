/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nth.c - on the software HCA: the n-th call of a verb fails, for every n until a whole life of a
 * port passes without; and so for every verb, and for errors of the data path. A failure has to be
 * reported, nothing may be left of it, and the next life must be a good one.
 *
 *	nth [EAL arguments] -- DEVICE		(SOFTHCA_MODE=step; prints TAP)
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "life.h"

#define N_MAX 400

/* What the model offers to programs that run on it. */
static struct {
	void (*step)(void);
	void (*order_faults)(const char *list);
	uint64_t (*violations)(const char *name);
} model;

/* A call that fails is an error of the step that makes it. */
static const char *const verbs[] = {
	"reg_mr", "create_cq", "create_qp", "create_wq", "create_rwq_ind_table", "create_flow",
	"modify_qp", "modify_wq",
};

/* What a port has to put up with: no step fails, once it is started. */
static const char *const errors[] = {"tx_error", "rx_error", "partial_post"};

static int nb_tests, nb_failed;

static void
result(bool good, const char *name, const char *what, int n, const char *detail)
{
	nb_failed += !good;
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++nb_tests, name, what);
	if (!good)
		printf("# the call number %d: %s\n", n, detail != NULL ? detail : "nothing failed");
	fflush(stdout);
}

static void
order(const char *fault, int n)
{
	char list[64];

	snprintf(list, sizeof(list), "%s@%d", fault, n);
	model.order_faults(n != 0 ? list : "");
}

static bool
has_all_back(struct life *life, const char **detail)
{
	*detail = NULL;
	if (life_missing_buffers(life) != 0)
		*detail = "buffers are missing";
	else if (model.violations(NULL) != 0)
		*detail = "a rule was broken";
	return *detail == NULL;
}

/* A good life after the failure; nothing is missing after either. */
static bool
lives_on(struct life *life, const char **detail)
{
	if (!has_all_back(life, detail))
		return false;
	order("", 0);
	if (life_lead(life) != 0) {
		*detail = life->failed;
		return false;
	}
	return has_all_back(life, detail);
}

/* Some wires never call a verb: then the first life is a good one, and that is said. */
static void
try_verb(struct life *life, const char *verb)
{
	const char *detail = NULL;
	bool good = true;
	char what[64];
	int n;

	for (n = 1; n < N_MAX && good; n++) {
		order(verb, n);
		if (life_lead(life) == 0)
			break;
		good = lives_on(life, &detail);
	}
	if (good && n == N_MAX) {
		good = false;
		detail = "there is no end of it";
	}
	snprintf(what, sizeof(what), "comes through %d failures", n - 1);
	result(good, verb, what, n - 1, detail);
}

static void
try_error(struct life *life, const char *error)
{
	const char *detail = NULL;
	bool good = true;
	int n;

	for (n = 1; n <= 48 && good; n++) {
		order(error, n);
		/* A port that cannot have its first buffers posted does not start, and says so. */
		good = life_lead(life) == 0 || life->failed_to_start;
		detail = life->failed;
		good = good && lives_on(life, &detail);
	}
	result(good, error, "costs frames, and no more", n - 1, detail);
}

static void *
find(const char *name)
{
	void *symbol = dlsym(RTLD_DEFAULT, name);

	if (symbol == NULL)
		fprintf(stderr, "nth: no %s: this is for the software HCA\n", name);
	return symbol;
}

static bool
find_model(void)
{
	*(void **)&model.step = find("softhca_step");
	*(void **)&model.order_faults = find("softhca_order_faults");
	*(void **)&model.violations = find("softhca_violations");
	return model.step != NULL && model.order_faults != NULL && model.violations != NULL;
}

static void
try_all(struct life *life)
{
	const char *detail;
	unsigned int i;
	bool good;

	good = lives_on(life, &detail);
	result(good, "no failure", "a life passes", 0, detail);
	for (i = 0; i < RTE_DIM(verbs); i++)
		try_verb(life, verbs[i]);
	for (i = 0; i < RTE_DIM(errors); i++)
		try_error(life, errors[i]);
	printf("1..%d\n", nb_tests);
}

int
main(int argc, char **argv)
{
	struct life life = {0};
	int skip, ret;

	skip = rte_eal_init(argc, argv);
	if (skip < 0 || argc - skip != 2) {
		fprintf(stderr, "usage: nth [EAL arguments] -- DEVICE\n");
		return 2;
	}
	if (!find_model())
		return 2;
	life.step = model.step;
	ret = life_create(&life, argv[skip + 1]);
	if (ret != 0) {
		fprintf(stderr, "nth: %s: %s\n", argv[skip + 1], rte_strerror(-ret));
		return 1;
	}
	try_all(&life);
	life_destroy(&life);
	return rte_eal_cleanup() != 0 || nb_failed != 0;
}
