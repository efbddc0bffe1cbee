/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dp_dv.c - set-up of the mlx5dv datapath: gets the rings of verbs objects, and checks once what
 * the bursts rely on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_cpuflags.h>
#include <rte_malloc.h>
#include <rte_vect.h>

#define LOG_COMPONENT "dv"
#include "common/compat.h"
#include "common/log.h"
#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "queue/rxq.h"
#include "queue/txq.h"

/* Ethernet header with a VLAN tag: what libmlx5 inlines for them. */
#define L2_INLINE 18

#define TX_CHECKSUMS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	RTE_ETH_TX_OFFLOAD_UDP_CKSUM)

const struct mlx5x_datapath mlx5x_dp_dv = {
	.name = "mlx5dv",
	.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH |
		RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP,
	.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE |
		TX_CHECKSUMS,
	.ptypes = mlx5x_dp_dv_ptypes,
	.rx_burst = mlx5x_dp_dv_rx_burst,
	.tx_burst = mlx5x_dp_dv_tx_burst,
	.rx_attach = mlx5x_dp_dv_rx_attach,
	.takes_apart = true,
	.tx_attach = mlx5x_dp_dv_tx_attach,
	.rx_detach = mlx5x_dp_dv_rx_detach,
	.tx_detach = mlx5x_dp_dv_tx_detach,
	.rx_fill = mlx5x_dp_dv_rx_fill,
	.rx_arm = mlx5x_dp_dv_rx_arm,
	.rx_is_done = mlx5x_dp_dv_rx_is_done,
	.tx_reap = mlx5x_dp_dv_tx_reap,
	.rx_discard = mlx5x_dp_dv_rx_discard,
	.tx_discard = mlx5x_dp_dv_tx_discard,
};

/* The widest vectors that the processor has, and that EAL allows (--force-max-simd-bitwidth). */
#ifdef MLX5X_DV_AVX2
static bool
has_avx2(void)
{
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256 &&
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) &&
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVBE);
}

#define AVX2_OR_SCALAR(name) (has_avx2() ? &name##_avx2 : &name##_scalar)
#else
#define AVX2_OR_SCALAR(name) (&name##_scalar)
#endif

/* The reason why a ring cannot be used, or NULL. */
static const char *
read_cq(struct mlx5x_dv_cq *to, const struct mlx5dv_cq *from, uint32_t wanted)
{
	if (from->cqe_size != sizeof(struct mlx5_cqe64))
		return "its CQEs do not have 64 bytes";
	if (!rte_is_power_of_2(from->cqe_cnt) || from->cqe_cnt < wanted)
		return "the size of its CQ is not a power of two, or too small";
	*to = (struct mlx5x_dv_cq){
		.cqes = from->buf,
		.doorbell = from->dbrec,
		.size = from->cqe_cnt,
		.uar = RTE_PTR_ADD(from->cq_uar, MLX5_CQ_DOORBELL),
		.number = from->cqn,
	};
	return NULL;
}

static const char *
read_rq(struct mlx5x_rxq *rxq, const struct mlx5dv_rwq *from)
{
	/* The queue uses one index for its slots and those of the ring. */
	if (from->wqe_cnt != rxq->size)
		return "its ring does not have the requested number of slots";
	if (from->stride % sizeof(struct mlx5x_dv_seg) != 0 ||
	    from->stride / sizeof(struct mlx5x_dv_seg) < rxq->nb_sge)
		return "its slots do not have the requested number of segments";
	rxq->dv.rq = (struct mlx5x_dv_rq){
		.segs = from->buf,
		.doorbell = from->dbrec,
		.stride = from->stride / sizeof(struct mlx5x_dv_seg),
	};
	return NULL;
}

static const char *
read_sq(struct mlx5x_txq *txq, const struct mlx5dv_qp *from)
{
	if (from->sq.stride != MLX5_SEND_WQE_BB)
		return "its WQEBBs do not have 64 bytes";
	if (!rte_is_power_of_2(from->sq.wqe_cnt) || from->sq.wqe_cnt < txq->size ||
	    from->sq.wqe_cnt > MLX5X_DV_MAX_BLOCKS)
		return "the size of its ring is not a power of two, too small, or too large";
	if (from->bf.reg == NULL)
		return "it has no doorbell register";
	txq->dv.sq = (struct mlx5x_dv_sq){
		.segs = from->sq.buf,
		.doorbell = from->dbrec,
		.uar = from->bf.reg,
		.size = from->sq.wqe_cnt,
		.qpn = txq->qp->qp_num << 8,
	};
	return NULL;
}

static int
refuse(const struct mlx5x_port *port, const char *kind, uint16_t index, const char *why)
{
	MLX5X_LOG(ERR, "%s: wire=dv cannot drive %s queue %u: %s", port->dev->data->name, kind,
		index, why);
	return -ENOTSUP;
}

/* Segments of a slot beyond its buffers stay empty. */
static void
clear_slots(const struct mlx5x_rxq *rxq)
{
	uint32_t i;

	for (i = 0; i < rxq->size * rxq->dv.rq.stride; i++)
		mlx5x_dv_put_no_data(&rxq->dv.rq.segs[i]);
}

/* The initial fields that all mbufs of the queue have in common, as one word. */
static uint64_t
rearm_word(const struct mlx5x_rxq *rxq)
{
	struct rte_mbuf mbuf = {
		.data_off = RTE_PKTMBUF_HEADROOM,
		.refcnt = 1,
		.nb_segs = 1,
		.port = rxq->port_id,
	};
	uint64_t word;

	memcpy(&word, RTE_PTR_ADD(&mbuf, offsetof(struct rte_mbuf, rearm_data)), sizeof(word));
	return word;
}

/* Set ol_flags only for offloads enabled on this queue. */
static void
choose_flags(struct mlx5x_rxq *rxq)
{
	bool pinned = (rte_pktmbuf_priv_flags(rxq->pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0;
	uint64_t offloads = rxq->offloads;
	uint32_t i;

	for (i = 0; i < RTE_DIM(rxq->dv.flags); i++) {
		rxq->dv.flags[i] = pinned ? RTE_MBUF_F_EXTERNAL : 0;
		if ((i & MLX5X_DV_L3_OK) != 0 && (offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0)
			rxq->dv.flags[i] |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
		if ((i & MLX5X_DV_L4_OK) != 0 &&
		    (offloads & (RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)) != 0)
			rxq->dv.flags[i] |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
		if ((i & MLX5X_DV_VLAN_STRIPPED) != 0)
			rxq->dv.flags[i] |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	}
	rxq->dv.rss_flag = (offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0 ?
		RTE_MBUF_F_RX_RSS_HASH : 0;
}

int
mlx5x_dp_dv_rx_attach(struct mlx5x_rxq *rxq)
{
	struct mlx5dv_rwq rwq = {0};
	struct mlx5dv_cq cq = {0};
	struct mlx5dv_obj obj = {.rwq = {rxq->wq, &rwq}, .cq = {rxq->cq, &cq}};
	const char *why;

	if (mlx5dv_init_obj(&obj, MLX5DV_OBJ_RWQ | MLX5DV_OBJ_CQ) != 0)
		return refuse(rxq->port, "Rx", rxq->index, "mlx5dv cannot access its rings");
	why = read_cq(&rxq->dv.cq, &cq, rxq->size);
	if (why == NULL)
		why = read_rq(rxq, &rwq);
	if (why != NULL)
		return refuse(rxq->port, "Rx", rxq->index, why);
	clear_slots(rxq);
	choose_flags(rxq);
	rxq->dv.bursts = AVX2_OR_SCALAR(mlx5x_dv_rx_bursts);
	rxq->dv.rearm = rearm_word(rxq);
	/* A frame may leave buffers of its slot unused. */
	rxq->dv.ragged = rxq->nb_sge > 1;
	return 0;
}

void
mlx5x_dp_dv_rx_detach(struct mlx5x_rxq *rxq)
{
	rxq->dv = (struct mlx5x_dv_rxq){0};
}

static void
choose_checksums(struct mlx5x_txq *txq)
{
	uint8_t wanted;
	uint64_t flags;
	uint32_t i;

	for (i = 0; i < RTE_DIM(txq->dv.checksums); i++) {
		flags = (uint64_t)i << MLX5X_DP_DV_CHECKSUMS_SHIFT;
		wanted = 0;
		if ((flags & RTE_MBUF_F_TX_IP_CKSUM) != 0)
			wanted |= MLX5_ETH_WQE_L3_CSUM;
		if ((flags & RTE_MBUF_F_TX_L4_MASK) != 0)
			wanted |= MLX5_ETH_WQE_L4_CSUM;
		txq->dv.checksums[i] = mlx5x_dv_eth_word(wanted);
	}
}

static uint16_t
inline_min(const struct mlx5x_port *port)
{
	return mlx5x_caps_inlines_l2(MLX5X_PCI_DEV(port->dev)->id.device_id) ? L2_INLINE : 0;
}

static_assert(4 + MLX5X_CAPS_SGE <= MLX5X_DV_MAX_SEGS, "a packet of MLX5X_CAPS_SGE");
static_assert(2 + MLX5X_DEVARGS_INLINE_MAX / 16 <= MLX5X_DV_MAX_SEGS, "inlined whole");

static void
choose_burst(struct mlx5x_txq *txq)
{
	const struct mlx5x_dv_bursts *bursts = AVX2_OR_SCALAR(mlx5x_dv_bursts);
	const bool promised = txq->fast_free && (txq->offloads & TX_CHECKSUMS) == 0;
	const struct mlx5x_port *port = txq->port;
	struct mlx5dv_context dv = {0};

	txq->dv.inline_min = inline_min(port);
	txq->dv.inline_max = port->devargs.tx_inline;
	txq->dv.max_blocks = RTE_MAX(
		mlx5x_dv_blocks(2 + mlx5x_dv_inline_segs(txq->dv.inline_min) + txq->max_sge),
		mlx5x_dv_blocks(2 + mlx5x_dv_inline_segs(txq->dv.inline_max)));
	txq->dv.burst = promised ? bursts->plain_promised : bursts->plain;
	if (txq->dv.inline_min != 0 || txq->dv.inline_max != 0) {
		txq->dv.burst = mlx5x_dv_bursts_scalar.inlined;
	} else if (port->devargs.tx_mpw && mlx5dv_query_device(port->ctx, &dv) == 0 &&
			(dv.flags & MLX5DV_CONTEXT_FLAGS_ENHANCED_MPW) != 0) {
		txq->dv.burst = promised ? bursts->mpw_promised : bursts->mpw;
		txq->dv.max_blocks = RTE_MAX(txq->dv.max_blocks, MLX5X_DV_MPW_BLOCKS);
	}
}

int
mlx5x_dp_dv_tx_attach(struct mlx5x_txq *txq)
{
	struct mlx5dv_qp qp = {0};
	struct mlx5dv_cq cq = {0};
	struct mlx5dv_obj obj = {.qp = {txq->qp, &qp}, .cq = {txq->cq, &cq}};
	const char *why;

	if (mlx5dv_init_obj(&obj, MLX5DV_OBJ_QP | MLX5DV_OBJ_CQ) != 0)
		return refuse(txq->port, "Tx", txq->index, "mlx5dv cannot access its rings");
	why = read_cq(&txq->dv.cq, &cq, txq->size);
	if (why == NULL)
		why = read_sq(txq, &qp);
	if (why != NULL)
		return refuse(txq->port, "Tx", txq->index, why);
	txq->dv.sq.marks = rte_calloc("mlx5_ext tx marks", txq->dv.sq.size,
		sizeof(*txq->dv.sq.marks), 0);
	if (txq->dv.sq.marks == NULL)
		return -ENOMEM;
	choose_checksums(txq);
	choose_burst(txq);
	return 0;
}

void
mlx5x_dp_dv_tx_detach(struct mlx5x_txq *txq)
{
	rte_free(txq->dv.sq.marks);
	txq->dv = (struct mlx5x_dv_txq){0};
}
