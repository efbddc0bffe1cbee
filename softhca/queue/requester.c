/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "device/device.h"
#include "queue/requester.h"
#include "queue/responder.h"

/* The most significant bit of a request's queue key: that of the QP itself. */
#define OWN_QKEY (1u << 31)

static struct hca_verdict
fail(uint8_t syndrome)
{
	return (struct hca_verdict){.syndrome = syndrome};
}

static struct hca_verdict
wait_or_fail(bool wait, uint8_t syndrome)
{
	return wait ? (struct hca_verdict){.later = true} : fail(syndrome);
}

static struct hca_verdict
judge(struct hca_qp *qp, const struct hca_qp *peer, enum hca_answer answer,
	const struct hca_wqe *wqe)
{
	if (answer == HCA_NAK_NOT_READY)
		return wait_or_fail(hca_qp_retry_later(qp, peer->rnr_timer),
			MLX5_CQE_SYNDROME_RNR_RETRY_EXC_ERR);
	hca_qp_answered(qp);
	switch (answer) {
	case HCA_NAK_INVALID:
		return fail(MLX5_CQE_SYNDROME_REMOTE_INVAL_REQ_ERR);
	case HCA_NAK_ACCESS:
		return fail(MLX5_CQE_SYNDROME_REMOTE_ACCESS_ERR);
	case HCA_NAK_OPERATION:
		return fail(MLX5_CQE_SYNDROME_REMOTE_OP_ERR);
	case HCA_NO_SOURCE:
		return (struct hca_verdict){.check = HCA_MEMORY_GONE, .part = wqe->parts};
	default:
		return (struct hca_verdict){0};
	}
}

/* Of a connection or a datagram that nobody answers: only what this side did wrong is known. */
static struct hca_verdict
judge_unanswered(enum hca_answer answer, const struct hca_wqe *wqe)
{
	if (answer == HCA_NO_SOURCE)
		return (struct hca_verdict){.check = HCA_MEMORY_GONE, .part = wqe->parts};
	return (struct hca_verdict){0};
}

static struct hca_qp *
receiver_of(struct hca_qp *qp, const struct hca_request *request)
{
	uint32_t qkey = (request->qkey & OWN_QKEY) != 0 ? qp->qkey : request->qkey;
	struct hca_qp *peer;

	if (memcmp(&request->gid, &qp->dev->gid, sizeof(request->gid)) != 0)
		return NULL;
	peer = hca_qp_find(qp->dev, request->peer);
	return peer != NULL && peer->type == IBV_QPT_UD && peer->receives && !peer->failed &&
		peer->qkey == qkey ? peer : NULL;
}

static struct hca_verdict
ask(struct hca_qp *qp, const struct hca_request *request, const struct hca_spans *data,
	const struct hca_wqe *wqe)
{
	struct hca_qp *peer = qp->type == IBV_QPT_UD ? receiver_of(qp, request) :
		hca_qp_peer(qp);
	enum hca_answer answer;

	if (peer == NULL && qp->type == IBV_QPT_RC)
		return wait_or_fail(hca_qp_retry(qp), MLX5_CQE_SYNDROME_TRANSPORT_RETRY_EXC_ERR);
	if (peer == NULL)
		return (struct hca_verdict){0};
	answer = hca_responder_take(peer, qp, request, data);
	if (qp->type == IBV_QPT_RC)
		return judge(qp, peer, answer, wqe);
	if (answer == HCA_NAK_NOT_READY)
		qp->dev->counters.no_buffer++;
	return judge_unanswered(answer, wqe);
}

static bool
is_too_long(const struct hca_qp *qp, uint64_t len)
{
	return len > (qp->type == IBV_QPT_UD ? HCA_QP_MTU : HCA_QP_MESSAGE);
}

struct hca_verdict
hca_requester_run(struct hca_qp *qp, const struct hca_wqe *wqe)
{
	struct hca_request request;
	struct hca_spans data = {.count = 0};
	struct hca_verdict verdict;
	uint32_t i;

	if (wqe->opcode == MLX5_OPCODE_NOP)
		return (struct hca_verdict){0};
	if (qp->dev->now < qp->until)
		return (struct hca_verdict){.later = true};
	request = hca_request_of(wqe, qp->type);
	for (i = 0; i < wqe->parts_count; i++)
		hca_spans_add(&data, wqe->parts[i].bytes, wqe->parts[i].len);
	if (is_too_long(qp, data.total))
		return fail(MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR);
	verdict = ask(qp, &request, &data, wqe);
	if (hca_request_returns(wqe->opcode))
		verdict.returned = data.total;
	return verdict;
}
