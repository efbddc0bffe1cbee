/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv_rx.c - the receive queue on the rings of an mlx5 device, but for its bursts, which
 * dv_receive.h has: what is rarely done, and what is done for the control path.
 */
#include "datapath/dv_rx.h"

int
mlx5x_dp_dv_rx_arm(struct mlx5x_rxq *rxq)
{
	mlx5x_dv_arm_cq(&rxq->dv.cq);
	return 0;
}

uint32_t
mlx5x_dp_dv_rx_discard(struct mlx5x_rxq *rxq)
{
	struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	enum mlx5x_dv_completion what;
	const struct mlx5_cqe64 *cqe;
	uint32_t lost = 0;

	for (;; cq->ci++) {
		what = mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_RESP_SEND, &cqe);
		if (what == MLX5X_DV_CQE_HW_OWNED)
			break;
		lost += what == MLX5X_DV_CQE_OK;
	}
	mlx5x_dv_ring_cq(cq);
	rxq->dv.ragged = true;
	return lost;
}

const uint32_t mlx5x_dp_dv_ptypes[] = {
	RTE_PTYPE_L2_ETHER,
	RTE_PTYPE_L3_IPV4_EXT_UNKNOWN,
	RTE_PTYPE_L3_IPV6_EXT_UNKNOWN,
	RTE_PTYPE_L4_FRAG,
	RTE_PTYPE_L4_NONFRAG,
	RTE_PTYPE_L4_TCP,
	RTE_PTYPE_L4_UDP,
	RTE_PTYPE_UNKNOWN,
};

#define ROW(l4) RTE_PTYPE_L2_ETHER, \
	RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | (l4), \
	RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | (l4), \
	RTE_PTYPE_L2_ETHER
#define NONE ROW(RTE_PTYPE_L4_NONFRAG)
#define TCP ROW(RTE_PTYPE_L4_TCP)
#define UDP ROW(RTE_PTYPE_L4_UDP)
#define FRAG ROW(RTE_PTYPE_L4_FRAG)

/* Indexed by mlx5x_dv_kind(). TCP has three kinds: by its ACK flag, and by the presence of data. */
const uint32_t mlx5x_dv_ptypes[64] = {
	NONE, TCP, UDP, TCP, TCP, NONE, NONE, NONE,
	FRAG, FRAG, FRAG, FRAG, FRAG, FRAG, FRAG, FRAG,
};

/*
 * Allocates missing buffers one by one until the pool is empty; returns how many lead without a
 * gap.
 */
static uint32_t
alloc_each(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (elts[i] != NULL)
			continue;
		elts[i] = rte_mbuf_raw_alloc(rxq->pool);
		if (unlikely(elts[i] == NULL)) {
			mlx5x_counter_add(&rxq->stats.no_mbuf, 1);
			break;
		}
	}
	return i;
}

uint32_t
mlx5x_dv_rx_alloc_slowly(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	struct rte_mbuf *fresh[MLX5X_DV_RX_RUN];
	uint32_t holes = 0, i;

	if (!rxq->dv.ragged) {
		/* Perhaps not enough for the last slot. */
		rxq->dv.ragged = rxq->nb_sge > 1;
		return alloc_each(rxq, elts, n);
	}
	for (i = 0; i < n; i++)
		holes += elts[i] == NULL;
	if (unlikely(rte_mempool_get_bulk(rxq->pool, (void **)fresh, holes) != 0))
		return alloc_each(rxq, elts, n);
	for (i = 0; holes != 0; i++)
		if (elts[i] == NULL)
			elts[i] = fresh[--holes];
	return n;
}

bool
mlx5x_dv_rx_find_key(struct mlx5x_rxq *rxq, uintptr_t addr, struct mlx5x_dv_window *window)
{
	struct mlx5x_mr_cache *cache = &rxq->user.cache;
	uint32_t lkey;
	size_t n;

	n = mlx5x_mr_cache_find(cache, &rxq->mrs->index, addr, &lkey);
	if (n == 0 || n < rxq->data_room)
		return false;
	mlx5x_dv_window_set(window, cache, rxq->data_room);
	return true;
}

void
mlx5x_dv_rx_refuse(struct mlx5x_rxq *rxq, struct rte_mbuf **elt)
{
	mlx5x_counter_add(&rxq->stats.unmapped, 1);
	mlx5x_miss_set_addr(&rxq->miss, (uintptr_t)(*elt)->buf_addr + RTE_PKTMBUF_HEADROOM);
	rte_pktmbuf_free_seg(*elt);
	*elt = NULL;
	rxq->dv.ragged = true;
	mlx5x_flag_set(&rxq->missed, true);
}

void
mlx5x_dv_rx_check_error(struct mlx5x_rxq *rxq)
{
	const struct mlx5_cqe64 *cqe;

	if (mlx5x_dv_poll_cqe(&rxq->dv.cq, rxq->dv.cq.ci, MLX5_CQE_RESP_SEND, &cqe) !=
			MLX5X_DV_CQE_ERR ||
	    mlx5x_flag_read(&rxq->failed))
		return;
	mlx5x_counter_add(&rxq->stats.errors, 1);
	mlx5x_flag_set(&rxq->failed, true);
}

bool
mlx5x_dp_dv_rx_is_done(struct mlx5x_rxq *rxq, uint32_t offset)
{
	const struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	uint32_t ci = cq->ci + offset;

	return mlx5x_dv_is_marked(&cq->cqes[ci & (cq->size - 1)],
		mlx5x_dv_good_mark(cq, ci, MLX5_CQE_RESP_SEND));
}

void
mlx5x_dp_dv_rx_fill(struct mlx5x_rxq *rxq)
{
	rxq->dv.bursts->fill(rxq);
}

uint16_t
mlx5x_dp_dv_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	const struct mlx5x_rxq *rxq = queue;

	return rxq->dv.bursts->rx(queue, pkts, n);
}
