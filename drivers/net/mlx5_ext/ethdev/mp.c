/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bsd/string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "device/device.h"
#include "ethdev/mp.h"
#include "mr/mr.h"

#define CHANNEL "net_mlx5_ext"
#define PATIENCE_S 5

struct question {
	uint16_t port_id;
};

struct answer {
	int32_t result;
	struct mlx5x_mr_usage usage;
};

static_assert(sizeof(struct answer) <= RTE_MP_MAX_PARAM_LEN, "it fits a message");

static void
answer_question(const struct question *question, struct answer *answer)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *device = mlx5x_device_of_port(question->port_id, &holder);

	*answer = (struct answer){.result = -ENODEV};
	if (device == NULL)
		return;
	mlx5x_mr_get_usage(device->mrs, &answer->usage);
	answer->result = 0;
	mlx5x_hold_let_go(&holder);
}

static struct rte_mp_msg
message(const void *param, int len)
{
	struct rte_mp_msg msg = {.len_param = len};

	strlcpy(msg.name, CHANNEL, sizeof(msg.name));
	memcpy(msg.param, param, len);
	return msg;
}

/* EAL's thread for messages. */
static int
handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct question question;
	struct rte_mp_msg reply;
	struct answer answer;

	if (msg->len_param != sizeof(question))
		return -EINVAL;
	memcpy(&question, msg->param, sizeof(question));
	answer_question(&question, &answer);
	reply = message(&answer, sizeof(answer));
	return rte_mp_reply(&reply, peer);
}

int
mlx5x_mp_serve(void)
{
	/* ENOTSUP: there can be no secondary process, as with --in-memory. */
	return rte_mp_action_register(CHANNEL, handle) == 0 || rte_errno == EEXIST ||
		rte_errno == ENOTSUP ? 0 : -rte_errno;
}

static int
read_answer(const struct rte_mp_reply *replies, struct answer *answer)
{
	if (replies->nb_received != 1 || replies->msgs[0].len_param != sizeof(*answer))
		return -EIO;
	memcpy(answer, replies->msgs[0].param, sizeof(*answer));
	return answer->result;
}

int
mlx5x_mp_ask_usage(uint16_t port_id, struct mlx5x_mr_usage *usage)
{
	const struct timespec patience = {.tv_sec = PATIENCE_S};
	struct question question = {.port_id = port_id};
	struct rte_mp_reply replies = {0};
	struct answer answer = {0};
	struct rte_mp_msg msg = message(&question, sizeof(question));
	int ret;

	*usage = (struct mlx5x_mr_usage){0};
	if (rte_mp_request_sync(&msg, &replies, &patience) != 0)
		return -rte_errno;
	ret = read_answer(&replies, &answer);
	if (ret == 0)
		*usage = answer.usage;
	free(replies.msgs);
	return ret;
}
