/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_verbs_rx.c - the receive burst by ibv_poll_cq and ibv_post_recv: one CQE a packet, one post a
 * chunk.
 */
#include <errno.h>

#include <rte_ether.h>
#include <rte_malloc.h>

#include "common/verbs.h"
#include "datapath/checksum.h"
#include "datapath/credit.h"
#include "datapath/dp_verbs.h"
#include "datapath/early.h"
#include "datapath/rx_burst.h"
#include "steer/filter.h"

int
mlx5x_dp_verbs_rx_attach(struct mlx5x_rxq *rxq)
{
	uint32_t i;

	rxq->wr = rte_calloc("mlx5_ext rx wr", MLX5X_RX_CHUNK, sizeof(*rxq->wr), 0);
	rxq->sge = rte_calloc("mlx5_ext rx sge", MLX5X_RX_CHUNK * rxq->nb_sge,
		sizeof(*rxq->sge), 0);
	if (rxq->wr == NULL || rxq->sge == NULL || mlx5x_early_create(rxq) != 0) {
		mlx5x_dp_verbs_rx_detach(rxq);
		return -ENOMEM;
	}
	for (i = 0; i < MLX5X_RX_CHUNK; i++) {
		rxq->wr[i].sg_list = &rxq->sge[i * rxq->nb_sge];
		rxq->wr[i].num_sge = rxq->nb_sge;
	}
	return 0;
}

void
mlx5x_dp_verbs_rx_detach(struct mlx5x_rxq *rxq)
{
	mlx5x_early_destroy(rxq);
	rte_free(rxq->wr);
	rte_free(rxq->sge);
	rxq->wr = NULL;
	rxq->sge = NULL;
}

int
mlx5x_dp_verbs_rx_arm(struct mlx5x_rxq *rxq)
{
	return mlx5x_verbs_arm_cq(rxq->cq);
}

static inline int
poll_cqes(struct mlx5x_rxq *rxq, int n, struct ibv_wc *wc)
{
	if (unlikely(!mlx5x_early_is_empty(rxq)))
		return mlx5x_early_take(rxq, n, wc);
	return ibv_poll_cq(rxq->cq, n, wc);
}

uint32_t
mlx5x_dp_verbs_rx_discard(struct mlx5x_rxq *rxq)
{
	uint32_t lost = 0;
	struct ibv_wc wc;

	while (poll_cqes(rxq, 1, &wc) == 1)
		if (wc.status == IBV_WC_SUCCESS)
			lost++;
	return lost;
}

/* Allocates the missing buffers of a slot; false if the pool is empty. */
static inline bool
alloc_slot(struct mlx5x_rxq *rxq, struct rte_mbuf **elts)
{
	uint16_t i;

	for (i = 0; i < rxq->nb_sge; i++) {
		if (elts[i] != NULL)
			continue;
		elts[i] = rte_pktmbuf_alloc(rxq->pool);
		if (unlikely(elts[i] == NULL)) {
			mlx5x_counter_add(&rxq->stats.no_mbuf, 1);
			return false;
		}
	}
	return true;
}

/* One SGE a buffer; a buffer across two regions cannot be posted, as an SGE has one lkey. */
static inline bool
gather_slot(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, struct ibv_sge *sge)
{
	uint16_t i;

	for (i = 0; i < rxq->nb_sge; i++) {
		sge[i].addr = (uintptr_t)elts[i]->buf_addr + RTE_PKTMBUF_HEADROOM;
		sge[i].length = rxq->data_room;
		if (unlikely(mlx5x_mr_cache_find(&rxq->user.cache, &rxq->mrs->index, sge[i].addr,
				&sge[i].lkey) < rxq->data_room)) {
			mlx5x_counter_add(&rxq->stats.unmapped, 1);
			mlx5x_counter_add(&rxq->stats.lookups, i + 1);
			mlx5x_miss_set_addr(&rxq->miss, sge[i].addr);
			rte_pktmbuf_free_seg(elts[i]);
			elts[i] = NULL;
			mlx5x_flag_set(&rxq->missed, true);
			return false;
		}
	}
	return true;
}

/* Prepares up to n slots from pi on; returns how many. */
static uint16_t
prepare_slots(struct mlx5x_rxq *rxq, uint16_t n)
{
	struct rte_mbuf **elts;
	uint32_t slot;
	uint16_t i;

	for (i = 0; i < n; i++) {
		slot = (rxq->pi + i) & (rxq->size - 1);
		elts = &rxq->elts[slot * rxq->nb_sge];
		if (unlikely(!alloc_slot(rxq, elts)) ||
		    unlikely(!gather_slot(rxq, elts, rxq->wr[i].sg_list)))
			break;
		rxq->wr[i].wr_id = slot;
		rxq->wr[i].next = &rxq->wr[i + 1];
	}
	mlx5x_counter_add(&rxq->stats.lookups, i * rxq->nb_sge);
	return i;
}

/* Posts the prepared WRs: the only step that differs between a QP and a WQ. */
typedef int (*hand_over_t)(struct mlx5x_rxq *rxq, struct ibv_recv_wr **bad);

static inline int
hand_to_qp(struct mlx5x_rxq *rxq, struct ibv_recv_wr **bad)
{
	return ibv_post_recv(rxq->qp, rxq->wr, bad);
}

static inline int
hand_to_wq(struct mlx5x_rxq *rxq, struct ibv_recv_wr **bad)
{
	return ibv_post_wq_recv(rxq->wq, rxq->wr, bad);
}

/* Posts up to n slots; returns how many were posted. */
static __rte_always_inline uint16_t
post_slots(struct mlx5x_rxq *rxq, uint16_t n, hand_over_t hand_over)
{
	struct ibv_recv_wr *bad = NULL;

	n = prepare_slots(rxq, n);
	if (n == 0)
		return 0;
	rxq->wr[n - 1].next = NULL;
	if (unlikely(hand_over(rxq, &bad) != 0)) {
		n = bad != NULL ? bad - rxq->wr : 0;
		mlx5x_flag_set(&rxq->failed, true);
	}
	rxq->pi += n;
	return n;
}

static __rte_always_inline void
fill(struct mlx5x_rxq *rxq, hand_over_t hand_over)
{
	uint32_t free_slots;

	do {
		free_slots = rxq->size - (rxq->pi - rxq->ci);
	} while (free_slots != 0 &&
		post_slots(rxq, RTE_MIN(free_slots, MLX5X_RX_CHUNK), hand_over) != 0);
}

void
mlx5x_dp_verbs_rx_fill(struct mlx5x_rxq *rxq)
{
	fill(rxq, hand_to_qp);
}

void
mlx5x_dp_verbs_credit_rx_fill(struct mlx5x_rxq *rxq)
{
	fill(rxq, hand_to_qp);
	if (unlikely(mlx5x_grants_give(rxq->grants, rxq->pi, rxq->ci) != 0))
		mlx5x_flag_set(&rxq->failed, true);
}

void
mlx5x_dp_verbs_raw_rx_fill(struct mlx5x_rxq *rxq)
{
	fill(rxq, hand_to_wq);
}

/* Chains as many buffers of a slot as the frame needs. */
static struct rte_mbuf *
take_packet(struct mlx5x_rxq *rxq, uint32_t slot, uint32_t len)
{
	struct rte_mbuf **elts = &rxq->elts[slot * rxq->nb_sge];
	struct rte_mbuf *pkt = elts[0], *seg = pkt;
	uint32_t left = len;
	uint16_t i = 0;

	pkt->pkt_len = len;
	pkt->port = rxq->port_id;
	for (;;) {
		elts[i++] = NULL;
		seg->data_len = RTE_MIN(left, rxq->data_room);
		left -= seg->data_len;
		if (likely(left == 0))
			break;
		seg->next = elts[i];
		seg = seg->next;
	}
	pkt->nb_segs = i;
	return pkt;
}

/*
 * The last of `count` frames has that number: others before them have found no buffer. Fewer than
 * none: the other end took some for lost in a recovery that have arrived.
 */
static inline void
count_missed(struct mlx5x_rxq *rxq, rte_be32_t number, uint16_t count)
{
	uint32_t next = rte_be_to_cpu_32(number) + 1;
	int32_t missed = next - rxq->next_number - count;

	rxq->next_number = next;
	if (unlikely(missed > 0))
		mlx5x_counter_add(&rxq->stats.missed, missed);
}

/* Inside the gate. */
static __rte_always_inline uint16_t
receive_cqes(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, bool numbered)
{
	struct ibv_wc wc[MLX5X_RX_CHUNK];
	uint64_t bytes = 0;
	uint16_t count = 0;
	int polled, i;

	polled = poll_cqes(rxq, RTE_MIN(n, MLX5X_RX_CHUNK), wc);
	for (i = 0; i < polled; i++) {
		if (unlikely(wc[i].status != IBV_WC_SUCCESS)) {
			/* The next CQEs are flushed ones; the buffers stay and are posted again. */
			mlx5x_counter_add(&rxq->stats.errors, 1);
			mlx5x_flag_set(&rxq->failed, true);
			break;
		}
		pkts[count++] = take_packet(rxq, wc[i].wr_id, wc[i].byte_len);
		bytes += wc[i].byte_len;
		rxq->ci++;
	}
	if (unlikely(polled < 0))
		mlx5x_flag_set(&rxq->failed, true);
	if (numbered && count != 0)
		count_missed(rxq, wc[count - 1].imm_data, count);
	mlx5x_counter_add(&rxq->stats.packets, count);
	mlx5x_counter_add(&rxq->stats.bytes, bytes);
	return count;
}

static uint16_t
receive(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_cqes(rxq, pkts, n, false);
}

static uint16_t
receive_numbered(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_cqes(rxq, pkts, n, true);
}

static uint16_t
keep_ours(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = mlx5x_filter_keep(&rxq->port->filter, pkts, n);

	mlx5x_counter_add(&rxq->stats.filtered, n - kept);
	return kept;
}

/* mlx5x_rx_burst() with the function of one datapath, or all of it. */
typedef uint16_t (*receive_t)(struct mlx5x_rxq *ring, struct rte_mbuf **pkts, uint16_t n);

/* The other end of a cable sends all frames, for any MAC address. */
static __rte_always_inline uint16_t
receive_ours(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, receive_t receive_from,
	void (*refill)(struct mlx5x_rxq *rxq))
{
	uint16_t count = mlx5x_rx_burst(rxq, pkts, n, receive_from, refill);

	return mlx5x_flag_read(&rxq->port->filter.active) ? keep_ours(rxq, pkts, count) : count;
}

static __rte_always_inline uint16_t
receive_posted(struct mlx5x_rxq *ring, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_ours(ring, pkts, n, receive, mlx5x_dp_verbs_rx_fill);
}

static __rte_always_inline uint16_t
receive_counted(struct mlx5x_rxq *ring, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_ours(ring, pkts, n, receive_numbered, mlx5x_dp_verbs_rx_fill);
}

static __rte_always_inline uint16_t
receive_granted(struct mlx5x_rxq *ring, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_ours(ring, pkts, n, receive, mlx5x_dp_verbs_credit_rx_fill);
}

/*
 * Of all rings of a queue. A burst that is full leaves the next one to the ring after the last. The
 * gates of further rings do not know that the queue is stopped.
 */
static uint16_t
receive_in_turn(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, receive_t receive_from)
{
	struct mlx5x_rxq *first = rxq->turn != NULL ? rxq->turn : rxq, *ring = first;
	uint16_t count = 0;

	if (mlx5x_flag_read(&rxq->stopped))
		return 0;
	do {
		count += receive_from(ring, &pkts[count], n - count);
		ring = mlx5x_rxq_more(ring);
		if (ring == NULL)
			ring = rxq;
	} while (ring != first && count < n);
	rxq->turn = ring;
	return count;
}

static __rte_always_inline uint16_t
receive_from_all(void *queue, struct rte_mbuf **pkts, uint16_t n, receive_t receive_from)
{
	if (unlikely(mlx5x_rxq_more(queue) != NULL))
		return receive_in_turn(queue, pkts, n, receive_from);
	return receive_from(queue, pkts, n);
}

uint16_t
mlx5x_dp_verbs_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_from_all(queue, pkts, n, receive_posted);
}

uint16_t
mlx5x_dp_verbs_numbered_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_from_all(queue, pkts, n, receive_counted);
}

uint16_t
mlx5x_dp_verbs_credit_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_from_all(queue, pkts, n, receive_granted);
}

/* With checksums by software: of the packets that are returned. */
static __rte_always_inline uint16_t
receive_verified(void *queue, struct rte_mbuf **pkts, uint16_t n, eth_rx_burst_t receive_burst)
{
	const struct mlx5x_rxq *rxq = queue;
	uint16_t count = receive_burst(queue, pkts, n);

	mlx5x_checksum_verify(pkts, count, rxq->offloads);
	return count;
}

uint16_t
mlx5x_dp_verbs_rx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_verified(queue, pkts, n, mlx5x_dp_verbs_rx_burst);
}

uint16_t
mlx5x_dp_verbs_numbered_rx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_verified(queue, pkts, n, mlx5x_dp_verbs_numbered_rx_burst);
}

uint16_t
mlx5x_dp_verbs_credit_rx_burst_software(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_verified(queue, pkts, n, mlx5x_dp_verbs_credit_rx_burst);
}

uint16_t
mlx5x_dp_verbs_raw_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_rx_burst(queue, pkts, n, receive, mlx5x_dp_verbs_raw_rx_fill);
}
