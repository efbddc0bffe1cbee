/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_request.h - the send WQEs of a QP with a transport. The caller holds the ring's lock.
 */
#ifndef SOFTHCA_PROVIDER_REQUEST_H_
#define SOFTHCA_PROVIDER_REQUEST_H_

#include <infiniband/mlx5dv.h>

#include "provider/objects.h"

/* What there is to do is modelled, for a QP of any type. */
bool soft_has_opcode(const struct soft_qp *qp, enum ibv_wr_opcode opcode);

/* As soft_write_send() does of a frame. */
void soft_write_request(struct soft_qp *qp, const struct ibv_send_wr *wr,
	struct mlx5_wqe_ctrl_seg *ctrl);

/* Addresses the datagram whose WQE has that index, and has been written. */
void soft_write_address(struct soft_qp *qp, uint16_t index, const struct ibv_send_wr *wr);

#endif
