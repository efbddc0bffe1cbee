/* SPDX-License-Identifier: BSD-3-Clause */
/* verbs_srq.h - the limits of shared receive queues. */
#ifndef SOFTHCA_VERBS_SRQ_H_
#define SOFTHCA_VERBS_SRQ_H_

#include "device/model.h"
#include "queue/segment.h"
#include "refusals/size.h"

/*
 * WQEs and segments, as the device tells. One WQE is never used; a WQE has a segment for its link.
 */
static inline uint32_t
soft_srq_requests_max(const struct hca_model *model)
{
	return model->queue - 1;
}

/*
 * What the kernel has it to be, for that many requests: libmlx5 asks for room for a wait queue too,
 * if there may be so much.
 */
static inline uint32_t
soft_srq_requests_known(const struct hca_model *model, uint32_t requests)
{
	uint32_t wqes = 2 * requests + 1;

	return soft_power_of_two(wqes <= model->queue ? wqes : requests + 1) - 1;
}

static inline uint32_t
soft_srq_sge_max(const struct hca_model *model)
{
	return model->receive_wqe / HCA_SEGMENT - 1;
}

#endif
