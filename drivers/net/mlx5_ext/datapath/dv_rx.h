/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_rx.h - what the receive bursts on the rings of an mlx5 device have in common: slots complete
 * in order, one CQE a frame. dv_receive.h has the bursts.
 */
#ifndef MLX5X_DV_RX_H_
#define MLX5X_DV_RX_H_

#include <rte_mempool.h>

#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "datapath/rx_burst.h"

/*
 * Buffers allocated and posted together: more saves calls of the mempool, fewer takes less stack
 * and fails less often where the pool is nearly empty.
 */
#define MLX5X_DV_RX_RUN 64u

/* Packet types, indexed by mlx5x_dv_kind(). */
extern const uint32_t mlx5x_dv_ptypes[64];

/* Allocates the missing ones of n buffers of slots; returns how many lead without a gap. */
uint32_t mlx5x_dv_rx_alloc_slowly(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n);

/* False if the buffer is in no region, or crosses two: a segment has one lkey. */
bool mlx5x_dv_rx_find_key(struct mlx5x_rxq *rxq, uintptr_t addr, struct mlx5x_dv_window *window);

/* A buffer without an lkey: frees it; those behind it stay in their slots. */
void mlx5x_dv_rx_refuse(struct mlx5x_rxq *rxq, struct rte_mbuf **elt);

/*
 * The next CQE is not of a frame: perhaps one of an error. CQEs after it are flushed ones; the
 * buffers stay in their slots and are posted again. The error CQE is not consumed before the reset
 * of the queue, and counts once.
 */
void mlx5x_dv_rx_check_error(struct mlx5x_rxq *rxq);

/* Initialises data_off, refcnt, nb_segs and port by one store. */
static inline void
mlx5x_dv_rx_rearm(struct rte_mbuf *mbuf, uint64_t word)
{
	memcpy(RTE_PTR_ADD(mbuf, offsetof(struct rte_mbuf, rearm_data)), &word, sizeof(word));
}

#endif
