/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>

#include "device/device.h"
#include "queue/cq.h"
#include "queue/inbox.h"
#include "queue/rq.h"
#include "queue/srq.h"

bool
hca_inbox_is_ready(struct hca_qp *qp)
{
	if (qp->srq != NULL)
		return !qp->cq->overrun && hca_srq_is_ready(qp->srq);
	return qp->rq != NULL && hca_rq_is_ready(qp->rq);
}

/* A shared queue goes on. */
static void
fail_shared(struct hca_qp *qp, uint8_t syndrome)
{
	struct hca_failure failure = {
		.opcode = MLX5_CQE_RESP_ERR,
		.syndrome = syndrome,
		.queue = qp->number,
		.shared = qp->srq->number,
		.index = hca_srq_use(qp->srq),
	};

	qp->dev->counters.rx_errors++;
	hca_cq_fail(qp->cq, &failure);
}

void
hca_inbox_fail(struct hca_qp *qp, uint8_t syndrome, enum hca_check check)
{
	struct hca_place place = {qp->dev->ibv.name, "qp", qp->number, 0, NULL, 0};

	if (check != HCA_FINE)
		hca_violation(check, &place, "of a receive request");
	if (qp->srq != NULL)
		fail_shared(qp, syndrome);
	else
		hca_rq_stop(qp->rq, syndrome);
	hca_qp_fail(qp);
}

enum hca_check
hca_inbox_map(struct hca_qp *qp, uint64_t len, struct hca_spans *spans)
{
	enum hca_check check;

	if (qp->srq == NULL) {
		check = hca_rq_map(qp->rq, len, spans);
		if (check != HCA_FINE)
			hca_qp_fail(qp);
		return check;
	}
	check = hca_srq_map(qp->srq, len, spans);
	if (check != HCA_FINE)
		hca_inbox_fail(qp, check == HCA_RQ_LENGTH ? MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR :
			MLX5_CQE_SYNDROME_LOCAL_PROT_ERR, HCA_FINE);
	return check;
}

void
hca_inbox_complete(struct hca_qp *qp, const struct hca_receipt *receipt)
{
	struct mlx5_cqe64 *cqe = hca_cq_reserve(qp->cq);

	if (cqe == NULL) {
		hca_qp_fail(qp);
		return;
	}
	if (qp->srq != NULL) {
		cqe->srqn_uidx = htobe32(qp->srq->number);
		cqe->wqe_counter = htobe16(hca_srq_use(qp->srq));
	} else {
		cqe->srqn_uidx = htobe32(qp->rq->number);
		cqe->wqe_counter = htobe16(hca_rq_use(qp->rq));
	}
	qp->dev->counters.rx_packets++;
	qp->dev->counters.rx_bytes += receipt->len;
	cqe->sop_drop_qpn = htobe32(qp->number);
	cqe->flags_rqpn = htobe32(receipt->source);
	cqe->byte_cnt = htobe32(receipt->len);
	cqe->imm_inval_pkey = receipt->imm;
	cqe->timestamp = htobe64(qp->dev->now);
	hca_cq_publish(qp->cq, receipt->opcode);
}
