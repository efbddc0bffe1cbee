/* SPDX-License-Identifier: BSD-3-Clause */
/* early.c on a made-up CQ: CQEs come out in order, once each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_malloc.h>

#include "datapath/early.h"

#define SIZE 128u

static struct mlx5x_rxq rxq;
static struct ibv_context ctx;
static struct ibv_cq cq = {.context = &ctx};
static uint32_t completed, polled;	/* CQEs written; and consumed by the program */
static uint32_t bad;			/* the number of the one with an error */
static int poll_error;
static bool no_memory;

void *
rte_calloc(const char *type, size_t n, size_t size, unsigned int align)
{
	return no_memory ? NULL : calloc(n, size);
}

void
rte_free(void *block)
{
	free(block);
}

static int
poll_cq(struct ibv_cq *of, int n, struct ibv_wc *wc)
{
	int i;

	assert_true(n > 0);
	if (poll_error != 0)
		return poll_error;
	for (i = 0; i < n && polled != completed; i++, polled++) {
		wc[i].wr_id = polled % SIZE;
		wc[i].byte_len = 1000 + polled;
		wc[i].imm_data = 2000 + polled;
		wc[i].status = polled == bad ? IBV_WC_WR_FLUSH_ERR : IBV_WC_SUCCESS;
	}
	return i;
}

static int
set_up(void **state)
{
	completed = polled = 0;
	bad = UINT32_MAX;
	poll_error = 0;
	no_memory = false;
	ctx.ops.poll_cq = poll_cq;
	rxq = (struct mlx5x_rxq){.cq = &cq, .room = SIZE, .size = SIZE};
	return mlx5x_early_create(&rxq);
}

static int
tear_down(void **state)
{
	mlx5x_early_destroy(&rxq);
	assert_null(rxq.early.cqes);
	return 0;
}

static void
they_are_counted_and_stay(void **state)
{
	assert_false(mlx5x_early_poll(&rxq, 0));
	assert_true(mlx5x_early_is_empty(&rxq));
	completed = 40;
	assert_true(mlx5x_early_poll(&rxq, 0));
	assert_true(mlx5x_early_poll(&rxq, 39));
	assert_false(mlx5x_early_poll(&rxq, 40));
	assert_false(mlx5x_early_is_empty(&rxq));
	assert_true(mlx5x_early_poll(&rxq, 0));
	/* No more than are asked for, but for a chunk. */
	completed = 140;
	assert_true(mlx5x_early_poll(&rxq, 50));
	assert_int_equal(polled, 40 + MLX5X_RX_CHUNK);
	assert_true(mlx5x_early_poll(&rxq, SIZE - 1));
	assert_int_equal(polled, SIZE);
}

static void
they_are_taken_in_order(void **state)
{
	struct ibv_wc wc[SIZE];
	uint32_t next = 0, round;
	int i, n;

	for (round = 0; round < 5; round++) {
		completed += 50;
		assert_true(mlx5x_early_poll(&rxq, 49));
		for (n = 1; n > 0;) {
			n = mlx5x_early_take(&rxq, 7, wc);
			for (i = 0; i < n; i++, next++) {
				assert_int_equal(wc[i].status, IBV_WC_SUCCESS);
				assert_int_equal(wc[i].wr_id, next % SIZE);
				assert_int_equal(wc[i].byte_len, 1000 + next);
				assert_int_equal(wc[i].imm_data, 2000 + next);
			}
		}
		assert_int_equal(next, completed);
		assert_true(mlx5x_early_is_empty(&rxq));
	}
}

/* A ring is attached before any of its slots is in use, and their number changes while it is. */
static void
a_ring_that_grows_has_room(void **state)
{
	struct mlx5x_rxq ring = {.cq = &cq, .room = SIZE, .size = 0};
	struct ibv_wc wc[SIZE];
	int i;

	assert_int_equal(mlx5x_early_create(&ring), 0);
	assert_false(mlx5x_early_poll(&ring, 0));
	ring.size = SIZE / 4;
	completed = 3;
	assert_true(mlx5x_early_poll(&ring, 2));
	ring.size = SIZE;
	completed = SIZE;
	assert_true(mlx5x_early_poll(&ring, SIZE - 1));
	assert_int_equal(mlx5x_early_take(&ring, SIZE, wc), SIZE);
	for (i = 0; i < (int)SIZE; i++)
		assert_int_equal(wc[i].byte_len, 1000 + i);
	mlx5x_early_destroy(&ring);
}

static void
an_error_stays_one(void **state)
{
	struct ibv_wc wc[3];

	completed = 3;
	bad = 1;
	assert_true(mlx5x_early_poll(&rxq, 2));
	assert_int_equal(mlx5x_early_take(&rxq, 3, wc), 3);
	assert_int_equal(wc[0].status, IBV_WC_SUCCESS);
	assert_int_not_equal(wc[1].status, IBV_WC_SUCCESS);
	assert_int_equal(wc[2].status, IBV_WC_SUCCESS);
	poll_error = -EIO;
	completed = 9;
	assert_false(mlx5x_early_poll(&rxq, 0));
}

static void
without_memory_there_is_no_queue(void **state)
{
	struct mlx5x_rxq other = {.room = SIZE};

	no_memory = true;
	assert_int_equal(mlx5x_early_create(&other), -ENOMEM);
	mlx5x_early_destroy(&other);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(they_are_counted_and_stay),
		CASE(they_are_taken_in_order),
		CASE(a_ring_that_grows_has_room),
		CASE(an_error_stays_one),
		CASE(without_memory_there_is_no_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
