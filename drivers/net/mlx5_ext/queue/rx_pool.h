/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rx_pool.h - whether a device can receive into the mbufs of a mempool. What
 * rte_pktmbuf_pool_create() and rte_pktmbuf_pool_create_extbuf() have made is right; a pool that an
 * application has put together may say what its mbufs do not have. Control path.
 */
#ifndef MLX5X_RX_POOL_H_
#define MLX5X_RX_POOL_H_

struct rte_mempool;

/*
 * Returns 0, or -EINVAL with a line in the log that names the port (name): the buffers have no room
 * behind the headroom; an mbuf has less than the pool's data room, so that the device would write
 * beyond it; or an mbuf of a pool of pinned external buffers (RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
 * has no shinfo, which its free would use. Reads all mbufs of such a pool, of others the first.
 * The mbufs may be in use. The pool has the private data of a pool of mbufs: ethdev has checked it.
 */
int mlx5x_rx_pool_check(const char *name, struct rte_mempool *pool);

#endif
