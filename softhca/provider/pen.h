/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pen.h - where a send WQE is being written: any of its segments may be the last before the ring's
 * end. The caller holds the ring's lock.
 */
#ifndef SOFTHCA_PEN_H_
#define SOFTHCA_PEN_H_

#include "provider/objects.h"

struct soft_pen {
	uint8_t *ring;
	uint32_t size, at;
};

/* At the start of the WQE of that index. */
struct soft_pen soft_pen_at(const struct soft_qp *qp, uint16_t index);

void soft_pen_put(struct soft_pen *pen, const void *bytes, uint32_t len);
/* Zeros up to the next segment. */
void soft_pen_pad(struct soft_pen *pen);

/* Bytes of a request's list. */
uint32_t soft_pen_bytes(const struct ibv_send_wr *wr);
/* The segments that the list takes, without its first skip bytes; and these. */
uint32_t soft_pen_segments(const struct ibv_send_wr *wr, uint32_t skip);
void soft_pen_data(struct soft_pen *pen, const struct ibv_send_wr *wr, uint32_t skip);

#endif
