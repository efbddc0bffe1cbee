/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_verbs_tx.c - the transmit burst by ibv_post_send: one WR a packet, one post and one signalled
 * WR a chunk. Numbered frames count from the connection on, without those lost in a recovery: by
 * the numbers the other end knows how many it has missed.
 */
#include <errno.h>
#include <string.h>

#include <rte_malloc.h>

#include "datapath/checksum.h"
#include "datapath/credit.h"
#include "datapath/dp_verbs.h"
#include "datapath/tx_burst.h"

int
mlx5x_dp_verbs_tx_attach(struct mlx5x_txq *txq)
{
	uint32_t i;

	txq->wr = rte_calloc("mlx5_ext tx wr", MLX5X_TX_CHUNK, sizeof(*txq->wr), 0);
	txq->sge = rte_calloc("mlx5_ext tx sge", MLX5X_TX_CHUNK * txq->max_sge,
		sizeof(*txq->sge), 0);
	if (txq->wr == NULL || txq->sge == NULL) {
		mlx5x_dp_verbs_tx_detach(txq);
		return -ENOMEM;
	}
	for (i = 0; i < MLX5X_TX_CHUNK; i++) {
		txq->wr[i].opcode = IBV_WR_SEND;
		txq->wr[i].sg_list = &txq->sge[i * txq->max_sge];
	}
	return 0;
}

/* The immediate data is the number of the frame. */
int
mlx5x_dp_verbs_numbered_tx_attach(struct mlx5x_txq *txq)
{
	uint32_t i;
	int ret;

	ret = mlx5x_dp_verbs_tx_attach(txq);
	for (i = 0; ret == 0 && i < MLX5X_TX_CHUNK; i++)
		txq->wr[i].opcode = IBV_WR_SEND_WITH_IMM;
	return ret;
}

/*
 * All WRs are signalled: siw passes the pages of an unsignalled WR of a page or more to TCP without
 * a copy, and the CQE of a later WR does not mean that TCP has finished with them. Others are
 * copied.
 * Source: drivers/infiniband/sw/siw/siw_qp_tx.c (Linux).
 */
int
mlx5x_dp_verbs_credit_tx_attach(struct mlx5x_txq *txq)
{
	uint32_t i;
	int ret;

	ret = mlx5x_dp_verbs_tx_attach(txq);
	for (i = 0; ret == 0 && i < MLX5X_TX_CHUNK; i++)
		txq->wr[i].send_flags = IBV_SEND_SIGNALED;
	return ret;
}

void
mlx5x_dp_verbs_tx_detach(struct mlx5x_txq *txq)
{
	rte_free(txq->wr);
	rte_free(txq->sge);
	txq->wr = NULL;
	txq->sge = NULL;
}

void
mlx5x_dp_verbs_tx_discard(struct mlx5x_txq *txq)
{
	struct ibv_wc wc;

	/* Those of packets that are sent come before those of others. */
	while (ibv_poll_cq(txq->cq, 1, &wc) == 1)
		if (wc.status == IBV_WC_SUCCESS)
			__atomic_store_n(&txq->done, (uint32_t)wc.wr_id + 1, __ATOMIC_RELEASE);
}

/* The SGEs of one segment: one per region that it crosses. */
static inline enum mlx5x_drop_reason
gather_segment(struct mlx5x_txq *txq, const struct rte_mbuf *seg, struct ibv_send_wr *wr)
{
	uintptr_t addr = rte_pktmbuf_mtod(seg, uintptr_t);
	size_t left = seg->data_len, n;
	struct ibv_sge *sge;
	uint32_t lkey;

	while (left != 0) {
		n = mlx5x_mr_cache_find(&txq->user.cache, &txq->mrs->index, addr, &lkey);
		if (unlikely(n == 0)) {
			mlx5x_miss_set_addr(&txq->miss, addr);
			return MLX5X_DROP_UNMAPPED;
		}
		if (unlikely(wr->num_sge == txq->max_sge))
			return MLX5X_DROP_SEGMENTS;
		n = RTE_MIN(n, left);
		sge = &wr->sg_list[wr->num_sge++];
		sge->addr = addr;
		sge->length = n;
		sge->lkey = lkey;
		addr += n;
		left -= n;
	}
	return MLX5X_DROP_NOT;
}

/*
 * *len is the sum of data_len, whatever pkt_len is. With nb_segs of 1 the second cache line of the
 * mbuf, with its next pointer, need not be read.
 */
static inline enum mlx5x_drop_reason
gather(struct mlx5x_txq *txq, const struct rte_mbuf *pkt, struct ibv_send_wr *wr, uint32_t limit,
	uint32_t *len)
{
	bool single = pkt->nb_segs == 1;
	uint32_t total = pkt->data_len;
	enum mlx5x_drop_reason why;

	wr->num_sge = 0;
	if (single && !mlx5x_tx_fits(total, limit))
		return mlx5x_tx_misfit(total);
	why = gather_segment(txq, pkt, wr);
	while (!single && why == MLX5X_DROP_NOT && (pkt = pkt->next) != NULL) {
		total += pkt->data_len;
		why = gather_segment(txq, pkt, wr);
	}
	if (!single && why == MLX5X_DROP_NOT && !mlx5x_tx_fits(total, limit))
		why = mlx5x_tx_misfit(total);
	*len = total;
	return why;
}

static uint32_t
length_of(const struct ibv_send_wr *wr)
{
	uint32_t len = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		len += wr->sg_list[i].length;
	return len;
}

/* Posts n prepared WRs; returns how many were posted. */
static uint16_t
post(struct mlx5x_txq *txq, uint16_t n)
{
	struct ibv_send_wr *last = &txq->wr[n - 1], *bad = NULL;
	unsigned int flags = last->send_flags;
	uint16_t i;

	for (i = 0; i < n - 1; i++)
		txq->wr[i].next = &txq->wr[i + 1];
	last->next = NULL;
	last->send_flags = IBV_SEND_SIGNALED;
	if (unlikely(ibv_post_send(txq->qp, txq->wr, &bad) != 0)) {
		/*
		 * The signalled WR is not posted, so no CQE frees those before the bad one:
		 * recover.
		 */
		n = bad != NULL ? bad - txq->wr : 0;
		mlx5x_txq_fail(txq);
	}
	last->send_flags = flags;
	return n;
}

/* Inside the gate: posts up to a chunk of packets, until one is refused. */
static __rte_always_inline uint16_t
send_leading(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason *why, bool numbered)
{
	uint32_t at = txq->head & (txq->size - 1), limit = mlx5x_tx_limit(txq), len;
	struct rte_mempool *pool = n != 0 ? pkts[0]->pool : NULL;
	uint32_t number = txq->head - txq->first;
	uint64_t bytes = 0, lookups = 0;
	bool odd = false;
	uint16_t ready, i;

	n = RTE_MIN(RTE_MIN(n, MLX5X_TX_CHUNK), txq->size - (txq->head - txq->freed));
	n = RTE_MIN(n, txq->size - at);
	for (ready = 0; ready < n; ready++) {
		*why = gather(txq, pkts[ready], &txq->wr[ready], limit, &len);
		/* One look-up per SGE, plus the failed one. */
		lookups += txq->wr[ready].num_sge;
		if (unlikely(*why != MLX5X_DROP_NOT)) {
			lookups += *why == MLX5X_DROP_UNMAPPED ||
				*why == MLX5X_DROP_SEGMENTS;
			break;
		}
		txq->wr[ready].wr_id = txq->head + ready;
		if (numbered)
			txq->wr[ready].imm_data = rte_cpu_to_be_32(number + ready);
		bytes += len;
		odd |= !mlx5x_tx_is_plain(pkts[ready], pool);
	}
	mlx5x_counter_add(&txq->stats.lookups, lookups);
	if (ready == 0)
		return 0;
	n = post(txq, ready);
	memcpy(&txq->elts[at], pkts, n * sizeof(*pkts));
	if (unlikely(n == 0))
		;
	else if (likely(!odd) || txq->fast_free)
		mlx5x_tx_keep(txq, n, pool);
	else
		mlx5x_tx_keep_others(txq, n, 0, NULL);
	for (i = n; unlikely(i < ready); i++)
		bytes -= length_of(&txq->wr[i]);
	mlx5x_counter_add(&txq->stats.packets, n);
	mlx5x_counter_add(&txq->stats.bytes, bytes);
	/* The refused packet is next only if all before it were posted. */
	if (unlikely(n != ready))
		*why = MLX5X_DROP_NOT;
	return n;
}

/* All CQEs: packets with an unpolled CQE count as owned by the device. */
void
mlx5x_dp_verbs_tx_reap(struct mlx5x_txq *txq)
{
	struct ibv_wc wc[MLX5X_TX_CHUNK];
	int n, i;

	do {
		n = ibv_poll_cq(txq->cq, MLX5X_TX_CHUNK, wc);
		for (i = 0; i < n; i++) {
			if (unlikely(wc[i].status != IBV_WC_SUCCESS)) {
				mlx5x_counter_add(&txq->stats.errors, 1);
				mlx5x_txq_fail(txq);
				return;
			}
			/* CQEs are in order: all WRs before this one are completed too. */
			__atomic_store_n(&txq->done, (uint32_t)wc[i].wr_id + 1, __ATOMIC_RELEASE);
		}
	} while (n == MLX5X_TX_CHUNK);
	if (unlikely(n < 0))
		mlx5x_txq_fail(txq);
}

static uint16_t
send_plain(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason *why)
{
	return send_leading(txq, pkts, n, why, false);
}

uint16_t
mlx5x_dp_verbs_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_tx_burst(queue, pkts, n, mlx5x_dp_verbs_tx_reap, send_plain);
}

static uint16_t
send_numbered(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason *why)
{
	return send_leading(txq, pkts, n, why, true);
}

uint16_t
mlx5x_dp_verbs_numbered_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_tx_burst(queue, pkts, n, mlx5x_dp_verbs_tx_reap, send_numbered);
}

static uint16_t
send_granted(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint16_t n, enum mlx5x_drop_reason *why)
{
	return send_leading(txq, pkts, mlx5x_credits_left(txq->credits, txq->head, n), why, false);
}

uint16_t
mlx5x_dp_verbs_credit_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_tx_burst(queue, pkts, n, mlx5x_dp_verbs_tx_reap, send_granted);
}

/* With checksums by software. */
uint16_t
mlx5x_dp_verbs_tx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	mlx5x_checksum_fill(pkts, n);
	return mlx5x_dp_verbs_tx_burst(queue, pkts, n);
}

uint16_t
mlx5x_dp_verbs_numbered_tx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	mlx5x_checksum_fill(pkts, n);
	return mlx5x_dp_verbs_numbered_tx_burst(queue, pkts, n);
}

uint16_t
mlx5x_dp_verbs_credit_tx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	mlx5x_checksum_fill(pkts, n);
	return mlx5x_dp_verbs_credit_tx_burst(queue, pkts, n);
}
