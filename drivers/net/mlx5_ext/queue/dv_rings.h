/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_rings.h - addresses and indices of the rings of an mlx5 device, for the mlx5dv datapath. Part
 * of a queue and protected like it; read and written by dp_dv*.c alone. dv_wqe.h has the layout
 * of WQEs and CQEs, and the order of writes.
 *
 * Indices are free-running; the size of a ring is a power of two.
 */
#ifndef MLX5X_DV_RINGS_H_
#define MLX5X_DV_RINGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/datapath.h"

struct mlx5_cqe64;
struct mlx5x_txq;
struct rte_mbuf;

/* 16 bytes: the unit of a WQE, and of wrap-around in the ring. */
struct mlx5x_dv_seg {
	uint64_t words[2];
} __attribute__((aligned(16)));

struct mlx5x_dv_cq {
	struct mlx5_cqe64 *cqes;
	uint32_t *doorbell;	/* the doorbell record */
	uint32_t size;
	uint32_t ci;
	/* For events. */
	uint64_t *uar;
	uint32_t number;
	uint32_t arms;		/* events requested so far */
};

struct mlx5x_dv_rq {
	struct mlx5x_dv_seg *segs;
	uint32_t *doorbell;
	uint32_t stride;	/* segments of a slot */
};

/* What a CQE completes, stored under the index of its signalled WQE. */
struct mlx5x_dv_mark {
	uint32_t head;		/* packets of the queue */
	uint32_t pi;		/* WQEBBs of the ring */
};

struct mlx5x_dv_sq {
	struct mlx5x_dv_seg *segs;
	struct mlx5x_dv_mark *marks;	/* one a WQEBB */
	uint32_t *doorbell;
	uint64_t *uar;		/* the doorbell register */
	uint32_t size;		/* WQEBBs, of four segments */
	uint32_t pi;
	uint32_t done;
	uint32_t qpn;		/* << 8 */
};

/*
 * Address window in which any buffer of up to a fixed length is covered by one lkey. A loop keeps
 * it in registers and checks start and end of a buffer by one compare. Near the end of a region,
 * and for regions shorter than that length, the queue's cache is asked.
 */
struct mlx5x_dv_window {
	uintptr_t start;
	size_t last;		/* greatest offset from start at which a buffer may begin */
	uint64_t lkey;
};

/* State that a burst carries from one call of a writer to the next. */
struct mlx5x_dv_batch {
	struct mlx5x_dv_seg *last;	/* control segment of the last WQE */
	struct rte_mempool *pool;	/* of the chunk's first packet */
	uint8_t others;		/* of the chunk; 0: plain packets of the pool */
#define MLX5X_DV_ODD 1u		/* one is not plain, or of another pool */
#define MLX5X_DV_TAILS 2u	/* chains were taken apart, which added so many tails: */
	uint32_t tails;
	enum mlx5x_drop_reason why;	/* of the packet after the written ones, if it is refused */
};

/*
 * Writes WQEs for up to n packets, until one is refused or the ring is full, and stores them from
 * elts on. Returns how many.
 */
typedef uint32_t (*mlx5x_dv_write_t)(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct rte_mbuf **elts, struct mlx5x_dv_batch *batch);

struct mlx5x_dv_rxq {
	struct mlx5x_dv_cq cq;
	struct mlx5x_dv_rq rq;
	uint64_t rearm;		/* data_off, refcnt, nb_segs and port of a packet */
	uint64_t rss_flag;	/* of a packet with a hash, or 0 */
	uint64_t flags[8];	/* ol_flags by checksum and VLAN bits of a CQE: mlx5x_dv_found() */
	const struct mlx5x_dv_rx_bursts *bursts;
	bool ragged;		/* slots that are not posted may have buffers */
};

struct mlx5x_dv_txq {
	struct mlx5x_dv_cq cq;
	struct mlx5x_dv_sq sq;
	eth_tx_burst_t burst;	/* of its writer */
	uint16_t inline_min;	/* bytes that the device requires inline in each WQE */
	uint16_t inline_max;	/* packets up to this length are inlined whole; 0: none */
	uint16_t max_blocks;	/* WQEBBs of one WQE */
	uint64_t checksums[8];	/* word of the Ethernet segment, by the packet's checksum flags */
};

#endif
