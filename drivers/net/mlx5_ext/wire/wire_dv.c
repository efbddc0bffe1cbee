/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire_dv.c - the network of an mlx5 device: the objects of wire=raw, with rings that the driver
 * reads and writes directly (mlx5dv).
 */
#include <errno.h>
#include <stddef.h>

#include <infiniband/mlx5dv.h>

#include "datapath/dp_dv.h"
#include "wire/wire_raw.h"
#include "wire/wires.h"

static const char *
check(const struct mlx5x_port *port)
{
	struct mlx5dv_context dv = {0};

	if (!mlx5dv_is_supported(port->ctx->device))
		return "mlx5dv does not support the device";
	if (mlx5dv_query_device(port->ctx, &dv) != 0)
		return "mlx5dv cannot query the device";
	return mlx5x_wire_raw_check(port);
}

/* CQEs of 64 bytes, uncompressed, whatever environment variables request of libmlx5. */
static int
create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	struct ibv_cq_init_attr_ex init = {.cqe = entries, .channel = channel};
	struct mlx5dv_cq_init_attr dv = {
		.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_CQE_SIZE,
		.cqe_size = sizeof(struct mlx5_cqe64),
	};
	struct ibv_cq_ex *cq_ex;

	errno = 0;
	cq_ex = mlx5dv_create_cq(ctx, &init, &dv);
	if (cq_ex == NULL)
		return errno > 0 ? -errno : -ENOMEM;
	*cq = ibv_cq_ex_to_cq(cq_ex);
	return 0;
}

/*
 * A packet takes as many WQEBBs as it needs: a ring sized for packets of one segment, whatever the
 * maximum is.
 */
static int
create(struct mlx5x_pair *pair)
{
	return mlx5x_wire_raw_create(pair, 1);
}

const struct mlx5x_wire mlx5x_wire_dv = {
	.name = "dv",
	.dp = &mlx5x_dp_dv,
	MLX5X_WIRE_RAW_COMMON,
	.check = check,
	.create_cq = create_cq,
	.create = create,
};
