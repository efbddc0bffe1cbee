/* SPDX-License-Identifier: BSD-3-Clause */
/* A correct forwarder, and incorrect ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/checks.h"
#include "engine/engine.h"
#include "rig.h"

#define AT(i) (1024u * (i))

/* Frame 0 is sent and received into AT(1): the first with a stamp. */
static void
begin(struct rig *rig)
{
	rig_fill(rig->mem, 1);
	assert_int_equal(rig_recv(rig, AT(1), 1024, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, 0, RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_wc(rig->recv_cq);
	rig_wc(rig->send_cq);
}

/* The frame at AT(from) is sent and received again, into AT(to). */
static void
forward(struct rig *rig, uint32_t from, uint32_t to)
{
	assert_int_equal(rig_recv(rig, AT(to), 1024, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, AT(from), RIG_FRAME, rig->mr->lkey), 0);
	softhca_step();
	rig_wc(rig->recv_cq);
	rig_wc(rig->send_cq);
}

static void
well(void **state)
{
	struct rig *rig = *state;
	uint32_t i;

	begin(rig);
	for (i = 1; i < 40; i++)
		forward(rig, i, i + 1);
	assert_int_equal(softhca_violations(NULL), 0);
}

static void
with_a_byte_changed(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	rig->mem[AT(1) + 50] ^= 0x40;
	forward(rig, 1, 2);
	rig_expect("frame.bytes", 1);
}

static void
twice(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	forward(rig, 1, 2);
	forward(rig, 1, 3);
	rig_expect("frame.repeated", 1);
}

static void
with_a_loss(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	forward(rig, 0, 2);
	forward(rig, 2, 3);
	rig_expect("frame.lost", 1);
}

static void
out_of_order(void **state)
{
	struct rig *rig = *state;

	begin(rig);
	forward(rig, 0, 2);
	forward(rig, 2, 3);
	forward(rig, 1, 4);
	assert_int_equal(softhca_violations("frame.lost"), 1);
	assert_int_equal(softhca_violations("frame.repeated"), 1);
	softhca_forget_violations();
}

static void
old_buffers_after_a_reset(void **state)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_RESET};
	struct rig *rig = *state;

	begin(rig);
	forward(rig, 1, 2);
	assert_int_equal(ibv_modify_qp(rig->qp, &attr, IBV_QP_STATE), 0);
	rig_start(rig->qp);
	forward(rig, 1, 2);
	forward(rig, 2, 3);
	assert_int_equal(softhca_violations(NULL), 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(well),
		CASE(with_a_byte_changed),
		CASE(twice),
		CASE(with_a_loss),
		CASE(out_of_order),
		CASE(old_buffers_after_a_reset),
	};

	rig_environment(1);
	setenv("SOFTHCA_CHECK", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
