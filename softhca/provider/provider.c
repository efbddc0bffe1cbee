/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider.c - the provider's rings, and completions: who polls a CQ finds out by the number in the
 * CQE which ring it is of, and so which request.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "provider/completion.h"
#include "provider/provider.h"
#include "provider/provider_srq.h"

#define CQE_SIZE   64u
#define INDEX_MASK 0xffffffu

int
soft_ring_init(struct soft_ring *ring, struct soft_cq *cq, uint32_t number, uint32_t size,
	uint32_t limit, bool receives)
{
	ring->ids = calloc(size, sizeof(*ring->ids));
	ring->counts = calloc(size, sizeof(*ring->counts));
	ring->raw = calloc(size, sizeof(*ring->raw));
	if (ring->ids == NULL || ring->counts == NULL || ring->raw == NULL) {
		free(ring->ids);
		free(ring->counts);
		free(ring->raw);
		ring->ids = NULL;
		return -ENOMEM;
	}
	ring->number = number;
	ring->size = size;
	ring->limit = limit;
	ring->receives = receives;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_mutex_lock(&cq->lock);
	TAILQ_INSERT_TAIL(&cq->rings, ring, next);
	pthread_mutex_unlock(&cq->lock);
	return 0;
}

static struct mlx5_cqe64 *
entry(const struct soft_cq *cq, uint32_t index)
{
	size_t at = index & (cq->hw.entries - 1);

	return (struct mlx5_cqe64 *)(cq->hw.ring + at * CQE_SIZE);
}

/* The entry is ours to read. */
static bool
is_shown(const struct soft_cq *cq, const struct mlx5_cqe64 *cqe, uint32_t index)
{
	/* Acquire: pairs with the device, which writes this byte last. */
	uint8_t own = __atomic_load_n(&cqe->op_own, __ATOMIC_ACQUIRE);

	return own >> 4 != MLX5_CQE_INVALID &&
		(own & MLX5_CQE_OWNER_MASK) == ((index & cq->hw.entries) != 0);
}

/* No queue has number 0. Who drives the ring himself sees what is there. */
void
soft_disown(struct soft_cq *cq, bool (*chosen)(const struct mlx5_cqe64 *cqe, void *arg), void *arg)
{
	struct mlx5_cqe64 *cqe;
	uint32_t index;

	if (cq->dv_owned)
		return;
	for (index = cq->consumed; index != cq->consumed + cq->hw.entries; index++) {
		cqe = entry(cq, index);
		if (!is_shown(cq, cqe, index))
			break;
		if (chosen(cqe, arg))
			cqe->srqn_uidx = 0;
	}
}

static bool
is_of_ring(const struct mlx5_cqe64 *cqe, void *arg)
{
	const struct soft_ring *ring = arg;

	return be32toh(cqe->srqn_uidx) == ring->number &&
		soft_cqe_is_receive(cqe) == ring->receives;
}

void
soft_ring_fini(struct soft_ring *ring, struct soft_cq *cq)
{
	if (ring->ids == NULL)
		return;
	pthread_mutex_lock(&cq->lock);
	soft_disown(cq, is_of_ring, ring);
	TAILQ_REMOVE(&cq->rings, ring, next);
	pthread_mutex_unlock(&cq->lock);
	pthread_mutex_destroy(&ring->lock);
	free(ring->ids);
	free(ring->counts);
	free(ring->raw);
}

void
soft_ring_reset(struct soft_ring *ring, struct soft_cq *cq)
{
	pthread_mutex_lock(&cq->lock);
	soft_disown(cq, is_of_ring, ring);
	pthread_mutex_lock(&ring->lock);
	ring->head = 0;
	ring->posted = 0;
	__atomic_store_n(&ring->completed, 0, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&ring->lock);
	pthread_mutex_unlock(&cq->lock);
}

static struct soft_ring *
find_ring(const struct soft_cq *cq, const struct mlx5_cqe64 *cqe)
{
	uint32_t number = be32toh(cqe->srqn_uidx);
	bool receive = soft_cqe_is_receive(cqe);
	struct soft_ring *ring;

	TAILQ_FOREACH(ring, &cq->rings, next)
		if (ring->number == number && ring->receives == receive)
			return ring;
	return NULL;
}

static void
complete(struct soft_ring *ring, const struct mlx5_cqe64 *cqe, struct ibv_wc *wc)
{
	uint32_t at = be16toh(cqe->wqe_counter) & (ring->size - 1);

	soft_wc_fill(wc, cqe);
	wc->wr_id = ring->ids[at];
	if (ring->raw[at])
		wc->opcode = IBV_WC_DRIVER2;
	/* Release: who posts next may write over the id. Pairs with has_room() there. */
	__atomic_store_n(&ring->completed, ring->counts[at], __ATOMIC_RELEASE);
}

/* libmlx5 does not look at the format. */
static void
check_format(const struct soft_cq *cq, struct mlx5_cqe64 *cqe)
{
	struct hca_place place = {cq->hw.dev->ibv.name, "cq", cq->hw.number, cq->consumed, cqe,
		sizeof(*cqe)};

	if (mlx5dv_get_cqe_format(cqe) != 0)
		hca_violation(HCA_CQ_FORMAT, &place, "%u completions in one",
			be32toh(cqe->byte_cnt));
}

struct mlx5_cqe64 *
soft_next_completion(struct soft_cq *cq, struct ibv_wc *wc)
{
	struct mlx5_cqe64 *cqe;
	struct soft_ring *ring;

	for (;;) {
		cqe = entry(cq, cq->consumed);
		if (!is_shown(cq, cqe, cq->consumed))
			return NULL;
		check_format(cq, cqe);
		ring = find_ring(cq, cqe);
		cq->consumed++;
		if (ring != NULL)
			complete(ring, cqe, wc);
		else if (!soft_share_complete(cq, cqe, wc))
			continue;
		return cqe;
	}
}

void
soft_tell_consumed(struct soft_cq *cq)
{
	/* Release: the entries have been read. */
	__atomic_store_n(&cq->hw.dbrec[0], htobe32(cq->consumed & INDEX_MASK), __ATOMIC_RELEASE);
}

int
soft_poll_cq(struct ibv_cq *ibv, int count, struct ibv_wc *wc)
{
	struct soft_cq *cq = soft_cq(ibv);
	int n = 0;

	pthread_mutex_lock(&cq->lock);
	while (n < count && soft_next_completion(cq, &wc[n]) != NULL)
		n++;
	soft_tell_consumed(cq);
	pthread_mutex_unlock(&cq->lock);
	return n;
}

int
soft_req_notify_cq(struct ibv_cq *ibv, int solicited_only)
{
	struct soft_cq *cq = soft_cq(ibv);
	unsigned int events = __atomic_load_n(&cq->completions.events, __ATOMIC_RELAXED);
	uint32_t words[2];
	uint64_t doorbell;

	pthread_mutex_lock(&cq->lock);
	words[0] = htobe32((events & 3) << 28 |
		(solicited_only != 0 ? MLX5_CQ_DB_REQ_NOT_SOL : MLX5_CQ_DB_REQ_NOT) |
		(cq->consumed & INDEX_MASK));
	words[1] = htobe32(cq->hw.number);
	memcpy(&doorbell, words, sizeof(doorbell));
	__atomic_store_n(&cq->hw.dbrec[1], words[0], __ATOMIC_RELEASE);
	__atomic_store_n((uint64_t *)(cq->hw.uar + MLX5_CQ_DOORBELL), doorbell, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&cq->lock);
	return 0;
}

void
soft_provider_fill(struct verbs_context *verbs)
{
	struct ibv_context_ops *ops = &verbs->context.ops;

	ops->post_send = soft_post_send;
	ops->post_recv = soft_post_recv;
	ops->post_srq_recv = soft_post_srq_recv;
	ops->poll_cq = soft_poll_cq;
	ops->req_notify_cq = soft_req_notify_cq;
}
