/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "common/pages.h"
#include "device/device.h"
#include "device/events.h"
#include "queue/scatter.h"
#include "queue/srq.h"

int
hca_srq_init(struct hca_srq *srq, struct hca_device *dev, uint32_t wqes, uint32_t stride)
{
	*srq = (struct hca_srq){.dev = dev, .wqes = wqes, .stride = stride};
	srq->ring = hca_pages_alloc((size_t)wqes * stride);
	return srq->ring != NULL ? 0 : -ENOMEM;
}

void
hca_srq_fini(struct hca_srq *srq)
{
	hca_pages_free(srq->ring, (size_t)srq->wqes * srq->stride);
}

static const uint8_t *
wqe_at(const struct hca_srq *srq, uint16_t index)
{
	return srq->ring + (size_t)(index & (srq->wqes - 1)) * srq->stride;
}

static uint16_t
next_of(const struct hca_srq *srq, uint16_t index)
{
	struct mlx5_wqe_srq_next_seg next;

	memcpy(&next, wqe_at(srq, index), sizeof(next));
	return be16toh(next.next_wqe_index);
}

static struct hca_place
here(const struct hca_srq *srq)
{
	return (struct hca_place){srq->dev->ibv.name, "srq", srq->number, srq->first, NULL, 0};
}

bool
hca_srq_is_ready(struct hca_srq *srq)
{
	/* Acquire: pairs with the user's barrier between WQE and record. */
	uint32_t record = be32toh(__atomic_load_n(&srq->dbrec[0], __ATOMIC_ACQUIRE));
	uint16_t ahead = (uint16_t)record - srq->used;
	struct hca_place place = here(srq);

	if (ahead > srq->wqes || ahead < (uint16_t)(srq->posted - srq->used))
		hca_violation(HCA_RQ_DOORBELL, &place, "after %u, with %u used of %u WQEs",
			srq->posted, srq->used, srq->wqes);
	else
		srq->posted = record;
	return srq->posted != srq->used;
}

enum hca_check
hca_srq_map(struct hca_srq *srq, uint64_t len, struct hca_spans *spans)
{
	const uint8_t *wqe = wqe_at(srq, srq->first);
	struct hca_scatter scatter = {
		.keys = &srq->dev->keys,
		.pd = srq->pd,
		.list = wqe + HCA_SEGMENT,
		.count = srq->stride / HCA_SEGMENT - 1,
	};
	struct hca_segment bad = {0, 0, 0};
	enum hca_check check = hca_scatter_map(&scatter, len, spans, &bad);
	struct hca_place place = here(srq);

	/* Too long a message is its sender's error. */
	if (check == HCA_FINE || check == HCA_RQ_LENGTH)
		return check;
	place.bytes = wqe;
	place.len = srq->stride;
	hca_violation(check, &place, "for %lu bytes; segment: key %#x, %u bytes at %#lx",
		(unsigned long)len, bad.key, bad.len, (unsigned long)bad.addr);
	return check;
}

uint16_t
hca_srq_use(struct hca_srq *srq)
{
	struct hca_event event = {IBV_EVENT_SRQ_LIMIT_REACHED, srq->user};
	uint16_t index = srq->first;

	srq->first = next_of(srq, index);
	srq->used++;
	if ((uint16_t)(srq->posted - srq->used) < srq->limit) {
		srq->limit = 0;
		hca_events_tell(srq->listener, &event);
	}
	return index;
}

bool
hca_srq_uses_key(struct hca_srq *srq, uint32_t key)
{
	uint16_t left, index = srq->first;
	struct hca_segment seg;
	uint32_t i;

	hca_srq_is_ready(srq);
	for (left = srq->posted - srq->used; left != 0; left--, index = next_of(srq, index))
		for (i = 1; i < srq->stride / HCA_SEGMENT; i++) {
			seg = hca_segment_at(wqe_at(srq, index), i);
			if (hca_segment_ends_list(&seg))
				break;
			if (seg.len != 0 && seg.key == key)
				return true;
		}
	return false;
}
