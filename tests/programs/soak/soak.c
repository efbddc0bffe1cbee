/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * soak.c - long traffic on a port in loopback, from application memory, each byte verified;
 * optionally some packets from memory that is not mapped, and a thread that maps and unmaps
 * meanwhile. Prints JSON without judging it: tests do.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "churn.h"
#include "deadline.h"
#include "flow.h"
#include "json.h"
#include "options.h"
#include "pool.h"
#include "pinned.h"
#include "port.h"
#include "region.h"

#define MEMORY (8u << 20)	/* of each kind */
/* More than the Tx ring has: the ring returns packets only when others are sent. */
#define BUFFERS (2 * PORT_RING)
#define SETTLE_MS 5000	/* limit, if packets at the end are lost */

/* Memory that packets are sent from. */
struct area {
	struct region region;
	struct rte_mempool *pool;
};

struct soak {
	struct options options;
	struct port port;
	struct rte_device *dev;
	struct area mapped;
	struct area unmapped;
	struct churn churn;
	struct flow flows[16];
	double seconds;
	long pinned_kb;		/* growth from start to end */
};

static bool
area_create(struct area *area, const char *name, uint32_t frame)
{
	char err[256];
	bool made;

	made = region_create(&area->region, MEMKIND_ANON, MEMORY, err, sizeof(err)) == 0;
	if (made) {
		area->pool = pool_create_on(&area->region, name, BUFFERS, frame, err, sizeof(err));
		made = area->pool != NULL;
	}
	if (!made)
		fprintf(stderr, "soak: %s: %s\n", name, err);
	return made;
}

static void
area_destroy(struct area *area)
{
	rte_mempool_free(area->pool);
	region_destroy(&area->region);
}

/* All resources of a run; false after a message. */
static bool
set_up(struct soak *soak)
{
	const struct options *options = &soak->options;
	struct rte_eth_dev_info info;

	if (!area_create(&soak->mapped, "soak mapped", options->size) ||
	    !area_create(&soak->unmapped, "soak unmapped", options->size) ||
	    port_start(&soak->port, options->port, options->queues, options->size) != 0 ||
	    rte_eth_dev_info_get(soak->port.id, &info) != 0)
		return false;
	soak->dev = info.device;
	if (region_map(&soak->mapped.region, soak->dev) != 0) {
		fprintf(stderr, "soak: the memory cannot be mapped\n");
		return false;
	}
	return options->churn == NULL ||
		churn_start(&soak->churn, options->churn, options->rate,
			options->race ? &soak->port.id : NULL) == 0;
}

static void
tear_down(struct soak *soak)
{
	if (soak->options.churn != NULL)
		churn_stop(&soak->churn);
	rte_eth_dev_stop(soak->port.id);
	if (region_unmap(&soak->mapped.region, soak->dev) != 0)
		fprintf(stderr, "soak: the memory cannot be unmapped\n");
	port_stop(&soak->port);
	area_destroy(&soak->mapped);
	area_destroy(&soak->unmapped);
}

static void
start_flows(struct soak *soak)
{
	const struct options *options = &soak->options;
	uint16_t i;

	for (i = 0; i < options->queues; i++)
		soak->flows[i] = (struct flow){
			.port = &soak->port,
			.queue = i,
			.size = options->size,
			.unmapped_share = options->unmapped,
			.mapped = soak->mapped.pool,
			.unmapped = soak->unmapped.pool,
			.packets = options->packets != 0 ? options->packets : UINT32_MAX,
		};
}

/* One round of all queues; false when each has done its part. */
static bool
step_flows(struct soak *soak)
{
	bool busy = false;
	uint16_t i;

	for (i = 0; i < soak->options.queues; i++) {
		flow_step(&soak->flows[i]);
		busy |= !flow_done(&soak->flows[i]);
	}
	return busy;
}

/* One round of all; false when the requested traffic is complete. */
static bool
step(struct soak *soak)
{
	const struct options *options = &soak->options;
	bool busy = step_flows(soak);

	if (options->pairs == 0)
		return busy;
	return churn_pairs(&soak->churn) < options->pairs || (options->packets != 0 && busy);
}

static bool
settled(const struct soak *soak)
{
	uint16_t i;

	for (i = 0; i < soak->options.queues; i++)
		if (!flow_settled(&soak->flows[i]))
			return false;
	return true;
}

static void
run(struct soak *soak)
{
	struct deadline end = deadline_in_ms(soak->options.seconds * UINT64_C(1000));
	uint64_t start = rte_get_timer_cycles();
	uint16_t i;

	start_flows(soak);
	while (!deadline_passed(end) && step(soak))
		;
	soak->seconds = (double)(rte_get_timer_cycles() - start) / rte_get_timer_hz();
	for (i = 0; i < soak->options.queues; i++)
		soak->flows[i].packets = soak->flows[i].sent;
	end = deadline_in_ms(SETTLE_MS);
	while (!settled(soak) && !deadline_passed(end))
		step_flows(soak);
	for (i = 0; i < soak->options.queues; i++)
		flow_finish(&soak->flows[i]);
}

static json_t *
flow_result(const struct flow *flow)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "sent", (json_int_t)flow->sent,
		"unmapped", (json_int_t)flow->sent_unmapped, "verified", (json_int_t)flow->verified,
		"lost", (json_int_t)flow->lost, "wrong", (json_int_t)flow->wrong,
		"worst_ms", json_tenths(flow->worst_ms));
}

/* The port's counters are read before it is closed. */
static json_t *
traffic_result(const struct soak *soak)
{
	json_t *queues = json_array();
	uint16_t i;

	for (i = 0; i < soak->options.queues; i++)
		json_array_append_new(queues, flow_result(&soak->flows[i]));
	return json_pack("{s:o, s:o, s:o}", "seconds", json_tenths(soak->seconds), "queues", queues,
		"counters", port_counters(&soak->port));
}

static void
print_results(const struct soak *soak, json_t *result)
{
	const struct churn *churn = &soak->churn;

	if (soak->options.churn != NULL)
		json_object_set_new(result, "churn", json_pack("{s:I, s:I, s:I}",
			"pairs", (json_int_t)churn->pairs, "errors", (json_int_t)churn->errors,
			"rate", (json_int_t)(churn->seconds > 0 ?
				llround(churn->pairs / churn->seconds) : 0)));
	json_object_set_new(result, "pinned_kb", json_integer(soak->pinned_kb));
	json_print(json_pack("{s:o}", "soak", result));
}

int
main(int argc, char **argv)
{
	static struct soak soak;
	int used = rte_eal_init(argc, argv);
	json_t *result;

	if (used < 0 || !options_read(argc - used, argv + used, &soak.options))
		return 2;
	soak.pinned_kb = -pinned_kb();
	if (!set_up(&soak))
		return 1;
	run(&soak);
	result = traffic_result(&soak);
	tear_down(&soak);
	soak.pinned_kb += pinned_kb();
	print_results(&soak, result);
	return rte_eal_cleanup() != 0;
}
