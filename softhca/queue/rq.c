/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "common/guard.h"
#include "common/pages.h"
#include "common/settings.h"
#include "device/device.h"
#include "device/faults.h"
#include "queue/cq.h"
#include "queue/rq.h"
#include "queue/scatter.h"

#define VLAN_LEN      4u
/* In the CQE's l4_hdr_type_etc. */
#define VLAN_STRIPPED 1u

int
hca_rq_init(struct hca_rq *rq, struct hca_device *dev, uint32_t wqes, uint32_t segments)
{
	*rq = (struct hca_rq){.dev = dev, .wqes = wqes, .stride = segments * HCA_SEGMENT};
	rq->ring = hca_pages_alloc((size_t)wqes * rq->stride);
	return rq->ring != NULL ? 0 : -ENOMEM;
}

void
hca_rq_fini(struct hca_rq *rq)
{
	hca_checker_end(&rq->checker);
	hca_pages_free(rq->ring, (size_t)rq->wqes * rq->stride);
}

void
hca_rq_set_state(struct hca_rq *rq, enum hca_state state)
{
	if (state == HCA_RESET) {
		rq->done = rq->posted = 0;
		rq->strides.used = 0;
		__atomic_store_n(&rq->dbrec[MLX5_RCV_DBR], 0, __ATOMIC_RELAXED);
		hca_checker_end(&rq->checker);
	}
	/* A lost device has no other state to offer. */
	rq->state = hca_device_is_fatal(rq->dev) ? HCA_ERROR : state;
}

static struct hca_place
place_of(const struct hca_rq *rq, uint16_t index)
{
	return (struct hca_place){rq->dev->ibv.name, "rq", rq->number, index, NULL, 0};
}

static const uint8_t *
wqe_at(const struct hca_rq *rq, uint16_t index)
{
	return rq->ring + (size_t)(index & (rq->wqes - 1)) * rq->stride;
}

/* Looks at the doorbell record; there are buffers. */
static bool
take_doorbell(struct hca_rq *rq)
{
	/* Acquire: pairs with the user's barrier between WQE and record. */
	uint32_t record = __atomic_load_n(&rq->dbrec[MLX5_RCV_DBR], __ATOMIC_ACQUIRE);
	uint16_t posted = be32toh(record), ahead = posted - rq->done;
	struct hca_place place = place_of(rq, posted);

	if (posted == rq->posted)
		return posted != rq->done;
	if (be32toh(record) > UINT16_MAX && hca_settings()->strict)
		hca_violation(HCA_RQ_RECORD, &place, "record %#x", be32toh(record));
	if (ahead > rq->wqes || ahead < (uint16_t)(rq->posted - rq->done))
		hca_violation(HCA_RQ_DOORBELL, &place, "after %u, with %u used of %u WQEs",
			rq->posted, rq->done, rq->wqes);
	else
		rq->posted = posted;
	return rq->posted != rq->done;
}

/* The frame's bytes in order, in up to two pieces: a stripped tag is left out. */
struct source {
	const uint8_t *at;
	uint32_t len;
	const uint8_t *rest;
	uint32_t rest_len;
};

static struct source
source_of(const struct hca_rq *rq, const struct hca_frame *frame)
{
	struct source source = {frame->bytes, frame->len, NULL, 0};

	if (!rq->strip_vlan || !frame->vlan)
		return source;
	source.len = 12;
	source.rest = frame->bytes + 12 + VLAN_LEN;
	source.rest_len = frame->len - 12 - VLAN_LEN;
	return source;
}

static bool
copy_out(struct source *source, uint8_t *to, uint32_t len)
{
	uint32_t n;

	while (len != 0) {
		if (source->len == 0) {
			source->at = source->rest;
			source->len = source->rest_len;
		}
		n = len < source->len ? len : source->len;
		if (!hca_guard_copy(to, source->at, n))
			return false;
		source->at += n;
		source->len -= n;
		to += n;
		len -= n;
	}
	return true;
}

static enum hca_check
fill_segment(const struct hca_rq *rq, const struct hca_segment *seg, struct source *source,
	uint32_t len)
{
	const struct hca_keys *keys = &rq->dev->keys;
	enum hca_check check;

	check = hca_keys_check(keys, seg->key, seg->addr, len, rq->pd, true);
	if (check != HCA_FINE)
		return check;
	return copy_out(source, hca_keys_memory(keys, seg->key, seg->addr), len) ? HCA_FINE :
		HCA_MEMORY_GONE;
}

/* Of a striding queue: behind the segment of the next WQE. */
static enum hca_check
scatter_to_stride(const struct hca_rq *rq, struct source *source, uint32_t len,
	struct hca_segment *seg)
{
	const uint64_t at = hca_strides_at(&rq->strides);

	*seg = hca_segment_at(wqe_at(rq, rq->done), 1);
	if (at + len > seg->len)
		return HCA_RQ_LENGTH;
	seg->addr += at;
	return fill_segment(rq, seg, source, len);
}

/* On a broken rule *seg is the segment it was found at. */
static enum hca_check
scatter(const struct hca_rq *rq, const struct hca_frame *frame, uint32_t *len,
	struct hca_segment *seg)
{
	const uint8_t *wqe = wqe_at(rq, rq->done);
	struct source source = source_of(rq, frame);
	uint32_t left = source.len + source.rest_len, n, i;
	enum hca_check check;

	*len = left;
	if (rq->strides.count != 0)
		return scatter_to_stride(rq, &source, left, seg);
	for (i = 0; left != 0 && i < rq->stride / HCA_SEGMENT; i++) {
		*seg = hca_segment_at(wqe, i);
		if (hca_segment_ends_list(seg))
			break;
		if (seg->len == 0 && hca_settings()->strict)
			return HCA_RQ_ZERO_SEGMENT;
		n = seg->len < left ? seg->len : left;
		check = fill_segment(rq, seg, &source, n);
		if (check != HCA_FINE)
			return check;
		left -= n;
	}
	return left == 0 ? HCA_FINE : HCA_RQ_LENGTH;
}

void
hca_rq_stop(struct hca_rq *rq, uint8_t syndrome)
{
	struct hca_failure failure = {
		.opcode = MLX5_CQE_RESP_ERR,
		.syndrome = syndrome,
		.queue = rq->number,
		.index = rq->done,
	};

	rq->dev->counters.rx_errors++;
	rq->state = HCA_ERROR;
	hca_cq_fail(rq->cq, &failure);
	rq->done++;
	rq->strides.used = 0;
}

static void
refuse(struct hca_rq *rq, enum hca_check check, uint64_t len, const struct hca_segment *seg)
{
	struct hca_place place = place_of(rq, rq->done);

	place.bytes = wqe_at(rq, rq->done);
	place.len = rq->stride;
	hca_violation(check, &place, "for %lu bytes; segment: key %#x, %u bytes at %#lx",
		(unsigned long)len, seg->key, seg->len, (unsigned long)seg->addr);
	hca_rq_stop(rq, check == HCA_RQ_LENGTH ? MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR :
		MLX5_CQE_SYNDROME_LOCAL_PROT_ERR);
}

/* 1: TCP without ACK, 2: UDP, 3: TCP with ACK alone, 4: TCP with ACK and data. */
static uint8_t
l4_type(const struct hca_frame *frame)
{
	const uint8_t *tcp = frame->bytes + frame->l4_at;

	if (frame->l4 == HCA_L4_NONE)
		return 0;
	if (frame->l4 == HCA_L4_UDP)
		return 2;
	if ((tcp[13] & 0x10) == 0)
		return 1;
	return frame->l4_len > (tcp[12] >> 4) * 4u ? 4 : 3;
}

/* Of a striding queue a completion names the stride, and the WQE in a field of its own. */
static void
number(const struct hca_rq *rq, struct mlx5_cqe64 *cqe)
{
	if (rq->strides.count != 0)
		cqe->wqe_id = htobe16(rq->done);
	cqe->wqe_counter = htobe16(rq->strides.count != 0 ? rq->strides.used : rq->done);
}

static void
describe(const struct hca_rq *rq, const struct hca_arrival *arrival, struct mlx5_cqe64 *cqe)
{
	const struct hca_frame *frame = arrival->frame;
	uint32_t hash = htobe32(arrival->hash);
	bool stripped = rq->strip_vlan && frame->vlan;

	/* rx_hash_res, which mlx5dv.h does not name. */
	memcpy((uint8_t *)cqe + 12, &hash, sizeof(hash));
	cqe->hds_ip_ext = MLX5_CQE_L2_OK | (hca_frame_l3_ok(frame) ? MLX5_CQE_L3_OK : 0) |
		(hca_frame_l4_ok(frame) ? MLX5_CQE_L4_OK : 0);
	cqe->l4_hdr_type_etc =
		l4_type(frame) << 4 | frame->l3 << 2 | (stripped ? VLAN_STRIPPED : 0);
	cqe->vlan_info = htobe16(stripped ? frame->tci : 0);
	cqe->srqn_uidx = htobe32(rq->number);
	cqe->sop_drop_qpn = htobe32(arrival->tag & 0xffffff);
	number(rq, cqe);
	cqe->timestamp = htobe64(rq->dev->now);
}

/* What is left of a WQE that has not enough strides for the frame. False: the CQ is full. */
static bool
fill_up(struct hca_rq *rq, const struct hca_frame *frame)
{
	const struct source source = source_of(rq, frame);
	const uint32_t left = rq->strides.count - rq->strides.used;
	struct mlx5_cqe64 *cqe;

	if (rq->strides.used == 0 ||
	    hca_strides_of(&rq->strides, source.len + source.rest_len) <= left)
		return true;
	cqe = hca_cq_reserve(rq->cq);
	if (cqe == NULL)
		return false;
	cqe->srqn_uidx = htobe32(rq->number);
	cqe->byte_cnt = htobe32(HCA_CQE_FILLER | left << HCA_CQE_STRIDES_AT);
	number(rq, cqe);
	rq->strides.used = 0;
	rq->done++;
	hca_cq_publish(rq->cq, MLX5_CQE_RESP_SEND);
	return true;
}

/* What the completion says of the length; the WQE is used, or the next strides of it. */
static uint32_t
use(struct hca_rq *rq, uint32_t len)
{
	uint32_t n;

	if (rq->strides.count == 0) {
		rq->done++;
		return len;
	}
	n = hca_strides_of(&rq->strides, len);
	rq->done += hca_strides_use(&rq->strides, n);
	return n << HCA_CQE_STRIDES_AT | len;
}

bool
hca_rq_receive(struct hca_rq *rq, const struct hca_arrival *arrival)
{
	struct hca_segment seg = {0, 0, 0};
	struct mlx5_cqe64 *cqe;
	enum hca_check check;
	uint32_t len;

	if (rq->state != HCA_READY || rq->cq->overrun || !take_doorbell(rq))
		return false;
	if (rq->strides.count != 0 &&
	    (!fill_up(rq, arrival->frame) || !take_doorbell(rq)))
		return false;
	cqe = hca_cq_reserve(rq->cq);
	if (cqe == NULL)
		return false;
	describe(rq, arrival, cqe);
	hca_checker_stamp(&rq->checker, rq->dev, rq->number, arrival->bytes, arrival->frame->len);
	if (hca_faults_hit(rq->dev, HCA_FAULT_RX_ERROR)) {
		hca_rq_stop(rq, MLX5_CQE_SYNDROME_LOCAL_PROT_ERR);
		return true;
	}
	check = scatter(rq, arrival->frame, &len, &seg);
	if (check != HCA_FINE) {
		refuse(rq, check, arrival->frame->len, &seg);
		return true;
	}
	cqe->byte_cnt = htobe32(use(rq, len));
	rq->dev->counters.rx_packets++;
	rq->dev->counters.rx_bytes += len;
	hca_cq_publish(rq->cq, MLX5_CQE_RESP_SEND);
	return true;
}

bool
hca_rq_is_ready(struct hca_rq *rq)
{
	return rq->state == HCA_READY && !rq->cq->overrun && take_doorbell(rq);
}

/* Too long a message is its sender's error. */
enum hca_check
hca_rq_map(struct hca_rq *rq, uint64_t len, struct hca_spans *spans)
{
	struct hca_scatter scatter = {
		.keys = &rq->dev->keys,
		.pd = rq->pd,
		.list = wqe_at(rq, rq->done),
		.count = rq->stride / HCA_SEGMENT,
	};
	struct hca_segment bad = {0, 0, 0};
	enum hca_check check = hca_scatter_map(&scatter, len, spans, &bad);

	if (check == HCA_RQ_LENGTH)
		hca_rq_stop(rq, MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR);
	else if (check != HCA_FINE)
		refuse(rq, check, len, &bad);
	return check;
}

uint16_t
hca_rq_use(struct hca_rq *rq)
{
	return rq->done++;
}

bool
hca_rq_run(struct hca_rq *rq)
{
	struct hca_failure failure = {
		.opcode = MLX5_CQE_RESP_ERR,
		.syndrome = MLX5_CQE_SYNDROME_WR_FLUSH_ERR,
		.queue = rq->number,
	};

	if (rq->state != HCA_ERROR || !take_doorbell(rq))
		return false;
	for (; rq->done != rq->posted; rq->done++) {
		failure.index = rq->done;
		if (!rq->cq->overrun)
			hca_cq_fail(rq->cq, &failure);
	}
	return true;
}

bool
hca_rq_uses_key(struct hca_rq *rq, uint32_t key)
{
	struct hca_segment seg;
	uint16_t index;
	uint32_t i;

	if (rq->state != HCA_READY || !take_doorbell(rq))
		return false;
	for (index = rq->done; index != rq->posted; index++)
		for (i = rq->strides.count != 0; i < rq->stride / HCA_SEGMENT; i++) {
			seg = hca_segment_at(wqe_at(rq, index), i);
			if (seg.len != 0 && seg.key == key)
				return true;
		}
	return false;
}
