/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device.h - a probed PCI function: its open rdma device and the memory registered with it. A
 * device lives from probe to removal, and so do the mappings of rte_dev_dma_map(), which belong to
 * it. Its port may end earlier: rte_eth_dev_close() ends the port, and the device stays.
 *
 *	       open          attach            detach             detached             close
 *	(none) ----> OPENED --------> ATTACHED --------> CLOSING ------------> DETACHED ----> ENDING
 *	                |                                                         | leave       ^
 *	                |                                                         v      close  |
 *	                |                                 (it is dead) LEAVING -> LEFT ---------+
 *	                '--------------------------- close, of a probe that made no port -------'
 *
 * CLOSING: look-ups do not find the port any more, but it still uses the device's objects.
 * LEFT: nothing is registered and the rdma device is closed, as the kernel may wait for that before
 * it removes a dead device. The function can only be detached then.
 *
 * Any thread. The list of devices is under the lock of the holds that look-ups take (hold.h);
 * nothing waits under it except mlx5x_device_remove(), which releases it.
 */
#ifndef MLX5X_DEVICE_H_
#define MLX5X_DEVICE_H_

#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/queue.h>
#include <infiniband/verbs.h>
#include <rte_pci.h>

#include "common/hold.h"
#include "common/repeat.h"
#include "device/caps.h"
#include "device/discover.h"
#include "mr/mr.h"

struct mlx5x_async_handlers;
struct mlx5x_port;
struct rte_intr_handle;

enum mlx5x_device_state {
	MLX5X_DEVICE_OPENED,
	MLX5X_DEVICE_ATTACHED,
	MLX5X_DEVICE_CLOSING,
	MLX5X_DEVICE_DETACHED,
	MLX5X_DEVICE_LEAVING,
	MLX5X_DEVICE_LEFT,
	MLX5X_DEVICE_ENDING,
};

struct mlx5x_device {
	/* Written by probe, except busy; the pointers are valid until it is LEAVING. */
	char name[PCI_PRI_STR_SIZE];
	struct rte_pci_addr addr;
	uintptr_t serial;		/* unique over time; not 0 */
	struct mlx5x_discovery found;
	struct mlx5x_caps caps;
	bool implicit;			/* EAL's heaps are registered implicitly */
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct mlx5x_mr_table *mrs;	/* the regions of pd */
	struct rte_intr_handle *async;	/* async.c */
	int async_set;			/* async.c: an epoll of the next and ctx->async_fd; or -1 */
	int netwatch;			/* async.c: for the netdev of a software device; or -1 */
	unsigned int netdev;		/* its index */
	const struct mlx5x_async_handlers *handlers;	/* async.c */
	struct mlx5x_repeat busy;	/* dma.c: log lines about EBUSY */
	/* Holders may use the pointers above. */
	struct mlx5x_hold hold;
	bool dead;			/* it died, or its netdev is gone; a flag of counter.h */
	/* Under the list's lock. */
	enum mlx5x_device_state state;
	struct mlx5x_port *port;	/* while ATTACHED; else NULL */
	struct mlx5x_hold *port_hold;	/* while ATTACHED */
	uint16_t port_id;		/* while ATTACHED */
	TAILQ_ENTRY(mlx5x_device) next;
};

/* Adds a device, OPENED, to the list: look-ups find it from here on. */
void mlx5x_device_add(struct mlx5x_device *device);

/* Removes it from the list: ENDING. Waits while it is LEAVING; returns the state before ENDING. */
enum mlx5x_device_state mlx5x_device_remove(struct mlx5x_device *device);

/*
 * Probe: look-ups find the port from here on, and hold it by *hold. True: the device is dead
 * already, and its event handler found no port.
 */
bool mlx5x_device_attach(struct mlx5x_device *device, struct mlx5x_port *port,
	struct mlx5x_hold *hold, uint16_t port_id);

/* First step of a close: look-ups do not find the port any more. Waits for its holders. */
void mlx5x_device_detach(struct mlx5x_device *device);

/* Last step of a close: the port uses nothing of the device any more. */
void mlx5x_device_detached(struct mlx5x_device *device);

/* True if it is dead and was DETACHED: it is LEAVING now, until mlx5x_device_done_leaving(). */
bool mlx5x_device_begin_leaving(struct mlx5x_device *device);
void mlx5x_device_done_leaving(struct mlx5x_device *device);

/* The device of the function. 0, with a hold; -ENOENT: none; -EIO: dead, and LEAVING or LEFT. */
int mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **device);

/* The device with that serial, or of that port, with a hold; or NULL without. */
struct mlx5x_device *mlx5x_device_numbered(uintptr_t serial, struct mlx5x_holder *holder);
struct mlx5x_device *mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder);

/* The port of a device that the caller holds, with a hold on the port; or NULL without. */
struct mlx5x_port *mlx5x_device_port(struct mlx5x_device *device, struct mlx5x_holder *holder);

/*
 * Iterator over the ports, from *serial = 0 on: the port, with a hold, of the first device with a
 * port and a serial above *serial, which is set to that of the device; NULL without a hold at the
 * end.
 */
struct mlx5x_port *mlx5x_device_next_port(uintptr_t *serial, struct mlx5x_holder *holder);

/* Copies the IDs of up to n ports; returns their number. */
unsigned int mlx5x_device_list_ports(uint16_t *port_ids, unsigned int n);

/* The device of the function, or NULL, without a hold: only for probe and removal. */
struct mlx5x_device *mlx5x_device_at(const struct rte_pci_addr *addr);

#endif
