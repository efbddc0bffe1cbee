/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_srq.c - shared receive queues.
 */
#include <stdlib.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "provider/objects.h"
#include "provider/provider_srq.h"
#include "refusals/refusals.h"
#include "verbs/verbs_async.h"
#include "verbs/verbs_srq.h"

#define STRIDE_MIN 32u

static enum hca_rule
rule_of(const struct ibv_srq_attr *attr, const struct hca_model *model)
{
	if (attr->max_wr > model->queue)
		return HCA_RULE_SRQ_REQUESTS;
	if (attr->max_sge > model->receive_wqe / HCA_SEGMENT)
		return HCA_RULE_SRQ_SGE;
	if (attr->max_wr > soft_srq_requests_max(model))
		return HCA_RULE_SRQ_SIZE;
	return attr->max_sge > soft_srq_sge_max(model) ? HCA_RULE_SRQ_STRIDE : HCA_RULE_NONE;
}

static uint32_t
stride_of(uint32_t sge)
{
	uint32_t bytes = HCA_SEGMENT + sge * HCA_SEGMENT;

	return soft_power_of_two(bytes < STRIDE_MIN ? STRIDE_MIN : bytes);
}

static void
destroy(struct soft_srq *srq)
{
	free(srq->ids);
	hca_srq_fini(&srq->hw);
	hca_pages_free(srq->hw.dbrec, HCA_PAGE);
	pthread_mutex_destroy(&srq->lock);
	free(srq);
}

/* NULL: out of memory. */
static struct soft_srq *
create(struct ibv_pd *pd, const struct ibv_srq_attr *attr)
{
	struct hca_device *dev = soft_device(pd->context);
	struct soft_srq *srq = calloc(1, sizeof(*srq));
	uint32_t stride = stride_of(attr->max_sge);
	int ret;

	if (srq == NULL)
		return NULL;
	pthread_mutex_init(&srq->lock, NULL);
	ret = hca_srq_init(&srq->hw, dev, soft_power_of_two(attr->max_wr + 1), stride);
	srq->hw.dbrec = hca_pages_alloc(HCA_PAGE);
	if (ret != 0 || srq->hw.dbrec == NULL || soft_srq_link(srq) != 0) {
		destroy(srq);
		return NULL;
	}
	srq->sge = stride / HCA_SEGMENT - 1;
	srq->known = soft_srq_requests_known(dev->model, attr->max_wr);
	srq->pd = soft_pd(pd);
	srq->hw.pd = srq->pd;
	srq->hw.user = srq;
	srq->hw.listener = &soft_context(pd->context)->events;
	srq->ibv.context = pd->context;
	srq->ibv.pd = pd;
	return srq;
}

EXPORT struct ibv_srq *
ibv_create_srq(struct ibv_pd *pd, struct ibv_srq_init_attr *init)
{
	struct hca_device *dev = soft_device(pd->context);
	int error = hca_refuse(rule_of(&init->attr, dev->model));
	struct soft_srq *srq;

	if (error != 0)
		return soft_refuse(error);
	srq = hca_pages_suffice("MLX_SRQ_ALLOC_TYPE") ? create(pd, &init->attr) : NULL;
	if (srq == NULL)
		return soft_refuse(ENOMEM);
	srq->ibv.srq_context = init->srq_context;
	pthread_mutex_init(&srq->ibv.mutex, NULL);
	hca_device_lock(dev);
	srq->hw.number = srq->ibv.handle = hca_device_number(dev);
	srq->pd->users++;
	TAILQ_INSERT_TAIL(&dev->srqs, &srq->hw, next);
	hca_device_unlock(dev);
	init->attr.max_wr = srq->hw.wqes - 1;
	init->attr.max_sge = srq->sge;
	hca_trace("create_srq: %#x, %u WQEs of %u segments", srq->hw.number, srq->hw.wqes,
		srq->sge);
	return &srq->ibv;
}

EXPORT int
ibv_destroy_srq(struct ibv_srq *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_srq *srq = (struct soft_srq *)ibv;
	struct hca_place place = {dev->ibv.name, "srq", srq->hw.number, 0, NULL, 0};
	bool busy;

	hca_device_lock(dev);
	busy = srq->users != 0;
	if (!busy) {
		TAILQ_REMOVE(&dev->srqs, &srq->hw, next);
		hca_events_forget(srq->hw.listener, srq);
		srq->pd->users--;
	}
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_SRQ_BUSY);
	soft_told_end(&srq->async, HCA_EVENT_UNACKED, &place);
	pthread_mutex_destroy(&ibv->mutex);
	destroy(srq);
	return 0;
}

EXPORT int
ibv_modify_srq(struct ibv_srq *ibv, struct ibv_srq_attr *attr, int mask)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_srq *srq = (struct soft_srq *)ibv;

	if ((mask & IBV_SRQ_MAX_WR) != 0)
		return hca_refuse(HCA_RULE_MODIFY_SRQ_SIZE);
	if ((mask & IBV_SRQ_LIMIT) == 0)
		return 0;
	if (attr->srq_limit > srq->known)
		return hca_refuse(HCA_RULE_MODIFY_SRQ_LIMIT);
	hca_device_lock(dev);
	srq->hw.limit = attr->srq_limit;
	hca_device_unlock(dev);
	return 0;
}

EXPORT int
ibv_query_srq(struct ibv_srq *ibv, struct ibv_srq_attr *attr)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_srq *srq = (struct soft_srq *)ibv;

	*attr = (struct ibv_srq_attr){.max_wr = srq->known, .max_sge = srq->sge};
	hca_device_lock(dev);
	attr->srq_limit = srq->hw.limit;
	hca_device_unlock(dev);
	return 0;
}
