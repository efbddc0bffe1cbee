/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv_rx.c - the receive burst on the rings of an mlx5 device: slots complete in order, one CQE a
 * frame.
 */
#include <rte_mempool.h>

#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "datapath/rx_burst.h"

/*
 * Buffers allocated and posted together: more saves calls of the mempool, fewer takes less stack
 * and fails less often where the pool is nearly empty.
 */
#define RUN 64u

int
mlx5x_dp_dv_rx_arm(struct mlx5x_rxq *rxq)
{
	mlx5x_dv_arm_cq(&rxq->dv.cq);
	return 0;
}

uint32_t
mlx5x_dp_dv_rx_discard(struct mlx5x_rxq *rxq)
{
	struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	enum mlx5x_dv_completion what;
	const struct mlx5_cqe64 *cqe;
	uint32_t lost = 0;

	for (;; cq->ci++) {
		what = mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_RESP_SEND, &cqe);
		if (what == MLX5X_DV_CQE_HW_OWNED)
			break;
		lost += what == MLX5X_DV_CQE_OK;
	}
	mlx5x_dv_ring_cq(cq);
	rxq->dv.ragged = true;
	return lost;
}

const uint32_t mlx5x_dp_dv_ptypes[] = {
	RTE_PTYPE_L2_ETHER,
	RTE_PTYPE_L3_IPV4_EXT_UNKNOWN,
	RTE_PTYPE_L3_IPV6_EXT_UNKNOWN,
	RTE_PTYPE_L4_FRAG,
	RTE_PTYPE_L4_NONFRAG,
	RTE_PTYPE_L4_TCP,
	RTE_PTYPE_L4_UDP,
	RTE_PTYPE_UNKNOWN,
};

#define ROW(l4) RTE_PTYPE_L2_ETHER, \
	RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | (l4), \
	RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | (l4), \
	RTE_PTYPE_L2_ETHER
#define NONE ROW(RTE_PTYPE_L4_NONFRAG)
#define TCP ROW(RTE_PTYPE_L4_TCP)
#define UDP ROW(RTE_PTYPE_L4_UDP)
#define FRAG ROW(RTE_PTYPE_L4_FRAG)

/* Indexed by mlx5x_dv_kind(). TCP has three kinds: by its ACK flag, and by the presence of data. */
static const uint32_t ptypes[] = {
	NONE, TCP, UDP, TCP, TCP, NONE, NONE, NONE,
	FRAG, FRAG, FRAG, FRAG, FRAG, FRAG, FRAG, FRAG,
};

/*
 * Allocates missing buffers one by one until the pool is empty; returns how many lead without a
 * gap.
 */
static uint32_t
alloc_each(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (elts[i] != NULL)
			continue;
		elts[i] = rte_mbuf_raw_alloc(rxq->pool);
		if (unlikely(elts[i] == NULL)) {
			mlx5x_counter_add(&rxq->stats.no_mbuf, 1);
			break;
		}
	}
	return i;
}

/* Allocates the missing buffers in bulk. */
static uint32_t
alloc_holes(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	struct rte_mbuf *fresh[RUN];
	uint32_t holes = 0, i;

	for (i = 0; i < n; i++)
		holes += elts[i] == NULL;
	if (unlikely(rte_mempool_get_bulk(rxq->pool, (void **)fresh, holes) != 0))
		return alloc_each(rxq, elts, n);
	for (i = 0; holes != 0; i++)
		if (elts[i] == NULL)
			elts[i] = fresh[--holes];
	return n;
}

static inline uint32_t
alloc_run(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	if (unlikely(rxq->dv.ragged))
		return alloc_holes(rxq, elts, n);
	if (likely(rte_mempool_get_bulk(rxq->pool, (void **)elts, n) == 0))
		return n;
	return alloc_each(rxq, elts, n);
}

/* False if the buffer is in no region, or crosses two: a segment has one lkey. */
static __rte_noinline bool
find_key(struct mlx5x_rxq *rxq, uintptr_t addr, struct mlx5x_dv_window *window)
{
	struct mlx5x_mr_cache *cache = &rxq->user.cache;
	uint32_t lkey;
	size_t n;

	n = mlx5x_mr_cache_find(cache, &rxq->mrs->index, addr, &lkey);
	if (n == 0 || n < rxq->data_room)
		return false;
	mlx5x_dv_window_set(window, cache->start, cache->len, lkey, rxq->data_room);
	return true;
}

/* Frees the buffer; those behind it stay in their slots. */
static void
refuse_buffer(struct mlx5x_rxq *rxq, struct rte_mbuf **elt)
{
	mlx5x_counter_add(&rxq->stats.unmapped, 1);
	mlx5x_miss_set_addr(&rxq->miss, (uintptr_t)(*elt)->buf_addr + RTE_PKTMBUF_HEADROOM);
	rte_pktmbuf_free_seg(*elt);
	*elt = NULL;
	rxq->dv.ragged = true;
	mlx5x_flag_set(&rxq->missed, true);
}

/* Writes segments for n buffers, one every `stride`; returns how many can be posted. */
static inline uint32_t
post_buffers(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, struct mlx5x_dv_seg *seg,
	uint32_t stride, uint32_t n, struct mlx5x_dv_window *window)
{
	uint64_t word = mlx5x_dv_data_word(rxq->data_room, window->lkey);
	struct mlx5x_dv_window found;
	uintptr_t addr;
	uint32_t i;

	for (i = 0; i < n; i++, seg += stride) {
		addr = (uintptr_t)elts[i]->buf_addr + RTE_PKTMBUF_HEADROOM;
		if (unlikely(!mlx5x_dv_window_holds(window, addr))) {
			if (unlikely(!find_key(rxq, addr, &found))) {
				refuse_buffer(rxq, &elts[i]);
				break;
			}
			*window = found;
			word = mlx5x_dv_data_word(rxq->data_room, window->lkey);
		}
		mlx5x_dv_put_data(seg, addr, word);
	}
	return i;
}

/* Slots of one buffer each. */
static inline uint32_t
fill_single(struct mlx5x_rxq *rxq, uint32_t first, uint32_t n)
{
	struct mlx5x_dv_window window = MLX5X_DV_NO_WINDOW;
	uint32_t stride = rxq->dv.rq.stride;
	struct rte_mbuf **elts = &rxq->elts[first];

	n = alloc_run(rxq, elts, n);
	return post_buffers(rxq, elts, &rxq->dv.rq.segs[first * stride], stride, n, &window);
}

/* Slots of several buffers each, of which frames used only some. */
static uint32_t
fill_chained(struct mlx5x_rxq *rxq, uint32_t first, uint32_t n)
{
	struct mlx5x_dv_window window = MLX5X_DV_NO_WINDOW;
	uint32_t nb_sge = rxq->nb_sge, stride = rxq->dv.rq.stride, slot;
	struct rte_mbuf **elts = &rxq->elts[first * nb_sge];

	n = alloc_run(rxq, elts, n * nb_sge) / nb_sge;
	for (slot = 0; slot < n; slot++, elts += nb_sge)
		if (unlikely(post_buffers(rxq, elts, &rxq->dv.rq.segs[(first + slot) * stride], 1,
				nb_sge, &window) != nb_sge))
			break;
	return slot;
}

/* In runs of at most RUN buffers that do not wrap. */
void
mlx5x_dp_dv_rx_fill(struct mlx5x_rxq *rxq)
{
	uint32_t before = rxq->pi, wanted, filled, first;

	do {
		first = rxq->pi & (rxq->size - 1);
		wanted = RTE_MIN(rxq->size - (rxq->pi - rxq->ci), rxq->size - first);
		if (rxq->nb_sge == 1) {
			wanted = RTE_MIN(wanted, RUN);
			filled = fill_single(rxq, first, wanted);
		} else {
			wanted = RTE_MIN(wanted, RUN / rxq->nb_sge);
			filled = fill_chained(rxq, first, wanted);
		}
		rxq->pi += filled;
	} while (filled == wanted && rxq->pi - rxq->ci != rxq->size);
	if (rxq->pi - rxq->ci == rxq->size)
		rxq->dv.ragged = rxq->nb_sge > 1;
	mlx5x_counter_add(&rxq->stats.lookups, (rxq->pi - before) * rxq->nb_sge);
	if (rxq->pi != before)
		mlx5x_dv_ring_rq(&rxq->dv.rq, rxq->pi);
}

/* Initialises data_off, refcnt, nb_segs and port by one store. */
static inline void
rearm(struct rte_mbuf *mbuf, uint64_t word)
{
	memcpy(RTE_PTR_ADD(mbuf, offsetof(struct rte_mbuf, rearm_data)), &word, sizeof(word));
}

/* Chains as many buffers of a slot as the frame needs. */
static void
chain(const struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t len)
{
	struct rte_mbuf *pkt = elts[0], *seg = pkt;
	uint16_t i = 0;

	for (;;) {
		elts[i++] = NULL;
		seg->data_len = RTE_MIN(len, rxq->data_room);
		len -= seg->data_len;
		if (len == 0 || i == rxq->nb_sge)
			break;
		seg->next = elts[i];
		seg = seg->next;
		rearm(seg, rxq->dv.rearm);
		seg->ol_flags = rxq->dv.flags[0];
	}
	pkt->nb_segs = i;
}

/* Receives up to n frames that do not wrap in either ring; returns how many. */
static inline uint16_t
receive_run(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, uint64_t *bytes)
{
	const struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	const struct mlx5_cqe64 *cqe = &cq->cqes[cq->ci & (cq->size - 1)];
	uint8_t good = mlx5x_dv_good_mark(cq, cq->ci, MLX5_CQE_RESP_SEND);
	uint64_t word = rxq->dv.rearm, rss_flag = rxq->dv.rss_flag;
	uint32_t room = rxq->data_room, nb_sge = rxq->nb_sge, len, hash, headers;
	struct rte_mbuf **elts = &rxq->elts[(rxq->ci & (rxq->size - 1)) * nb_sge];
	struct rte_mbuf *pkt;
	uint16_t i;

	for (i = 0; i < n && likely(mlx5x_dv_is_marked(cqe, good)); i++, cqe++, elts += nb_sge) {
		pkt = elts[0];
		pkts[i] = pkt;
		len = mlx5x_dv_length(cqe);
		*bytes += len;
		hash = mlx5x_dv_hash(cqe);
		rearm(pkt, word);
		headers = mlx5x_dv_headers(cqe);
		pkt->ol_flags = rxq->dv.flags[mlx5x_dv_found(headers)] | (hash != 0 ? rss_flag : 0);
		pkt->packet_type = ptypes[mlx5x_dv_kind(headers)];
		pkt->pkt_len = len;
		pkt->vlan_tci = mlx5x_dv_vlan(cqe);
		pkt->hash.rss = hash;
		if (likely(len <= room)) {
			pkt->data_len = len;
			elts[0] = NULL;
		} else {
			chain(rxq, elts, len);
		}
	}
	return i;
}

static inline uint32_t
to_end(uint32_t index, uint32_t size)
{
	return size - (index & (size - 1));
}

/*
 * CQEs after an error CQE are flushed ones; the buffers stay in their slots and are posted again.
 * The error CQE is not consumed before the reset of the queue, and counts once.
 */
static void
check_error(struct mlx5x_rxq *rxq)
{
	const struct mlx5_cqe64 *cqe;

	if (mlx5x_dv_poll_cqe(&rxq->dv.cq, rxq->dv.cq.ci, MLX5_CQE_RESP_SEND, &cqe) !=
			MLX5X_DV_CQE_ERR ||
	    mlx5x_flag_read(&rxq->failed))
		return;
	mlx5x_counter_add(&rxq->stats.errors, 1);
	mlx5x_flag_set(&rxq->failed, true);
}

bool
mlx5x_dp_dv_rx_is_done(struct mlx5x_rxq *rxq, uint32_t offset)
{
	const struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	uint32_t ci = cq->ci + offset;

	return mlx5x_dv_is_marked(&cq->cqes[ci & (cq->size - 1)],
		mlx5x_dv_good_mark(cq, ci, MLX5_CQE_RESP_SEND));
}

static __rte_always_inline uint16_t
receive(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	uint16_t total = 0, wanted, got;
	uint64_t bytes = 0;

	do {
		wanted = RTE_MIN((uint32_t)(n - total),
			RTE_MIN(to_end(cq->ci, cq->size), to_end(rxq->ci, rxq->size)));
		got = receive_run(rxq, &pkts[total], wanted, &bytes);
		cq->ci += got;
		rxq->ci += got;
		total += got;
	} while (got == wanted && total < n);
	if (unlikely(got != wanted))
		check_error(rxq);
	if (total == 0)
		return 0;
	mlx5x_dv_ring_cq(cq);
	mlx5x_counter_add(&rxq->stats.packets, total);
	mlx5x_counter_add(&rxq->stats.bytes, bytes);
	return total;
}

uint16_t
mlx5x_dp_dv_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_rx_burst(queue, pkts, n, receive, mlx5x_dp_dv_rx_fill);
}
