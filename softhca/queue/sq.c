/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "common/pages.h"
#include "device/device.h"
#include "device/faults.h"
#include "queue/cq.h"
#include "queue/qp.h"
#include "queue/request.h"
#include "queue/requester.h"
#include "queue/send.h"
#include "queue/sq.h"
#include "queue/wqe.h"

/* What came of one WQE. */
enum outcome {
	DONE,
	LATER,		/* the cable is full, or nobody answers yet: nothing was done */
	FAILED,		/* the queue is in error */
};

int
hca_sq_init(struct hca_sq *sq, struct hca_device *dev, uint32_t wqebbs)
{
	*sq = (struct hca_sq){.dev = dev, .wqebbs = wqebbs};
	sq->ring = hca_pages_alloc(wqebbs * HCA_WQEBB);
	sq->uar = hca_pages_alloc(HCA_PAGE);
	if (sq->ring == NULL || sq->uar == NULL) {
		hca_sq_fini(sq);
		return -ENOMEM;
	}
	return 0;
}

void
hca_sq_fini(struct hca_sq *sq)
{
	hca_pages_free(sq->ring, sq->wqebbs * HCA_WQEBB);
	hca_pages_free(sq->uar, HCA_PAGE);
}

static uint64_t *
doorbell(const struct hca_sq *sq)
{
	return (uint64_t *)(sq->uar + HCA_SQ_DOORBELL_AT);
}

void
hca_sq_set_state(struct hca_sq *sq, enum hca_state state)
{
	if (state == HCA_RESET) {
		sq->done = sq->posted = sq->released = 0;
		__atomic_store_n(&sq->dbrec[MLX5_SND_DBR], 0, __ATOMIC_RELAXED);
		__atomic_store_n(doorbell(sq), 0, __ATOMIC_RELAXED);
	}
	/* A lost device has no other state to offer. */
	sq->state = hca_device_is_fatal(sq->dev) ? HCA_ERROR : state;
}

static struct hca_place
place_of(const struct hca_sq *sq, uint16_t index)
{
	return (struct hca_place){sq->dev->ibv.name, "sq", sq->number, index, NULL, 0};
}

/* len bytes of the ring from the start of WQEBB index on, round its end. */
static void
fetch(const struct hca_sq *sq, uint16_t index, uint8_t *to, uint32_t len)
{
	uint32_t at = (index & (sq->wqebbs - 1)) * HCA_WQEBB, size = sq->wqebbs * HCA_WQEBB;
	uint32_t first = len < size - at ? len : size - at;

	memcpy(to, sq->ring + at, first);
	memcpy(to + first, sq->ring, len - first);
}

/*
 * What was written into the doorbell page must be the start of a WQE of this queue. A WQE that has
 * been executed by now, since the record told of it, may be written over already.
 */
static void
check_uar(const struct hca_sq *sq, uint64_t value)
{
	struct hca_place place = place_of(sq, sq->posted);
	uint8_t start[4];	/* opcode and index */
	uint32_t words[2];
	uint16_t index;

	memcpy(words, &value, sizeof(words));
	index = be32toh(words[0]) >> 8;
	fetch(sq, index, start, sizeof(start));
	if (be32toh(words[1]) >> 8 == sq->number &&
	    ((uint16_t)(index - sq->done) >= (uint16_t)(sq->posted - sq->done) ||
			memcmp(start, words, sizeof(start)) == 0))
		return;
	place.bytes = words;
	place.len = sizeof(words);
	hca_violation(HCA_SQ_UAR, &place, "of queue %#x, WQE %u", be32toh(words[1]) >> 8, index);
}

static bool
take_index(struct hca_sq *sq, uint16_t posted)
{
	struct hca_place place = place_of(sq, posted);
	uint16_t ahead = posted - sq->done, before = sq->posted - sq->done;

	if (sq->state == HCA_RESET || sq->state == HCA_IDLE) {
		hca_violation(HCA_SQ_STATE, &place, "rung before it may send");
		return false;
	}
	if (ahead > sq->wqebbs || ahead < before) {
		hca_violation(HCA_SQ_DOORBELL, &place, "after %u, with %u executed of %u WQEBBs",
			sq->posted, sq->done, sq->wqebbs);
		return false;
	}
	if ((uint16_t)(posted - sq->released) > sq->wqebbs && sq->state == HCA_READY)
		hca_violation(HCA_SQ_OVERWRITE, &place, "released up to %u, of %u WQEBBs",
			sq->released, sq->wqebbs);
	sq->posted = posted;
	return true;
}

/* The write to the doorbell page is what counts; how far to go is in the doorbell record. */
static bool
take_doorbell(struct hca_sq *sq)
{
	uint64_t value;

	if (__atomic_load_n(doorbell(sq), __ATOMIC_RELAXED) == 0)
		return false;
	/* Acquire: pairs with the user's barrier between WQE and doorbell. */
	value = __atomic_exchange_n(doorbell(sq), 0, __ATOMIC_ACQUIRE);
	if (!take_index(sq,
		    be32toh(__atomic_load_n(&sq->dbrec[MLX5_SND_DBR], __ATOMIC_ACQUIRE))))
		return false;
	check_uar(sq, value);
	return true;
}

static uint8_t
syndrome_of(enum hca_check check)
{
	switch (check) {
	case HCA_SQ_LENGTH:
		return MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR;
	case HCA_KEY_UNKNOWN:
	case HCA_KEY_DEAD:
	case HCA_KEY_PD:
	case HCA_KEY_RANGE:
	case HCA_KEY_ACCESS:
	case HCA_MEMORY_GONE:
		return MLX5_CQE_SYNDROME_LOCAL_PROT_ERR;
	default:
		return MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR;
	}
}

/* An error completion, and the queue stops until it is reset. */
static enum outcome
stop(struct hca_sq *sq, const struct hca_wqe *wqe, uint8_t syndrome)
{
	struct hca_failure failure = {
		.opcode = MLX5_CQE_REQ_ERR,
		.syndrome = syndrome,
		.queue = sq->number,
		.index = sq->done,
		.wqe_opcode = wqe->opcode,
	};

	sq->dev->counters.tx_errors++;
	sq->state = HCA_ERROR;
	hca_cq_fail(sq->cq, &failure);
	if (sq->qp != NULL)
		hca_qp_send_failed(sq->qp);
	/* A WQE that cannot be read has no known end: one WQEBB, so that flushing goes on. */
	sq->done += wqe->ds != 0 && hca_wqe_wqebbs(wqe) <= (uint16_t)(sq->posted - sq->done) ?
		hca_wqe_wqebbs(wqe) : 1;
	return FAILED;
}

static enum outcome
refuse(struct hca_sq *sq, struct hca_wqe *wqe, enum hca_check check)
{
	struct hca_place place = place_of(sq, sq->done);

	place.bytes = wqe->bytes;
	place.len = wqe->ds > 1 ? wqe->ds * HCA_SEGMENT : HCA_SEGMENT;
	/* A wrong control segment is all that was fetched. */
	fetch(sq, sq->done, wqe->bytes, place.len);
	hca_violation(check, &place, "opcode %#x ds %u", wqe->opcode, wqe->ds);
	return stop(sq, wqe, syndrome_of(check));
}

static enum outcome
refuse_part(struct hca_sq *sq, const struct hca_wqe *wqe, const struct hca_wqe_part *part,
	enum hca_check check)
{
	struct hca_place place = place_of(sq, sq->done);

	place.bytes = wqe->bytes;
	place.len = wqe->ds * HCA_SEGMENT;
	hca_violation(check, &place, "key %#x, %u bytes at %#lx", part->key, part->len,
		(unsigned long)part->addr);
	return stop(sq, wqe, syndrome_of(check));
}

static enum hca_check
load_ctrl(const struct hca_sq *sq, struct hca_wqe *wqe)
{
	fetch(sq, sq->done, wqe->bytes, HCA_SEGMENT);
	hca_wqe_parse_ctrl(wqe);
	if (wqe->index != sq->done)
		return HCA_SQ_INDEX;
	if (wqe->queue != sq->number)
		return HCA_SQ_QPN;
	if (wqe->ds == 0)
		return HCA_SQ_DS;
	if (hca_wqe_wqebbs(wqe) > (uint16_t)(sq->posted - sq->done))
		return HCA_SQ_EXTENT;
	return HCA_FINE;
}

/* What depends on the kind of device. A short frame must be inline as a whole. */
static enum hca_check
check_model(const struct hca_model *model, const struct hca_wqe *wqe)
{
	if (wqe->insert_vlan && !model->insert_vlan)
		return HCA_SQ_VLAN;
	return wqe->packets_count != 0 && wqe->header < model->inline_min &&
		wqe->header < wqe->packets[0].len ? HCA_SQ_INLINE_MIN : HCA_FINE;
}

static enum hca_check
load(const struct hca_sq *sq, struct hca_wqe *wqe)
{
	enum hca_check check = load_ctrl(sq, wqe);

	if (check != HCA_FINE)
		return check;
	fetch(sq, sq->done, wqe->bytes, wqe->ds * HCA_SEGMENT);
	if (wqe->opcode == HCA_OPCODE_EMPW && !sq->dev->empw)
		return HCA_SQ_OPCODE;
	if (sq->qp != NULL)
		return hca_request_parse(wqe, sq->qp->type);
	check = hca_wqe_parse(wqe);
	return check == HCA_FINE ? check_model(sq->dev->model, wqe) : check;
}

/* And sets where the bytes are. */
static enum hca_check
check_parts(const struct hca_sq *sq, struct hca_wqe *wqe, const struct hca_wqe_part **bad)
{
	const struct hca_keys *keys = &sq->dev->keys;
	bool write = sq->qp != NULL && hca_request_returns(wqe->opcode);
	struct hca_wqe_part *part;
	enum hca_check check;
	uint32_t i;

	for (i = 0; i < wqe->parts_count; i++) {
		part = &wqe->parts[i];
		if (part->bytes != NULL)
			continue;
		check = hca_keys_check(keys, part->key, part->addr, part->len, sq->pd, write);
		if (check != HCA_FINE) {
			*bad = part;
			return check;
		}
		part->bytes = hca_keys_memory(keys, part->key, part->addr);
	}
	return HCA_FINE;
}

/* returned: bytes that came back. */
static enum outcome
complete(struct hca_sq *sq, const struct hca_wqe *wqe, uint32_t returned)
{
	struct mlx5_cqe64 *cqe;

	if (wqe->signalled) {
		cqe = hca_cq_reserve(sq->cq);
		if (cqe == NULL) {
			sq->state = HCA_ERROR;
			return FAILED;
		}
		cqe->srqn_uidx = htobe32(sq->number);
		cqe->sop_drop_qpn = htobe32((uint32_t)wqe->opcode << 24 | sq->number);
		cqe->wqe_counter = htobe16(sq->done);
		cqe->byte_cnt = htobe32(returned);
		cqe->timestamp = htobe64(sq->dev->now);
		hca_cq_publish(sq->cq, MLX5_CQE_REQ);
	}
	sq->done += hca_wqe_wqebbs(wqe);
	if (wqe->signalled)
		sq->released = sq->done;
	return DONE;
}

static enum outcome
send_frames(struct hca_sq *sq, const struct hca_wqe *wqe)
{
	struct hca_wire *wire = hca_device_wire(sq->dev);
	const struct hca_wqe_part *bad;

	if (!hca_send_has_room(wqe, wire))
		return LATER;
	if (wqe->packets_count != 0 && hca_faults_hit(sq->dev, HCA_FAULT_TX_ERROR))
		return stop(sq, wqe, MLX5_CQE_SYNDROME_LOCAL_PROT_ERR);
	bad = hca_send_packets(sq->dev, sq->number, wqe, wire);
	if (bad != NULL)
		return refuse_part(sq, wqe, bad, HCA_MEMORY_GONE);
	return complete(sq, wqe, 0);
}

static enum outcome
make_request(struct hca_sq *sq, const struct hca_wqe *wqe)
{
	struct hca_verdict verdict;

	if (sq->qp->until == 0 && hca_faults_hit(sq->dev, HCA_FAULT_TX_ERROR))
		return stop(sq, wqe, MLX5_CQE_SYNDROME_LOCAL_PROT_ERR);
	verdict = hca_requester_run(sq->qp, wqe);
	if (verdict.later)
		return LATER;
	if (verdict.check != HCA_FINE)
		return refuse_part(sq, wqe, verdict.part, verdict.check);
	if (verdict.syndrome != 0)
		return stop(sq, wqe, verdict.syndrome);
	return complete(sq, wqe, verdict.returned);
}

static enum outcome
execute(struct hca_sq *sq)
{
	const struct hca_wqe_part *bad = NULL;
	enum hca_check check;
	struct hca_wqe wqe;

	check = load(sq, &wqe);
	if (check != HCA_FINE)
		return refuse(sq, &wqe, check);
	check = check_parts(sq, &wqe, &bad);
	if (check != HCA_FINE)
		return refuse_part(sq, &wqe, bad, check);
	return sq->qp != NULL ? make_request(sq, &wqe) : send_frames(sq, &wqe);
}

/* One WQE that will not be executed any more. */
static void
flush(struct hca_sq *sq)
{
	struct hca_failure failure = {
		.opcode = MLX5_CQE_REQ_ERR,
		.syndrome = MLX5_CQE_SYNDROME_WR_FLUSH_ERR,
		.queue = sq->number,
		.index = sq->done,
	};
	struct hca_wqe wqe;

	if (load_ctrl(sq, &wqe) != HCA_FINE) {
		sq->done = sq->posted;	/* nobody knows where the next one begins */
		return;
	}
	failure.wqe_opcode = wqe.opcode;
	if (!wqe.quiet && !sq->cq->overrun)
		hca_cq_fail(sq->cq, &failure);
	sq->done += hca_wqe_wqebbs(&wqe);
}

bool
hca_sq_run(struct hca_sq *sq, int budget)
{
	bool worked = take_doorbell(sq);

	for (; budget > 0 && sq->done != sq->posted; budget--) {
		if (sq->state == HCA_ERROR)
			flush(sq);
		else if (execute(sq) == LATER)
			break;
		worked = true;
	}
	return worked;
}

bool
hca_sq_uses_key(struct hca_sq *sq, uint32_t key)
{
	struct hca_wqe wqe;
	struct hca_sq at;
	uint32_t i;

	take_doorbell(sq);
	at = *sq;
	for (; at.done != at.posted; at.done += hca_wqe_wqebbs(&wqe)) {
		if (at.state != HCA_READY || load(&at, &wqe) != HCA_FINE)
			return false;
		for (i = 0; i < wqe.parts_count; i++)
			if (wqe.parts[i].bytes == NULL && wqe.parts[i].key == key)
				return true;
	}
	return false;
}
