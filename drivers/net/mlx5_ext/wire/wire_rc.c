/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_rc.c - the wire of reliable connected QPs: a frame waits until a buffer is posted for it.
 * Both ends track PSNs, so a recovery resets both, with new PSNs.
 */
#include <stddef.h>

#include <rte_random.h>

#include "cable/peer.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "queue/pair.h"
#include "wire/connected.h"
#include "wire/wires.h"

/*
 * Sources: ibv_modify_qp(3), InfiniBand's tables of timer values. No acknowledge for 537 ms: seven
 * retries. A lost packet that others follow is reported by a NAK, without this time. So it is long:
 * on a slow path (rxe on an emulated NIC: 0.7 s were seen), a short one sends everything again,
 * what queues up for that delays the next acknowledges, and at last a pair stands still for as long
 * as stall.h waits. No buffer posted: retries each 0.64 ms, unlimited; stall.h ends that.
 */
#define ACK_TIMEOUT 17
#define RETRIES 7
#define RNR_TIMER 12
#define RNR_RETRIES 7

#define PSN_MASK 0xffffff

static int
create(struct mlx5x_pair *pair)
{
	return mlx5x_connected_create(pair, IBV_QPT_RC);
}

/* Packets in flight from before the reset must not match the new PSNs. */
static int
prepare(struct mlx5x_pair *pair, enum mlx5x_side sides)
{
	pair->psn = rte_rand() & PSN_MASK;
	return mlx5x_connected_prepare(pair);
}

static int
connect_pair(struct mlx5x_pair *pair, const struct mlx5x_remote *remote, enum mlx5x_side sides)
{
	struct ibv_qp_attr rtr, rts = {
		.qp_state = IBV_QPS_RTS,
		.sq_psn = pair->psn,
		.timeout = ACK_TIMEOUT,
		.retry_cnt = RETRIES,
		.rnr_retry = RNR_RETRIES,
		.max_rd_atomic = 1,
	};
	int ret;

	mlx5x_connected_rtr(remote, &rtr);
	rtr.max_dest_rd_atomic = 1;
	rtr.min_rnr_timer = RNR_TIMER;
	ret = mlx5x_verbs_modify_qp(pair->qp, &rtr,
		MLX5X_CONNECTED_RTR | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER);
	if (ret != 0)
		return ret;
	return mlx5x_verbs_modify_qp(pair->qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN |
		IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC);
}

const struct mlx5x_wire mlx5x_wire_rc = {
	.name = "rc",
	.dp = &mlx5x_dp_verbs,
	.cable = true,
	.mutual = true,
	.check = mlx5x_connected_check,
	.create_cq = mlx5x_verbs_create_cq,
	.create = create,
	.destroy = mlx5x_connected_destroy,
	.prepare = prepare,
	.connect = connect_pair,
	.recover = mlx5x_peer_recover,
	.up = mlx5x_connected_up,
	.down = mlx5x_connected_down,
};
