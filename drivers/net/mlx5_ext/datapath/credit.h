/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * credit.h - as many frames as there are buffers: flow control for iWARP, where a frame that meets no
 * posted buffer ends the connection.
 *
 * The receiving end counts the buffers that it has posted since it was prepared, and writes that count
 * by RDMA WRITE into a word in the memory of the sending end, which never sends more. Counts are of 32
 * bits and wrap. Each end belongs to its queue's burst thread, which alone posts to its QP, so
 * nothing is locked; the control path has the gate closed.
 * Source: RFC 5041 (DDP): a message for which no buffer is there is an error of the stream.
 */
#ifndef MLX5X_CREDIT_H_
#define MLX5X_CREDIT_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

/* In memory and on the wire. Who writes it need not do so in one piece: check tells. */
struct mlx5x_credit_word {
	rte_be32_t granted;	/* frames that may be sent in all */
	rte_be32_t check;	/* ~granted */
};

/* The sending end. */
struct mlx5x_credits {
	struct mlx5x_credit_word *word;	/* registered for remote writes */
	uint32_t base;			/* the queue's head when it was connected */
	uint32_t limit;			/* the head must not get beyond it */
};

/* The word before the other end writes to it; head: of the queue. */
void mlx5x_credits_start(struct mlx5x_credits *credits, uint32_t head, uint32_t granted);

void mlx5x_credits_refresh(struct mlx5x_credits *credits);

/* How many of n frames may be sent now. */
static inline uint32_t
mlx5x_credits_left(struct mlx5x_credits *credits, uint32_t head, uint32_t n)
{
	if (unlikely(credits->limit - head < n))
		mlx5x_credits_refresh(credits);
	return credits->limit - head < n ? credits->limit - head : n;
}

/* Work requests that can be on their way with a count. */
#define MLX5X_GRANTS 16

/* The receiving end. */
struct mlx5x_grants {
	uint32_t posted;	/* slots since it was prepared; read by who accepts a connection */
	uint32_t granted;
	uint32_t step;		/* slots that are worth a message */
	bool connected;		/* what is below is set */
	struct ibv_qp *qp;
	struct ibv_cq *cq;	/* of its sends; of MLX5X_GRANTS */
	uint64_t addr;		/* of the word, there */
	uint32_t rkey;
};

/* Nobody is connected; nothing is posted. size: slots of the ring. */
void mlx5x_grants_reset(struct mlx5x_grants *grants, uint32_t size);

/*
 * The other end is there, and knows that it may send as many as this returns. By the thread that
 * accepts; what grants has of the connection is set already.
 */
uint32_t mlx5x_grants_connect(struct mlx5x_grants *grants);

/*
 * Burst, inside the gate, or control path: slots up to pi are posted, and ci of them are completed;
 * tells the other end if it is worth it or waits for it. 0, also if it has to wait, for the next call; -errno: the
 * connection has failed.
 */
int mlx5x_grants_give(struct mlx5x_grants *grants, uint32_t pi, uint32_t ci);

#endif
