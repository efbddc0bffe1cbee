/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "common/limit.h"
#include "iwarp/iwarp_rx.h"
#include "iwarp/iwarp_tx.h"
#include "iwarp_fixture.h"

#define GRANTED 40

static const struct mlx5x_remote remote = {
	.qpn = 18515,
	.psn = 0x123456,
	.gid.raw = {[0] = 0xfe, [1] = 0x80, [15] = 0x22},
};

static const struct mlx5x_limit limit = {.wake = -1};

static struct mlx5x_iwarp_tx *tx;
static struct ibv_mr *mr;
static int nb_connects, connect_error;
static struct mlx5x_cm_address came_from, went_to;
static struct mlx5x_iwarp_rx_request request;
static uint32_t connected_qpn;

int
mlx5x_verbs_reg_word(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **out)
{
	assert_ptr_equal(pd, port.pd);
	if (try() != 0)
		return error;
	mr = calloc(1, sizeof(*mr));
	mr->addr = addr;
	mr->length = len;
	mr->rkey = 0x9abc;
	*out = mr;
	nb_mrs++;
	return 0;
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *old)
{
	if (old == NULL)
		return 0;
	/* The device must not write to it any more. */
	assert_int_equal(nb_qps, 0);
	free(old);
	nb_mrs--;
	strcat(order, "m");
	return 0;
}

int
mlx5x_cm_connect(const struct mlx5x_cm_address *from, const struct mlx5x_cm_address *to,
	uint32_t qpn, const struct mlx5x_cm_private_data *private_data, const struct mlx5x_limit *within,
	struct rdma_cm_id **id)
{
	const struct mlx5x_iwarp_rx_answer answer = {.granted = rte_cpu_to_be_32(GRANTED)};

	nb_connects++;
	came_from = *from;
	went_to = *to;
	connected_qpn = qpn;
	assert_ptr_equal(within, &limit);
	assert_int_equal(private_data->len, sizeof(request));
	assert_int_equal(private_data->answer_len, sizeof(answer));
	memcpy(&request, private_data->data, sizeof(request));
	/* Nothing here ends one that still exists. */
	assert_null(*id);
	if (connect_error != 0)
		return connect_error;
	memcpy(private_data->answer, &answer, sizeof(answer));
	*id = make_id();
	return 0;
}

void
mlx5x_cm_close(struct rdma_cm_id *id)
{
	end_id(id, "i");
}

static int
set_up_tx(void **state)
{
	set_up(state);
	nb_connects = connect_error = 0;
	return mlx5x_iwarp_tx_create(&pair, &tx);
}

static int
tear_down_tx(void **state)
{
	mlx5x_iwarp_tx_destroy(tx);
	return tear_down(state);
}

static uint32_t
left(void)
{
	return mlx5x_credits_left(&tx->credits, txq.head, 1000);
}

static void
its_word_has_a_page_of_its_own(void **state)
{
	assert_ptr_equal(mr->addr, tx->credits.word);
	assert_int_equal(mr->length, sizeof(struct mlx5x_credit_word));
	assert_int_equal((uintptr_t)mr->addr % sysconf(_SC_PAGESIZE), 0);
	memset(mr->addr, 0xff, sysconf(_SC_PAGESIZE));
	mlx5x_iwarp_tx_destroy(NULL);
}

static void
a_failed_creation_leaves_nothing(void **state)
{
	struct mlx5x_iwarp_tx *made = NULL;

	set_up(NULL);
	calls_left = 0;
	assert_int_equal(mlx5x_iwarp_tx_create(&pair, &made), -ENOSPC);
	assert_null(made);
	tear_down(NULL);
}

static void
its_qp_sends_posted_packets(void **state)
{
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_int_equal(asked.qp_type, IBV_QPT_RC);
	assert_ptr_equal(asked.send_cq, &tx_cq);
	assert_ptr_equal(asked.recv_cq, &tx_cq);
	assert_int_equal(asked.cap.max_send_wr, 128);
	assert_int_equal(asked.cap.max_send_sge, 5);
}

static void
it_connects_and_may_send_the_granted_frames(void **state)
{
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_int_equal(left(), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	assert_int_equal(connected_qpn, tx->qp->qp_num);
	assert_int_equal(came_from.ip.raw[15], 0x11);
	assert_int_equal(came_from.netdev, 7);
	assert_int_equal(went_to.ip.raw[15], 0x22);
	assert_int_equal(went_to.netdev, 7);
	assert_int_equal(went_to.port, 18515);
	/* Its own number, not that of the pair here. */
	assert_int_equal(rte_be_to_cpu_32(request.psn), 0x123456);
	assert_int_equal(rte_be_to_cpu_32(request.rkey), 0x9abc);
	assert_true(rte_be_to_cpu_64(request.addr) == (uintptr_t)mr->addr);
	assert_int_equal(left(), GRANTED);
	txq.head += GRANTED;
	assert_int_equal(left(), 0);
}

static void
a_rejected_end_sends_nothing(void **state)
{
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	connect_error = -ECONNREFUSED;
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), -ECONNREFUSED);
	assert_null(tx->id);
	assert_int_equal(left(), 0);
	/* It may try again. */
	connect_error = 0;
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	assert_int_equal(left(), GRANTED);
}

static void
prepare_again_ends_the_connection(void **state)
{
	uint32_t qpn;

	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	qpn = tx->qp->qp_num;
	order[0] = '\0';
	txq.head += 7;
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_string_equal(order, "qi");
	assert_null(tx->id);
	assert_int_not_equal(tx->qp->qp_num, qpn);
	assert_int_equal(left(), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	assert_int_equal(left(), GRANTED);
}

static void
one_that_cannot_be_prepared_does_not_connect(void **state)
{
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), -ENOTCONN);
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	calls_left = 0;
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), -ENOSPC);
	assert_null(tx->qp);
	assert_null(tx->id);
	assert_int_equal(left(), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), -ENOTCONN);
	assert_int_equal(nb_connects, 1);
}

static void
the_end_is_in_order(void **state)
{
	assert_int_equal(mlx5x_iwarp_tx_prepare(tx, &pair), 0);
	assert_int_equal(mlx5x_iwarp_tx_connect(tx, &pair, &remote, &limit), 0);
	mlx5x_iwarp_tx_destroy(tx);
	assert_string_equal(order, "qim");
	assert_int_equal(mlx5x_iwarp_tx_create(&pair, &tx), 0);
}

#undef CASE
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up_tx, tear_down_tx)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_creation_leaves_nothing),
		CASE(its_word_has_a_page_of_its_own),
		CASE(its_qp_sends_posted_packets),
		CASE(it_connects_and_may_send_the_granted_frames),
		CASE(a_rejected_end_sends_nothing),
		CASE(prepare_again_ends_the_connection),
		CASE(one_that_cannot_be_prepared_does_not_connect),
		CASE(the_end_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
