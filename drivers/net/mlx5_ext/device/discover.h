/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * discover.h - finds the rdma device that belongs to a PCI function, among those of libibverbs.
 *
 * For mlx5 hardware the device of its folder in sysfs is the function. A software device (rxe, siw)
 * hangs below devices/virtual and has no such link, but it is on a netdev, and that belongs to the
 * function.
 */
#ifndef MLX5X_DISCOVER_H_
#define MLX5X_DISCOVER_H_

#include <stdbool.h>

#include <net/if.h>

struct mlx5x_discovery {
	char rdma[64];		/* e.g. "rxe0" */
	char netdev[IF_NAMESIZE]; /* e.g. "eth0"; empty if the function has none */
	bool software;		/* found through the netdev, not by the device link */
};

/*
 * The rdma device of the function whose address is pci ("0000:00:10.0"). 0, or -ENOENT if there is
 * none. Any thread.
 */
int mlx5x_discover(const char *pci, struct mlx5x_discovery *found);

#endif
