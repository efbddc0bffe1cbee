/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_ring.h - a ring as its user sees it: the places that are taken, what receive requests
 * become, and the doorbell of a send queue. The caller holds the ring's lock.
 */
#ifndef SOFTHCA_PROVIDER_RING_H_
#define SOFTHCA_PROVIDER_RING_H_

#include <infiniband/mlx5dv.h>

#include "provider/objects.h"

/* For one more request. */
bool soft_has_room(const struct soft_ring *ring);

/* Of the control segment, by the request and the QP. */
uint8_t soft_control_flags(const struct soft_qp *qp, const struct ibv_send_wr *wr);

/* The request whose WQE starts at head has been written, up to end. */
void soft_ring_count(struct soft_ring *ring, uint64_t id, uint16_t end);

/* A receive request: its segments that are not empty; if fewer than max, their end behind them. */
void soft_scatter_list(struct mlx5_wqe_data_seg *list, uint32_t max, const struct ibv_recv_wr *wr);

/* The doorbell of all that was written. */
void soft_ring_send(struct soft_qp *qp, const struct mlx5_wqe_ctrl_seg *ctrl);

#endif
