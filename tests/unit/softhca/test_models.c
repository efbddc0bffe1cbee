/* SPDX-License-Identifier: BSD-3-Clause */
/* Rings of a ConnectX-4: what it requires of a send WQE, and does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "ring.h"

#define INLINE_MIN 18u

/* The frame that ring_send() sends, with so many of its bytes in the Ethernet segment. */
static struct ring_wqe
with_header(const struct ring *ring, uint8_t header)
{
	struct ring_wqe wqe = ring_send(ring);

	memset(wqe.bytes + 32, 0, 16);
	memcpy(wqe.bytes + 30, ring->rig->mem, header);
	wqe.bytes[29] = header;
	wqe.ds = header > 2 ? 3 : 2;
	ring_add(&wqe, RIG_FRAME - header, ring->rig->mr->lkey, (uintptr_t)ring->rig->mem + header);
	return wqe;
}

static void
the_header_must_be_inline(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = with_header(&ring, INLINE_MIN);
	ring_post(&ring, &wqe);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
	wqe = with_header(&ring, INLINE_MIN - 1);
	ring_post(&ring, &wqe);
	rig_expect("sq.inline_min", 1);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
tags_are_not_inserted(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[28] = 0x80;
	wqe.bytes[31] = 7;
	ring_post(&ring, &wqe);
	rig_expect("sq.vlan", 1);
}

static void
verbs_make_the_header_inline(void **state)
{
	struct rig *rig = *state;
	struct ibv_sge sge[2] = {
		{(uintptr_t)rig->mem, 10, rig->mr->lkey},
		{(uintptr_t)rig->mem + 10, RIG_FRAME - 10, rig->mr->lkey},
	};
	struct ibv_send_wr *bad, wr = {
		.sg_list = sge, .num_sge = 2, .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};

	rig_round_trip(rig);
	rig_fill(rig->mem, 3);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	assert_int_equal(ibv_post_send(rig->qp, &wr, &bad), 0);
	softhca_step();
	assert_int_equal(rig_wc(rig->send_cq).status, IBV_WC_SUCCESS);
	assert_int_equal(rig_wc(rig->recv_cq).byte_len, RIG_FRAME);
	assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem, RIG_FRAME);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_header_must_be_inline),
		CASE(tags_are_not_inserted),
		CASE(verbs_make_the_header_inline),
	};

	rig_environment(1);
	rig_model(0, "0x1013");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
