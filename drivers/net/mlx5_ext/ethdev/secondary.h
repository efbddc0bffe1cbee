/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * secondary.h - a port of the primary process in a secondary one, as proc-info and dumpcap attach
 * to it: its information and its statistics, by the memory that the processes share.
 *
 * All else is refused: the rdma device, its objects and its rings belong to the process that opened
 * them. Bursts return 0, after one log line; ops that change the port are ENOTSUP.
 */
#ifndef MLX5X_SECONDARY_H_
#define MLX5X_SECONDARY_H_

struct rte_pci_device;

/* Probe. 0; 1: the primary process has no port of this driver there; -errno. */
int mlx5x_secondary_attach(struct rte_pci_device *pci);

#endif
