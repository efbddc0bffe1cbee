/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * drain.c - an application that has sent its last packets, from its own memory, and wants to unmap
 * that memory, with an error among the last completions. It repeats one action, and sends no packet
 * until the queue has recovered. TAP, a test for each action.
 *
 *	drain [EAL arguments] -- DEVICE ACTION...
 *
 *	unmap	rte_dev_dma_unmap(), until it is not EBUSY
 *	cleanup	rte_eth_tx_done_cleanup(), until all mbufs are freed
 *	one	the same, one packet a call
 *	empty	rte_eth_tx_burst() of no packets, until all mbufs are freed
 *	receive	rte_eth_rx_burst(), until the queue has recovered
 *	nothing	waits, until the queue has recovered
 *	patient	without an error, on the software HCA only: for two seconds, unmap of memory that the
 *		device has not sent yet; each log must have exactly one line a second
 *	restart	on the software HCA only: the end of a mempool polls the error, then the port is stopped
 *		and started: no recovery is left to do
 *
 * The fifth packet of every sixteen has the error: on the software HCA, which has to be in step
 * mode, it is requested here, and the first four actions have ten calls; elsewhere the caller
 * arranges it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "region.h"
#include "tap.h"

#define RING 64
#define BUFFERS 511
#define PACKETS 8
#define FRAME 128
#define ROOM 2048	/* bytes of the region per packet */
#define CALLS_STEPPED 10
#define SECONDS 30	/* on devices that run by themselves */
#define PATIENCE 2	/* seconds */

static struct {
	uint16_t port;
	struct rte_device *dev;
	struct rte_mempool *rx_pool, *tx_pool;
	struct region region;
	struct rte_mbuf_ext_shared_info shared;
	/* Functions of the software HCA, or NULL. */
	void (*step)(void);
	void (*order_faults)(const char *list);
	uint64_t recoveries;	/* before the action */
	bool wrong;		/* a call had a wrong result */
	bool held;		/* the device is not to run */
} app;

static int
fail(const char *what, int ret)
{
	printf("# %s: %s\n", what, ret < 0 ? strerror(-ret) : "failed");
	return ret < 0 ? ret : -EIO;
}

static void
let_run(void)
{
	if (app.held)
		return;
	if (app.step != NULL)
		app.step();
	else
		rte_delay_us_sleep(1000);
}

static void
keep(void *addr, void *opaque)
{
}

static int
start(const char *device)
{
	const struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	char err[256];
	int ret;

	app.rx_pool = rte_pktmbuf_pool_create("rx", BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	app.tx_pool = rte_pktmbuf_pool_create("tx", BUFFERS, 0, 0, 0, 0);
	if (app.rx_pool == NULL || app.tx_pool == NULL)
		return fail("pools", -rte_errno);
	ret = rte_eth_dev_get_port_by_name(device, &app.port);
	if (ret == 0)
		ret = rte_eth_dev_info_get(app.port, &info);
	if (ret == 0)
		ret = rte_eth_dev_configure(app.port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(app.port, 0, RING, 0, NULL, app.rx_pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(app.port, 0, RING, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(app.port);
	if (ret != 0)
		return fail("start", ret);
	app.dev = info.device;
	ret = region_create(&app.region, MEMKIND_ANON, PACKETS * ROOM, err, sizeof(err));
	app.shared.free_cb = keep;
	return ret != 0 ? fail("memory", ret) : 0;
}

/* A frame to the port itself, in piece i of the region. */
static struct rte_mbuf *
make_frame(unsigned int i)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(app.tx_pool);
	void *addr = RTE_PTR_ADD(app.region.addr, i * ROOM);
	struct rte_ether_hdr *header;

	if (pkt == NULL)
		return NULL;
	rte_mbuf_ext_refcnt_update(&app.shared, 1);
	rte_pktmbuf_attach_extbuf(pkt, addr, (uintptr_t)addr, ROOM, &app.shared);
	pkt->data_off = 0;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(pkt, FRAME);
	memset(header, 0, FRAME);
	rte_eth_macaddr_get(app.port, &header->dst_addr);
	header->ether_type = RTE_BE16(0x88b5);
	return pkt;
}

/* Connected wires may still be connecting again after the error before. */
static int
send_all(void)
{
	uint64_t end = rte_get_timer_cycles() + SECONDS * rte_get_timer_hz();
	struct rte_mbuf *pkts[PACKETS];
	unsigned int i, sent;

	for (i = 0; i < PACKETS; i++) {
		pkts[i] = make_frame(i);
		if (pkts[i] == NULL)
			return fail("mbufs", -ENOMEM);
	}
	sent = rte_eth_tx_burst(app.port, 0, pkts, PACKETS);
	while (sent < PACKETS && rte_get_timer_cycles() < end) {
		let_run();
		sent += rte_eth_tx_burst(app.port, 0, pkts + sent, PACKETS - sent);
	}
	if (sent < PACKETS)
		return fail("send", 0);
	let_run();
	return 0;
}

static uint64_t
recoveries(void)
{
	uint64_t rx = 0, tx = 0, id;

	if (rte_eth_xstats_get_id_by_name(app.port, "rx_q0_recoveries", &id) == 0)
		rte_eth_xstats_get_by_id(app.port, &id, &rx, 1);
	if (rte_eth_xstats_get_id_by_name(app.port, "tx_q0_recoveries", &id) == 0)
		rte_eth_xstats_get_by_id(app.port, &id, &tx, 1);
	return rx + tx - app.recoveries;
}

static unsigned int
receive(void)
{
	struct rte_mbuf *pkts[RING];
	uint16_t n = rte_eth_rx_burst(app.port, 0, pkts, RING);

	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

/* True when the action has reached its aim. */
static bool
unmap_once(void)
{
	return region_unmap(&app.region, app.dev) == 0;
}

static bool
is_home(void)
{
	return rte_mempool_in_use_count(app.tx_pool) == 0;
}

static bool
clean_once(void)
{
	rte_eth_tx_done_cleanup(app.port, 0, 0);
	return is_home();
}

static bool
clean_one(void)
{
	unsigned int before = rte_mempool_in_use_count(app.tx_pool);
	int n = rte_eth_tx_done_cleanup(app.port, 0, 1);

	if (n < 0 || n > 1 || before - rte_mempool_in_use_count(app.tx_pool) != (unsigned int)n) {
		printf("# asked for one packet, freed %d\n", n);
		app.wrong = true;
	}
	return is_home();
}

static bool
send_none(void)
{
	rte_eth_tx_burst(app.port, 0, NULL, 0);
	return is_home();
}

static bool
receive_once(void)
{
	receive();
	return recoveries() != 0;
}

static bool
do_nothing(void)
{
	rte_delay_us_sleep(1000);
	return recoveries() != 0;
}

static const struct action {
	const char *name;
	bool (*once)(void);
	bool counted;	/* in step mode limited by calls, else by time */
} actions[] = {
	{"unmap", unmap_once, true},
	{"cleanup", clean_once, true},
	{"one", clean_one, true},
	{"empty", send_none, true},
	{"receive", receive_once, false},
	{"nothing", do_nothing, false},
};

static int
repeat(const struct action *action)
{
	uint64_t end = rte_get_timer_cycles() + SECONDS * rte_get_timer_hz();
	bool counted = action->counted && app.step != NULL;
	unsigned int calls = 0;
	bool done = false;

	while (!done && (counted ? calls < CALLS_STEPPED : rte_get_timer_cycles() < end)) {
		calls++;
		done = action->once();
		let_run();
	}
	printf("# %s: %u calls\n", action->name, calls);
	if (!done || app.wrong)
		return fail(action->name, 0);
	return recoveries() == 1 ? 0 : fail("recover once", 0);
}

/* The queue works as before. */
static int
talk(void)
{
	uint64_t end = rte_get_timer_cycles() + SECONDS * rte_get_timer_hz();
	unsigned int received = 0;
	int ret;

	ret = send_all();
	while (ret == 0 && received < PACKETS) {
		if (rte_get_timer_cycles() > end)
			return fail("receive afterwards", 0);
		received += receive();
		let_run();
	}
	return ret;
}

/* After the action: sends and receives, until all mbufs are freed. */
static int
finish(int ret)
{
	if (ret == 0)
		ret = talk();
	while (ret == 0 && !clean_once())
		let_run();
	return ret == 0 ? region_unmap(&app.region, app.dev) : ret;
}

static int
drain(const struct action *action)
{
	int ret;

	ret = region_map(&app.region, app.dev);
	if (ret != 0)
		return fail("map", ret);
	if (app.order_faults != NULL)
		app.order_faults("tx_error@5");
	app.recoveries += recoveries();
	ret = send_all();
	if (ret == 0)
		ret = repeat(action);
	if (ret != 0)
		return ret;
	if (action->once != unmap_once && region_unmap(&app.region, app.dev) != 0)
		return fail("unmap afterwards", -rte_errno);
	while (receive() != 0)
		let_run();
	return finish(region_map(&app.region, app.dev));
}

static unsigned int
count_lines(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* One line per second, and one at the beginning, of each plugin. */
static int
check_log(const char *log, unsigned int calls)
{
	unsigned int ours = count_lines(log, "owns buffers"), bus = count_lines(log, "refused");

	printf("# patient: %u calls, %u lines of the driver, %u of the bus\n", calls, ours, bus);
	if (calls <= 1 + PATIENCE || ours < 2 || ours > 1 + PATIENCE || bus > 1 + PATIENCE)
		return fail("a line a second", 0);
	return strstr(log, " times since)") != NULL ? 0 : fail("the number of suppressed lines", 0);
}

static int
unmap_busy(void)
{
	uint64_t end = rte_get_timer_cycles() + PATIENCE * rte_get_timer_hz();
	unsigned int calls = 0;
	char *log = NULL;
	size_t len;
	FILE *out;
	int ret;

	out = open_memstream(&log, &len);
	if (out == NULL || rte_openlog_stream(out) != 0)
		return fail("log", -ENOMEM);
	rte_log_set_level_pattern("pmd.net.mlx5_ext", RTE_LOG_INFO);
	rte_log_set_level_pattern("bus.pci_ext.*", RTE_LOG_INFO);
	for (ret = -EBUSY; ret == -EBUSY && rte_get_timer_cycles() < end; calls++)
		ret = region_unmap(&app.region, app.dev);
	rte_openlog_stream(NULL);
	fclose(out);
	ret = ret == -EBUSY ? check_log(log, calls) : fail("unmap is EBUSY", 0);
	free(log);
	return ret;
}

static int
be_patient(void)
{
	int ret;

	if (app.step == NULL)
		return fail("patient requires the software HCA", -ENOTSUP);
	app.order_faults("");
	ret = region_map(&app.region, app.dev);
	if (ret != 0)
		return fail("map", ret);
	app.held = true;
	ret = send_all();
	if (ret == 0)
		ret = unmap_busy();
	app.held = false;
	let_run();
	while (receive() != 0)
		let_run();
	return ret == 0 && region_unmap(&app.region, app.dev) != 0 ? fail("unmap", 0) : ret;
}

/* Polls the CQs of all queues, as the removal of a pool does. */
static int
end_a_pool(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("end", RING - 1, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, 0);

	rte_mempool_free(pool);
	return pool != NULL ? 0 : -rte_errno;
}

static int
restart(void)
{
	int ret;

	if (app.step == NULL)
		return fail("restart requires the software HCA", -ENOTSUP);
	ret = region_map(&app.region, app.dev);
	if (ret != 0)
		return fail("map", ret);
	app.order_faults("tx_error@5");
	app.recoveries += recoveries();
	ret = send_all();
	if (ret == 0)
		ret = end_a_pool();
	if (ret == 0)
		ret = rte_eth_dev_stop(app.port);
	if (ret == 0)
		ret = rte_eth_dev_start(app.port);
	ret = finish(ret);
	return ret == 0 && recoveries() != 0 ? fail("no recovery of a stopped queue", 0) : ret;
}

static const struct action *
find_action(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

/* Returns the number of failures. */
static int
drain_by(int n, char **names)
{
	const struct action *action;
	int i, ret;

	for (i = 0; i < n; i++) {
		action = find_action(names[i]);
		if (strcmp(names[i], "patient") == 0)
			ret = be_patient();
		else if (strcmp(names[i], "restart") == 0)
			ret = restart();
		else
			ret = action != NULL ? drain(action) : fail("no such action", -EINVAL);
		tap_result(ret == 0, "%s", names[i]);
	}
	return tap_done() ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int skip, ret;

	skip = rte_eal_init(argc, argv);
	if (skip < 0 || argc - skip < 3) {
		fprintf(stderr, "usage: drain [EAL arguments] -- DEVICE "
			"unmap|cleanup|one|empty|receive|nothing|patient|restart...\n");
		return 2;
	}
	*(void **)&app.step = dlsym(RTLD_DEFAULT, "softhca_step");
	*(void **)&app.order_faults = dlsym(RTLD_DEFAULT, "softhca_order_faults");
	ret = start(argv[skip + 1]);
	if (ret == 0)
		ret = drain_by(argc - skip - 2, argv + skip + 2);
	rte_eth_dev_stop(app.port);
	rte_eth_dev_close(app.port);
	region_destroy(&app.region);
	return rte_eal_cleanup() != 0 || ret != 0;
}
