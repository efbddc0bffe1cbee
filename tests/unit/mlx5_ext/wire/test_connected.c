/* SPDX-License-Identifier: BSD-3-Clause */
/* The wires of connected queue pairs: their calls of verbs, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <rte_common.h>

#include "cable/peer.h"
#include "common/verbs.h"
#include "datapath/dp_verbs.h"
#include "fake_rand.h"
#include "queue/pair.h"
#include "queue/recover.h"
#include "wire/connected.h"
#include "wire/stall.h"
#include "wire/wires.h"

const struct mlx5x_datapath mlx5x_dp_verbs, mlx5x_dp_verbs_numbered;

static struct ibv_device device;
static struct ibv_context ctx = {.device = &device};
static struct ibv_qp qp;
static struct mlx5x_port port = {.ctx = &ctx};
static struct mlx5x_pair pair = {.port = &port, .qp = &qp};
static struct ibv_qp_attr asked[8];
static int masks[8];
static int nb_asked, fail_at;
static int stall_error, nb_up, nb_stalls;

int
mlx5x_verbs_modify_qp(struct ibv_qp *of, struct ibv_qp_attr *attr, int mask)
{
	assert_ptr_equal(of, &qp);
	asked[nb_asked] = *attr;
	masks[nb_asked++] = mask;
	return nb_asked - 1 == fail_at ? -EINVAL : 0;
}

int
mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **out)
{
	qp.qp_type = init->qp_type;
	*out = &qp;
	return 0;
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *of)
{
}

int
mlx5x_verbs_create_cq(struct ibv_context *of, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	return 0;
}

void
mlx5x_peer_recover(struct mlx5x_port *p, uint16_t index)
{
}

void
mlx5x_recover_alone(struct mlx5x_port *p, uint16_t index)
{
}

int
mlx5x_peer_up(struct mlx5x_port *of, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	nb_up++;
	return 0;
}

void
mlx5x_peer_down(struct mlx5x_port *of)
{
	nb_up--;
}

int
mlx5x_stall_start(struct mlx5x_port *of)
{
	nb_stalls += stall_error == 0;
	return stall_error;
}

void
mlx5x_stall_stop(struct mlx5x_port *of)
{
	assert_int_equal(nb_up, 1);
	nb_stalls--;
}

static int
set_up(void **state)
{
	port.caps.has_gid = true;
	device.transport_type = IBV_TRANSPORT_IB;
	nb_asked = 0;
	fail_at = -1;
	stall_error = 0;
	return 0;
}

static const struct mlx5x_remote remote = {
	.qpn = 0x123,
	.psn = 0xabcdef,
	.lid = 7,
	.gid.raw[15] = 9,
	.path_mtu = IBV_MTU_2048,
};

static void
take_into_service(const struct mlx5x_wire *wire)
{
	assert_int_equal(wire->create(&pair), 0);
	assert_int_equal(wire->prepare(&pair, MLX5X_SIDE_BOTH), 0);
	assert_int_equal(wire->connect(&pair, &remote, MLX5X_SIDE_BOTH), 0);
	assert_int_equal(nb_asked, 4);
	assert_int_equal(asked[0].qp_state, IBV_QPS_RESET);
	assert_int_equal(asked[1].qp_state, IBV_QPS_INIT);
	assert_int_equal(asked[2].qp_state, IBV_QPS_RTR);
	assert_int_equal(asked[3].qp_state, IBV_QPS_RTS);
	assert_int_equal(asked[2].dest_qp_num, 0x123);
	assert_int_equal(asked[2].rq_psn, 0xabcdef);
	assert_int_equal(asked[2].path_mtu, IBV_MTU_2048);
	assert_int_equal(asked[2].ah_attr.dlid, 7);
	assert_int_equal(asked[2].ah_attr.grh.dgid.raw[15], 9);
}

static void
uc_stays_within_the_device_s_limits(void **state)
{
	take_into_service(&mlx5x_wire_uc);
	assert_int_equal(qp.qp_type, IBV_QPT_UC);
	assert_int_equal(masks[2], MLX5X_CONNECTED_RTR);
	assert_int_equal(masks[3], IBV_QP_STATE | IBV_QP_SQ_PSN);
	assert_false(mlx5x_wire_uc.mutual);
}

static void
rc_waits_for_buffers_and_repeats(void **state)
{
	take_into_service(&mlx5x_wire_rc);
	assert_int_equal(qp.qp_type, IBV_QPT_RC);
	assert_int_equal(masks[2], MLX5X_CONNECTED_RTR | IBV_QP_MAX_DEST_RD_ATOMIC |
		IBV_QP_MIN_RNR_TIMER);
	assert_int_equal(masks[3], IBV_QP_STATE | IBV_QP_SQ_PSN | IBV_QP_TIMEOUT |
		IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC);
	assert_int_equal(asked[3].rnr_retry, 7);
	assert_true(asked[3].timeout != 0 && asked[3].retry_cnt != 0);
	assert_int_equal(asked[3].sq_psn, pair.psn);
	assert_true(mlx5x_wire_rc.mutual);
}

static void
rc_draws_new_psns_in_prepare(void **state)
{
	uint32_t psn[3];
	unsigned int i;

	for (i = 0; i < RTE_DIM(psn); i++) {
		nb_asked = 0;
		assert_int_equal(mlx5x_wire_rc.prepare(&pair, MLX5X_SIDE_BOTH), 0);
		psn[i] = pair.psn;
		assert_uint_in_range(psn[i], 0, 0xffffff);
	}
	assert_true(psn[0] != psn[1] || psn[1] != psn[2]);
}

static void
the_error_of_each_step_is_returned(void **state)
{
	for (fail_at = 0; fail_at < 2; fail_at++) {
		nb_asked = 0;
		assert_int_equal(mlx5x_wire_rc.prepare(&pair, MLX5X_SIDE_BOTH), -EINVAL);
		nb_asked = 0;
		assert_int_equal(mlx5x_wire_rc.connect(&pair, &remote, MLX5X_SIDE_BOTH), -EINVAL);
		assert_int_equal(nb_asked, fail_at + 1);
		nb_asked = 0;
		assert_int_equal(mlx5x_wire_uc.connect(&pair, &remote, MLX5X_SIDE_BOTH), -EINVAL);
	}
}

static void
the_other_end_gets_the_qp_number(void **state)
{
	qp.qp_num = 0x4711;
	pair.qpn = 0;
	assert_int_equal(mlx5x_wire_uc.create(&pair), 0);
	assert_int_equal(pair.qpn, 0x4711);
}

static void
an_impossible_connection_is_rejected(void **state)
{
	assert_null(mlx5x_connected_check(&port));
	port.caps.has_gid = false;
	assert_non_null(mlx5x_connected_check(&port));
	port.caps.has_gid = true;
}

static void
queues_are_watched_while_the_port_is_up(void **state)
{
	const struct mlx5x_wire *const wires[] = {&mlx5x_wire_uc, &mlx5x_wire_rc};
	unsigned int i;

	for (i = 0; i < RTE_DIM(wires); i++) {
		stall_error = 0;
		assert_int_equal(wires[i]->up(&port, &pair, 1), 0);
		assert_int_equal(nb_up + nb_stalls, 2);
		wires[i]->down(&port);
		assert_int_equal(nb_up + nb_stalls, 0);
		stall_error = -ENOMEM;
		assert_int_equal(wires[i]->up(&port, &pair, 1), -ENOMEM);
		assert_int_equal(nb_up, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(uc_stays_within_the_device_s_limits, set_up),
		cmocka_unit_test_setup(rc_waits_for_buffers_and_repeats, set_up),
		cmocka_unit_test_setup(rc_draws_new_psns_in_prepare, set_up),
		cmocka_unit_test_setup(the_error_of_each_step_is_returned, set_up),
		cmocka_unit_test_setup(the_other_end_gets_the_qp_number, set_up),
		cmocka_unit_test_setup(an_impossible_connection_is_rejected, set_up),
		cmocka_unit_test_setup(queues_are_watched_while_the_port_is_up, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
