/* SPDX-License-Identifier: BSD-3-Clause */
/* A sender, a receiver and the wire between them, in any possible order of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "credit_fixture.h"
#include "queue/rxq.h"

#define RUNS 1500
#define STEPS 6000

/* The state of both ends. Counts of frames and slots wrap. */
static struct {
	uint32_t size;
	uint32_t pi, ci;	/* of the receiver's ring */
	uint32_t arrived;	/* in its slots */
	uint32_t base;		/* its counts, at a head of 0 */
	uint32_t head;		/* of the sender */
	uint32_t pool, held;	/* buffers: free, and held by the application */
	uint32_t at_once;	/* maximum that it frees at a time */
	uint32_t granted;	/* grants known to the sender */
} model;

static void
start_model(void)
{
	uint32_t start = UINT32_MAX - some(10000), granted;

	set_up(NULL);
	model.size = 1u << some(14);
	model.pool = 1 + some(some(2) != 0 ? 2 * model.size : 40);
	model.held = 0;
	model.at_once = some(3) != 0 ? 64 : 1;
	model.ci = model.arrived = start;
	model.head = UINT32_MAX - some(10000);
	model.base = model.head - start;
	granted = RTE_MIN(model.size, model.pool);
	model.pool -= granted;
	model.pi = start + granted;
	mlx5x_grants_reset(&grants, model.size);
	assert_int_equal(mlx5x_grants_give(&grants, model.pi, model.ci), 0);
	grants.qp = &qp;
	model.granted = mlx5x_grants_connect(&grants);
	assert_int_equal(model.granted, model.pi);
	/* The state after so many frames. */
	mlx5x_credits_start(&credits, model.base, model.granted);
}

/*
 * Frames that the sender may send, as far as it knows. Its knowledge is correct, and only
 * increases.
 */
static uint32_t
look_up_credits(uint32_t n)
{
	uint32_t left = mlx5x_credits_left(&credits, model.head, n);
	uint32_t granted = credits.limit - model.base;

	assert_uint_in_range(left, 0, n);
	assert_uint_in_range(granted - model.granted, 0, grants.granted - model.granted);
	assert_uint_in_range(grants.granted - model.ci, 0, model.pi - model.ci);
	model.granted = granted;
	return left;
}

static void
tx_burst(uint32_t n)
{
	model.head += look_up_credits(n);
}

static bool
arrive(uint32_t n)
{
	uint32_t sent = model.head - model.base - model.arrived;

	n = RTE_MIN(n, sent);
	/* Each frame has a buffer. */
	assert_uint_in_range(n, 0, model.pi - model.arrived);
	model.arrived += n;
	return n != 0;
}

/* As in rx_burst.h and dp_verbs_rx.c. */
static bool
rx_burst(uint32_t n)
{
	uint32_t ci = model.ci, pi = model.pi, filled;

	n = RTE_MIN(RTE_MIN(n, MLX5X_RX_CHUNK), model.arrived - model.ci);
	model.ci += n;
	model.held += n;
	if (model.size - (model.pi - model.ci) >= RTE_MIN(MLX5X_RX_CHUNK, model.size / 4)) {
		filled = RTE_MIN(model.size - (model.pi - model.ci), model.pool);
		model.pool -= filled;
		model.pi += filled;
		assert_int_equal(mlx5x_grants_give(&grants, model.pi, model.ci), 0);
	}
	return model.ci != ci || model.pi != pi;
}

static void
free_buffers(uint32_t n)
{
	n = RTE_MIN(n, model.held);
	model.held -= n;
	model.pool += n;
}

/* All frames arrive and are received; if there are buffers, the sender must be able to continue. */
static void
settle(void)
{
	bool moves = true;

	while (moves) {
		moves = arrive(UINT32_MAX);
		moves |= write_counts(1, &word);
		nb_lagging = 0;
		moves |= rx_burst(MLX5X_RX_CHUNK);
	}
	if (model.pi != model.ci && look_up_credits(1) == 0)
		fail_msg("ring of %u: %u buffers wait for a sender that waits", model.size,
			model.pi - model.ci);
}

static void
step(unsigned int what)
{
	switch (what) {
	case 0:
		tx_burst(some(64));
		break;
	case 1:
		arrive(some(48));
		break;
	case 2:
		rx_burst(some(48));
		break;
	case 3:
		free_buffers(some(64) == 0 ? UINT32_MAX : 1 + some(model.at_once));
		break;
	case 4:
		write_counts(some(20), &word);
		break;
	default:
		nb_lagging = 0;
	}
}

/* Some events are more frequent than others, and others in another run. */
static void
run_model(void)
{
	unsigned int weights[6], total = 0, i, n, at;

	for (i = 0; i < RTE_DIM(weights); i++)
		total += weights[i] = 1u << some(8);
	start_model();
	for (n = 0; n < STEPS; n++) {
		at = some(total);
		for (i = 0; at >= weights[i]; i++)
			at -= weights[i];
		step(i);
		if (n % 1000 == 999)
			settle();
	}
	free_buffers(UINT32_MAX);
	settle();
	assert_int_not_equal(model.pi, model.ci);
}

static void
frames_have_buffers_and_no_end_waits_for_ever(void **state)
{
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		srandom(i);
		run_model();
		/* There was room for each count. */
		assert_int_equal(nb_refused, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_have_buffers_and_no_end_waits_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
