/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures of DPDK's telemetry that 23.03 changed. */
#ifndef UNIT_COMPAT_TELEMETRY_H
#define UNIT_COMPAT_TELEMETRY_H

#include <stdint.h>

#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
typedef int64_t compat_tel_int;
#define COMPAT_TEL_ADD_UINT rte_tel_data_add_dict_uint
#else
typedef int compat_tel_int;
#define COMPAT_TEL_ADD_UINT rte_tel_data_add_dict_u64
#endif

#endif
