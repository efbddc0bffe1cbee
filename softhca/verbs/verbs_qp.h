/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_qp.h - queue pairs: the making of one, for the three verbs that do, and what of it the
 * files about its state need.
 */
#ifndef SOFTHCA_VERBS_QP_H_
#define SOFTHCA_VERBS_QP_H_

#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

#include "provider/objects.h"

/*
 * A QP with queues, or a raw packet QP with an indirection table; attr->cap becomes what it has.
 * more may be NULL. NULL and errno if it is refused.
 */
struct ibv_qp *soft_qp_create(struct ibv_context *context, struct ibv_qp_init_attr_ex *attr,
	const struct mlx5dv_qp_init_attr *more);

/* What the QP has: its rings may have room for more than was asked for. */
struct ibv_qp_cap soft_qp_cap(const struct soft_qp *qp);

static inline bool
soft_qp_has_transport(const struct soft_qp *qp)
{
	return qp->ibv.qp_type != IBV_QPT_RAW_PACKET;
}

/*
 * Under the device's lock, of a QP with a transport: what the user sets, to be asked for later, and
 * for the device to go by; and all of it forgotten.
 */
void soft_qp_set_attributes(struct soft_qp *qp, const struct ibv_qp_attr *attr, int mask);
void soft_qp_forget_attributes(struct soft_qp *qp);

#endif
