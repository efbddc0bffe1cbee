/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rings written by hand: each rule is violated once, and must be reported by name, with the
 * hardware's reaction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/checks.h"
#include "engine/engine.h"
#include "provider/objects.h"
#include "ring.h"

/*
 * Writes the WQE, which violates one rule: it is reported, the WQE fails, and the next one is
 * flushed.
 */
static void
expect_broken(struct ring *ring, struct ring_wqe *wqe, const char *rule, uint8_t syndrome)
{
	struct ring_wqe good;

	ring_post(ring, wqe);
	rig_expect(rule, 1);
	assert_int_equal(ring_syndrome(ring_sent(ring)), syndrome);
	good = ring_send(ring);
	ring_post(ring, &good);
	assert_int_equal(ring_syndrome(ring_sent(ring)), MLX5_CQE_SYNDROME_WR_FLUSH_ERR);
	ring_none_sent(ring);
}

/* At the case's start, and again after a reset. */
static void
restart(struct ring *ring)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};

	assert_int_equal(ibv_modify_qp(ring->rig->qp, &attr, IBV_QP_STATE), 0);
	rig_start(ring->rig->qp);
	ring->sent = ring->received = 0;
}

static void
a_valid_one_passes(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;
	int i;

	ring_open(&ring, *state);
	for (i = 0; i < 200; i++) {
		ring_recv(&ring, 2048, ring.rig->mr->lkey, (uintptr_t)ring.rig->mem + RIG_RECEIVED);
		wqe = ring_send(&ring);
		ring_post(&ring, &wqe);
		assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
		assert_int_equal(be32toh(ring_received(&ring)->byte_cnt), RIG_FRAME);
		assert_memory_equal(ring.rig->mem + RIG_RECEIVED, ring.rig->mem, RIG_FRAME);
	}
}

static void
wrong_index(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[2] ^= 1;
	ring_post(&ring, &wqe);
	rig_expect("sq.index", 1);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
wrong_queue_number(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[6] ^= 1;
	ring_post(&ring, &wqe);
	rig_expect("sq.qpn", 1);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
wrong_opcode(void **state)
{
	static const uint8_t opcodes[] = {MLX5_OPCODE_TSO, MLX5_OPCODE_RDMA_WRITE, 0x29, 0xff};
	struct ring_wqe wqe;
	struct ring ring;
	size_t i;

	ring_open(&ring, *state);
	for (i = 0; i < sizeof(opcodes); i++) {
		restart(&ring);
		wqe = ring_send(&ring);
		wqe.bytes[3] = opcodes[i];
		expect_broken(&ring, &wqe, "sq.opcode", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
	}
}

static void
wrong_size(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.ds = 1;
	expect_broken(&ring, &wqe, "sq.ds", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
	restart(&ring);
	/* Inline data beyond the WQE's size. */
	wqe = ring_send(&ring);
	wqe.ds = 2;
	ring_add_inline(&wqe, ring.rig->mem, 20);
	wqe.ds = 3;
	expect_broken(&ring, &wqe, "sq.inline", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
	restart(&ring);
	/* Size 0: the start of the next one is unknown. */
	wqe = ring_send(&ring);
	ring_write(&ring, &wqe);
	((uint8_t *)ring.qp.sq.buf)[7] = 0;
	ring_bell(&ring);
	softhca_step();
	rig_expect("sq.ds", 1);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
size_beyond_the_doorbell(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_add(&wqe, 1, ring.rig->mr->lkey, (uintptr_t)ring.rig->mem);
	ring_add(&wqe, 1, ring.rig->mr->lkey, (uintptr_t)ring.rig->mem);
	ring_write(&ring, &wqe);
	ring_bell_as(&ring, 1, ring.rig->qp->qp_num);
	softhca_step();
	rig_expect("sq.extent", 1);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
reserved_fields(void **state)
{
	/* Opcode modifier, signature, stream; of the Ethernet segment: all but flags. */
	static const uint8_t places[] = {0, 8, 9, 10, 16, 19, 21, 22, 24, 27};
	struct ring_wqe wqe;
	struct ring ring;
	size_t i;

	ring_open(&ring, *state);
	for (i = 0; i < sizeof(places); i++) {
		restart(&ring);
		wqe = ring_send(&ring);
		wqe.bytes[places[i]] = 1;
		expect_broken(&ring, &wqe, "sq.reserved", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
	}
	restart(&ring);
	wqe = ring_send(&ring);
	wqe.bytes[11] |= 0x80;
	expect_broken(&ring, &wqe, "sq.reserved", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
	restart(&ring);
	wqe = ring_send(&ring);
	wqe.bytes[20] = 1;
	expect_broken(&ring, &wqe, "sq.reserved", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
inline_header_without_room(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[29] = 200;
	expect_broken(&ring, &wqe, "sq.inline", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
empty_segment(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_add(&wqe, 0, ring.rig->mr->lkey, (uintptr_t)ring.rig->mem);
	expect_broken(&ring, &wqe, "sq.zero_segment", MLX5_CQE_SYNDROME_LOCAL_QP_OP_ERR);
}

static void
frames_of_impossible_length(void **state)
{
	static const uint32_t lengths[] = {1, 13, 9729, 0x7fffffff};
	struct ring_wqe wqe;
	struct ring ring;
	size_t i;

	ring_open(&ring, *state);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		restart(&ring);
		wqe = ring_send(&ring);
		wqe.ds = 2;
		ring_add(&wqe, lengths[i], ring.rig->mr->lkey, (uintptr_t)ring.rig->mem);
		expect_broken(&ring, &wqe, "sq.length", MLX5_CQE_SYNDROME_LOCAL_LENGTH_ERR);
	}
}

static void
doorbell_of_another_queue(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_write(&ring, &wqe);
	ring_bell_as(&ring, ring.sent, ring.rig->qp->qp_num + 1);
	softhca_step();
	rig_expect("sq.uar", 1);
}

static void
decreasing_doorbell(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	ring_bell_as(&ring, 0, ring.rig->qp->qp_num);
	softhca_step();
	rig_expect("sq.doorbell", 1);
}

static void
doorbell_beyond_the_ring(void **state)
{
	struct ring ring;

	ring_open(&ring, *state);
	ring_bell_as(&ring, ring.qp.sq.wqe_cnt + 1, ring.rig->qp->qp_num);
	softhca_step();
	rig_expect("sq.doorbell", 1);
	ring_none_sent(&ring);
}

static void
wqes_written_over_unreleased(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;
	uint32_t i;

	ring_open(&ring, *state);
	for (i = 0; i < ring.qp.sq.wqe_cnt; i++) {
		wqe = ring_send(&ring);
		wqe.bytes[11] = 0;
		ring_post(&ring, &wqe);
	}
	rig_expect("sq.overwrite", 0);
	ring_none_sent(&ring);
	/* All are executed, but no completion reports that. */
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("sq.overwrite", 1);
}

static void
unsignaled_wqes_are_flushed_silently(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	wqe.bytes[3] = 0xff;
	ring_write(&ring, &wqe);
	wqe = ring_send(&ring);
	wqe.bytes[11] = 0x04;	/* only the first error */
	ring_write(&ring, &wqe);
	wqe = ring_send(&ring);
	wqe.bytes[11] = 0;	/* every error */
	ring_write(&ring, &wqe);
	ring_bell(&ring);
	softhca_step();
	rig_expect("sq.opcode", 1);
	assert_int_equal(be16toh(ring_sent(&ring)->wqe_counter), 0);
	assert_int_equal(be16toh(ring_sent(&ring)->wqe_counter), 2);
	ring_none_sent(&ring);
}

static void
impossible_receive_doorbell(void **state)
{
	struct rig *rig = *state;
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, rig);
	ring_recv(&ring, 2048, rig->mr->lkey, (uintptr_t)rig->mem + RIG_RECEIVED);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	ring_received(&ring);
	ring.qp.dbrec[MLX5_RCV_DBR] = htobe32(ring.qp.rq.wqe_cnt + 2);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("rq.doorbell", 1);
	ring.qp.dbrec[MLX5_RCV_DBR] = 0;
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("rq.doorbell", 1);
}

static void
empty_receive_segment(void **state)
{
	struct rig *rig = *state;
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, rig);
	ring_recv(&ring, 0, rig->mr->lkey, (uintptr_t)rig->mem + RIG_RECEIVED);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("rq.zero_segment", 1);
	assert_int_equal(ring_syndrome(ring_received(&ring)), MLX5_CQE_SYNDROME_LOCAL_PROT_ERR);
}

static void
cq_overrun(void **state)
{
	struct ibv_context *other = ibv_open_device(((struct rig *)*state)->ctx->device);
	struct ibv_async_event event;
	struct ring_wqe wqe;
	struct ring ring;
	uint32_t i;

	ring_open(&ring, *state);
	fcntl(other->async_fd, F_SETFL, O_NONBLOCK);
	for (i = 0; i < ring.send_cq.cqe_cnt; i++) {
		wqe = ring_send(&ring);
		ring_post(&ring, &wqe);
	}
	rig_expect("cq.overrun", 0);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	rig_expect("cq.overrun", 1);
	assert_int_equal(ibv_get_async_event(ring.rig->ctx, &event), 0);
	assert_int_equal(event.event_type, IBV_EVENT_CQ_ERR);
	assert_ptr_equal(event.element.cq, ring.rig->send_cq);
	ibv_ack_async_event(&event);
	assert_int_equal(ibv_get_async_event(other, &event), -1);
	assert_int_equal(ibv_close_device(other), 0);
}

/* Arbitrary bytes in the ring: they are reported or executed, and the device keeps working. */
static void
arbitrary_bytes(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct ring_wqe wqe, good;
	struct ring ring;
	unsigned int seed = 1, i, j, changes;

	ring_open(&ring, *state);
	for (i = 0; i < 20000; i++) {
		assert_int_equal(ibv_modify_qp(ring.rig->qp, &attr, IBV_QP_STATE), 0);
		rig_start(ring.rig->qp);
		ring.sent = ring.received = 0;
		ring_recv(&ring, 2048, ring.rig->mr->lkey, (uintptr_t)ring.rig->mem + RIG_RECEIVED);
		good = wqe = ring_send(&ring);
		wqe.ds = 2 + rand_r(&seed) % 14;
		changes = 1 + rand_r(&seed) % 8;
		for (j = 0; j < changes; j++)
			wqe.bytes[rand_r(&seed) % (wqe.ds * 16)] = rand_r(&seed);
		ring_write(&ring, &wqe);
		ring_bell_as(&ring, rand_r(&seed) % 8 == 0 ? rand_r(&seed) : ring.sent,
			ring.rig->qp->qp_num);
		softhca_step();
		/* Completed WQEs count as seen. */
		__atomic_store_n(ring.send_cq.dbrec,
			htobe32(soft_cq(ring.rig->send_cq)->hw.written), __ATOMIC_RELEASE);
		__atomic_store_n(ring.recv_cq.dbrec,
			htobe32(soft_cq(ring.rig->recv_cq)->hw.written), __ATOMIC_RELEASE);
	}
	softhca_forget_violations();
	ring.send_ci = soft_cq(ring.rig->send_cq)->hw.written;
	restart(&ring);
	ring_post(&ring, &good);
	assert_int_equal(ring_syndrome(ring_sent(&ring)), RING_OK);
}

static void
impossible_consumer_index(void **state)
{
	struct ring_wqe wqe;
	struct ring ring;

	ring_open(&ring, *state);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	/* One more than was completed. */
	*ring.send_cq.dbrec = htobe32(2);
	wqe = ring_send(&ring);
	ring_post(&ring, &wqe);
	assert_true(softhca_violations("cq.doorbell") >= 1);
	softhca_forget_violations();
}

static void
arm_doorbells_without_effect(void **state)
{
	struct rig *rig = *state;
	struct ibv_comp_channel *channel = ibv_create_comp_channel(rig->ctx);
	struct ibv_cq *cq = ibv_create_cq(rig->ctx, 15, NULL, channel, 0);
	struct mlx5dv_cq dv;
	struct mlx5dv_obj obj = {.cq = {cq, &dv}};
	uint32_t *doorbell;

	assert_int_equal(mlx5dv_init_obj(&obj, MLX5DV_OBJ_CQ), 0);
	doorbell = (uint32_t *)((uint8_t *)dv.cq_uar + MLX5_CQ_DOORBELL);
	doorbell[1] = htobe32(dv.cqn + 1);
	softhca_step();
	rig_expect("cq.arm", 1);
	/* Valid, with an event at once. The same sequence number does not arm again. */
	doorbell[0] = htobe32(1 << 28 | 1);
	doorbell[1] = htobe32(dv.cqn);
	softhca_step();
	rig_expect("cq.arm", 0);
	doorbell[0] = htobe32(1 << 28 | 1);
	doorbell[1] = htobe32(dv.cqn);
	softhca_step();
	rig_expect("cq.arm", 1);
	assert_int_equal(ibv_destroy_cq(cq), 0);
	assert_int_equal(ibv_destroy_comp_channel(channel), 0);
}

static void
objects_left_at_close(void **state)
{
	struct rig *rig = *state;
	struct ibv_context *ctx = ibv_open_device(rig->ctx->device);
	struct ibv_pd *pd = ibv_alloc_pd(ctx);

	assert_int_equal(ibv_close_device(ctx), 0);
	rig_expect("leak", 1);
	free(pd);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_valid_one_passes),
		CASE(wrong_index),
		CASE(wrong_queue_number),
		CASE(wrong_opcode),
		CASE(wrong_size),
		CASE(size_beyond_the_doorbell),
		CASE(reserved_fields),
		CASE(inline_header_without_room),
		CASE(empty_segment),
		CASE(frames_of_impossible_length),
		CASE(doorbell_of_another_queue),
		CASE(decreasing_doorbell),
		CASE(doorbell_beyond_the_ring),
		CASE(wqes_written_over_unreleased),
		CASE(unsignaled_wqes_are_flushed_silently),
		CASE(impossible_receive_doorbell),
		CASE(empty_receive_segment),
		CASE(cq_overrun),
		CASE(arbitrary_bytes),
		CASE(impossible_consumer_index),
		CASE(arm_doorbells_without_effect),
		CASE(objects_left_at_close),
	};

	rig_environment(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
