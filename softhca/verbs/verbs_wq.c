/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_wq.c - receive work queues, and the tables by which RSS chooses one.
 */
#include <stdlib.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "device/faults.h"
#include "provider/objects.h"
#include "provider/provider.h"
#include "refusals/refusals.h"
#include "verbs/verbs_wq.h"

static bool
has_strides(const struct mlx5dv_wq_init_attr *more)
{
	return more != NULL && (more->comp_mask & MLX5DV_WQ_INIT_ATTR_MASK_STRIDING_RQ) != 0;
}

static int
init_queue(struct soft_wq *wq, const struct ibv_wq_init_attr *attr,
	const struct mlx5dv_wq_init_attr *more)
{
	struct hca_device *dev = soft_device(wq->ibv.context);
	struct soft_receive_size size;
	int ret;

	/* With a segment for the next WQE. */
	soft_receive_size(&size, attr->max_wr, attr->max_sge + has_strides(more));
	ret = hca_rq_init(&wq->hw, dev, size.wqes, size.segments);
	if (ret != 0)
		return ret;
	if (has_strides(more))
		wq->hw.strides = hca_strides_make(&more->striding_rq_attrs);
	wq->hw.dbrec = hca_pages_alloc(HCA_PAGE);
	if (wq->hw.dbrec == NULL)
		return -ENOMEM;
	wq->pd = soft_pd(attr->pd);
	wq->hw.pd = wq->pd;
	wq->hw.cq = &soft_cq(attr->cq)->hw;
	wq->hw.strip_vlan = (attr->comp_mask & IBV_WQ_INIT_ATTR_FLAGS) != 0 &&
		(attr->create_flags & IBV_WQ_FLAGS_CVLAN_STRIPPING) != 0;
	hca_device_lock(dev);
	wq->hw.number = hca_device_number(dev);
	hca_device_unlock(dev);
	return soft_ring_init(&wq->ring, soft_cq(attr->cq), wq->hw.number, size.wqes, size.wqes,
		true);
}

static void
fini_queue(struct soft_wq *wq)
{
	soft_ring_fini(&wq->ring, soft_cq(wq->ibv.cq));
	hca_pages_free(wq->hw.dbrec, HCA_PAGE);
	hca_rq_fini(&wq->hw);
}

/* Counts what it uses, and lets the device know it. */
static void
attach(struct soft_wq *wq)
{
	struct hca_device *dev = soft_device(wq->ibv.context);

	hca_device_lock(dev);
	wq->pd->users++;
	soft_cq(wq->ibv.cq)->users++;
	TAILQ_INSERT_TAIL(&dev->rqs, &wq->hw, next);
	hca_device_unlock(dev);
}

struct ibv_wq *
soft_wq_create(struct ibv_context *context, struct ibv_wq_init_attr *attr,
	const struct mlx5dv_wq_init_attr *more)
{
	enum hca_rule rule = hca_rule_of_wq(attr, more, soft_device(context)->model);
	int error = hca_refuse(rule);
	struct soft_wq *wq;

	if (rule == HCA_RULE_WQ_TYPE)
		return NULL;
	if (error != 0)
		return soft_refuse(error);
	if (hca_faults_hit(soft_device(context), HCA_FAULT_CREATE_WQ))
		return soft_refuse(ENOMEM);
	wq = calloc(1, sizeof(*wq));
	if (wq == NULL)
		return soft_refuse(ENOMEM);
	wq->ibv.context = context;
	wq->ibv.wq_context = attr->wq_context;
	wq->ibv.pd = attr->pd;
	wq->ibv.cq = attr->cq;
	wq->ibv.wq_type = attr->wq_type;
	wq->ibv.state = IBV_WQS_RESET;
	wq->ibv.post_recv = soft_post_wq_recv;
	if (init_queue(wq, attr, more) != 0) {
		fini_queue(wq);
		free(wq);
		return soft_refuse(ENOMEM);
	}
	wq->ibv.wq_num = wq->ibv.handle = wq->hw.number;
	attach(wq);
	hca_trace("create_wq(%u of %u segments): %#x", attr->max_wr, attr->max_sge, wq->hw.number);
	return &wq->ibv;
}

static int
destroy_wq(struct ibv_wq *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_wq *wq = (struct soft_wq *)ibv;
	bool busy;

	hca_device_lock(dev);
	busy = wq->users != 0;
	if (!busy) {
		TAILQ_REMOVE(&dev->rqs, &wq->hw, next);
		wq->pd->users--;
		soft_cq(ibv->cq)->users--;
	}
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_WQ_BUSY);
	hca_trace("destroy_wq(%#x)", wq->hw.number);
	fini_queue(wq);
	free(wq);
	return 0;
}

static enum hca_state
state_of(enum ibv_wq_state state)
{
	switch (state) {
	case IBV_WQS_RDY:
		return HCA_READY;
	case IBV_WQS_ERR:
		return HCA_ERROR;
	default:
		return HCA_RESET;
	}
}

static int
modify_wq(struct ibv_wq *ibv, struct ibv_wq_attr *attr)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_wq *wq = (struct soft_wq *)ibv;
	bool state = (attr->attr_mask & IBV_WQ_ATTR_STATE) != 0;
	bool strip = (attr->attr_mask & IBV_WQ_ATTR_FLAGS) != 0 &&
		(attr->flags_mask & IBV_WQ_FLAGS_CVLAN_STRIPPING) != 0;
	enum hca_rule rule;
	int error;

	if (hca_faults_hit(dev, HCA_FAULT_MODIFY_WQ))
		return ENOMEM;
	hca_device_lock(dev);
	rule = hca_rule_of_modify_wq(ibv->state, attr);
	error = hca_refuse(rule);
	if (error == 0 && strip)
		wq->hw.strip_vlan = (attr->flags & IBV_WQ_FLAGS_CVLAN_STRIPPING) != 0;
	/* To where it is already is no way out of an error. */
	if (error == 0 && state && attr->wq_state != ibv->state) {
		ibv->state = attr->wq_state;
		hca_rq_set_state(&wq->hw, state_of(attr->wq_state));
	}
	hca_device_unlock(dev);
	if (error == 0 && state && attr->wq_state == IBV_WQS_RESET)
		soft_ring_reset(&wq->ring, soft_cq(ibv->cq));
	hca_trace("modify_wq(%#x, mask %#x, state %d): %d", wq->hw.number, attr->attr_mask,
		attr->wq_state, error);
	/* libmlx5 has this one the other way round. */
	return rule == HCA_RULE_MODIFY_WQ_CURRENT ? -error : error;
}

static struct ibv_rwq_ind_table *
create_table(struct ibv_context *context, struct ibv_rwq_ind_table_init_attr *attr)
{
	struct hca_device *dev = soft_device(context);
	struct soft_table *table;
	int error = hca_refuse(hca_rule_of_table(attr, dev->model));
	uint32_t i;

	if (error != 0)
		return soft_refuse(error);
	if (hca_faults_hit(dev, HCA_FAULT_CREATE_TABLE))
		return soft_refuse(ENOMEM);
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return soft_refuse(ENOMEM);
	table->size = 1u << attr->log_ind_tbl_size;
	table->queues = calloc(table->size, sizeof(*table->queues));
	if (table->queues == NULL) {
		free(table);
		return soft_refuse(ENOMEM);
	}
	table->ibv.context = context;
	hca_device_lock(dev);
	table->ibv.ind_tbl_num = hca_device_number(dev);
	table->ibv.ind_tbl_handle = table->ibv.ind_tbl_num;
	soft_context(context)->users++;
	for (i = 0; i < table->size; i++) {
		table->queues[i] = (struct soft_wq *)attr->ind_tbl[i];
		table->queues[i]->users++;
	}
	hca_device_unlock(dev);
	return &table->ibv;
}

static int
destroy_table(struct ibv_rwq_ind_table *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_table *table = (struct soft_table *)ibv;
	bool busy;
	uint32_t i;

	hca_device_lock(dev);
	busy = table->users != 0;
	for (i = 0; i < table->size && !busy; i++)
		table->queues[i]->users--;
	if (!busy)
		soft_context(ibv->context)->users--;
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_TABLE_BUSY);
	free(table->queues);
	free(table);
	return 0;
}

static struct ibv_wq *
create_wq(struct ibv_context *context, struct ibv_wq_init_attr *attr)
{
	return soft_wq_create(context, attr, NULL);
}

void
soft_wq_fill(struct verbs_context *verbs)
{
	verbs->create_wq = create_wq;
	verbs->modify_wq = modify_wq;
	verbs->destroy_wq = destroy_wq;
	verbs->create_rwq_ind_table = create_table;
	verbs->destroy_rwq_ind_table = destroy_table;
}
