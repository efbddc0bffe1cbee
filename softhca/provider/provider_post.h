/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_post.h - the parts of posting to a send queue, for the two ways to do it: a list of work
 * requests, or a call for each part of one (provider_wr.c). The caller holds the ring's lock.
 */
#ifndef SOFTHCA_PROVIDER_POST_H_
#define SOFTHCA_PROVIDER_POST_H_

#include <infiniband/mlx5dv.h>

#include "provider/objects.h"

/* Bytes of each frame that the device requires in the Ethernet segment; 0 if it sends none. */
uint32_t soft_inline_min(const struct soft_qp *qp);

/* Writes one WQE; ctrl, zeroed before the first, becomes what the doorbell wants. */
void soft_write_send(struct soft_qp *qp, const struct ibv_send_wr *wr,
	struct mlx5_wqe_ctrl_seg *ctrl);

/* The same for one that the user wrote, but for its index. */
void soft_write_raw(struct soft_qp *qp, const void *wqe, struct mlx5_wqe_ctrl_seg *ctrl);

#endif
