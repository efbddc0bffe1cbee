/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpu.h - what the CPU wants of a device's PCIe transactions.
 *
 * A transaction with the attribute "relaxed ordering" may pass earlier writes of the device (PCI
 * Express base specification, 2.4.1), so that a write to one socket's memory does not wait for one
 * to the other's. The root ports of Intel's Haswell and Broadwell are no faster with it, or slower:
 * DPDK's own net_mlx5 leaves it out there, and Linux disables it for those of their Xeons
 * (drivers/pci/quirks.c, quirk_relaxedordering_disable()). Any thread; no lock.
 */
#ifndef MLX5X_CPU_H_
#define MLX5X_CPU_H_

#include <stdbool.h>
#include <stdint.h>

/* Of this CPU. True on all that are not x86. */
bool mlx5x_cpu_wants_relaxed_ordering(void);

/* The same of any x86: its vendor, and what CPUID tells in EAX of leaf 1. Pure. */
bool mlx5x_cpu_is_fast_relaxed(const char vendor[12], uint32_t signature);

#endif
