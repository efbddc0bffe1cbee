/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - sends until the port's device is removed, and reports the state after that: results of
 * calls, and whether the port can be stopped, closed and detached, by the main thread or in the
 * callback. Prints JSON without judging it: tests do. Another program kills the device.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "deadline.h"
#include "descriptors.h"
#include "json.h"
#include "pinned.h"
#include "port.h"
#include "region.h"

#define FRAME 64
#define MEMORY (1u << 20)
#define WAIT_MS 20000
#define IDLE_MS 500
#define RDMA_FILE "infiniband"	/* in the names of device and event files */

struct removal {
	json_t *result;
	struct port port;
	struct region region;
	bool in_callback;
	bool quiet;		/* no burst is running or will run */
	unsigned int events;
	int stop;
	int close;
};

static void
end_port(struct removal *removal)
{
	removal->stop = rte_eth_dev_stop(removal->port.id);
	removal->close = rte_eth_dev_close(removal->port.id);
}

/* In EAL's interrupt thread. */
static int
on_removal(uint16_t port, enum rte_eth_event_type type, void *arg, void *unused)
{
	struct removal *removal = arg;

	while (removal->in_callback && !__atomic_load_n(&removal->quiet, __ATOMIC_ACQUIRE))
		rte_pause();
	if (removal->in_callback)
		end_port(removal);
	__atomic_add_fetch(&removal->events, 1, __ATOMIC_RELEASE);
	return 0;
}

static uint16_t
send_one(struct port *port)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(port->pool);
	struct rte_ether_hdr *hdr;

	if (frame == NULL)
		return 0;
	hdr = (struct rte_ether_hdr *)rte_pktmbuf_append(frame, FRAME);
	memset(hdr, 0, FRAME);
	hdr->dst_addr = port->mac;
	if (rte_eth_tx_burst(port->id, 0, &frame, 1) == 1)
		return 1;
	rte_pktmbuf_free(frame);
	return 0;
}

static uint16_t
receive_some(struct port *port)
{
	struct rte_mbuf *packets[32];
	uint16_t n = rte_eth_rx_burst(port->id, 0, packets, 32);

	rte_pktmbuf_free_bulk(packets, n);
	return n;
}

/* Sends n packets, or as many as the device accepts, and waits. */
static bool
wait_for_event(struct removal *removal, uint64_t packets)
{
	struct deadline end = deadline_in_ms(WAIT_MS);

	while (packets > 0 && !deadline_passed(end) && !rte_eth_dev_is_removed(removal->port.id)) {
		packets -= send_one(&removal->port);
		receive_some(&removal->port);
	}
	__atomic_store_n(&removal->quiet, true, __ATOMIC_RELEASE);
	while (__atomic_load_n(&removal->events, __ATOMIC_ACQUIRE) == 0)
		if (deadline_passed(end))
			return false;
	return true;
}

static double
cpu_ms(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
note(const struct removal *removal, const char *name, json_int_t value)
{
	json_object_set_new(removal->result, name, json_integer(value));
}

/* Results of calls on a port whose device is removed. */
static void
look_at_port(struct removal *removal, struct rte_device *dev)
{
	struct port *port = &removal->port;
	struct rte_eth_link link = {.link_status = RTE_ETH_LINK_UP};
	double before = cpu_ms();

	rte_delay_us_sleep(IDLE_MS * 1000);
	json_object_set_new(removal->result, "idle",
		json_pack("{s:i, s:o}", "ms", IDLE_MS, "cpu_ms", json_tenths(cpu_ms() - before)));
	note(removal, "link_get", rte_eth_link_get_nowait(port->id, &link));
	note(removal, "is_removed", rte_eth_dev_is_removed(port->id));
	note(removal, "tx", send_one(port));
	note(removal, "rx", receive_some(port));
	note(removal, "link", link.link_status);
	note(removal, "restart", rte_eth_dev_stop(port->id) == 0 ? rte_eth_dev_start(port->id) : 0);
	note(removal, "unmap", region_unmap(&removal->region, dev));
}

static bool
set_up(struct removal *removal, const char *device, struct rte_device **dev)
{
	struct rte_eth_dev_info info;
	char err[256];

	if (region_create(&removal->region, MEMKIND_ANON, MEMORY, err, sizeof(err)) != 0 ||
	    port_start(&removal->port, device, 1, FRAME) != 0 ||
	    rte_eth_dev_info_get(removal->port.id, &info) != 0)
		return false;
	*dev = info.device;
	return region_map(&removal->region, *dev) == 0 &&
		rte_eth_dev_callback_register(removal->port.id, RTE_ETH_EVENT_INTR_RMV, on_removal,
			removal) == 0;
}

int
main(int argc, char **argv)
{
	static struct removal removal = {.port.removal = true};
	struct rte_device *dev;
	int used = rte_eal_init(argc, argv), ret = 1;

	if (used < 0 || argc - used != 4) {
		fprintf(stderr, "usage: removal [EAL arguments] -- DEVICE main|callback PACKETS\n");
		return 2;
	}
	argv += used;
	removal.in_callback = strcmp(argv[2], "callback") == 0;
	if (!set_up(&removal, argv[1], &dev))
		return 1;
	removal.result = json_pack("{s:i}", "descriptors_before", count_descriptors(RDMA_FILE));
	if (wait_for_event(&removal, strtoul(argv[3], NULL, 10))) {
		if (!removal.in_callback) {
			look_at_port(&removal, dev);
			end_port(&removal);
		}
		/* The interrupt thread leaves its callback. */
		rte_delay_us_sleep(50000);
		ret = rte_dev_remove(dev);
	}
	note(&removal, "events", removal.events);
	note(&removal, "stop", removal.stop);
	note(&removal, "close", removal.close);
	note(&removal, "detach", ret);
	note(&removal, "mbufs_lost", rte_mempool_in_use_count(removal.port.pool));
	note(&removal, "pinned_kb", pinned_kb());
	note(&removal, "descriptors", count_descriptors(RDMA_FILE));
	json_print(json_pack("{s:o}", "removal", removal.result));
	rte_mempool_free(removal.port.pool);
	region_destroy(&removal.region);
	return rte_eal_cleanup() != 0;
}
