/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * strides.h - a receive queue whose WQEs are buffers for many frames (PRM: cyclic striding RQ, as
 * mlx5dv_create_wq() makes them): each frame begins at a stride and takes as many as it needs. What
 * is left of a WQE that has not enough for the next frame is used up by a filler, a completion of
 * no frame. A WQE is a segment for the next WQE, which is not used, and one of data.
 *
 * Limits of all devices that have it: MLX5_MIN_SINGLE_... of Linux (mlx5_ib.h). The caller holds
 * the device's lock.
 */
#ifndef SOFTHCA_STRIDES_H_
#define SOFTHCA_STRIDES_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/mlx5dv.h>

#define HCA_STRIDE_LOG_MIN  6u /* bytes */
#define HCA_STRIDE_LOG_MAX  13u
#define HCA_STRIDES_LOG_MIN 9u /* of a WQE */
#define HCA_STRIDES_LOG_MAX 16u
/* Bytes in front of a frame, if two_byte_shift_en. */
#define HCA_STRIDE_SHIFT    2u

struct hca_strides {
	uint32_t bytes, count;	/* of each, of a WQE; count 0: the queue has none */
	bool shift;
	uint32_t used;		/* of the WQE that is the next to be used */
};

static inline struct hca_strides
hca_strides_make(const struct mlx5dv_striding_rq_init_attr *attr)
{
	return (struct hca_strides){
		.bytes = 1u << attr->single_stride_log_num_of_bytes,
		.count = 1u << attr->single_wqe_log_num_of_strides,
		.shift = attr->two_byte_shift_en != 0,
	};
}

/* Strides of a frame of len bytes. */
static inline uint32_t
hca_strides_of(const struct hca_strides *strides, uint32_t len)
{
	return (len + (strides->shift ? HCA_STRIDE_SHIFT : 0) + strides->bytes - 1) /
		strides->bytes;
}

/* Where the next frame begins, in bytes from the start of the WQE's buffer. */
static inline uint64_t
hca_strides_at(const struct hca_strides *strides)
{
	return (uint64_t)strides->used * strides->bytes + (strides->shift ? HCA_STRIDE_SHIFT : 0);
}

/* In a completion's byte_cnt: the number of strides, and that it is no frame. */
#define HCA_CQE_STRIDES_AT 16
#define HCA_CQE_FILLER	   (1u << 31)

/* Uses n. Returns that the WQE is used up; the next one begins then. */
static inline bool
hca_strides_use(struct hca_strides *strides, uint32_t n)
{
	strides->used += n;
	if (strides->used < strides->count)
		return false;
	strides->used = 0;
	return true;
}

#endif
