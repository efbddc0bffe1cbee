/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device.h - a probed PCI function: its rdma device, opened, and what is registered with that. It
 * lives from probe to removal, and so does what rte_dev_dma_map() mapped: mappings are the device's.
 * Its port comes and goes meanwhile: rte_eth_dev_close() ends the port, and the device stays.
 *
 *	       open          attach            detach             detached             close
 *	(none) ----> OPENED --------> ATTACHED --------> CLOSING ------------> DETACHED ----> ENDING
 *	                |                                                         | leave       ^
 *	                |                                                         v      close  |
 *	                |                                 (it is dead) LEAVING -> LEFT ---------+
 *	                '--------------------------- close, of a probe that made no port -------'
 *
 * CLOSING: the port cannot be found, and is still using what the device has.
 * LEFT: nothing is registered and the rdma device is closed, since the kernel may wait for that before
 * it removes a device that died. All that can be done then is to detach the function.
 *
 * Any thread. The list of devices has a lock of its own, under which nothing is called but what takes
 * a hold, and nothing is waited for. What is looked up is held: hold.h.
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
	/* Written by probe, but busy; the pointers are good until it is LEAVING. */
	char name[PCI_PRI_STR_SIZE];
	struct rte_pci_addr addr;
	uintptr_t serial;		/* a number that no other device had or will have; not 0 */
	struct mlx5x_discovery found;
	struct mlx5x_caps caps;
	bool implicit;			/* EAL's heaps get their keys by themselves */
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct mlx5x_mr_table *mrs;	/* the protection domain's regions */
	struct rte_intr_handle *async;	/* async.c */
	const struct mlx5x_async_handlers *handlers;	/* likewise */
	struct mlx5x_repeat busy;	/* dma.c: lines on unmaps that have to wait */
	/* For as long as the pointers are good. */
	struct mlx5x_hold hold;
	bool dead;			/* IBV_EVENT_DEVICE_FATAL came; a flag of counter.h */
	/* Under the list's lock. */
	enum mlx5x_device_state state;
	struct mlx5x_port *port;	/* ATTACHED; else NULL */
	struct mlx5x_hold *port_hold;	/* likewise */
	uint16_t port_id;		/* likewise */
	TAILQ_ENTRY(mlx5x_device) next;
};

/* Into the list, OPENED: it can be found from here on. */
void mlx5x_device_add(struct mlx5x_device *device);

/* Out of it, ENDING. Waits for one that is LEAVING; returns the state that it was in. */
enum mlx5x_device_state mlx5x_device_remove(struct mlx5x_device *device);

/*
 * Probe: the port, which others are to hold by *hold, can be found from here on. True: the device is
 * dead, and whoever saw it die looked for a port in vain.
 */
bool mlx5x_device_attach(struct mlx5x_device *device, struct mlx5x_port *port,
	struct mlx5x_hold *hold, uint16_t port_id);

/* Close, at first: the port cannot be found any more. Waits for those who hold it. */
void mlx5x_device_detach(struct mlx5x_device *device);

/* Close, at last: the port uses nothing of the device any more. */
void mlx5x_device_detached(struct mlx5x_device *device);

/* LEAVING, if it is dead and DETACHED: true, and then done is to follow. */
bool mlx5x_device_begin_leaving(struct mlx5x_device *device);
void mlx5x_device_done_leaving(struct mlx5x_device *device);

/* The device of the function: 0 and a hold; -ENOENT: none; -EIO: it is dead, and LEAVING or LEFT. */
int mlx5x_device_find(const struct rte_pci_addr *addr, struct mlx5x_holder *holder,
	struct mlx5x_device **device);

/* By its number, or by that of its port; with a hold, or NULL and none. */
struct mlx5x_device *mlx5x_device_numbered(uintptr_t serial, struct mlx5x_holder *holder);
struct mlx5x_device *mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder);

/* The port of the device, which the caller holds; with a hold, or NULL and none. */
struct mlx5x_port *mlx5x_device_port(struct mlx5x_device *device, struct mlx5x_holder *holder);

/*
 * Its port, likewise, of the first device whose number is larger than *serial, which becomes that
 * device's: so all ports are met, from *serial = 0 on.
 */
struct mlx5x_port *mlx5x_device_next_port(uintptr_t *serial, struct mlx5x_holder *holder);

/* Numbers of ports, n at most; returns how many. */
unsigned int mlx5x_device_list_ports(uint16_t *port_ids, unsigned int n);

/* The only device of the function, or NULL: for probe and removal, which nothing runs beside. */
struct mlx5x_device *mlx5x_device_at(const struct rte_pci_addr *addr);

#endif
