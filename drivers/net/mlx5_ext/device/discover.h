/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * discover.h - finds the rdma device of a PCI function among those of libibverbs.
 *
 * The sysfs folder of a hardware device has a link to the function. A software device (rxe, siw) is
 * below devices/virtual, without such a link, but its netdev belongs to the function.
 */
#ifndef MLX5X_DISCOVER_H_
#define MLX5X_DISCOVER_H_

#include <stdbool.h>

#include <net/if.h>

struct mlx5x_discovery {
	char rdma[64];		/* e.g. "rxe0" */
	char netdev[IF_NAMESIZE]; /* e.g. "eth0"; empty if the function has none */
	bool software;		/* found by its netdev, not by the link in sysfs */
};

/* pci: the address of the function ("0000:00:10.0"). 0; -ENOENT: no rdma device. Any thread. */
int mlx5x_discover(const char *pci, struct mlx5x_discovery *found);

#endif
