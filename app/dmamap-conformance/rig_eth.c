/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the set-up of ethdev ports and implements rig_ops by packets.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "port.h"
#include "watch.h"

#define DESCRIPTORS 128
#define POOL_SIZE 4096	/* jumbo frames take several buffers */
#define LINK_MS 10000
#define WRITE_FRAMES 8
#define WRITE_LEN 512
#define ELEMENT 4096

static int
configure(struct rig *rig, const char **what)
{
	struct rte_eth_conf conf = {.rxmode.mtu = rig->mtu};
	struct rte_eth_dev_info info;
	int ret;

	*what = "rte_eth_dev_info_get";
	ret = rte_eth_dev_info_get(rig->port, &info);
	if (ret != 0)
		return ret;
	rig->n_queues = RTE_MIN(RTE_MIN(info.max_rx_queues, info.max_tx_queues),
		(uint16_t)RIG_QUEUES);
	rig->n_rxd = rig->n_txd = DESCRIPTORS;
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	*what = "rte_eth_dev_configure";
	ret = rte_eth_dev_configure(rig->port, rig->n_queues, rig->n_queues, &conf);
	if (ret != 0)
		return ret;
	*what = "rte_eth_dev_adjust_nb_rx_tx_desc";
	ret = rte_eth_dev_adjust_nb_rx_tx_desc(rig->port, &rig->n_rxd, &rig->n_txd);
	if (ret != 0)
		return ret;
	return rte_eth_macaddr_get(rig->port, &rig->mac);
}

static int
set_up_queues(struct rig *rig, struct rte_mempool *pool, const char **what)
{
	uint16_t i;
	int ret = 0;

	rig->rx_pool = pool;
	*what = "rte_eth_rx_queue_setup";
	for (i = 0; i < rig->n_queues && ret == 0; i++)
		ret = rte_eth_rx_queue_setup(rig->port, i, rig->n_rxd, SOCKET_ID_ANY, NULL,
			i == 0 ? pool : rig->pool);
	if (ret != 0)
		return ret;
	*what = "rte_eth_tx_queue_setup";
	for (i = 0; i < rig->n_queues && ret == 0; i++)
		ret = rte_eth_tx_queue_setup(rig->port, i, rig->n_txd, SOCKET_ID_ANY, NULL);
	return ret;
}

static int
start(struct rig *rig, const char **what)
{
	int ret;

	*what = "rte_eth_dev_start";
	ret = rte_eth_dev_start(rig->port);
	if (ret != 0)
		return ret;
	rig->started = true;
	rte_eth_promiscuous_enable(rig->port); /* optional: frames are unicast */
	watch_add(rig);
	return 0;
}

static int
stop(struct rig *rig)
{
	int ret = 0;

	if (rig->started)
		ret = rte_eth_dev_stop(rig->port);
	rig->started = false;
	watch_remove(rig);
	return ret;
}

static int
set_up(struct rig *rig, const char **what)
{
	int ret = configure(rig, what);

	if (ret == 0)
		ret = set_up_queues(rig, rig->pool, what);
	return ret == 0 ? start(rig, what) : ret;
}

static int
eth_open(struct rig *rig, char *err, size_t size)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	const char *what = "rte_pktmbuf_pool_create";
	int ret = -ENOMEM;

	if (rig->mtu == 0)
		rig->mtu = RTE_ETHER_MTU;
	if (rig->pool == NULL) {
		snprintf(name, sizeof(name), "rig_%jd", (intmax_t)rig_next_seq());
		rig->pool = rte_pktmbuf_pool_create(name, POOL_SIZE, 0, 0,
			RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	}
	if (rig->pool != NULL)
		ret = set_up(rig, &what);
	if (ret != 0)
		snprintf(err, size, "%s: %s: %s", rig->name, what, rte_strerror(-ret));
	return ret;
}

/* The pool is kept: its frames may still be in the peer's ring. */
static void
eth_close(struct rig *rig)
{
	stop(rig);
	rte_eth_dev_close(rig->port);
}

static int
eth_restart(struct rig *rig)
{
	const char *what;
	int ret = stop(rig);

	if (ret == 0)
		ret = start(rig, &what);
	if (ret != 0)
		return ret;
	return port_control(rig, 0, LINK_MS) ? 0 : -EIO;
}

int
port_receive_into(struct rig *rig, struct rte_mempool *pool)
{
	const char *what;
	int ret = stop(rig);

	if (ret == 0)
		ret = set_up_queues(rig, pool != NULL ? pool : rig->pool, &what);
	return ret == 0 ? start(rig, &what) : ret;
}

int
port_set_mtu(struct rig *rig, uint32_t mtu)
{
	struct rig *ends[] = {rig, rig->peer};
	const char *what;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < RTE_DIM(ends) && ret == 0; i++) {
		if (ends[i] == NULL || (i == 1 && ends[i] == rig))
			continue;
		ends[i]->mtu = mtu;
		ret = stop(ends[i]);
		if (ret == 0)
			ret = set_up(ends[i], &what);
	}
	if (ret != 0)
		return ret;
	return port_control(rig, 0, LINK_MS) ? 0 : -EIO;
}

static bool
eth_healthy(struct rig *rig)
{
	return rig->started && port_control(rig, 0, LINK_MS);
}

static enum moved
eth_get(struct rig *rig, const struct span *span, uint64_t seq)
{
	struct rte_mbuf *packet = port_attach(rig, span);

	return packet == NULL ? BROKEN : port_round(rig, 0, packet, seq, (uint32_t)span->len);
}

struct rte_mempool *
port_pool_on(const struct span *span)
{
	struct rte_pktmbuf_extmem area = {
		.buf_ptr = span->addr, .buf_iova = span->iova, .buf_len = span->len,
		.elt_size = ELEMENT,
	};
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "span_%jd", (intmax_t)rig_next_seq());
	return rte_pktmbuf_pool_create_extbuf(name, span->len / ELEMENT, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, &area, 1);
}

/* A port that has just been started may send before it can receive. */
bool
port_hears(const struct rig *rig, unsigned int ms)
{
	struct rig *sender = watch_hears(rig);

	return sender != NULL && port_control(sender, 0, ms);
}

/* Sends frames from DPDK's memory, to be received within the span. */
static enum moved
catch_frames(struct rig *rig, const struct span *span)
{
	enum moved moved = port_hears(rig, LINK_MS) ? MOVED : BROKEN;
	struct rig *sender = watch_hears(rig);
	unsigned int i;

	if (moved == MOVED)
		port_cycle(rig);
	for (i = 0; i < WRITE_FRAMES && moved == MOVED; i++)
		moved = watch_catch(sender, rig, span, WRITE_LEN);
	return moved;
}

bool
port_cycle(struct rig *rig)
{
	return port_hears(rig, LINK_MS) && watch_cycle(watch_hears(rig), rig, WRITE_LEN);
}

bool
port_receive_as_before(struct rig *rig)
{
	bool receives = port_receive_into(rig, NULL) == 0 && port_control(rig, 0, LINK_MS) &&
		port_cycle(rig);

	port_drain();
	return receives;
}

static enum moved
eth_write(struct rig *rig, const struct span *span)
{
	struct rte_mempool *pool = port_pool_on(span);
	enum moved moved = REFUSED;

	if (pool == NULL)
		return BROKEN;
	if (port_receive_into(rig, pool) == 0)
		moved = port_control(rig, 0, LINK_MS) ? catch_frames(rig, span) : BROKEN;
	if (!port_receive_as_before(rig))
		moved = BROKEN;
	rte_mempool_free(pool);
	return moved;
}

int64_t
port_counter(const struct rig *rig, const char *text)
{
	struct rte_eth_xstat_name names[256];
	struct rte_eth_xstat values[256];
	int i, n = rte_eth_xstats_get_names(rig->port, names, RTE_DIM(names));
	int64_t sum = -1;

	if (n <= 0 || n > (int)RTE_DIM(names) ||
			rte_eth_xstats_get(rig->port, values, RTE_DIM(values)) != n)
		return -1;
	for (i = 0; i < n; i++)
		if (strstr(names[i].name, text) != NULL)
			sum = (sum < 0 ? 0 : sum) + (int64_t)values[i].value;
	return sum;
}

int64_t
port_errors(const struct rig *rig)
{
	static const char *const texts[] = {"_errors", "unmapped", "recover"};
	int64_t sum = 0, one;
	unsigned int i;

	for (i = 0; rig->ops == &rig_eth_ops && i < RTE_DIM(texts); i++) {
		one = port_counter(rig, texts[i]);
		sum += one > 0 ? one : 0;
	}
	return sum;
}

const struct rig_ops rig_eth_ops = {
	.kind = "ethdev",
	.open = eth_open,
	.close = eth_close,
	.restart = eth_restart,
	.put = port_frame,
	.get = eth_get,
	.write = eth_write,
	.healthy = eth_healthy,
};
