/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - how a queue pair carries Ethernet frames: the QP's type and the steps that take it from
 * RESET to RTS. One table per wire; chosen by the device argument "wire".
 * Sources: ibv_modify_qp(3) for the attributes that each step needs.
 */
#ifndef MLX5X_WIRE_H_
#define MLX5X_WIRE_H_

#include <stdint.h>

#include <infiniband/verbs.h>

/* The other end, as a QP has to know it. */
struct mlx5x_remote {
	uint32_t qpn;
	uint16_t lid;
	union ibv_gid gid;
	enum ibv_mtu path_mtu;	/* the smaller one of the two ends */
};

struct mlx5x_wire {
	const char *name;
	enum ibv_qp_type qp_type;
	/* Any state -> RESET -> INIT: receives may be posted. 0 or -errno. */
	int (*arm)(struct ibv_qp *qp);
	/* INIT -> RTR -> RTS: sends may be posted. 0 or -errno. */
	int (*join)(struct ibv_qp *qp, const struct mlx5x_remote *remote);
};

/* The wire of that name, or NULL. */
const struct mlx5x_wire *mlx5x_wire_find(const char *name);

#endif
