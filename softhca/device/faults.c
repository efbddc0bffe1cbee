/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/settings.h"
#include "device/device.h"
#include "device/faults.h"

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

/* Atomic: tests may order anew while queues run. */
static struct order {
	uint64_t at;		/* the first one to fail, from 1; or ms; 0: not ordered */
	uint64_t more;		/* how many fail; ms to delay */
	uint64_t seen;
} orders[HCA_FAULTS];
static uint64_t ordered;	/* when, as in a device's now */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
store(struct order *order, uint64_t at, uint64_t more)
{
	__atomic_store_n(&order->at, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&order->more, more, __ATOMIC_RELAXED);
	__atomic_store_n(&order->seen, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&order->at, at, __ATOMIC_RELEASE);
}

/* "name@at[ms][:more]" */
static bool
read_order(const char *text)
{
	size_t len = strcspn(text, "@");
	uint64_t at, more = 1;
	char *end;
	int i;

	for (i = 0; i < HCA_FAULTS; i++)
		if (strlen(names[i]) == len && strncmp(names[i], text, len) == 0)
			break;
	if (i == HCA_FAULTS || text[len] != '@')
		return false;
	at = strtoull(text + len + 1, &end, 10);
	if (strncmp(end, "ms", 2) == 0)
		end += 2;
	if (*end == ':')
		more = strtoull(end + 1, &end, 10);
	if (*end != '\0' || at == 0)
		return false;
	store(&orders[i], at, more);
	return true;
}

static void
read_orders(const char *list)
{
	char *text = strdup(list), *save, *word;

	if (text == NULL)
		return;
	__atomic_store_n(&ordered, hca_device_clock(), __ATOMIC_RELAXED);
	for (word = strtok_r(text, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save))
		if (!read_order(word))
			fprintf(stderr, "softhca: no such fault: %s\n", word);
	free(text);
}

static void
read_settings(void)
{
	read_orders(hca_settings()->faults);
}

EXPORT void
softhca_order_faults(const char *list)
{
	int i;

	pthread_once(&once, read_settings);
	for (i = 0; i < HCA_FAULTS; i++)
		store(&orders[i], 0, 0);
	read_orders(list);
}

/* The order, if there is one. */
static struct order *
find(enum hca_fault fault)
{
	pthread_once(&once, read_settings);
	return __atomic_load_n(&orders[fault].at, __ATOMIC_ACQUIRE) != 0 ? &orders[fault] : NULL;
}

bool
hca_faults_hit(const struct hca_device *dev, enum hca_fault fault)
{
	struct order *order = find(fault);
	uint64_t seen, at;

	if (order == NULL)
		return false;
	at = __atomic_load_n(&order->at, __ATOMIC_RELAXED);
	seen = __atomic_add_fetch(&order->seen, 1, __ATOMIC_RELAXED);
	if (seen < at || seen - at >= __atomic_load_n(&order->more, __ATOMIC_RELAXED))
		return false;
	hca_trace("%s: fault %s", dev->ibv.name, names[fault]);
	return true;
}

bool
hca_faults_delays(struct hca_device *dev, bool one_more)
{
	struct order *order = find(HCA_FAULT_DELAY);

	if (order != NULL && one_more && __atomic_add_fetch(&order->seen, 1, __ATOMIC_RELAXED) ==
	    __atomic_load_n(&order->at, __ATOMIC_RELAXED))
		dev->delayed_until = dev->now +
			__atomic_load_n(&order->more, __ATOMIC_RELAXED) * MILLISECOND;
	return dev->now < dev->delayed_until;
}

bool
hca_faults_is_due(const struct hca_device *dev, enum hca_fault fault)
{
	struct order *order = find(fault);
	uint64_t at;

	if (order == NULL)
		return false;
	at = __atomic_load_n(&ordered, __ATOMIC_RELAXED) +
		__atomic_load_n(&order->at, __ATOMIC_RELAXED) * MILLISECOND;
	return at > dev->faulted && at <= dev->now;
}
