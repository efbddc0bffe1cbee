/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange.c with a fake channel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "exchange.h"

#define QUESTION "what?"

static int channel_error;
static int asked_fd;
static int nb_answers;
static size_t answer_len;
static struct rte_mp_msg replied;

int
rte_mp_request_sync(struct rte_mp_msg *req, struct rte_mp_reply *reply, const struct timespec *ts)
{
	rte_errno = channel_error;
	if (channel_error != 0)
		return -1;
	assert_string_equal(req->name, "name");
	assert_int_equal(req->len_param, sizeof(QUESTION));
	assert_memory_equal(req->param, QUESTION, sizeof(QUESTION));
	assert_int_equal(ts->tv_sec, 7);
	assert_int_equal(req->num_fds, asked_fd >= 0);
	if (asked_fd >= 0)
		assert_int_equal(req->fds[0], asked_fd);
	reply->nb_sent = 1;
	reply->nb_received = nb_answers;
	reply->msgs = calloc(2, sizeof(*reply->msgs));
	assert_non_null(reply->msgs);
	reply->msgs[0].len_param = (int)answer_len;
	memset(reply->msgs[0].param, 0x5a, answer_len);
	return 0;
}

int
rte_mp_reply(struct rte_mp_msg *msg, const char *peer)
{
	assert_string_equal(peer, "peer");
	replied = *msg;
	rte_errno = channel_error;
	return channel_error != 0 ? -1 : 0;
}

static int
set_up(void **state)
{
	channel_error = 0;
	asked_fd = -1;
	nb_answers = 1;
	answer_len = sizeof(uint32_t);
	return 0;
}

static int
ask(uint32_t *answer)
{
	*answer = 1;
	return dmamap_exchange_ask("name", QUESTION, sizeof(QUESTION), asked_fd, answer,
		sizeof(*answer), 7);
}

static void
an_answer_is_passed_on(void **state)
{
	uint32_t answer;

	assert_int_equal(ask(&answer), 0);
	assert_int_equal(answer, 0x5a5a5a5a);
	asked_fd = 0;
	assert_int_equal(ask(&answer), 0);
}

static void
none_or_another_one_is_no_answer(void **state)
{
	uint32_t answer;

	answer_len++;
	assert_int_equal(ask(&answer), -EIO);
	answer_len = 0;
	assert_int_equal(ask(&answer), -EIO);
	set_up(NULL);
	nb_answers = 0;
	assert_int_equal(ask(&answer), -EIO);
	nb_answers = 2;
	assert_int_equal(ask(&answer), -EIO);
	channel_error = ETIMEDOUT;
	assert_int_equal(ask(&answer), -ETIMEDOUT);
	assert_int_equal(answer, 1);
}

static void
the_primary_answers(void **state)
{
	uint32_t answer = 77;

	assert_int_equal(dmamap_exchange_answer("name", &answer, sizeof(answer), "peer"), 0);
	assert_string_equal(replied.name, "name");
	assert_int_equal(replied.len_param, sizeof(answer));
	assert_memory_equal(replied.param, &answer, sizeof(answer));
	channel_error = EPERM;
	assert_int_equal(dmamap_exchange_answer("name", &answer, sizeof(answer), "peer"), -EPERM);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_answer_is_passed_on, set_up),
		cmocka_unit_test_setup(none_or_another_one_is_no_answer, set_up),
		cmocka_unit_test_setup(the_primary_answers, set_up),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
