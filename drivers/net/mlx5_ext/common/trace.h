/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trace.h - trace points of the control path: pmd.net.mlx5_ext.map, .unmap and .recover. EAL's
 * --trace=pmd.net.mlx5_ext.* enables them and writes the Common Trace Format.
 */
#ifndef MLX5X_TRACE_H_
#define MLX5X_TRACE_H_

#include <rte_trace_point.h>

/* result: 0 or -errno; references: of the first overlapping mapping after the call; 0: none. */
RTE_TRACE_POINT(mlx5x_trace_map,
	RTE_TRACE_POINT_ARGS(const char *device, const void *addr, uint64_t iova, uint64_t len,
		int result, uint32_t references),
	rte_trace_point_emit_string(device);
	rte_trace_point_emit_ptr(addr);
	rte_trace_point_emit_u64(iova);
	rte_trace_point_emit_u64(len);
	rte_trace_point_emit_int(result);
	rte_trace_point_emit_u32(references);
)

RTE_TRACE_POINT(mlx5x_trace_unmap,
	RTE_TRACE_POINT_ARGS(const char *device, const void *addr, uint64_t iova, uint64_t len,
		int result, uint32_t references),
	rte_trace_point_emit_string(device);
	rte_trace_point_emit_ptr(addr);
	rte_trace_point_emit_u64(iova);
	rte_trace_point_emit_u64(len);
	rte_trace_point_emit_int(result);
	rte_trace_point_emit_u32(references);
)

/* result: 0 or -errno; duration: ns with the gates closed. */
RTE_TRACE_POINT(mlx5x_trace_recover,
	RTE_TRACE_POINT_ARGS(uint16_t port, uint16_t queue, int result, uint64_t duration),
	rte_trace_point_emit_u16(port);
	rte_trace_point_emit_u16(queue);
	rte_trace_point_emit_int(result);
	rte_trace_point_emit_u64(duration);
)

#endif
