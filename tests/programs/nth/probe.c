/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "descriptors.h"
#include "inject.h"
#include "probe.h"

#define N_MAX 100

static bool
remove_port(struct probe *probe)
{
	if (rte_eal_hotplug_remove("pci", probe->device) == 0)
		return true;
	probe->detail = "it cannot be removed";
	return false;
}

/* All is released: no port, no rdma device. */
static bool
is_gone(struct probe *probe, int descriptors)
{
	if (rte_eth_dev_count_avail() != 0)
		probe->detail = "a port is left";
	else if (count_descriptors(SOFT_DEVICE) != descriptors)
		probe->detail = "an rdma device is left open";
	else
		return true;
	return false;
}

/* One probe. A port that it made is removed again. */
static bool
try_once(struct probe *probe, const char *args, int *result)
{
	int before = count_descriptors(SOFT_DEVICE);

	*result = rte_eal_hotplug_add("pci", probe->device, args);
	if (*result == 0 && !remove_port(probe))
		return false;
	return is_gone(probe, before);
}

static bool
is_good(struct probe *probe)
{
	int ret;

	if (!try_once(probe, probe->args, &ret))
		return false;
	if (ret == 0)
		return true;
	probe->detail = "the next probe fails too";
	return false;
}

bool
probe_without(struct probe *probe, const char *function)
{
	unsigned int hits = 1;
	bool good = true;
	int n, ret;

	probe->failures = 0;
	probe->detail = NULL;
	for (n = 1; n < N_MAX && good && hits != 0; n++) {
		inject_order(function, n);
		good = try_once(probe, probe->args, &ret);
		hits = inject_hits();
		inject_order(NULL, 0);
		probe->failures += hits;
		if (hits == 0 && ret != 0) {
			probe->detail = "it fails without an injected failure";
			good = false;
		}
		good = good && is_good(probe);
	}
	if (n == N_MAX)
		probe->detail = "failures do not end";
	return probe->detail == NULL;
}

bool
probe_with(struct probe *probe, const char *args, bool good)
{
	int ret;

	probe->detail = NULL;
	if (try_once(probe, args, &ret) && (ret == 0) != good)
		probe->detail = good ? "rejected" : "accepted";
	return probe->detail == NULL && is_good(probe);
}
