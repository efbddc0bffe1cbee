/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "common/guard.h"
#include "device/device.h"
#include "device/faults.h"
#include "queue/inbox.h"
#include "queue/responder.h"

#define GRH_LEN	     40u
#define GRH_VERSION  (6u << 28)
/* "The next header is that of the transport." */
#define GRH_NEXT     0x1b
/* In a CQE's flags_rqpn, from bit 28 on: there is a GRH. */
#define GRH_IN_FRONT (1u << 28)
#define ATOMIC_LEN   8u

/* The answer when memory of one of the two was not there: which is which differs by direction. */
static enum hca_answer
answer_of(struct hca_qp *qp, enum hca_copied copied, enum hca_copied requester)
{
	if (copied == HCA_COPIED)
		return HCA_ACK;
	if (copied == requester)
		return HCA_NO_SOURCE;
	hca_qp_fail(qp);
	return HCA_NAK_OPERATION;
}

/* Into the buffer that was found to be there. */
static enum hca_answer
receive(struct hca_qp *qp, const struct hca_spans *data, struct hca_receipt *receipt)
{
	struct hca_spans to = {.count = 0};
	enum hca_copied copied;
	enum hca_check check;

	if (hca_faults_hit(qp->dev, HCA_FAULT_RX_ERROR)) {
		hca_inbox_fail(qp, MLX5_CQE_SYNDROME_LOCAL_PROT_ERR, HCA_FINE);
		return HCA_NAK_OPERATION;
	}
	check = hca_inbox_map(qp, data->total, &to);
	if (check != HCA_FINE)
		return check == HCA_RQ_LENGTH ? HCA_NAK_INVALID : HCA_NAK_OPERATION;
	copied = hca_spans_copy(&to, data);
	if (copied == HCA_SOURCE_GONE)
		return HCA_NO_SOURCE;
	if (copied == HCA_TARGET_GONE) {
		hca_inbox_fail(qp, MLX5_CQE_SYNDROME_LOCAL_PROT_ERR, HCA_MEMORY_GONE);
		return HCA_NAK_OPERATION;
	}
	receipt->len = data->total;
	hca_inbox_complete(qp, receipt);
	return HCA_ACK;
}

/* In front of a datagram. */
static void
make_grh(uint8_t grh[GRH_LEN], const struct hca_qp *from, const struct hca_request *request,
	uint32_t len)
{
	uint32_t first = htobe32(GRH_VERSION | (uint32_t)request->traffic_class << 20 |
		request->flow_label);
	uint16_t length = htobe16(len);

	memcpy(grh, &first, sizeof(first));
	memcpy(grh + 4, &length, sizeof(length));
	grh[6] = GRH_NEXT;
	grh[7] = request->hop_limit;
	memcpy(grh + 8, &from->dev->gid, sizeof(from->dev->gid));
	memcpy(grh + 24, &request->gid, sizeof(request->gid));
}

static enum hca_answer
take_send(struct hca_qp *qp, const struct hca_qp *from, const struct hca_request *request,
	const struct hca_spans *data)
{
	bool has_imm = request->opcode == MLX5_OPCODE_SEND_IMM;
	struct hca_receipt receipt = {
		.opcode = has_imm ? MLX5_CQE_RESP_SEND_IMM : MLX5_CQE_RESP_SEND,
		.imm = has_imm ? request->imm : 0,
	};
	struct hca_spans all = {.count = 0};
	uint8_t grh[GRH_LEN];
	uint32_t i;

	if (!hca_inbox_is_ready(qp))
		return HCA_NAK_NOT_READY;
	if (qp->type != IBV_QPT_UD)
		return receive(qp, data, &receipt);
	make_grh(grh, from, request, data->total);
	hca_spans_add(&all, grh, GRH_LEN);
	for (i = 0; i < data->count; i++)
		hca_spans_add(&all, data->list[i].bytes, data->list[i].len);
	receipt.source = GRH_IN_FRONT | from->number;
	return receive(qp, &all, &receipt);
}

/* The peer may not do that: what is connected to it is of no use any more. */
static enum hca_answer
forbid(struct hca_qp *qp)
{
	if (qp->type == IBV_QPT_RC)
		hca_qp_fail(qp);
	return HCA_NAK_ACCESS;
}

/* The memory that the peer names by its remote key; NULL: it may not do that with it. */
static uint8_t *
remote_memory(const struct hca_qp *qp, const struct hca_request *request, uint64_t len,
	unsigned int access)
{
	const struct hca_keys *keys = &qp->dev->keys;

	if ((qp->access & access) == 0 ||
	    hca_keys_check_remote(keys, request->key, request->addr, len, qp->pd, access) !=
		    HCA_FINE)
		return NULL;
	return hca_keys_memory(keys, request->key, request->addr);
}

/* Of no bytes the key is not looked at. */
static enum hca_answer
write_memory(struct hca_qp *qp, const struct hca_request *request, const struct hca_spans *data)
{
	struct hca_spans to = {.count = 0};
	uint8_t *memory;

	if (data->total == 0)
		return (qp->access & IBV_ACCESS_REMOTE_WRITE) != 0 ? HCA_ACK : forbid(qp);
	memory = remote_memory(qp, request, data->total, IBV_ACCESS_REMOTE_WRITE);
	if (memory == NULL)
		return forbid(qp);
	hca_spans_add(&to, memory, data->total);
	return answer_of(qp, hca_spans_copy(&to, data), HCA_SOURCE_GONE);
}

static enum hca_answer
take_write(struct hca_qp *qp, const struct hca_request *request, const struct hca_spans *data)
{
	struct hca_receipt receipt = {
		.opcode = MLX5_CQE_RESP_WR_IMM,
		.imm = request->imm,
		.len = data->total,
	};
	enum hca_answer answer;

	if (request->opcode == MLX5_OPCODE_RDMA_WRITE)
		return write_memory(qp, request, data);
	if (!hca_inbox_is_ready(qp))
		return HCA_NAK_NOT_READY;
	answer = write_memory(qp, request, data);
	if (answer == HCA_ACK)
		hca_inbox_complete(qp, &receipt);
	return answer;
}

static enum hca_answer
take_read(struct hca_qp *qp, const struct hca_request *request, const struct hca_spans *data)
{
	struct hca_spans from = {.count = 0};
	uint8_t *memory;

	if (data->total == 0)
		return (qp->access & IBV_ACCESS_REMOTE_READ) != 0 ? HCA_ACK : forbid(qp);
	memory = remote_memory(qp, request, data->total, IBV_ACCESS_REMOTE_READ);
	if (memory == NULL)
		return forbid(qp);
	hca_spans_add(&from, memory, data->total);
	return answer_of(qp, hca_spans_copy(data, &from), HCA_TARGET_GONE);
}

static uint64_t
change(const struct hca_request *request, uint64_t value)
{
	if (request->opcode == MLX5_OPCODE_ATOMIC_FA)
		return value + request->operand;
	return value == request->compare ? request->operand : value;
}

/* In host order, and atomic among what goes by the device. */
static enum hca_answer
take_atomic(struct hca_qp *qp, const struct hca_request *request, const struct hca_spans *data)
{
	struct hca_spans from = {.count = 0};
	uint64_t value, changed;
	uint8_t *memory;

	if (request->addr % ATOMIC_LEN != 0) {
		hca_qp_fail(qp);
		return HCA_NAK_INVALID;
	}
	memory = remote_memory(qp, request, ATOMIC_LEN, IBV_ACCESS_REMOTE_ATOMIC);
	if (memory == NULL)
		return forbid(qp);
	if (!hca_guard_copy(&value, memory, sizeof(value)))
		return answer_of(qp, HCA_SOURCE_GONE, HCA_TARGET_GONE);
	changed = change(request, value);
	if (!hca_guard_copy(memory, &changed, sizeof(changed)))
		return answer_of(qp, HCA_SOURCE_GONE, HCA_TARGET_GONE);
	hca_spans_add(&from, &value, sizeof(value));
	return answer_of(qp, hca_spans_copy(data, &from), HCA_TARGET_GONE);
}

enum hca_answer
hca_responder_take(struct hca_qp *qp, const struct hca_qp *from, const struct hca_request *request,
	const struct hca_spans *data)
{
	switch (request->opcode) {
	case MLX5_OPCODE_RDMA_WRITE:
	case MLX5_OPCODE_RDMA_WRITE_IMM:
		return take_write(qp, request, data);
	case MLX5_OPCODE_RDMA_READ:
		return take_read(qp, request, data);
	case MLX5_OPCODE_ATOMIC_CS:
	case MLX5_OPCODE_ATOMIC_FA:
		return take_atomic(qp, request, data);
	default:
		return take_send(qp, from, request, data);
	}
}
