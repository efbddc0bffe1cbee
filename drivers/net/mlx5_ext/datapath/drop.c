/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "tx"
#include "common/counter.h"
#include "common/log.h"
#include "common/reason.h"
#include "datapath/drop.h"
#include "mr/implicit.h"
#include "mr/miss.h"
#include "queue/txq.h"

/* A packet whose memory is registered and lost again as often, by other threads, is dropped. */
#define MAX_MISSES 3

static void
drop(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason why)
{
	uint64_t *const counters[] = {
		[MLX5X_DROP_UNMAPPED] = &txq->stats.unmapped,
		[MLX5X_DROP_UNDERSIZE] = &txq->stats.undersize,
		[MLX5X_DROP_OVERSIZE] = &txq->stats.oversize,
		[MLX5X_DROP_SEGMENTS] = &txq->stats.segments,
	};
	uint16_t i;

	mlx5x_counter_add(counters[why], n);
	for (i = 0; i < n; i++)
		rte_pktmbuf_free(pkts[i]);
}

void
mlx5x_drop_log(struct mlx5x_txq *txq)
{
	char reason[MLX5X_REASON_SIZE];
	uintptr_t addr;
	int ret = mlx5x_miss_report(&txq->miss, &addr);

	if (ret == 0)
		return;
	mlx5x_reason_write(ret, addr, 1, true, reason);
	MLX5X_LOG(WARNING, "%s: Tx queue %u: drops packets on memory that has no lkey, first at %#"
		PRIxPTR " (%s): rte_dev_dma_map() it for this device; tx_unmapped_packets counts "
		"them",
		txq->port->dev->data->name, txq->index, addr, reason);
}

/* Registers the memory of the packet, if possible. Known failures are retried once in a while. */
static bool
get_keys(struct mlx5x_txq *txq, const struct rte_mbuf *pkt)
{
	uint32_t losses = mlx5x_mr_losses(txq->mrs);
	struct mlx5x_range failed;
	int ret;

	if (mlx5x_miss_has_failed(&txq->miss, txq->mrs))
		return false;
	ret = mlx5x_implicit_packet(&txq->port->implicit, pkt, &failed);
	if (ret != 0)
		mlx5x_miss_note(&txq->miss, losses, &failed, ret);
	return ret == 0;
}

/*
 * Inside the gate: true if the packet has no lkey, its memory is known not to be registrable, and
 * there is no other reason to refuse it.
 */
static inline bool
is_hopeless(const struct mlx5x_txq *txq, const struct rte_mbuf *pkt)
{
	uint32_t len = pkt->data_len, inlined = txq->dv.inline_min;
	uintptr_t addr = rte_pktmbuf_mtod_offset(pkt, uintptr_t, inlined);

	if (unlikely(pkt->nb_segs != 1) || unlikely(len < RTE_ETHER_HDR_LEN) ||
	    unlikely(len > txq->max_frame) || unlikely(len <= txq->dv.inline_max) ||
	    unlikely(len <= inlined))
		return false;
	return mlx5x_miss_has(&txq->miss, addr) && mlx5x_mr_find(txq->mrs, addr) == NULL;
}

/*
 * The number of leading packets to be dropped like the first one; one by one each would cost a pass
 * through the gate.
 */
static uint16_t
count_hopeless(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	if (txq->miss.nb_failed == 0 || !mlx5x_gate_enter(&txq->user.gate))
		return 1;
	for (i = 1; i < n && is_hopeless(txq, pkts[i]); i++)
		;
	mlx5x_gate_leave(&txq->user.gate);
	mlx5x_counter_add(&txq->stats.lookups, i - 1);
	mlx5x_counter_add(&txq->stats.cache_misses, i - 1);
	return i;
}

uint16_t
mlx5x_drop_handle(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses)
{
	uint16_t count = 1;

	if (why == MLX5X_DROP_UNMAPPED) {
		if (++*misses < MAX_MISSES && get_keys(txq, pkts[0]))
			return 0;
		count = count_hopeless(txq, pkts, n);
	}
	*misses = 0;
	drop(txq, pkts, count, why);
	return count;
}
