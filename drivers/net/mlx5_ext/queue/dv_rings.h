/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dv_rings.h - where the rings of an mlx5 device are and how far they have got, for the datapath
 * that drives them itself. Part of a queue; read and written with the queue, by dp_dv*.c alone.
 * What lies in the rings, and in which order it is written, is in dv_wqe.h.
 *
 * Indices run freely; a ring's size is a power of two.
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

/* 16 bytes: the unit in which work requests are written, and at which they wrap. */
struct mlx5x_dv_seg {
	uint64_t words[2];
} __attribute__((aligned(16)));

struct mlx5x_dv_cq {
	struct mlx5_cqe64 *cqes;
	uint32_t *doorbell;	/* the record that the device reads */
	uint32_t size;
	uint32_t ci;
	/* For an event. */
	uint64_t *uar;
	uint32_t number;
	uint32_t arms;		/* how often it was asked for */
};

struct mlx5x_dv_rq {
	struct mlx5x_dv_seg *segs;
	uint32_t *doorbell;
	uint32_t stride;	/* segments of a slot */
};

/* What a completion sets free, kept at the work request that it is for. */
struct mlx5x_dv_mark {
	uint32_t head;		/* packets of the queue */
	uint32_t pi;		/* blocks of the ring */
};

struct mlx5x_dv_sq {
	struct mlx5x_dv_seg *segs;
	struct mlx5x_dv_mark *marks;	/* of each block */
	uint32_t *doorbell;
	uint64_t *uar;		/* the device's register, which tells it to look */
	uint32_t size;		/* blocks of four segments */
	uint32_t pi;
	uint32_t done;
	uint32_t qpn;		/* << 8 */
};

/*
 * Address window in which any buffer of up to a fixed length is covered by one lkey. A loop keeps it in
 * registers: one compare for start and end of a buffer, whatever its length. Near the end of a region,
 * and for a region that is smaller than that length, the queue's cache answers.
 */
struct mlx5x_dv_window {
	uintptr_t start;
	size_t last;		/* greatest offset from start at which a buffer may begin */
	uint64_t lkey;
};

/* Covers no address. */
#define MLX5X_DV_NO_WINDOW {.start = UINTPTR_MAX}

/* What calls of a writer leave, from the first one of a burst to the last. */
struct mlx5x_dv_batch {
	struct mlx5x_dv_window window;	/* of the last packet's lkey */
	struct mlx5x_dv_seg *last;	/* control segment of the last request */
	uint64_t bytes;
	uint32_t lookups;	/* of keys, that gave one */
	enum mlx5x_drop_reason why;		/* of the packet after those written, if it was refused */
};

/* Writes requests for the leading packets that are fit and have room, up to n; returns how many. */
typedef uint32_t (*mlx5x_dv_write_t)(struct mlx5x_txq *txq, struct rte_mbuf **pkts, uint32_t n,
	struct mlx5x_dv_batch *batch);

struct mlx5x_dv_rxq {
	struct mlx5x_dv_cq cq;
	struct mlx5x_dv_rq rq;
	uint64_t rearm;		/* data_off, refcnt, nb_segs and port of a packet */
	uint64_t rss_flag;	/* of a packet with a hash, or 0 */
	uint64_t flags[8];	/* by checksum and VLAN bits of a completion */
	bool ragged;		/* slots that are not posted may have buffers */
};

struct mlx5x_dv_txq {
	struct mlx5x_dv_cq cq;
	struct mlx5x_dv_sq sq;
	mlx5x_dv_write_t write;
	uint16_t inline_min;	/* bytes that the device wants to have in the request */
	uint16_t inline_max;	/* packets up to this many bytes are all in it; 0: none */
	uint16_t max_blocks;	/* of one packet */
	uint64_t checksums[8];	/* by the flags of a packet: a word of the Ethernet segment */
};

#endif
