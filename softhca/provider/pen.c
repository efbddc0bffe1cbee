/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "provider/pen.h"

struct soft_pen
soft_pen_at(const struct soft_qp *qp, uint16_t index)
{
	const struct soft_ring *ring = &qp->send;

	return (struct soft_pen){
		.ring = qp->sq.ring,
		.size = ring->size * HCA_WQEBB,
		.at = (index & (ring->size - 1)) * HCA_WQEBB,
	};
}

void
soft_pen_put(struct soft_pen *pen, const void *bytes, uint32_t len)
{
	const uint8_t *from = bytes;
	uint32_t n;

	while (len != 0) {
		n = len < pen->size - pen->at ? len : pen->size - pen->at;
		memcpy(pen->ring + pen->at, from, n);
		pen->at = (pen->at + n) % pen->size;
		from += n;
		len -= n;
	}
}

void
soft_pen_pad(struct soft_pen *pen)
{
	static const uint8_t zeros[HCA_SEGMENT];

	if (pen->at % HCA_SEGMENT != 0)
		soft_pen_put(pen, zeros, HCA_SEGMENT - pen->at % HCA_SEGMENT);
}

uint32_t
soft_pen_bytes(const struct ibv_send_wr *wr)
{
	uint32_t bytes = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		bytes += wr->sg_list[i].length;
	return bytes;
}

/* What is left of a segment behind the first skip bytes of the list; skip counts down. */
static struct ibv_sge
rest_of(const struct ibv_sge *sge, uint32_t *skip)
{
	uint32_t n = *skip < sge->length ? *skip : sge->length;

	*skip -= n;
	return (struct ibv_sge){sge->addr + n, sge->length - n, sge->lkey};
}

uint32_t
soft_pen_segments(const struct ibv_send_wr *wr, uint32_t skip)
{
	uint32_t bytes = soft_pen_bytes(wr) - skip, segments = 0;
	int i;

	if ((wr->send_flags & IBV_SEND_INLINE) != 0)
		return bytes != 0 ? (4 + bytes + HCA_SEGMENT - 1) / HCA_SEGMENT : 0;
	for (i = 0; i < wr->num_sge; i++)
		segments += rest_of(&wr->sg_list[i], &skip).length != 0;
	return segments;
}

static void
put_inline(struct soft_pen *pen, const struct ibv_send_wr *wr, uint32_t skip)
{
	uint32_t bytes = soft_pen_bytes(wr) - skip, header = htobe32(MLX5_INLINE_SEG | bytes);
	struct ibv_sge sge;
	int i;

	if (bytes == 0)
		return;
	soft_pen_put(pen, &header, sizeof(header));
	for (i = 0; i < wr->num_sge; i++) {
		sge = rest_of(&wr->sg_list[i], &skip);
		soft_pen_put(pen, (const void *)(uintptr_t)sge.addr, sge.length);
	}
	soft_pen_pad(pen);
}

static void
put_pointers(struct soft_pen *pen, const struct ibv_send_wr *wr, uint32_t skip)
{
	struct mlx5_wqe_data_seg seg;
	struct ibv_sge sge;
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		sge = rest_of(&wr->sg_list[i], &skip);
		if (sge.length == 0)
			continue;
		mlx5dv_set_data_seg(&seg, sge.length, sge.lkey, sge.addr);
		soft_pen_put(pen, &seg, sizeof(seg));
	}
}

void
soft_pen_data(struct soft_pen *pen, const struct ibv_send_wr *wr, uint32_t skip)
{
	if ((wr->send_flags & IBV_SEND_INLINE) != 0)
		put_inline(pen, wr, skip);
	else
		put_pointers(pen, wr, skip);
}
