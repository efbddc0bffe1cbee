/* SPDX-License-Identifier: BSD-3-Clause */
/* Attaching wire=dv to rings: assumptions of the bursts are checked, and other rings rejected. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/mlx5dv.h>
#include <rte_cpuflags.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_vect.h>

#include "common/compat.h"
#include "datapath/dp_dv.h"
#include "datapath/dv_wqe.h"
#include "queue/rxq.h"
#include "queue/txq.h"

#define SLOTS 64u
#define QPN 0x1234u

int mlx5x_logtype;

static uint8_t rings[4][SLOTS * 256] __attribute__((aligned(64)));
static __be32 doorbells[4][2];
static uint64_t uar[8];
/* Attributes reported by the device. */
static struct mlx5dv_cq cq;
static struct mlx5dv_rwq rwq;
static struct mlx5dv_qp qp;
static uint64_t device_flags;
static int init_error;
static bool out_of_memory;

static struct ibv_qp verbs_qp = {.qp_num = QPN};
static struct rte_eth_dev_data data = {.name = "0000:aa:00.0"};
static struct rte_pci_device pci;
static struct rte_eth_dev dev = {.data = &data, .device = &pci.device};
static struct mlx5x_port port = {.dev = &dev};
static struct {
	struct rte_mempool pool;
	struct rte_pktmbuf_pool_private private;
} pool = {.pool = {.private_data_size = sizeof(struct rte_pktmbuf_pool_private)}};
static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;

int
mlx5dv_init_obj(struct mlx5dv_obj *obj, uint64_t type)
{
	if (type & MLX5DV_OBJ_CQ)
		*obj->cq.out = cq;
	if (type & MLX5DV_OBJ_RWQ)
		*obj->rwq.out = rwq;
	if (type & MLX5DV_OBJ_QP)
		*obj->qp.out = qp;
	return init_error;
}

int
mlx5dv_query_device(struct ibv_context *context, struct mlx5dv_context *attr)
{
	attr->flags = device_flags;
	return 0;
}

/* EAL's heap does not exist here. */
void *
rte_calloc(const char *type, size_t n, size_t size, unsigned int align)
{
	return out_of_memory ? NULL : calloc(n, size);
}

void
rte_free(void *memory)
{
	free(memory);
}

/* The bursts are in other files. */
const uint32_t mlx5x_dp_dv_ptypes[8];
#define NOT_HERE(type, name, ...) type name(__VA_ARGS__) { abort(); }
NOT_HERE(uint16_t, mlx5x_dp_dv_rx_burst, void *queue, struct rte_mbuf **pkts, uint16_t n)
NOT_HERE(uint16_t, mlx5x_dp_dv_tx_burst, void *queue, struct rte_mbuf **pkts, uint16_t n)
NOT_HERE(void, mlx5x_dp_dv_rx_fill, struct mlx5x_rxq *queue)
NOT_HERE(int, mlx5x_dp_dv_rx_arm, struct mlx5x_rxq *queue)
NOT_HERE(bool, mlx5x_dp_dv_rx_is_done, struct mlx5x_rxq *queue, uint32_t offset)
NOT_HERE(void, mlx5x_dp_dv_tx_reap, struct mlx5x_txq *queue)
NOT_HERE(uint32_t, mlx5x_dp_dv_rx_discard, struct mlx5x_rxq *queue)
NOT_HERE(void, mlx5x_dp_dv_tx_discard, struct mlx5x_txq *queue)
const struct mlx5x_dv_rx_bursts mlx5x_dv_rx_bursts_scalar;
const struct mlx5x_dv_bursts mlx5x_dv_bursts_scalar = {
	.plain = (eth_tx_burst_t)(uintptr_t)1,
	.mpw = (eth_tx_burst_t)(uintptr_t)2,
	.inlined = (eth_tx_burst_t)(uintptr_t)3,
	.plain_promised = (eth_tx_burst_t)(uintptr_t)6,
	.mpw_promised = (eth_tx_burst_t)(uintptr_t)7,
};
const struct mlx5x_dv_rx_bursts mlx5x_dv_rx_bursts_avx2;
const struct mlx5x_dv_bursts mlx5x_dv_bursts_avx2 = {
	.plain = (eth_tx_burst_t)(uintptr_t)4,
	.mpw = (eth_tx_burst_t)(uintptr_t)5,
};

static uint16_t simd_allowed;
static bool cpu_has_avx2;

uint16_t
rte_vect_get_max_simd_bitwidth(void)
{
	return simd_allowed;
}

int
rte_cpu_get_flag_enabled(enum rte_cpu_flag_t feature)
{
	return cpu_has_avx2;
}

static int
set_up(void **state)
{
	cq = (struct mlx5dv_cq){.buf = rings[0], .dbrec = doorbells[0], .cqe_cnt = 2 * SLOTS,
		.cqe_size = 64, .cq_uar = uar, .cqn = 5};
	rwq = (struct mlx5dv_rwq){.buf = rings[1], .dbrec = doorbells[1], .wqe_cnt = SLOTS,
		.stride = 64};
	qp = (struct mlx5dv_qp){.dbrec = doorbells[2], .sq = {rings[2], SLOTS, 64},
		.bf = {.reg = uar}};
	simd_allowed = RTE_VECT_SIMD_128;
	cpu_has_avx2 = true;
	device_flags = MLX5DV_CONTEXT_FLAGS_MPW_ALLOWED | MLX5DV_CONTEXT_FLAGS_ENHANCED_MPW;
	init_error = 0;
	out_of_memory = false;
	pci.id.device_id = 0x1017;
	pool.private.flags = 0;
	port.devargs = (struct mlx5x_devargs){.tx_mpw = true};
	rxq = (struct mlx5x_rxq){.port = &port, .pool = &pool.pool, .size = SLOTS, .nb_sge = 3,
		.port_id = 7};
	txq = (struct mlx5x_txq){.port = &port, .qp = &verbs_qp, .size = SLOTS, .max_sge = 16};
	return 0;
}

static void
rings_are_used_as_reported(void **state)
{
	uint32_t i;

	assert_int_equal(mlx5x_dp_dv_rx_attach(&rxq), 0);
	assert_ptr_equal(rxq.dv.rq.segs, rings[1]);
	assert_ptr_equal(rxq.dv.rq.doorbell, doorbells[1]);
	assert_int_equal(rxq.dv.rq.stride, 4);
	assert_int_equal(rxq.dv.cq.size, 2 * SLOTS);
	assert_ptr_equal(rxq.dv.cq.uar, (uint8_t *)uar + MLX5_CQ_DOORBELL);
	for (i = 0; i < 4 * SLOTS; i++)
		assert_int_equal(be64toh(rxq.dv.rq.segs[i].words[0]), MLX5_INVALID_LKEY);
	assert_int_equal(mlx5x_dp_dv_tx_attach(&txq), 0);
	assert_ptr_equal(txq.dv.sq.segs, rings[2]);
	assert_ptr_equal(txq.dv.sq.uar, uar);
	assert_int_equal(txq.dv.sq.size, SLOTS);
	assert_int_equal(txq.dv.sq.qpn, QPN << 8);
	mlx5x_dp_dv_rx_detach(&rxq);
	mlx5x_dp_dv_tx_detach(&txq);
	assert_null(txq.dv.sq.marks);
}

static void
refuses_rx(void)
{
	assert_int_equal(mlx5x_dp_dv_rx_attach(&rxq), -ENOTSUP);
	set_up(NULL);
}

static void
refuses_tx(void)
{
	assert_int_equal(mlx5x_dp_dv_tx_attach(&txq), -ENOTSUP);
	assert_null(txq.dv.sq.marks);
	set_up(NULL);
}

static void
unknown_geometry_is_refused(void **state)
{
	init_error = EOPNOTSUPP;
	refuses_rx();
	init_error = EOPNOTSUPP;
	refuses_tx();
	cq.cqe_size = 128;
	refuses_rx();
	cq.cqe_size = 128;
	refuses_tx();
	cq.cqe_cnt = SLOTS / 2;
	refuses_rx();
	cq.cqe_cnt = SLOTS + 1;
	refuses_tx();
	rwq.wqe_cnt = 2 * SLOTS;
	refuses_rx();
	rwq.stride = 32;
	refuses_rx();
	rwq.stride = 72;
	refuses_rx();
	qp.sq.stride = 128;
	refuses_tx();
	qp.sq.wqe_cnt = SLOTS / 2;
	refuses_tx();
	qp.sq.wqe_cnt = SLOTS + 1;
	refuses_tx();
	qp.sq.wqe_cnt = 2 * MLX5X_DV_MAX_BLOCKS;
	refuses_tx();
	qp.bf.reg = NULL;
	refuses_tx();
	out_of_memory = true;
	assert_int_equal(mlx5x_dp_dv_tx_attach(&txq), -ENOMEM);
}

static void
check_burst(eth_tx_burst_t wanted, uint16_t max_blocks)
{
	assert_int_equal(mlx5x_dp_dv_tx_attach(&txq), 0);
	assert_ptr_equal(txq.dv.burst, wanted);
	assert_int_equal(txq.dv.max_blocks, max_blocks);
	mlx5x_dp_dv_tx_detach(&txq);
}

static void
the_burst_depends_on_device_and_devargs(void **state)
{
	check_burst(mlx5x_dv_bursts_scalar.mpw, 9);
	port.devargs.tx_mpw = false;
	check_burst(mlx5x_dv_bursts_scalar.plain, 5);
	port.devargs.tx_mpw = true;
	device_flags = MLX5DV_CONTEXT_FLAGS_MPW_ALLOWED;
	check_burst(mlx5x_dv_bursts_scalar.plain, 5);
	port.devargs.tx_inline = 512;
	check_burst(mlx5x_dv_bursts_scalar.inlined, 9);
	port.devargs.tx_inline = 0;
	pci.id.device_id = 0x1016;
	check_burst(mlx5x_dv_bursts_scalar.inlined, 5);
}

/* Checksums are a matter of each packet. */
static void
fast_free_without_checksums_is_a_promise(void **state)
{
	txq.fast_free = true;
	check_burst(mlx5x_dv_bursts_scalar.mpw_promised, 9);
	port.devargs.tx_mpw = false;
	check_burst(mlx5x_dv_bursts_scalar.plain_promised, 5);
	txq.offloads = RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	check_burst(mlx5x_dv_bursts_scalar.plain, 5);
	port.devargs.tx_mpw = true;
	check_burst(mlx5x_dv_bursts_scalar.mpw, 9);
}

static void
check_vectors(bool wide)
{
	assert_int_equal(mlx5x_dp_dv_rx_attach(&rxq), 0);
	assert_ptr_equal(rxq.dv.bursts, wide ? &mlx5x_dv_rx_bursts_avx2 : &mlx5x_dv_rx_bursts_scalar);
	mlx5x_dp_dv_rx_detach(&rxq);
	check_burst(wide ? mlx5x_dv_bursts_avx2.mpw : mlx5x_dv_bursts_scalar.mpw, 9);
	port.devargs.tx_mpw = false;
	check_burst(wide ? mlx5x_dv_bursts_avx2.plain : mlx5x_dv_bursts_scalar.plain, 5);
	port.devargs.tx_mpw = true;
}

static void
vectors_are_those_of_the_cpu_that_eal_allows(void **state)
{
#ifdef MLX5X_DV_AVX2
	bool built = true;
#else
	bool built = false;
#endif

	check_vectors(false);
	simd_allowed = RTE_VECT_SIMD_256;
	check_vectors(built);
	simd_allowed = RTE_VECT_SIMD_512;
	check_vectors(built);
	cpu_has_avx2 = false;
	check_vectors(false);
}

static void
only_enabled_offloads_are_reported(void **state)
{
	uint16_t fields[4];

	rxq.offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
	pool.private.flags = RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;
	assert_int_equal(mlx5x_dp_dv_rx_attach(&rxq), 0);
	assert_int_equal(rxq.dv.flags[MLX5X_DV_L3_OK | MLX5X_DV_L4_OK],
		RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_EXTERNAL);
	assert_int_equal(rxq.dv.rss_flag, 0);
	memcpy(fields, &rxq.dv.rearm, sizeof(fields));
	assert_int_equal(fields[0], RTE_PKTMBUF_HEADROOM);
	assert_int_equal(fields[3], 7);
	rxq.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	pool.private.flags = 0;
	assert_int_equal(mlx5x_dp_dv_rx_attach(&rxq), 0);
	assert_int_equal(rxq.dv.flags[MLX5X_DV_L4_OK], RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	assert_int_equal(rxq.dv.flags[MLX5X_DV_VLAN_STRIPPED],
		RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED);
	assert_int_equal(rxq.dv.rss_flag, RTE_MBUF_F_RX_RSS_HASH);
}

static void
checksums_are_by_the_flags_of_a_packet(void **state)
{
	assert_int_equal(mlx5x_dp_dv_tx_attach(&txq), 0);
	assert_int_equal(txq.dv.checksums[0], 0);
	assert_int_equal(be64toh(txq.dv.checksums[RTE_MBUF_F_TX_IP_CKSUM >> 52]),
		MLX5_ETH_WQE_L3_CSUM << 24);
	assert_int_equal(be64toh(txq.dv.checksums[RTE_MBUF_F_TX_UDP_CKSUM >> 52]),
		(uint64_t)MLX5_ETH_WQE_L4_CSUM << 24);
	assert_int_equal(be64toh(txq.dv.checksums[
			(RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IP_CKSUM) >> 52]),
		(uint64_t)(MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM) << 24);
	mlx5x_dp_dv_tx_detach(&txq);
}

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(rings_are_used_as_reported),
		CASE(unknown_geometry_is_refused),
		CASE(the_burst_depends_on_device_and_devargs),
		CASE(fast_free_without_checksums_is_a_promise),
		CASE(vectors_are_those_of_the_cpu_that_eal_allows),
		CASE(only_enabled_offloads_are_reported),
		CASE(checksums_are_by_the_flags_of_a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
