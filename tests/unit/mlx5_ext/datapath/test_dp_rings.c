/* SPDX-License-Identifier: BSD-3-Clause */
/* The receive burst of a queue with further rings; the device is a number of frames in each CQ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include "datapath/dp_verbs.h"
#include "datapath/early.h"
#include "fake_heap.h"
#include "queue/recover.h"
#include "queue/rxq.h"
#include "verbs_rx_fakes.h"

#define RINGS 3
#define SIZE 256u

static struct mlx5x_rxq rings[RINGS];	/* the queue's own, and two further ones */
static struct ibv_cq cqs[RINGS];
static uint32_t nb_arrived[RINGS], nb_polled[RINGS];
static uint32_t nb_lost[RINGS];		/* frames that did not arrive, before the next one */
static struct rte_mbuf *elts[RINGS][SIZE], mbufs[RINGS][SIZE];
static struct mlx5x_port port;
static unsigned int failing, nb_recovered;	/* the CQ with an error; recoveries of pairs */
static uint16_t recovered;

static int
poll_cq(struct ibv_cq *cq, int n, struct ibv_wc *wc)
{
	unsigned int ring = cq - cqs;
	int i;

	if (ring == failing) {
		wc[0] = (struct ibv_wc){.status = IBV_WC_WR_FLUSH_ERR};
		return 1;
	}
	for (i = 0; i < n && nb_polled[ring] != nb_arrived[ring]; i++) {
		wc[i] = (struct ibv_wc){.status = IBV_WC_SUCCESS, .byte_len = 60,
			.imm_data = rte_cpu_to_be_32(nb_polled[ring] + nb_lost[ring]),
			.wr_id = nb_polled[ring] % SIZE};
		nb_polled[ring]++;
	}
	return i;
}

static struct ibv_context device = {.ops = {.poll_cq = poll_cq}};

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *index, uintptr_t addr)
{
	return NULL;
}

void
mlx5x_recover(struct mlx5x_port *of, uint16_t index)
{
	nb_recovered++;
	recovered = index;
}

/* Rings that are not refilled, as none of them has that many free slots. */
static int
set_up(void **state)
{
	unsigned int i, k;

	failing = RINGS;
	nb_recovered = 0;
	for (i = 0; i < RINGS; i++) {
		cqs[i].context = &device;
		nb_arrived[i] = nb_polled[i] = nb_lost[i] = 0;
		rings[i] = (struct mlx5x_rxq){.elts = elts[i], .size = SIZE, .pi = SIZE, .nb_sge = 1,
			.data_room = 2048, .cq = &cqs[i], .port = &port, .index = i, .missed = true,
			.miss.pause = UINT16_MAX, .more = i + 1 < RINGS ? &rings[i + 1] : NULL,
			.owner = i != 0 ? &rings[0] : NULL};
		memset(mbufs[i], 0, sizeof(mbufs[i]));
		for (k = 0; k < SIZE; k++)
			elts[i][k] = &mbufs[i][k];
	}
	return 0;
}

/* Of n packets at most; returns their number. */
static unsigned int
burst(uint16_t n)
{
	struct rte_mbuf *pkts[64];
	uint16_t count = mlx5x_dp_verbs_rx_burst(&rings[0], pkts, n), i;

	assert_uint_in_range(count, 0, n);
	for (i = 0; i < count; i++)
		assert_int_equal(pkts[i]->pkt_len, 60);
	return count;
}

static void
all_rings_are_polled(void **state)
{
	nb_arrived[0] = 3;
	nb_arrived[1] = 4;
	nb_arrived[2] = 5;
	assert_int_equal(burst(32), 12);
	assert_int_equal(rings[0].ci + rings[1].ci + rings[2].ci, 12);
	assert_int_equal(rings[1].stats.packets, 4);
	assert_int_equal(burst(32), 0);
}

/* However many packets arrive by the others. */
static void
no_ring_starves(void **state)
{
	unsigned int i;

	for (i = 0; i < RINGS; i++)
		nb_arrived[i] = SIZE;
	for (i = 0; i < 3 * RINGS; i++)
		assert_int_equal(burst(16), 16);
	for (i = 0; i < RINGS; i++)
		assert_int_equal(nb_polled[i], 48);
}

/* A burst of more packets than one ring has begins with the ring after the last. */
static void
a_full_burst_ends_in_the_middle(void **state)
{
	nb_arrived[0] = nb_arrived[1] = nb_arrived[2] = 10;
	assert_int_equal(burst(15), 15);
	assert_int_equal(nb_polled[1], 5);
	assert_int_equal(burst(12), 12);
	assert_int_equal(nb_polled[2], 10);
	assert_int_equal(burst(12), 3);
	assert_int_equal(nb_polled[1], 10);
}

/* Its pair is being reset, or the other end does not use it. */
static void
a_ring_with_a_closed_gate_is_left_out(void **state)
{
	mlx5x_gate_close(&rings[1].user.gate);
	nb_arrived[0] = nb_arrived[1] = nb_arrived[2] = 10;
	assert_int_equal(burst(32), 20);
	assert_int_equal(nb_polled[1], 0);
	mlx5x_gate_open(&rings[1].user.gate);
	assert_int_equal(burst(32), 10);
}

/* Its own gate is closed by queue_ops.c, but not those of the further rings. */
static void
no_ring_of_a_stopped_queue_is_polled(void **state)
{
	mlx5x_gate_close(&rings[0].user.gate);
	rings[0].stopped = true;
	nb_arrived[0] = nb_arrived[1] = nb_arrived[2] = 10;
	assert_int_equal(burst(32), 0);
	assert_int_equal(nb_polled[0] + nb_polled[1] + nb_polled[2], 0);
	mlx5x_gate_open(&rings[0].user.gate);
	rings[0].stopped = false;
	assert_int_equal(burst(32), 30);
}

/* Some of them by rte_eth_rx_queue_count(), before the burst. */
static void
early_cqes_of_all_rings_are_taken(void **state)
{
	unsigned int i;

	for (i = 0; i < RINGS; i++) {
		rings[i].room = SIZE;
		assert_int_equal(mlx5x_early_create(&rings[i]), 0);
		nb_arrived[i] = 5;
	}
	assert_true(mlx5x_early_poll(&rings[0], 4));
	assert_true(mlx5x_early_poll(&rings[2], 0));
	nb_arrived[2] = 7;
	assert_int_equal(burst(32), 15);
	assert_int_equal(burst(32), 2);
	assert_int_equal(rings[2].stats.packets, 7);
	for (i = 0; i < RINGS; i++)
		mlx5x_early_destroy(&rings[i]);
}

/* A packet of IPv4 whose header checksum is right, or wrong in the further rings. */
static void
write_ipv4(struct rte_mbuf *pkt, bool wrong)
{
	static uint8_t frames[RINGS * SIZE][64];
	static unsigned int used;
	struct rte_ether_hdr *ether = (void *)frames[used++ % RTE_DIM(frames)];
	struct rte_ipv4_hdr *ip = (void *)(ether + 1);

	memset(ether, 0, 64);
	ether->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = RTE_BE16(40);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	ip->time_to_live = wrong;
	pkt->buf_addr = ether;
	pkt->data_off = 0;
}

static void
check_checksums(eth_rx_burst_t software)
{
	struct rte_mbuf *pkts[32];
	uint16_t n, i, bad = 0, good = 0;
	unsigned int ring;

	for (ring = 0; ring < RINGS; ring++)
		for (i = 0; i < 3; i++)
			write_ipv4(&mbufs[ring][nb_arrived[ring]++], ring != 0);
	n = software(&rings[0], pkts, 32);
	assert_int_equal(n, 9);
	for (i = 0; i < n; i++) {
		good += (pkts[i]->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) ==
			RTE_MBUF_F_RX_IP_CKSUM_GOOD;
		bad += (pkts[i]->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) ==
			RTE_MBUF_F_RX_IP_CKSUM_BAD;
	}
	assert_int_equal(good, 3);
	assert_int_equal(bad, 6);
}

static void
checksums_of_all_rings_are_verified(void **state)
{
	rings[0].offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
	check_checksums(mlx5x_dp_verbs_rx_burst_software);
	check_checksums(mlx5x_dp_verbs_numbered_rx_burst_software);
}

static void
the_pair_of_a_failed_ring_is_recovered(void **state)
{
	failing = 2;
	nb_arrived[0] = 10;
	assert_int_equal(burst(32), 10);
	assert_int_equal(nb_recovered, 1);
	assert_int_equal(recovered, 2);
	assert_int_equal(rings[2].stats.errors, 1);
}

static void
a_queue_alone_has_all_its_packets(void **state)
{
	rings[0].more = NULL;
	nb_arrived[0] = 40;
	assert_int_equal(burst(32), 32);
	assert_int_equal(burst(32), 8);
	assert_null(rings[0].turn);
}

static uint64_t
missed(uint16_t n)
{
	struct rte_mbuf *pkts[64];

	assert_int_equal(mlx5x_dp_verbs_numbered_rx_burst(&rings[0], pkts, 64), n);
	return rings[0].stats.missed;
}

static void
missing_numbers_are_counted(void **state)
{
	rings[0].more = NULL;
	nb_arrived[0] = 3;
	assert_int_equal(missed(3), 0);
	nb_arrived[0] += 10;
	nb_lost[0] = 5;
	assert_int_equal(missed(10), 5);
	assert_int_equal(missed(0), 5);
	nb_arrived[0]++;
	assert_int_equal(missed(1), 5);
	/* After a recovery of the other end, which took two for lost that have arrived. */
	nb_lost[0] -= 2;
	nb_arrived[0] += 4;
	assert_int_equal(missed(4), 5);
	nb_lost[0] += 1;
	nb_arrived[0] += 4;
	assert_int_equal(missed(4), 6);
	/* 32 bits. */
	rings[0].next_number = nb_lost[0] = UINT32_MAX - 20;
	rings[0].next_number += nb_polled[0];
	nb_arrived[0] += 30;
	assert_int_equal(missed(30), 6);
}

/* Each has a QP of its own at the other end. */
static void
each_ring_has_its_own_numbers(void **state)
{
	struct rte_mbuf *pkts[64];

	nb_arrived[0] = nb_arrived[1] = nb_arrived[2] = 5;
	nb_lost[1] = 3;
	assert_int_equal(mlx5x_dp_verbs_numbered_rx_burst(&rings[0], pkts, 64), 15);
	assert_int_equal(rings[0].stats.missed + rings[2].stats.missed, 0);
	assert_int_equal(rings[1].stats.missed, 3);
}

/* A CQE that was polled before the burst, too. */
static void
early_cqes_keep_their_numbers(void **state)
{
	rings[0].more = NULL;
	rings[0].room = SIZE;
	assert_int_equal(mlx5x_early_create(&rings[0]), 0);
	nb_arrived[0] = 3;
	assert_true(mlx5x_early_poll(&rings[0], 2));
	assert_int_equal(missed(3), 0);
	nb_lost[0] = 4;
	nb_arrived[0] += 5;
	assert_true(mlx5x_early_poll(&rings[0], 4));
	nb_lost[0] += 2;
	nb_arrived[0]++;
	assert_int_equal(missed(5), 4);
	assert_int_equal(missed(1), 6);
	mlx5x_early_destroy(&rings[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_rings_are_polled, set_up),
		cmocka_unit_test_setup(no_ring_starves, set_up),
		cmocka_unit_test_setup(a_full_burst_ends_in_the_middle, set_up),
		cmocka_unit_test_setup(a_ring_with_a_closed_gate_is_left_out, set_up),
		cmocka_unit_test_setup(no_ring_of_a_stopped_queue_is_polled, set_up),
		cmocka_unit_test_setup(early_cqes_of_all_rings_are_taken, set_up),
		cmocka_unit_test_setup(checksums_of_all_rings_are_verified, set_up),
		cmocka_unit_test_setup(the_pair_of_a_failed_ring_is_recovered, set_up),
		cmocka_unit_test_setup(a_queue_alone_has_all_its_packets, set_up),
		cmocka_unit_test_setup(missing_numbers_are_counted, set_up),
		cmocka_unit_test_setup(each_ring_has_its_own_numbers, set_up),
		cmocka_unit_test_setup(early_cqes_keep_their_numbers, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
