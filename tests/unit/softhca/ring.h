/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring.h - the rig's rings as a driver gets them from mlx5dv, and the writing of WQEs into them,
 * valid or invalid.
 */
#ifndef RING_H_
#define RING_H_

#include <infiniband/mlx5dv.h>

#include "rig.h"

#define RING_OK 0xff	/* ring_syndrome(): the CQE is no error */

struct ring {
	struct rig *rig;
	struct mlx5dv_qp qp;
	struct mlx5dv_cq send_cq, recv_cq;
	uint16_t sent, received;	/* indexes: WQEBBs, WQEs */
	uint8_t last[4];		/* first bytes of the last WQE written */
	uint32_t send_ci, recv_ci;
};

/* One send WQE of up to four WQEBBs. */
struct ring_wqe {
	uint8_t bytes[256];
	uint32_t ds;
};

/* Gets the rings of the rig's QP. */
void ring_open(struct ring *ring, struct rig *rig);

/* A SEND of the rig's first RIG_FRAME bytes by one pointer, with a completion. */
struct ring_wqe ring_send(const struct ring *ring);
/* Adds a data segment. */
void ring_add(struct ring_wqe *wqe, uint32_t count, uint32_t key, uint64_t addr);
/* Adds an inline data segment. */
void ring_add_inline(struct ring_wqe *wqe, const void *bytes, uint32_t count);

/*
 * Writes it into the ring, across its end if necessary, and advances the index. The size is set
 * from ds.
 */
void ring_write(struct ring *ring, struct ring_wqe *wqe);
/* Rings the doorbell for all written WQEs; or with that index and that queue number. */
void ring_bell(struct ring *ring);
void ring_bell_as(struct ring *ring, uint16_t index, uint32_t queue);
/* Write, ring, step. */
void ring_post(struct ring *ring, struct ring_wqe *wqe);

/* A receive WQE of one segment, and its doorbell. */
void ring_recv(struct ring *ring, uint32_t count, uint32_t key, uint64_t addr);

/* The next CQE, which must exist; and that there is none. It is consumed. */
const struct mlx5_cqe64 *ring_sent(struct ring *ring);
const struct mlx5_cqe64 *ring_received(struct ring *ring);
void ring_none_sent(struct ring *ring);
/* The syndrome of that CQE, or RING_OK. */
uint8_t ring_syndrome(const struct mlx5_cqe64 *cqe);

#endif
