/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "device/device.h"
#include "queue/qp.h"
#include "queue/rq.h"
#include "queue/sq.h"

/* Of rnr_retries: without end. */
#define ALWAYS	   7u
/* What a timeout counts in, [ns]; 2^timeout of them. */
#define TIMEOUT_NS 4096u

/* The "receiver not ready" timer by its code, in steps of 10 us. */
static const uint32_t rnr_steps[32] = {
	65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024,
	1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152,
};

struct hca_qp *
hca_qp_find(struct hca_device *dev, uint32_t number)
{
	struct hca_qp *qp;

	TAILQ_FOREACH(qp, &dev->qps, next)
		if (qp->number == number)
			return qp;
	return NULL;
}

struct hca_qp *
hca_qp_peer(struct hca_qp *qp)
{
	struct hca_qp *peer;

	if (memcmp(&qp->gid, &qp->dev->gid, sizeof(qp->gid)) != 0)
		return NULL;
	peer = hca_qp_find(qp->dev, qp->peer);
	return peer != NULL && peer->type == qp->type && peer->receives && !peer->failed &&
		peer->peer == qp->number ? peer : NULL;
}

void
hca_qp_fail(struct hca_qp *qp)
{
	qp->failed = true;
	hca_qp_answered(qp);
	if (qp->sq != NULL)
		hca_sq_set_state(qp->sq, HCA_ERROR);
	if (qp->rq != NULL)
		hca_rq_set_state(qp->rq, HCA_ERROR);
}

void
hca_qp_send_failed(struct hca_qp *qp)
{
	hca_qp_answered(qp);
	if (qp->type == IBV_QPT_RC)
		hca_qp_fail(qp);
}

bool
hca_qp_retry(struct hca_qp *qp)
{
	/* No timeout: it waits for ever. */
	if (qp->timeout == 0)
		return true;
	if (qp->tries++ == qp->retries)
		return false;
	qp->until = qp->dev->now + ((uint64_t)TIMEOUT_NS << qp->timeout);
	return true;
}

bool
hca_qp_retry_later(struct hca_qp *qp, uint8_t rnr_timer)
{
	qp->tries = 0;
	if (qp->rnr_retries != ALWAYS && qp->rnr_tries++ == qp->rnr_retries)
		return false;
	qp->until = qp->dev->now + rnr_steps[rnr_timer & 31] * 10000ull;
	return true;
}

void
hca_qp_answered(struct hca_qp *qp)
{
	qp->until = 0;
	qp->tries = qp->rnr_tries = 0;
}
