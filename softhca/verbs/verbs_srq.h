/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_srq.h - the limits of shared receive queues. */
#ifndef SOFTHCA_VERBS_SRQ_H_
#define SOFTHCA_VERBS_SRQ_H_

#include "device/model.h"
#include "queue/segment.h"

/*
 * WQEs and segments, as the device tells. One WQE is never used; a WQE has a segment for its link.
 */
static inline uint32_t
soft_srq_requests_max(const struct hca_model *model)
{
	return model->queue - 1;
}

static inline uint32_t
soft_srq_sge_max(const struct hca_model *model)
{
	return model->receive_wqe / HCA_SEGMENT - 1;
}

#endif
