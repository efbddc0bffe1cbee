/* SPDX-License-Identifier: BSD-3-Clause */
/* First, before rte_trace_point.h: makes the functions of trace.h register their trace points. */
#include <rte_trace_point_register.h>

#include "common/trace.h"

RTE_TRACE_POINT_REGISTER(mlx5x_trace_map, pmd.net.mlx5_ext.map)
RTE_TRACE_POINT_REGISTER(mlx5x_trace_unmap, pmd.net.mlx5_ext.unmap)
RTE_TRACE_POINT_REGISTER(mlx5x_trace_recover, pmd.net.mlx5_ext.recover)
