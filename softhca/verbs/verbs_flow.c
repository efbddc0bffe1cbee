/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_flow.c - flow rules.
 */
#include <stdlib.h>

#include "common/checks.h"
#include "common/export.h"
#include "device/faults.h"
#include "provider/objects.h"
#include "refusals/refusals.h"

static struct ibv_flow *
create_flow(struct ibv_qp *ibv, struct ibv_flow_attr *attr)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_qp *qp = (struct soft_qp *)ibv;
	struct soft_flow *flow;
	int ret;

	ret = hca_refuse(hca_rule_of_flow(attr, ibv->qp_type));
	/* Rules for the datagrams of a QP are not modelled. */
	if (ret == 0 && ibv->qp_type != IBV_QPT_RAW_PACKET)
		ret = EOPNOTSUPP;
	if (ret != 0)
		return soft_refuse(ret);
	if (hca_faults_hit(dev, HCA_FAULT_CREATE_FLOW))
		return soft_refuse(ENOMEM);
	flow = calloc(1, sizeof(*flow));
	if (flow == NULL)
		return soft_refuse(ENOMEM);
	flow->ibv.context = ibv->context;
	flow->qp = qp;
	hca_device_lock(dev);
	ret = hca_flow_add(&dev->flows, &flow->hw, attr, qp->rss.size != 0 ? &qp->rss : NULL);
	if (ret == 0)
		qp->users++;
	flow->ibv.handle = hca_device_number(dev);
	hca_device_unlock(dev);
	hca_trace("create_flow(qp %#x, type %d, priority %u, %u specs): %d", ibv->qp_num,
		attr->type, attr->priority, attr->num_of_specs, ret);
	if (ret == 0)
		return &flow->ibv;
	free(flow);
	return soft_refuse(ret == -EEXIST ? hca_refuse(HCA_RULE_FLOW_CONFLICT) : -ret);
}

static int
destroy_flow(struct ibv_flow *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_flow *flow = (struct soft_flow *)ibv;

	hca_device_lock(dev);
	hca_flow_remove(&dev->flows, &flow->hw);
	flow->qp->users--;
	hca_device_unlock(dev);
	free(flow);
	return 0;
}

void
soft_flow_fill(struct verbs_context *verbs)
{
	verbs->ibv_create_flow = create_flow;
	verbs->ibv_destroy_flow = destroy_flow;
}
