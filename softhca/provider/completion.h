/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * completion.h - what a CQE says, in the terms of verbs. Pure functions, any thread.
 */
#ifndef SOFTHCA_COMPLETION_H_
#define SOFTHCA_COMPLETION_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

/* It is of a receive request, or of a peer's that used one. */
bool soft_cqe_is_receive(const struct mlx5_cqe64 *cqe);

/* The QP's number; of a received frame, as libmlx5 has it, the tag of the rule that it came by. */
uint32_t soft_wc_number(const struct mlx5_cqe64 *cqe);
/*
 * Of what was received: a GRH, immediate data; of a frame of IPv4 whether its checksums are right.
 */
unsigned int soft_wc_flags(const struct mlx5_cqe64 *cqe);

/* All but wr_id. Of an error there is no opcode: whatever is the first of the side. */
void soft_wc_fill(struct ibv_wc *wc, const struct mlx5_cqe64 *cqe);

#endif
