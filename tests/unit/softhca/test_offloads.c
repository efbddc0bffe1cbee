/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Offloads of the device: RSS over work queues, flow tags, VLAN, checksums, and the forms of a send
 * WQE. The device supports enhanced multi-packet WQEs here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "packet.h"
#include "queue/wqe.h"
#include "ring.h"

#define QUEUES 4

static const struct packet_plan udp = {
	.src = {10, 0, 0, 1}, .dst = {10, 0, 0, 2}, .src_port = 1, .dst_port = 2, .payload = 50,
};

/*
 * Writes the packet into the rig's memory, sends it with these Ethernet flags, and receives a
 * packet.
 */
static const struct mlx5_cqe64 *
send_packet(struct ring *ring, const struct packet *packet, uint8_t flags)
{
	struct ring_wqe wqe = ring_send(ring);

	memcpy(ring->rig->mem, packet->bytes, packet->len);
	wqe.ds = 2;
	wqe.bytes[20] = flags;
	ring_add(&wqe, packet->len, ring->rig->mr->lkey, (uintptr_t)ring->rig->mem);
	ring_recv(ring, 2048, ring->rig->mr->lkey, (uintptr_t)ring->rig->mem + RIG_RECEIVED);
	ring_post(ring, &wqe);
	assert_int_equal(ring_syndrome(ring_sent(ring)), RING_OK);
	return ring_received(ring);
}

static void
checksums_are_filled_and_verified(void **state)
{
	const uint8_t both = MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM;
	struct packet_plan plan = udp;
	const struct mlx5_cqe64 *cqe;
	struct packet packet;
	struct ring ring;
	uint8_t l4;
	int i;

	ring_open(&ring, *state);
	for (i = 0; i < 4; i++) {
		plan.ipv6 = (i & 1) != 0;
		plan.tcp = (i & 2) != 0;
		l4 = plan.tcp ? 4 : 2;
		packet_make(&packet, &plan);
		cqe = send_packet(&ring, &packet, both);
		assert_int_equal(cqe->hds_ip_ext, MLX5_CQE_L2_OK | MLX5_CQE_L3_OK | MLX5_CQE_L4_OK);
		assert_int_equal(cqe->l4_hdr_type_etc, l4 << 4 | (plan.ipv6 ? 1 : 2) << 2);
		/*
		 * Wrong checksums are reported as such: zero, over IPv4 and UDP, means that there
		 * is none.
		 */
		cqe = send_packet(&ring, &packet, 0);
		assert_int_equal((cqe->hds_ip_ext & MLX5_CQE_L3_OK) != 0, plan.ipv6);
		assert_int_equal((cqe->hds_ip_ext & MLX5_CQE_L4_OK) != 0, !plan.ipv6 && !plan.tcp);
		cqe = send_packet(&ring, &packet, MLX5_ETH_WQE_L3_CSUM);
		assert_true((cqe->hds_ip_ext & MLX5_CQE_L3_OK) != 0);
	}
}

static void
other_frames_have_no_flags(void **state)
{
	struct packet packet = {.len = 60};
	const struct mlx5_cqe64 *cqe;
	struct ring ring;

	ring_open(&ring, *state);
	packet.bytes[12] = 0x08;
	packet.bytes[13] = 0x06;
	cqe = send_packet(&ring, &packet, MLX5_ETH_WQE_L3_CSUM | MLX5_ETH_WQE_L4_CSUM);
	assert_int_equal(cqe->hds_ip_ext, MLX5_CQE_L2_OK);
	assert_int_equal(cqe->l4_hdr_type_etc, 0);
	assert_memory_equal(ring.rig->mem + RIG_RECEIVED, packet.bytes, 60);
}

static void
a_vlan_tag_is_inserted(void **state)
{
	struct rig *rig = *state;
	struct packet packet;
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, rig);
	packet_make(&packet, &udp);
	memcpy(rig->mem, packet.bytes, packet.len);
	wqe = ring_send(&ring);
	memcpy(rig->mem, packet.bytes, packet.len);
	wqe.ds = 2;
	wqe.bytes[28] = 0x80;
	wqe.bytes[30] = 0x61;
	wqe.bytes[31] = 0x23;
	ring_add(&wqe, packet.len, rig->mr->lkey, (uintptr_t)rig->mem);
	ring_recv(&ring, 2048, rig->mr->lkey, (uintptr_t)rig->mem + RIG_RECEIVED);
	ring_post(&ring, &wqe);
	assert_int_equal(be32toh(ring_received(&ring)->byte_cnt), packet.len + 4);
	assert_memory_equal(rig->mem + RIG_RECEIVED, packet.bytes, 12);
	assert_memory_equal(rig->mem + RIG_RECEIVED + 12, "\x81\0\x61\x23", 4);
	assert_memory_equal(rig->mem + RIG_RECEIVED + 16, packet.bytes + 12, packet.len - 12);
}

/* The same packet in every form of a WQE. */
static void
inline_in_every_way(void **state)
{
	struct rig *rig = *state;
	struct ring_wqe wqe;
	struct packet packet;
	struct ring ring;
	uint32_t header, body;

	ring_open(&ring, rig);
	packet_make(&packet, &udp);
	/* header bytes in the Ethernet segment, body bytes inline after it, then a pointer. */
	for (header = 0; header <= 40; header++)
		for (body = 0; body <= 30; body += 6) {
			wqe = ring_send(&ring);
			memcpy(rig->mem, packet.bytes, packet.len);
			memcpy(wqe.bytes + 30, packet.bytes, header);
			wqe.bytes[29] = header;
			wqe.ds = 2 + (header > 2 ? (header - 2 + 15) / 16 : 0);
			if (body != 0)
				ring_add_inline(&wqe, packet.bytes + header, body);
			ring_add(&wqe, packet.len - header - body, rig->mr->lkey,
				(uintptr_t)rig->mem + header + body);
			ring_recv(&ring, 2048, rig->mr->lkey, (uintptr_t)rig->mem + RIG_RECEIVED);
			ring_post(&ring, &wqe);
			assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
			assert_int_equal(be32toh(ring_received(&ring)->byte_cnt), packet.len);
			assert_memory_equal(rig->mem + RIG_RECEIVED, packet.bytes, packet.len);
		}
}

static void
several_packets_in_one_wqe(void **state)
{
	struct rig *rig = *state;
	struct ring_wqe wqe;
	struct ring ring;
	int round, i;

	ring_open(&ring, rig);
	for (round = 0; round < 20; round++) {
		wqe = ring_send(&ring);
		wqe.bytes[3] = HCA_OPCODE_EMPW;
		wqe.ds = 2;
		for (i = 0; i < 5; i++) {
			rig_fill(rig->mem + i * 1024, round + i);
			if (i == 3)
				ring_add_inline(&wqe, rig->mem + i * 1024, 60 + i);
			else
				ring_add(&wqe, 60 + i, rig->mr->lkey,
					(uintptr_t)rig->mem + i * 1024);
			ring_recv(&ring, 2048, rig->mr->lkey,
				(uintptr_t)rig->mem + RIG_RECEIVED + i * 2048);
		}
		ring_post(&ring, &wqe);
		assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
		for (i = 0; i < 5; i++) {
			assert_int_equal(be32toh(ring_received(&ring)->byte_cnt), 60 + i);
			assert_memory_equal(
				rig->mem + RIG_RECEIVED + i * 2048, rig->mem + i * 1024, 60 + i);
		}
	}
}

static void
nothing_to_do(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[3] = MLX5_OPCODE_NOP;
	wqe.ds = 1;
	ring_post(&ring, &wqe);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
}

/* Work queues of an RSS QP, in the place of the rig's own receive queue. */
struct spread {
	struct ibv_cq *cqs[QUEUES];
	struct ibv_wq *wqs[QUEUES];
	struct ibv_rwq_ind_table *table;
	struct ibv_qp *qp;
	struct ibv_flow *flow;
};

static void
post(struct rig *rig, struct ibv_wq *wq, uint32_t offset)
{
	struct ibv_sge sge = {(uintptr_t)rig->mem + offset, 1024, rig->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.wr_id = offset, .sg_list = &sge, .num_sge = 1};

	assert_int_equal(ibv_post_wq_recv(wq, &wr, &bad), 0);
}

static void
make_queue(struct rig *rig, struct spread *spread, int i)
{
	struct ibv_wq_init_attr init = {
		.wq_type = IBV_WQT_RQ, .max_wr = 64, .max_sge = 1, .pd = rig->pd,
		.comp_mask = IBV_WQ_INIT_ATTR_FLAGS, .create_flags = IBV_WQ_FLAGS_CVLAN_STRIPPING,
	};
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = IBV_WQS_RDY};
	int j;

	init.cq = spread->cqs[i] = ibv_create_cq(rig->ctx, 63, NULL, NULL, 0);
	spread->wqs[i] = ibv_create_wq(rig->ctx, &init);
	assert_non_null(spread->wqs[i]);
	assert_int_equal(ibv_modify_wq(spread->wqs[i], &attr), 0);
	for (j = 0; j < 48; j++)
		post(rig, spread->wqs[i], RIG_RECEIVED + i * 1024);
}

static void
make_spread(struct rig *rig, struct spread *spread, const void *specs, size_t size)
{
	uint8_t key[40], rule[sizeof(struct ibv_flow_attr) + 64];
	struct ibv_rwq_ind_table_init_attr table = {.log_ind_tbl_size = 2, .ind_tbl = spread->wqs};
	struct ibv_qp_init_attr_ex init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH,
		.pd = rig->pd,
		.rx_hash_conf = {
			.rx_hash_function = IBV_RX_HASH_FUNC_TOEPLITZ,
			.rx_hash_key_len = sizeof(key),
			.rx_hash_key = key,
			.rx_hash_fields_mask = IBV_RX_HASH_SRC_IPV4 | IBV_RX_HASH_SRC_PORT_UDP,
		},
	};
	struct ibv_flow_attr attr = {
		.type = IBV_FLOW_ATTR_NORMAL,
		.port = 1,
		.num_of_specs = size != 0,
		.size = sizeof(attr),
	};
	int i;

	memset(key, 0x5a, sizeof(key));
	key[3] = 0x77;
	for (i = 0; i < QUEUES; i++)
		make_queue(rig, spread, i);
	spread->table = ibv_create_rwq_ind_table(rig->ctx, &table);
	init.rwq_ind_tbl = spread->table;
	spread->qp = ibv_create_qp_ex(rig->ctx, &init);
	assert_non_null(spread->qp);
	memcpy(rule, &attr, sizeof(attr));
	if (size != 0)
		memcpy(rule + sizeof(attr), specs, size);
	spread->flow = ibv_create_flow(spread->qp, (struct ibv_flow_attr *)rule);
	assert_non_null(spread->flow);
}

static void
end_spread(struct spread *spread)
{
	int i;

	assert_int_equal(ibv_destroy_qp(spread->qp), EBUSY);
	assert_int_equal(ibv_destroy_flow(spread->flow), 0);
	assert_int_equal(ibv_destroy_rwq_ind_table(spread->table), EBUSY);
	assert_int_equal(ibv_destroy_qp(spread->qp), 0);
	assert_int_equal(ibv_destroy_wq(spread->wqs[0]), EBUSY);
	assert_int_equal(ibv_destroy_rwq_ind_table(spread->table), 0);
	for (i = 0; i < QUEUES; i++) {
		assert_int_equal(ibv_destroy_wq(spread->wqs[i]), 0);
		assert_int_equal(ibv_destroy_cq(spread->cqs[i]), 0);
	}
}

static void
send_plan(struct rig *rig, const struct packet_plan *plan)
{
	struct packet packet;

	packet_make(&packet, plan);
	memcpy(rig->mem, packet.bytes, packet.len);
	assert_int_equal(rig_send(rig, 0, packet.len, rig->mr->lkey), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
}

static void
flows_spread_and_stay(void **state)
{
	struct packet_plan plan = udp;
	struct rig *rig = *state;
	struct spread spread;
	int counts[QUEUES] = {0};
	struct ibv_wc wc;
	int i, used = 0;

	make_spread(rig, &spread, NULL, 0);
	for (i = 0; i < 64; i++) {
		plan.src_port = i % 32;
		send_plan(rig, &plan);
	}
	for (i = 0; i < QUEUES; i++) {
		while (ibv_poll_cq(spread.cqs[i], 1, &wc) == 1) {
			assert_int_equal(wc.status, IBV_WC_SUCCESS);
			counts[i]++;
		}
		/* Each flow had two packets, on one queue. */
		assert_int_equal(counts[i] % 2, 0);
		used += counts[i] != 0;
	}
	assert_int_equal(counts[0] + counts[1] + counts[2] + counts[3], 64);
	assert_true(used >= 3);
	end_spread(&spread);
}

static void
a_vlan_tag_is_stripped(void **state)
{
	struct packet_plan plan = udp;
	struct rig *rig = *state;
	struct mlx5_cqe64 *cqe;
	struct spread spread;
	struct packet packet;
	struct mlx5dv_cq dv;
	struct mlx5dv_obj obj = {.cq = {NULL, &dv}};
	int i, found = 0;

	make_spread(rig, &spread, NULL, 0);
	plan.vlan = true;
	plan.tci = 0x2fff;
	packet_make(&packet, &plan);
	send_plan(rig, &plan);
	for (i = 0; i < QUEUES; i++) {
		obj.cq.in = spread.cqs[i];
		assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_CQ), 0);
		cqe = dv.buf;
		if (cqe->op_own >> 4 != MLX5_CQE_RESP_SEND)
			continue;
		found++;
		assert_int_equal(be32toh(cqe->byte_cnt), packet.len - 4);
		assert_int_equal(cqe->l4_hdr_type_etc & 1, 1);
		assert_int_equal(be16toh(cqe->vlan_info), 0x2fff);
		assert_memory_equal(rig->mem + RIG_RECEIVED + i * 1024, packet.bytes, 12);
		assert_memory_equal(rig->mem + RIG_RECEIVED + i * 1024 + 12, packet.bytes + 16,
			packet.len - 16);
	}
	assert_int_equal(found, 1);
	end_spread(&spread);
}

static void
the_rule_s_tag_is_reported(void **state)
{
	struct ibv_flow_spec_action_tag tag = {IBV_FLOW_SPEC_ACTION_TAG, sizeof(tag), 0x12345};
	struct rig *rig = *state;
	struct mlx5_cqe64 *cqe;
	struct spread spread;
	struct mlx5dv_cq dv;
	struct mlx5dv_obj obj = {.cq = {NULL, &dv}};
	int i, found = 0;

	make_spread(rig, &spread, &tag, sizeof(tag));
	send_plan(rig, &udp);
	for (i = 0; i < QUEUES; i++) {
		obj.cq.in = spread.cqs[i];
		assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_CQ), 0);
		cqe = dv.buf;
		if (cqe->op_own >> 4 != MLX5_CQE_RESP_SEND)
			continue;
		found++;
		assert_int_equal(be32toh(cqe->sop_drop_qpn), 0x12345);
		/* The hash, if the frame has the fields. */
		assert_int_not_equal(*((uint32_t *)cqe + 3), 0);
	}
	assert_int_equal(found, 1);
	end_spread(&spread);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(checksums_are_filled_and_verified),
		CASE(other_frames_have_no_flags),
		CASE(a_vlan_tag_is_inserted),
		CASE(inline_in_every_way),
		CASE(several_packets_in_one_wqe),
		CASE(nothing_to_do),
		CASE(flows_spread_and_stay),
		CASE(a_vlan_tag_is_stripped),
		CASE(the_rule_s_tag_is_reported),
	};

	rig_environment(1);
	setenv("SOFTHCA_MPW", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
