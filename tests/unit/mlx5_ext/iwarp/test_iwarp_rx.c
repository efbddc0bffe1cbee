/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "iwarp/iwarp_rx.h"
#include "iwarp_fixture.h"

#define TCP_PORT 18515

static struct mlx5x_iwarp_rx *rx;
static struct mlx5x_cm_address listened_at;

/* The pending connect request. */
static struct guest {
	struct mlx5x_iwarp_rx_request request;
	struct rdma_cm_id *id;
} guests[4];
static unsigned int nb_guests, nb_taken;
static int nb_refused, nb_accepted, accept_error;
static struct rdma_cm_id *accepted;
static uint32_t accepted_qpn, answered;

int
mlx5x_cm_listen(struct mlx5x_cm_address *at, const char *rdma, struct rdma_cm_id **listener)
{
	assert_string_equal(rdma, "siw0");
	listened_at = *at;
	if (try() != 0)
		return error;
	at->port = TCP_PORT;
	*listener = make_id();
	return 0;
}

int
mlx5x_cm_next(struct rdma_cm_id *listener, struct rdma_cm_id **id, void *data, size_t len)
{
	assert_ptr_equal(listener, rx->listener);
	assert_int_equal(len, sizeof(guests[0].request));
	if (nb_taken == nb_guests)
		return -EAGAIN;
	memcpy(data, &guests[nb_taken].request, len);
	*id = guests[nb_taken++].id;
	return 0;
}

/* The control path must be excluded while a request is handled. */
static bool
is_locked(void)
{
	if (pthread_mutex_trylock(&rx->lock) == EBUSY)
		return true;
	pthread_mutex_unlock(&rx->lock);
	return false;
}

int
mlx5x_cm_accept(struct rdma_cm_id *id, uint32_t qpn, const void *data, size_t len)
{
	struct mlx5x_iwarp_rx_answer answer;

	assert_true(is_locked());
	assert_int_equal(len, sizeof(answer));
	memcpy(&answer, data, len);
	answered = rte_be_to_cpu_32(answer.granted);
	accepted_qpn = qpn;
	if (accept_error != 0) {
		end_id(id, "r");
		return accept_error;
	}
	accepted = id;
	nb_accepted++;
	return 0;
}

void
mlx5x_cm_refuse(struct rdma_cm_id *id)
{
	end_id(id, "r");
	nb_refused++;
}

void
mlx5x_cm_close(struct rdma_cm_id *id)
{
	end_id(id, "l");
}

void
mlx5x_cm_disconnect(struct rdma_cm_id *id)
{
	end_id(id, "i");
}

static int
set_up_rx(void **state)
{
	set_up(state);
	nb_guests = nb_taken = 0;
	nb_refused = nb_accepted = accept_error = 0;
	return mlx5x_iwarp_rx_create(&pair, &rx);
}

static int
tear_down_rx(void **state)
{
	mlx5x_iwarp_rx_destroy(rx);
	return tear_down(state);
}

static void
come(uint32_t psn)
{
	guests[nb_guests++] = (struct guest){
		.request = {
			.psn = rte_cpu_to_be_32(psn),
			.rkey = rte_cpu_to_be_32(0x1234),
			.addr = rte_cpu_to_be_64(UINT64_C(0x7f0011223344)),
		},
		.id = make_id(),
	};
}

/* As the control path does: prepared, with so many posted buffers. */
static void
arm(uint32_t psn, uint32_t posted)
{
	pair.psn = psn;
	assert_int_equal(mlx5x_iwarp_rx_prepare(rx, &pair), 0);
	assert_int_equal(mlx5x_grants_give(&rx->grants, posted, 0), 0);
}

static void
it_listens_at_the_address_of_the_netdev(void **state)
{
	assert_int_equal(rx->port, TCP_PORT);
	assert_int_equal(listened_at.netdev, 7);
	assert_memory_equal(&listened_at.ip, &port.caps.gid, sizeof(listened_at.ip));
	assert_int_equal(rx->grants.cq->cqe, MLX5X_GRANTS);
	mlx5x_iwarp_rx_destroy(NULL);
}

static void
each_failing_step_leaves_nothing(void **state)
{
	struct mlx5x_iwarp_rx *made = NULL;
	int n, ret;

	for (n = 0;; n++) {
		set_up(NULL);
		calls_left = n;
		error = n == 0 ? -ENOSPC : -EXDEV;
		ret = mlx5x_iwarp_rx_create(&pair, &made);
		if (ret == 0)
			break;
		assert_int_equal(ret, error);
		assert_null(made);
		tear_down(NULL);
	}
	assert_int_equal(n, 2);
	mlx5x_iwarp_rx_destroy(made);
}

static void
its_qp_accepts_posted_buffers(void **state)
{
	arm(5, 64);
	assert_int_equal(asked.qp_type, IBV_QPT_RC);
	assert_ptr_equal(asked.recv_cq, &rx_cq);
	assert_ptr_equal(asked.send_cq, rx->grants.cq);
	assert_int_equal(asked.cap.max_recv_wr, 64);
	assert_int_equal(asked.cap.max_recv_sge, 3);
	assert_int_equal(asked.cap.max_send_wr, MLX5X_GRANTS);
	assert_uint_in_range(asked.cap.max_inline_data, sizeof(struct mlx5x_credit_word), 64);
	assert_ptr_equal(rx->grants.qp, rx->qp);
}

static void
the_expected_request_is_accepted(void **state)
{
	arm(0xabcdef, 40);
	come(0xabcdef);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_accepted, 1);
	assert_int_equal(accepted_qpn, rx->qp->qp_num);
	assert_int_equal(answered, 40);
	assert_ptr_equal(rx->id, accepted);
	assert_true(rx->grants.connected);
	assert_int_equal(rx->grants.rkey, 0x1234);
	assert_true(rx->grants.addr == UINT64_C(0x7f0011223344));
	assert_false(is_locked());
}

static void
others_are_rejected(void **state)
{
	int i;

	arm(0xabcdef, 40);
	come(0xabcdee);
	come(0);
	come(0xabcdef);
	come(0xabcdef);
	/* One at a time, so that a flood of requests does not prevent the thread's stop. */
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_refused, 1);
	for (i = 0; i < 3; i++)
		mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_accepted, 1);
	assert_int_equal(nb_refused, 3);
	assert_ptr_equal(rx->id, accepted);
	assert_ptr_equal(accepted, guests[2].id);
}

static void
before_prepare_no_request_is_accepted(void **state)
{
	come(0);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_refused, 1);
	assert_null(rx->id);
	assert_false(rx->grants.connected);
}

static void
prepare_again_ends_the_connection(void **state)
{
	uint32_t qpn;

	arm(1, 40);
	qpn = rx->qp->qp_num;
	come(1);
	mlx5x_iwarp_rx_accept(rx);
	nb_completions = 5;
	order[0] = '\0';
	arm(2, 30);
	assert_string_equal(order, "qi");
	assert_int_equal(nb_completions, 0);
	assert_null(rx->id);
	assert_false(rx->grants.connected);
	assert_int_not_equal(rx->qp->qp_num, qpn);
	assert_ptr_equal(rx->grants.qp, rx->qp);
	/* A request with the number from before is too late. */
	come(1);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_refused, 1);
	come(2);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_accepted, 2);
	assert_int_equal(answered, 30);
}

static void
one_that_cannot_be_prepared_accepts_no_request(void **state)
{
	arm(1, 40);
	come(1);
	mlx5x_iwarp_rx_accept(rx);
	calls_left = 0;
	assert_int_equal(mlx5x_iwarp_rx_prepare(rx, &pair), -ENOSPC);
	assert_false(is_locked());
	assert_null(rx->qp);
	assert_null(rx->grants.qp);
	assert_null(rx->id);
	calls_left = -1;
	come(pair.psn);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_refused, 1);
	arm(2, 40);
	come(2);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_accepted, 2);
}

static void
after_a_failed_accept_another_is_accepted(void **state)
{
	arm(1, 40);
	come(1);
	accept_error = -ECONNRESET;
	mlx5x_iwarp_rx_accept(rx);
	assert_null(rx->id);
	assert_false(is_locked());
	accept_error = 0;
	come(1);
	mlx5x_iwarp_rx_accept(rx);
	assert_int_equal(nb_accepted, 1);
	assert_int_equal(nb_refused, 0);
	assert_ptr_equal(rx->id, guests[1].id);
}

static void
the_end_is_in_order(void **state)
{
	arm(1, 40);
	come(1);
	mlx5x_iwarp_rx_accept(rx);
	order[0] = '\0';
	mlx5x_iwarp_rx_destroy(rx);
	assert_string_equal(order, "qilc");
	assert_int_equal(mlx5x_iwarp_rx_create(&pair, &rx), 0);
}

#undef CASE
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up_rx, tear_down_rx)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failing_step_leaves_nothing),
		CASE(it_listens_at_the_address_of_the_netdev),
		CASE(its_qp_accepts_posted_buffers),
		CASE(the_expected_request_is_accepted),
		CASE(others_are_rejected),
		CASE(before_prepare_no_request_is_accepted),
		CASE(prepare_again_ends_the_connection),
		CASE(one_that_cannot_be_prepared_accepts_no_request),
		CASE(after_a_failed_accept_another_is_accepted),
		CASE(the_end_is_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
