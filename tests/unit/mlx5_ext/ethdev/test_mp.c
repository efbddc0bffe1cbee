/* SPDX-License-Identifier: BSD-3-Clause */
/* mp.c at both ends of EAL's channel, which is faked: a message is handed over in the same thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "device/device.h"
#include "ethdev/mp.h"
#include "mr/mr.h"

static rte_mp_t serve;
static char channel[RTE_MP_MAX_NAME_LEN];
static int register_error, request_error, nb_answers;
static int cut;			/* bytes that each answer lacks */
static struct rte_mp_msg last_reply;
static unsigned int holds;

static struct mlx5x_mr_table table;
static struct mlx5x_device device = {.mrs = &table};

int
rte_mp_action_register(const char *name, rte_mp_t action)
{
	rte_errno = register_error;
	if (register_error != 0)
		return -1;
	strcpy(channel, name);
	serve = action;
	return 0;
}

int
rte_mp_reply(struct rte_mp_msg *msg, const char *peer)
{
	assert_string_equal(msg->name, channel);
	assert_string_equal(peer, "peer");
	last_reply = *msg;
	return 0;
}

int
rte_mp_request_sync(struct rte_mp_msg *req, struct rte_mp_reply *reply, const struct timespec *ts)
{
	assert_int_equal(ts->tv_sec, 5);
	rte_errno = request_error;
	if (request_error != 0)
		return -1;
	assert_string_equal(req->name, channel);
	if (nb_answers != 0)
		assert_int_equal(serve(req, "peer"), 0);
	reply->nb_sent = 1;
	reply->nb_received = nb_answers;
	reply->msgs = calloc(1, sizeof(*reply->msgs));
	*reply->msgs = last_reply;
	reply->msgs->len_param -= cut;
	return 0;
}

struct mlx5x_device *
mlx5x_device_of_port(uint16_t port_id, struct mlx5x_holder *holder)
{
	if (port_id != 7)
		return NULL;
	holds++;
	return &device;
}

void
mlx5x_hold_let_go(struct mlx5x_holder *holder)
{
	holds--;
}

void
mlx5x_mr_get_usage(struct mlx5x_mr_table *of, struct mlx5x_mr_usage *usage)
{
	assert_ptr_equal(of, &table);
	*usage = (struct mlx5x_mr_usage){.mapped_regions = 3, .pinned_bytes = UINT64_MAX};
}

static int
set_up(void **state)
{
	register_error = request_error = cut = 0;
	nb_answers = 1;
	return mlx5x_mp_serve();
}

static void
the_primary_tells_its_registrations(void **state)
{
	struct mlx5x_mr_usage usage;

	assert_int_equal(mlx5x_mp_ask_usage(7, &usage), 0);
	assert_int_equal(usage.mapped_regions, 3);
	assert_int_equal(usage.pinned_bytes, UINT64_MAX);
	assert_int_equal(usage.implicit_bytes, 0);
	assert_int_equal(holds, 0);
}

/* In each case there is something to show: zeros. */
static void
without_an_answer_all_is_zero(void **state)
{
	const struct mlx5x_mr_usage none = {0};
	struct mlx5x_mr_usage usage;

	assert_int_equal(mlx5x_mp_ask_usage(8, &usage), -ENODEV);
	assert_memory_equal(&usage, &none, sizeof(none));
	nb_answers = 0;
	assert_int_equal(mlx5x_mp_ask_usage(7, &usage), -EIO);
	assert_memory_equal(&usage, &none, sizeof(none));
	nb_answers = 1;
	cut = 1;
	assert_int_equal(mlx5x_mp_ask_usage(7, &usage), -EIO);
	assert_memory_equal(&usage, &none, sizeof(none));
	request_error = ETIMEDOUT;
	memset(&usage, 0xff, sizeof(usage));
	assert_int_equal(mlx5x_mp_ask_usage(7, &usage), -ETIMEDOUT);
	assert_memory_equal(&usage, &none, sizeof(none));
}

static void
a_question_of_another_build_is_rejected(void **state)
{
	struct rte_mp_msg msg = {.len_param = 1};

	assert_int_equal(serve(&msg, "peer"), -EINVAL);
}

static void
a_process_without_secondaries_needs_no_channel(void **state)
{
	register_error = EEXIST;
	assert_int_equal(mlx5x_mp_serve(), 0);
	register_error = ENOTSUP;
	assert_int_equal(mlx5x_mp_serve(), 0);
	register_error = ENOMEM;
	assert_int_equal(mlx5x_mp_serve(), -ENOMEM);
}

#define CASE(f) cmocka_unit_test_setup(f, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_primary_tells_its_registrations),
		CASE(without_an_answer_all_is_zero),
		CASE(a_question_of_another_build_is_rejected),
		CASE(a_process_without_secondaries_needs_no_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
