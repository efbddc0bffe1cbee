/* SPDX-License-Identifier: BSD-3-Clause */
/* segment.h - what WQEs are made of, and rings of send queues: PRM, in bytes. */
#ifndef SOFTHCA_SEGMENT_H_
#define SOFTHCA_SEGMENT_H_

#include <stdint.h>

#define HCA_SEGMENT 16u
#define HCA_WQEBB   64u

/* Of so many segments. */
static inline uint32_t
hca_wqebbs(uint32_t segments)
{
	return (segments * HCA_SEGMENT + HCA_WQEBB - 1) / HCA_WQEBB;
}

#endif
