/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_receive.h - receives frames, and posts buffers. For one file an instruction set, with
 * MLX5X_DV_FOURS four at a time where they can.
 */
#include "datapath/dv_rx.h"
#ifdef MLX5X_DV_FOURS
#include "datapath/dv_rx_four.h"
#else
#define post_fours(rxq, elts, segs, stride, n, window) 0
#define receive_fours(rxq, cqe, good, elts, pkts, n, bytes) 0
#endif

static inline uint32_t
alloc_run(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, uint32_t n)
{
	if (likely(!rxq->dv.ragged) &&
	    likely(rte_mempool_get_bulk(rxq->pool, (void **)elts, n) == 0))
		return n;
	return mlx5x_dv_rx_alloc_slowly(rxq, elts, n);
}

/*
 * Writes segments for n buffers, one every `stride`; returns how many can be posted. *word is that
 * of the window.
 */
static __rte_always_inline uint32_t
post_buffers(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, struct mlx5x_dv_seg *seg,
	uint32_t stride, uint32_t n, struct mlx5x_dv_window *window, uint64_t *word)
{
	struct mlx5x_dv_window found;
	uintptr_t addr;
	uint32_t i;

	for (i = 0; i < n; i++, seg += stride) {
		addr = (uintptr_t)elts[i]->buf_addr + RTE_PKTMBUF_HEADROOM;
		if (unlikely(!mlx5x_dv_window_holds(window, addr))) {
			if (unlikely(!mlx5x_dv_rx_find_key(rxq, addr, &found))) {
				mlx5x_dv_rx_refuse(rxq, &elts[i]);
				break;
			}
			*window = found;
			*word = mlx5x_dv_data_word(rxq->data_room, window->lkey);
		}
		mlx5x_dv_put_data(seg, addr, *word);
	}
	return i;
}

/* Slots of one buffer each. */
static __rte_always_inline uint32_t
fill_single(struct mlx5x_rxq *rxq, uint32_t first, uint32_t n)
{
	uint32_t stride = rxq->dv.rq.stride, i;
	struct mlx5x_dv_seg *segs = &rxq->dv.rq.segs[first * stride];
	struct rte_mbuf **elts = &rxq->elts[first];
	struct mlx5x_dv_window window;
	uint64_t word;

	mlx5x_dv_window_set(&window, &rxq->user.cache, rxq->data_room);
	n = alloc_run(rxq, elts, n);
	i = post_fours(rxq, elts, segs, stride, n, &window);
	if (likely(i == n))
		return n;
	word = mlx5x_dv_data_word(rxq->data_room, window.lkey);
	return i + post_buffers(rxq, &elts[i], &segs[i * stride], stride, n - i, &window, &word);
}

/* Of up to n slots of nb_sge buffers each; returns of how many. */
static __rte_always_inline uint32_t
post_slots(struct mlx5x_rxq *rxq, struct rte_mbuf **elts, struct mlx5x_dv_seg *seg, uint32_t n,
	const uint32_t nb_sge)
{
	uint32_t stride = rxq->dv.rq.stride, slot;
	struct mlx5x_dv_window window;
	uint64_t word;

	mlx5x_dv_window_set(&window, &rxq->user.cache, rxq->data_room);
	word = mlx5x_dv_data_word(rxq->data_room, window.lkey);
	for (slot = 0; slot < n; slot++, elts += nb_sge, seg += stride)
		if (unlikely(post_buffers(rxq, elts, seg, 1, nb_sge, &window, &word) !=
				nb_sge))
			break;
	return slot;
}

/* Slots of several buffers each, of which frames may have used only some. */
static __rte_noinline uint32_t
fill_chained(struct mlx5x_rxq *rxq, uint32_t first, uint32_t n)
{
	uint32_t nb_sge = rxq->nb_sge;
	struct rte_mbuf **elts = &rxq->elts[first * nb_sge];
	struct mlx5x_dv_seg *seg = &rxq->dv.rq.segs[first * rxq->dv.rq.stride];

	n = alloc_run(rxq, elts, n * nb_sge) / nb_sge;
	/* The usual numbers without a loop over a slot's buffers. */
	switch (nb_sge) {
	case 2:
		return post_slots(rxq, elts, seg, n, 2);
	case 3:
		return post_slots(rxq, elts, seg, n, 3);
	default:
		return post_slots(rxq, elts, seg, n, nb_sge);
	}
}

/* In runs of buffers that do not wrap. */
static void
fill(struct mlx5x_rxq *rxq)
{
	uint32_t before = rxq->pi, wanted, filled, first;

	do {
		first = rxq->pi & (rxq->size - 1);
		wanted = RTE_MIN(rxq->size - (rxq->pi - rxq->ci), rxq->size - first);
		if (rxq->nb_sge == 1) {
			wanted = RTE_MIN(wanted, MLX5X_DV_RX_RUN);
			filled = fill_single(rxq, first, wanted);
		} else {
			wanted = RTE_MIN(wanted, MLX5X_DV_RX_RUN / rxq->nb_sge);
			filled = fill_chained(rxq, first, wanted);
		}
		rxq->pi += filled;
	} while (filled == wanted && rxq->pi - rxq->ci != rxq->size);
	if (rxq->pi - rxq->ci == rxq->size)
		rxq->dv.ragged = false;
	mlx5x_counter_add(&rxq->stats.lookups, (rxq->pi - before) * rxq->nb_sge);
	if (rxq->pi != before)
		mlx5x_dv_ring_rq(&rxq->dv.rq, rxq->pi);
}

/*
 * Chains as many of nb_sge buffers of a slot as the frame, longer than the first one, needs;
 * returns how many. The first one's fields are set.
 */
static __rte_always_inline uint32_t
chain(struct rte_mbuf **elts, uint32_t nb_sge, uint32_t len, uint32_t room, uint64_t rearm,
	uint64_t flags)
{
	struct rte_mbuf *pkt = elts[0], *seg = pkt, **at = elts + 1;
	struct rte_mbuf *const *end = elts + nb_sge;

	elts[0] = NULL;
	for (; len > room && likely(at != end); at++) {
		seg->data_len = room;
		len -= room;
		seg->next = *at;
		seg = *at;
		*at = NULL;
		mlx5x_dv_rx_rearm(seg, rearm);
		seg->ol_flags = flags;
	}
	seg->data_len = RTE_MIN(len, room);
	pkt->nb_segs = at - elts;
	return at - elts;
}

/* Receives up to n frames that do not wrap in either ring; returns how many. */
static __rte_always_inline uint16_t
receive_run(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, uint64_t *bytes,
	const uint32_t nb_sge)
{
	const struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	const struct mlx5_cqe64 *cqe = &cq->cqes[cq->ci & (cq->size - 1)];
	uint8_t good = mlx5x_dv_good_mark(cq, cq->ci, MLX5_CQE_RESP_SEND);
	uint64_t word = rxq->dv.rearm, rss_flag = rxq->dv.rss_flag;
	uint32_t room = rxq->data_room, chained = 0, len, hash, headers;
	struct rte_mbuf **elts = &rxq->elts[(rxq->ci & (rxq->size - 1)) * nb_sge];
	struct rte_mbuf *pkt;
	uint16_t i = 0;

	/* What four need is prepared only if there are four. */
	if (nb_sge == 1 && n >= 4 && mlx5x_dv_is_marked(&cqe[3], good))
		i = receive_fours(rxq, cqe, good, elts, pkts, n, bytes);
	cqe += i;
	elts += i;
	for (; i < n && likely(mlx5x_dv_is_marked(cqe, good)); i++, cqe++, elts += nb_sge) {
		pkt = elts[0];
		pkts[i] = pkt;
		len = mlx5x_dv_length(cqe);
		*bytes += len;
		hash = mlx5x_dv_hash(cqe);
		mlx5x_dv_rx_rearm(pkt, word);
		headers = mlx5x_dv_headers(cqe);
		pkt->ol_flags = rxq->dv.flags[mlx5x_dv_found(headers)] | (hash != 0 ? rss_flag : 0);
		pkt->packet_type = mlx5x_dv_ptypes[mlx5x_dv_kind(headers)];
		pkt->pkt_len = len;
		pkt->vlan_tci = mlx5x_dv_vlan(cqe);
		pkt->hash.rss = hash;
		if (likely(len <= room)) {
			pkt->data_len = len;
			elts[0] = NULL;
		} else {
			chained += chain(elts, nb_sge, len, room, word, rxq->dv.flags[0]) - 1;
		}
	}
	if (nb_sge != 1 && chained != i * (nb_sge - 1))
		rxq->dv.ragged = true;
	return i;
}

static inline uint32_t
to_end(uint32_t index, uint32_t size)
{
	return size - (index & (size - 1));
}

static __rte_always_inline uint16_t
receive_by(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n, const uint32_t nb_sge)
{
	struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	uint16_t total = 0, wanted, got;
	const struct mlx5_cqe64 *cqe;
	uint64_t bytes = 0;

	do {
		wanted = RTE_MIN((uint32_t)(n - total),
			RTE_MIN(to_end(cq->ci, cq->size), to_end(rxq->ci, rxq->size)));
		got = receive_run(rxq, &pkts[total], wanted, &bytes, nb_sge);
		cq->ci += got;
		rxq->ci += got;
		total += got;
	} while (got == wanted && total < n);
	if (got != wanted && unlikely(mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_RESP_SEND, &cqe) ==
			MLX5X_DV_CQE_ERR))
		mlx5x_dv_rx_check_error(rxq);
	if (total == 0)
		return 0;
	mlx5x_dv_ring_cq(cq);
	mlx5x_counter_add(&rxq->stats.packets, total);
	mlx5x_counter_add(&rxq->stats.bytes, bytes);
	return total;
}

static __rte_noinline uint16_t
receive_single(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	return receive_by(rxq, pkts, n, 1);
}

static __rte_noinline uint16_t
receive_chained(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	switch (rxq->nb_sge) {
	case 2:
		return receive_by(rxq, pkts, n, 2);
	case 3:
		return receive_by(rxq, pkts, n, 3);
	default:
		return receive_by(rxq, pkts, n, rxq->nb_sge);
	}
}

/* A poll that finds nothing, as most do, prepares nothing. */
static __rte_always_inline uint16_t
receive(struct mlx5x_rxq *rxq, struct rte_mbuf **pkts, uint16_t n)
{
	const struct mlx5x_dv_cq *cq = &rxq->dv.cq;
	const struct mlx5_cqe64 *cqe;

	if (likely(mlx5x_dv_poll_cqe(cq, cq->ci, MLX5_CQE_RESP_SEND, &cqe) ==
			MLX5X_DV_CQE_HW_OWNED))
		return 0;
	return likely(rxq->nb_sge == 1) ? receive_single(rxq, pkts, n) :
		receive_chained(rxq, pkts, n);
}

static uint16_t
burst(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	return mlx5x_rx_burst(queue, pkts, n, receive, fill);
}
