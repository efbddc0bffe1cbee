/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_query.c - what the device says of itself: the model of its PCI id, with one Ethernet port
 * and without DevX, TSO and tunnels, none of which is modelled.
 */
#include <endian.h>
#include <string.h>

#include <infiniband/mlx5dv.h>

#include "common/checks.h"
#include "common/export.h"
#include "device/gid.h"
#include "provider/objects.h"
#include "queue/compress.h"
#include "refusals/refusals.h"
#include "verbs/verbs_srq.h"

/* Segments of a request by verbs: what is left of 512 bytes, whatever the transport. */
#define SGE_MAX 30

static const struct ibv_device_attr_ex device_attr = {
	.orig_attr = {
		.fw_ver = "16.35.1012",
		.max_mr_size = UINT64_MAX,
		.page_size_cap = 0xfffffffffffff000,
		.vendor_id = 0x2c9,
		.max_qp = 1024,
		.device_cap_flags = IBV_DEVICE_RAW_IP_CSUM,
		.max_sge = SGE_MAX,
		.max_sge_rd = SGE_MAX,
		.max_cq = 4096,
		.max_mr = 1 << 20,
		.max_pd = 1024,
		.max_qp_rd_atom = HCA_QP_READS_MAX,
		.max_res_rd_atom = 1024 * HCA_QP_READS_MAX,
		.max_qp_init_rd_atom = HCA_QP_READS_MAX,
		.atomic_cap = IBV_ATOMIC_HCA,
		.max_ah = INT32_MAX,
		.max_srq = 1024,
		.max_pkeys = SOFT_PKEYS_MAX,
		.phys_port_cnt = 1,
	},
	.completion_timestamp_mask = UINT64_MAX,
	.hca_core_clock = 1000000,
	.device_cap_flags_ex = IBV_DEVICE_RAW_IP_CSUM,
	.rss_caps = {
		.supported_qpts = 1 << IBV_QPT_RAW_PACKET,
		.max_rwq_indirection_tables = 1024,
		.rx_hash_fields_mask = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_DST_IPV4 |
			IBV_RX_HASH_SRC_IPV6 | IBV_RX_HASH_DST_IPV6 |
			IBV_RX_HASH_SRC_PORT_TCP | IBV_RX_HASH_DST_PORT_TCP |
			IBV_RX_HASH_SRC_PORT_UDP | IBV_RX_HASH_DST_PORT_UDP | IBV_RX_HASH_INNER,
		.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
	},
	.max_wq_type_rq = 1024,
	.raw_packet_caps = IBV_RAW_PACKET_CAP_CVLAN_STRIPPING | IBV_RAW_PACKET_CAP_IP_CSUM,
	.phys_port_cnt_ex = 1,
};

static struct ibv_device_attr_ex
describe(const struct hca_device *dev)
{
	struct ibv_device_attr_ex attr = device_attr;

	attr.orig_attr.node_guid = attr.orig_attr.sys_image_guid = htobe64(hca_device_guid(dev));
	attr.orig_attr.vendor_part_id = dev->model->id;
	attr.orig_attr.max_qp_wr = dev->model->queue;
	attr.orig_attr.max_srq_wr = soft_srq_requests_max(dev->model);
	attr.orig_attr.max_srq_sge = soft_srq_sge_max(dev->model);
	attr.orig_attr.max_cqe = dev->model->cq - 1;
	attr.rss_caps.max_rwq_indirection_table_size = dev->model->table;
	return attr;
}

static int
query_device_ex(struct ibv_context *context, const struct ibv_query_device_ex_input *input,
	struct ibv_device_attr_ex *attr, size_t size)
{
	struct ibv_device_attr_ex all = describe(soft_device(context));

	if (hca_device_is_fatal(soft_device(context)))
		return EIO;
	memset(attr, 0, size);
	memcpy(attr, &all, size < sizeof(all) ? size : sizeof(all));
	return 0;
}

EXPORT int
ibv_query_device(struct ibv_context *context, struct ibv_device_attr *attr)
{
	if (hca_device_is_fatal(soft_device(context)))
		return EIO;
	*attr = describe(soft_device(context)).orig_attr;
	return 0;
}

static int
query_port(struct ibv_context *context, uint8_t number, struct ibv_port_attr *attr, size_t size)
{
	bool down = __atomic_load_n(&soft_device(context)->link_down, __ATOMIC_RELAXED);
	struct ibv_port_attr port = {
		.state = down ? IBV_PORT_DOWN : IBV_PORT_ACTIVE,
		.max_mtu = IBV_MTU_4096,
		.active_mtu = IBV_MTU_1024,	/* HCA_QP_MTU */
		.max_msg_sz = 1 << 30,
		.gid_tbl_len = SOFT_GIDS_MAX,
		.pkey_tbl_len = SOFT_PKEYS,
		.active_width = 2,	/* 4X */
		.active_speed = 32,	/* EDR */
		.phys_state = down ? 3 : 5,
		.link_layer = IBV_LINK_LAYER_ETHERNET,
	};

	if (number != 1)
		return EINVAL;
	if (hca_device_is_fatal(soft_device(context)))
		return EIO;
	memset(attr, 0, size);
	memcpy(attr, &port, size < sizeof(port) ? size : sizeof(port));
	return 0;
}

#undef ibv_query_port
EXPORT int
ibv_query_port(struct ibv_context *context, uint8_t number, struct _compat_ibv_port_attr *attr)
{
	struct ibv_port_attr port;
	int ret = query_port(context, number, &port, sizeof(port));

	/* The old struct is the new one as far as link_layer. */
	if (ret == 0)
		memcpy(attr, &port, offsetof(struct ibv_port_attr, flags));
	return ret;
}

EXPORT bool
mlx5dv_is_supported(struct ibv_device *device)
{
	return true;
}

static struct mlx5dv_cqe_comp_caps
compression_caps(const struct hca_model *model)
{
	return (struct mlx5dv_cqe_comp_caps){
		.max_num = HCA_COMPRESSED_MAX,
		.supported_format = hca_model_formats(model),
	};
}

static struct mlx5dv_striding_rq_caps
striding_caps(const struct hca_model *model)
{
	if (!model->striding)
		return (struct mlx5dv_striding_rq_caps){0};
	return (struct mlx5dv_striding_rq_caps){
		.min_single_stride_log_num_of_bytes = HCA_STRIDE_LOG_MIN,
		.max_single_stride_log_num_of_bytes = HCA_STRIDE_LOG_MAX,
		.min_single_wqe_log_num_of_strides = HCA_STRIDES_LOG_MIN,
		.max_single_wqe_log_num_of_strides = HCA_STRIDES_LOG_MAX,
		.supported_qpts = 1 << IBV_QPT_RAW_PACKET,
	};
}

EXPORT int
mlx5dv_query_device(struct ibv_context *context, struct mlx5dv_context *attr)
{
	attr->version = 0;
	attr->flags = MLX5DV_CONTEXT_FLAGS_CQE_V1;
	if (soft_device(context)->empw)
		attr->flags |= MLX5DV_CONTEXT_FLAGS_MPW_ALLOWED | MLX5DV_CONTEXT_FLAGS_ENHANCED_MPW;
	/* Those that are there of what could be asked for. */
	attr->comp_mask &= MLX5DV_CONTEXT_MASK_CQE_COMPRESION | MLX5DV_CONTEXT_MASK_STRIDING_RQ;
	if ((attr->comp_mask & MLX5DV_CONTEXT_MASK_CQE_COMPRESION) != 0)
		attr->cqe_comp_caps = compression_caps(soft_device(context)->model);
	if ((attr->comp_mask & MLX5DV_CONTEXT_MASK_STRIDING_RQ) != 0)
		attr->striding_rq_caps = striding_caps(soft_device(context)->model);
	return 0;
}

/* Allocators for the rings: the model's own do. */
EXPORT int
mlx5dv_set_context_attr(struct ibv_context *context, enum mlx5dv_set_ctx_attr_type type, void *attr)
{
	return 0;
}

/* As libmlx5 has it: the whole count is in tv_nsec. */
static int
query_rt_values(struct ibv_context *context, struct ibv_values_ex *values)
{
	if ((values->comp_mask & ~(uint32_t)IBV_VALUES_MASK_RAW_CLOCK) != 0)
		return hca_refuse(HCA_RULE_RT_VALUES_COMP_MASK);
	if ((values->comp_mask & IBV_VALUES_MASK_RAW_CLOCK) != 0)
		values->raw_clock = (struct timespec){.tv_nsec = hca_device_clock()};
	return 0;
}

void
soft_query_fill(struct verbs_context *verbs)
{
	verbs->query_rt_values = query_rt_values;
	verbs->query_device_ex = query_device_ex;
	verbs->query_port = query_port;
}
