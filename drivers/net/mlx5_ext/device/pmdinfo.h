/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pmdinfo.h - the supported devices, for the driver's table and for the string that dpdk-pmdinfo
 * searches in a plugin. DPDK's own build generates that string; out of tree it is written here.
 * The numbers are decimal because the string is JSON.
 */
#ifndef MLX5X_PMDINFO_H_
#define MLX5X_PMDINFO_H_

#include <rte_common.h>

#include "device/devargs.h"

#define MLX5X_PMDINFO_DEVICES(X) \
	X(4115) /* ConnectX-4 */ \
	X(4116) /* ConnectX-4 VF */ \
	X(4117) /* ConnectX-4 Lx */ \
	X(4118) /* ConnectX-4 Lx VF */ \
	X(4119) /* ConnectX-5 */ \
	X(4120) /* ConnectX-5 VF */ \
	X(4121) /* ConnectX-5 Ex */ \
	X(4122) /* ConnectX-5 Ex VF */ \
	X(4123) /* ConnectX-6 */ \
	X(4124) /* ConnectX-6 VF */ \
	X(4125) /* ConnectX-6 Dx */ \
	X(4126) /* ConnectX family VF */ \
	X(4127) /* ConnectX-6 Lx */ \
	X(4129) /* ConnectX-7 */ \
	X(41682) /* BlueField */ \
	X(41683) /* BlueField VF */ \
	X(41686) /* BlueField-2 */ \
	X(41692) /* BlueField-3 */

/* 5555 is 0x15b3, 65535 any ID; the last entry is for all functions of class Ethernet. */
#define MLX5X_PMDINFO_ENTRY(device) "[5555, " RTE_STR(device) ", 65535, 65535], "

#define MLX5X_PMDINFO \
	"PMD_INFO_STRING= {" \
	"\"name\" : \"net_mlx5_ext\", " \
	"\"params\" : \"" MLX5X_DEVARGS_HELP "\", " \
	"\"kmod\" : \"* rdma_rxe | mlx5_core & mlx5_ib\", " \
	"\"pci_ids\" : [" MLX5X_PMDINFO_DEVICES(MLX5X_PMDINFO_ENTRY) \
	"[65535, 65535, 65535, 65535]]}"

#endif
