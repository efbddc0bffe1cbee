/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * credit.h - flow control for iWARP, where a frame without a posted buffer ends the connection.
 *
 * The receiving end counts the buffers posted since it was prepared, and writes that count by RDMA
 * WRITE into a word in the memory of the sending end, which never sends more frames. Counts have 32
 * bits and wrap. Each end belongs to its queue's burst thread, which alone posts to its QP, so
 * there is no lock; the control path has the gate closed.
 * Source: RFC 5041 (DDP): a message without a buffer is an error of the stream.
 */
#ifndef MLX5X_CREDIT_H_
#define MLX5X_CREDIT_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/verbs.h>
#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

/* In memory and on the wire. Not written atomically: check detects a torn word. */
struct mlx5x_credit_word {
	rte_be32_t granted;	/* frames that may be sent in all */
	rte_be32_t check;	/* ~granted */
};

/* The sending end. */
struct mlx5x_credits {
	struct mlx5x_credit_word *word;	/* registered for remote writes */
	uint32_t base;			/* the queue's head when it was connected */
	uint32_t limit;			/* upper bound of the head */
};

/* Initialises the word, before the other end writes to it; head: of the queue. */
void mlx5x_credits_start(struct mlx5x_credits *credits, uint32_t head, uint32_t granted);

/* Reads the word; leaves the limit as it is if the word is torn. */
void mlx5x_credits_refresh(struct mlx5x_credits *credits);

/* Returns how many of n frames may be sent now. */
static inline uint32_t
mlx5x_credits_left(struct mlx5x_credits *credits, uint32_t head, uint32_t n)
{
	if (unlikely(credits->limit - head < n))
		mlx5x_credits_refresh(credits);
	return credits->limit - head < n ? credits->limit - head : n;
}

/*
 * Messages with a count in flight. A step is a quarter of the ring, so few are needed; when all are
 * in flight the next count waits for a CQE.
 */
#define MLX5X_GRANTS 16

/* The receiving end. */
struct mlx5x_grants {
	uint32_t posted;	/* slots since it was prepared; read by the acceptor */
	uint32_t granted;
	uint32_t step;		/* slots per message */
	bool connected;		/* the fields below are set */
	struct ibv_qp *qp;
	struct ibv_cq *cq;	/* of its sends; MLX5X_GRANTS entries */
	uint64_t addr;		/* of the word at the other end */
	uint32_t rkey;
};

/* Not connected, nothing posted. size: slots of the ring. */
void mlx5x_grants_reset(struct mlx5x_grants *grants, uint32_t size);

/*
 * By the acceptor, with addr, rkey and qp set: the connection exists from now on. Returns the
 * number of frames to grant to the other end in the answer.
 */
uint32_t mlx5x_grants_connect(struct mlx5x_grants *grants);

/*
 * Burst, inside the gate, or control path: slots up to pi are posted, and ci of them are completed.
 * Sends the count if a step is full or the other end runs out. 0, also if the send queue is full:
 * the next call tries again; -errno: the connection has failed.
 */
int mlx5x_grants_give(struct mlx5x_grants *grants, uint32_t pi, uint32_t ci);

#endif
