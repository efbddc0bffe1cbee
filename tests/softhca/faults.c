/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "device.h"
#include "events.h"
#include "faults.h"
#include "settings.h"

#define MILLISECOND 1000000u

static const char *const names[HCA_FAULTS] = {
	[HCA_FAULT_TX_ERROR] = "tx_error",
	[HCA_FAULT_RX_ERROR] = "rx_error",
	[HCA_FAULT_DELAY] = "delay_completions",
	[HCA_FAULT_POST] = "partial_post",
	[HCA_FAULT_REG_MR] = "reg_mr",
	[HCA_FAULT_CREATE_CQ] = "create_cq",
	[HCA_FAULT_CREATE_QP] = "create_qp",
	[HCA_FAULT_CREATE_WQ] = "create_wq",
	[HCA_FAULT_CREATE_TABLE] = "create_rwq_ind_table",
	[HCA_FAULT_CREATE_FLOW] = "create_flow",
	[HCA_FAULT_MODIFY_QP] = "modify_qp",
	[HCA_FAULT_MODIFY_WQ] = "modify_wq",
	[HCA_FAULT_PORT_DOWN] = "port_down",
	[HCA_FAULT_PORT_UP] = "port_up",
	[HCA_FAULT_FATAL] = "device_fatal",
};

static struct order {
	uint64_t at;		/* the first one to fail, from 1; or ms; 0: not ordered */
	uint64_t more;		/* how many fail; ms to delay */
	uint64_t seen;
} orders[HCA_FAULTS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* "name@at[ms][:more]" */
static bool
read_order(const char *text)
{
	size_t len = strcspn(text, "@");
	char *end;
	int i;

	for (i = 0; i < HCA_FAULTS; i++)
		if (strlen(names[i]) == len && strncmp(names[i], text, len) == 0)
			break;
	if (i == HCA_FAULTS || text[len] != '@')
		return false;
	orders[i].at = strtoull(text + len + 1, &end, 10);
	orders[i].more = 1;
	if (strncmp(end, "ms", 2) == 0)
		end += 2;
	if (*end == ':')
		orders[i].more = strtoull(end + 1, &end, 10);
	return *end == '\0' && orders[i].at != 0;
}

static void
read_orders(void)
{
	char *text = strdup(hca_settings()->faults), *save, *word;

	if (text == NULL)
		return;
	for (word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
		if (!read_order(word))
			fprintf(stderr, "softhca: SOFTHCA_FAULTS: no such fault: %s\n", word);
	free(text);
}

bool
hca_faults_hit(const struct hca_device *dev, enum hca_fault fault)
{
	struct order *order = &orders[fault];
	uint64_t seen;

	pthread_once(&once, read_orders);
	if (order->at == 0)
		return false;
	seen = __atomic_add_fetch(&order->seen, 1, __ATOMIC_RELAXED);
	if (seen < order->at || seen - order->at >= order->more)
		return false;
	hca_trace("%s: fault %s", dev->ibv.name, names[fault]);
	return true;
}

bool
hca_faults_delays(struct hca_device *dev, bool one_more)
{
	struct order *order = &orders[HCA_FAULT_DELAY];

	pthread_once(&once, read_orders);
	if (order->at == 0)
		return false;
	if (one_more && __atomic_add_fetch(&order->seen, 1, __ATOMIC_RELAXED) == order->at)
		dev->delayed_until = dev->now + order->more * MILLISECOND;
	return dev->now < dev->delayed_until;
}

static bool
is_due(const struct hca_device *dev, enum hca_fault fault)
{
	uint64_t at = orders[fault].at * MILLISECOND, age = dev->now - dev->opened;

	/* Once: the age went past it since the pass before. */
	return at != 0 && age >= at && dev->opened + at > dev->faulted;
}

void
hca_faults_run(struct hca_device *dev)
{
	pthread_once(&once, read_orders);
	if (is_due(dev, HCA_FAULT_PORT_DOWN))
		hca_events_port(dev, false);
	if (is_due(dev, HCA_FAULT_PORT_UP))
		hca_events_port(dev, true);
	if (is_due(dev, HCA_FAULT_FATAL))
		hca_events_fatal(dev);
	dev->faulted = dev->now;
}
