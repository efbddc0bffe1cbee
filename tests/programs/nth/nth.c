/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * nth.c - on the software HCA: the n-th call of a verb fails, for each n until all operations of a
 * port succeed; likewise for each verb, and for errors of the data path. A failure has to be
 * reported, nothing may leak, and the next run has to succeed. The same for each step of a probe,
 * after the port has been removed.
 *
 * nth [EAL arguments] -- DEVICE ARGUMENTS (SOFTHCA_MODE=step; prints TAP)
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_malloc.h>

#include "disorder.h"
#include "inject.h"
#include "life.h"
#include "probe.h"
#include "tap.h"

#define N_MAX 400

/* Functions that the software HCA exports to programs. */
static struct {
	void (*step)(void);
	void (*order_faults)(const char *list);
	uint64_t (*violations)(const char *name);
} model;

/* A failing call makes its step fail. */
static const char *const verbs[] = {
	"reg_mr", "create_cq", "create_qp", "create_wq", "create_rwq_ind_table", "create_flow",
	"modify_qp", "modify_wq",
};

/* Errors that a started port handles: no step fails. */
static const char *const errors[] = {"tx_error", "rx_error", "partial_post"};

static void
result(bool good, const char *name, const char *what, int n, const char *detail)
{
	if (!tap_result(good, "%s: %s", name, what))
		printf("# call %d: %s\n", n, detail != NULL ? detail : "nothing failed");
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
		*detail = "a rule was violated";
	return *detail == NULL;
}

/* A successful run after the failure; nothing is missing afterwards. */
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

/* A run with a check of the log: a failure has to log a line. */
static int
lead_and_read(struct life *life, const char **detail)
{
	char *log = NULL;
	size_t size;
	FILE *stream = open_memstream(&log, &size);
	int ret;

	if (stream == NULL || rte_openlog_stream(stream) != 0) {
		*detail = "no memory";
		return -ENOMEM;
	}
	ret = life_lead(life);
	rte_openlog_stream(NULL);
	fclose(stream);
	if (ret != 0 && strstr(log, "mlx5_ext/") == NULL) {
		printf("# %s fails without a log line\n", life->failed);
		*detail = "the failure is not logged";
	}
	free(log);
	return ret;
}

/* Some wires never call a verb: then the first run succeeds, with 0 failures. */
static void
try_verb(struct life *life, const char *verb)
{
	const char *detail = NULL;
	bool good = true;
	char what[64];
	int n;

	for (n = 1; n < N_MAX && good; n++) {
		order(verb, n);
		detail = NULL;
		if (lead_and_read(life, &detail) == 0)
			break;
		good = detail == NULL && lives_on(life, &detail);
	}
	if (good && n == N_MAX) {
		good = false;
		detail = "failures do not end";
	}
	snprintf(what, sizeof(what), "handles %d failures", n - 1);
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
		/* A port whose first buffers cannot be posted does not start, and reports that. */
		good = life_lead(life) == 0 || life->failed_to_start;
		detail = life->failed;
		good = good && lives_on(life, &detail);
	}
	result(good, error, "loses only frames", n - 1, detail);
}

/* Of EAL's heap. */
static unsigned int
count_allocations(void)
{
	struct rte_malloc_socket_stats stats = {0};

	rte_malloc_get_socket_stats(rte_socket_id(), &stats);
	return stats.alloc_count;
}

/* Twice, so that one-time allocations are not counted as leaks. */
static void
try_disorder(struct life *life, const struct disorder *disorder)
{
	unsigned int before = 0, after = 0;
	const char *detail = NULL;
	bool good;
	int i;

	rte_eth_dev_reset(life->port);
	for (i = 0; i < 2 && detail == NULL; i++) {
		before = after;
		detail = disorder->run(life);
		order("", 0);
		rte_eth_dev_stop(life->port);
		rte_eth_dev_reset(life->port);
		after = count_allocations();
	}
	if (detail == NULL && after != before)
		detail = "EAL's memory leaks";
	good = detail == NULL && lives_on(life, &detail);
	result(good, disorder->name, "is answered", 0, detail);
}

static void *
find(const char *name)
{
	void *symbol = dlsym(RTLD_DEFAULT, name);

	if (symbol == NULL)
		fprintf(stderr, "nth: no %s: requires the software HCA\n", name);
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
	for (i = 0; disorders[i].name != NULL; i++)
		try_disorder(life, &disorders[i]);
}

/* Mappings belong to the device: they outlast the port, and are really registered. */
static const char *
outlive_port(struct life *life)
{
	const struct region *region = &life->region;

	if (region_map(region, life->dev) != 0)
		return "it cannot be mapped";
	if (life_close(life) != 0)
		return "the port cannot be closed";
	if (region_map(region, life->dev) != 0 || region_unmap(region, life->dev) != 0)
		return "closed, no reference can be added";
	if (region_unmap(region, life->dev) != 0)
		return "closed, a mapping made before cannot be unmapped";
	if (region_unmap(region, life->dev) != -ENOENT)
		return "closed, it is still mapped";
	order("reg_mr", 1);
	if (region_map(region, life->dev) != -ENOMEM)
		return "closed, nothing is registered";
	if (region_map(region, life->dev) != 0)
		return "closed, nothing can be mapped";
	/* The removal, which is next, ends the mapping. */
	return NULL;
}

static void
try_closed(struct life *life)
{
	const char *detail = outlive_port(life);
	int ret;

	result(detail == NULL, "close", "mappings persist", 0, detail);
	ret = rte_dev_remove(life->dev);
	result(ret == 0, "remove", "of a closed port", 0, rte_strerror(-ret));
}

/* Not supported by the device, or invalid. */
static const char *const refused[] = {
	"driver=mlx5_ext,wire=dv,peer=self", "driver=mlx5_ext,wire=raw,peer=0000:aa:00.1",
	"driver=mlx5_ext,wire=copper", "driver=mlx5_ext,wire=rc,peer=", "driver=mlx5_ext,speed=10",
	"driver=mlx5_ext,mr_implicit=all", "driver=mlx5_ext,wire=dv,wire=raw",
};

static void
try_probes(struct probe *probe)
{
	char what[64];
	unsigned int i;
	bool good;

	for (i = 0; inject_names[i] != NULL; i++) {
		good = probe_without(probe, inject_names[i]);
		snprintf(what, sizeof(what), "probe handles %u failures", probe->failures);
		result(good, inject_names[i], what, probe->failures, probe->detail);
	}
	for (i = 0; i < RTE_DIM(refused); i++) {
		good = probe_with(probe, refused[i], false);
		result(good, refused[i], "rejected, without leaks", 0, probe->detail);
	}
}

int
main(int argc, char **argv)
{
	struct life life = {0};
	struct probe probe;
	int skip, ret;
	bool good;

	skip = rte_eal_init(argc, argv);
	if (skip < 0 || argc - skip != 3) {
		fprintf(stderr, "usage: nth [EAL arguments] -- DEVICE ARGUMENTS\n");
		return 2;
	}
	if (!find_model())
		return 2;
	life.step = model.step;
	life.fail = order;
	ret = life_create(&life, argv[skip + 1]);
	if (ret != 0) {
		fprintf(stderr, "nth: %s: %s\n", argv[skip + 1], rte_strerror(-ret));
		return 1;
	}
	try_all(&life);
	try_closed(&life);
	life_destroy(&life);
	probe = (struct probe){.device = argv[skip + 1], .args = argv[skip + 2]};
	try_probes(&probe);
	good = tap_done();
	return rte_eal_cleanup() != 0 || !good;
}
