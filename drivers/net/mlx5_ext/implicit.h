/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * implicit.h - memory that EAL owns needs no dma_map: it gets its key with the mempool that is made
 * of it, or when a queue first needs it, as the argument mr_implicit says, and loses it when the
 * pool or the memory goes. Memory that the application only registered with rte_extmem_register()
 * is not EAL's: it stays without a key until it is mapped.
 *
 * By the thread that met the miss, outside any gate and any lock of ours; may sleep.
 */
#ifndef MLX5X_IMPLICIT_H_
#define MLX5X_IMPLICIT_H_

#include <stdint.h>

struct mlx5x_port;
struct rte_mbuf;
struct rte_mempool;

/*
 * Follows the events of memory for the port, and those of mempools for all ports that can be found.
 * 0, or -errno and nothing is left of it. stop: all implicit regions of the port end; nobody finds it
 * any more, and nobody holds it.
 */
int mlx5x_implicit_start(struct mlx5x_port *port);
void mlx5x_implicit_stop(struct mlx5x_port *port);

/* The pools that there are, if they are to have keys, once the port can be found. */
void mlx5x_implicit_cover_all(struct mlx5x_port *port);

/* Every buffer of the pool that lies in an EAL heap. 0, also if none does; or -errno. */
int mlx5x_implicit_pool(struct mlx5x_port *port, struct rte_mempool *pool);

/*
 * Each segment of the packet that lies in an EAL heap: its pool, else the memory around it. 0 if
 * all of the packet has keys now, else -EFAULT or the -errno of a registration.
 */
int mlx5x_implicit_packet(struct mlx5x_port *port, const struct rte_mbuf *pkt);

#endif
