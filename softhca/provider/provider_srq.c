/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <stdlib.h>

#include <infiniband/mlx5dv.h>

#include "device/faults.h"
#include "provider/completion.h"
#include "provider/provider.h"
#include "provider/provider_ring.h"
#include "provider/provider_srq.h"
#include "refusals/refusals.h"

static struct mlx5_wqe_srq_next_seg *
wqe_at(const struct soft_srq *srq, uint16_t index)
{
	return (void *)(srq->hw.ring + (size_t)index * srq->hw.stride);
}

int
soft_srq_link(struct soft_srq *srq)
{
	uint32_t i;

	srq->ids = calloc(srq->hw.wqes, sizeof(*srq->ids));
	if (srq->ids == NULL)
		return -ENOMEM;
	for (i = 0; i + 1 < srq->hw.wqes; i++)
		wqe_at(srq, i)->next_wqe_index = htobe16(i + 1);
	srq->head = 0;
	srq->tail = srq->hw.wqes - 1;
	return 0;
}

/* The order of libmlx5. */
static int
check(const struct soft_srq *srq, const struct ibv_recv_wr *wr)
{
	if (wr->num_sge > (int)srq->sge)
		return hca_refuse(HCA_RULE_POST_SRQ_SGE);
	/* The last free WQE stays, for the next one to be linked to. */
	if (srq->head == srq->tail)
		return hca_refuse(HCA_RULE_POST_SRQ_FULL);
	return hca_faults_hit(soft_device(srq->ibv.context), HCA_FAULT_POST) ? ENOMEM : 0;
}

static void
write_one(struct soft_srq *srq, const struct ibv_recv_wr *wr)
{
	struct mlx5_wqe_srq_next_seg *next = wqe_at(srq, srq->head);

	srq->ids[srq->head] = wr->wr_id;
	soft_scatter_list((void *)(next + 1), srq->sge, wr);
	srq->head = be16toh(next->next_wqe_index);
	srq->counter++;
}

int
soft_post_srq_recv(struct ibv_srq *ibv, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	struct soft_srq *srq = (struct soft_srq *)ibv;
	int error = 0;

	pthread_mutex_lock(&srq->lock);
	for (; wr != NULL; wr = wr->next) {
		error = check(srq, wr);
		if (error != 0) {
			*bad = wr;
			break;
		}
		write_one(srq, wr);
	}
	/* Release: the WQEs are written. */
	__atomic_store_n(srq->hw.dbrec, htobe32(srq->counter), __ATOMIC_RELEASE);
	pthread_mutex_unlock(&srq->lock);
	return error;
}

/*
 * It comes behind the others that are free. The device is done with the one that it is linked to.
 */
static void
give_back(struct soft_srq *srq, uint16_t index)
{
	pthread_mutex_lock(&srq->lock);
	wqe_at(srq, srq->tail)->next_wqe_index = htobe16(index);
	srq->tail = index;
	pthread_mutex_unlock(&srq->lock);
}

static bool
is_of(const struct mlx5_cqe64 *cqe, const struct soft_share *share)
{
	return be32toh(cqe->srqn_uidx) == share->srq->hw.number &&
		soft_wc_number(cqe) == share->number && soft_cqe_is_receive(cqe);
}

static bool
drop(const struct mlx5_cqe64 *cqe, void *arg)
{
	struct soft_share *share = arg;

	if (!is_of(cqe, share))
		return false;
	give_back(share->srq, be16toh(cqe->wqe_counter));
	return true;
}

void
soft_share_add(struct soft_share *share, struct soft_cq *cq)
{
	pthread_mutex_lock(&cq->lock);
	TAILQ_INSERT_TAIL(&cq->shares, share, next);
	pthread_mutex_unlock(&cq->lock);
}

void
soft_share_reset(struct soft_share *share, struct soft_cq *cq)
{
	pthread_mutex_lock(&cq->lock);
	soft_disown(cq, drop, share);
	pthread_mutex_unlock(&cq->lock);
}

void
soft_share_remove(struct soft_share *share, struct soft_cq *cq)
{
	soft_share_reset(share, cq);
	pthread_mutex_lock(&cq->lock);
	TAILQ_REMOVE(&cq->shares, share, next);
	pthread_mutex_unlock(&cq->lock);
}

bool
soft_share_complete(struct soft_cq *cq, const struct mlx5_cqe64 *cqe, struct ibv_wc *wc)
{
	uint16_t index = be16toh(cqe->wqe_counter);
	struct soft_share *share;

	TAILQ_FOREACH(share, &cq->shares, next) {
		if (!is_of(cqe, share))
			continue;
		soft_wc_fill(wc, cqe);
		wc->wr_id = share->srq->ids[index];
		give_back(share->srq, index);
		return true;
	}
	return false;
}
