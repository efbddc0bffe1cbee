/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>

#include "datapath/credit.h"

static struct mlx5x_credit_word
word_of(uint32_t granted)
{
	return (struct mlx5x_credit_word){
		.granted = rte_cpu_to_be_32(granted),
		.check = rte_cpu_to_be_32(~granted),
	};
}

void
mlx5x_credits_start(struct mlx5x_credits *credits, uint32_t head, uint32_t granted)
{
	*credits->word = word_of(granted);
	credits->base = head;
	credits->limit = head + granted;
}

void
mlx5x_credits_refresh(struct mlx5x_credits *credits)
{
	/* `check` first: the word is written in ascending order, so a torn word does not match. */
	rte_be32_t check = __atomic_load_n(&credits->word->check, __ATOMIC_ACQUIRE);
	rte_be32_t granted = __atomic_load_n(&credits->word->granted, __ATOMIC_RELAXED);

	if (likely(granted == ~check))
		credits->limit = credits->base + rte_be_to_cpu_32(granted);
}

void
mlx5x_grants_reset(struct mlx5x_grants *grants, uint32_t size)
{
	struct ibv_cq *cq = grants->cq;

	*grants = (struct mlx5x_grants){.step = RTE_MAX(size / 4, 1u), .cq = cq};
}

uint32_t
mlx5x_grants_connect(struct mlx5x_grants *grants)
{
	/* Acquire; pairs with the release in mlx5x_grants_give(). */
	grants->granted = __atomic_load_n(&grants->posted, __ATOMIC_ACQUIRE);
	__atomic_store_n(&grants->connected, true, __ATOMIC_RELEASE);
	return grants->granted;
}

/*
 * A message a step, or earlier if the new buffers are as many as the other end has left, so that
 * few messages are in flight. If it has none left, one new buffer is enough.
 */
static inline bool
is_due(const struct mlx5x_grants *grants, uint32_t pi, uint32_t ci)
{
	uint32_t more = pi - grants->granted, left = grants->granted - ci;

	return more != 0 && (more >= grants->step || more >= left);
}

static int
take_completions(struct mlx5x_grants *grants)
{
	struct ibv_wc wc[MLX5X_GRANTS];
	int n, i;

	n = ibv_poll_cq(grants->cq, MLX5X_GRANTS, wc);
	for (i = 0; i < n; i++)
		if (wc[i].status != IBV_WC_SUCCESS)
			return -EIO;
	return n < 0 ? -EIO : 0;
}

static int
send(struct mlx5x_grants *grants, uint32_t granted)
{
	struct mlx5x_credit_word word = word_of(granted);
	struct ibv_sge sge = {.addr = (uintptr_t)&word, .length = sizeof(word)};
	struct ibv_send_wr *bad, wr = {
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IBV_WR_RDMA_WRITE,
		.send_flags = IBV_SEND_SIGNALED | IBV_SEND_INLINE,
		.wr.rdma = {.remote_addr = grants->addr, .rkey = grants->rkey},
	};

	/* libsiw returns a negative errno, other providers a positive one. */
	return -abs(ibv_post_send(grants->qp, &wr, &bad));
}

int
mlx5x_grants_give(struct mlx5x_grants *grants, uint32_t pi, uint32_t ci)
{
	int ret;

	/* Release; pairs with the acquire in mlx5x_grants_connect(). */
	__atomic_store_n(&grants->posted, pi, __ATOMIC_RELEASE);
	/* Acquire; pairs with the release there. */
	if (!__atomic_load_n(&grants->connected, __ATOMIC_ACQUIRE) || !is_due(grants, pi, ci))
		return 0;
	ret = take_completions(grants);
	if (ret == 0)
		ret = send(grants, pi);
	if (ret == 0)
		grants->granted = pi;
	/* The send queue is full: the next call tries again. */
	return ret == -ENOMEM ? 0 : ret;
}
