/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "device/device.h"
#include "ethdev/mp.h"
#include "exchange.h"
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

/* EAL's thread for messages. */
static int
handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct question question;
	struct answer answer;

	if (msg->len_param != sizeof(question))
		return -EINVAL;
	memcpy(&question, msg->param, sizeof(question));
	answer_question(&question, &answer);
	return dmamap_exchange_answer(CHANNEL, &answer, sizeof(answer), peer);
}

int
mlx5x_mp_serve(void)
{
	/* ENOTSUP: there can be no secondary process, as with --in-memory. */
	return rte_mp_action_register(CHANNEL, handle) == 0 || rte_errno == EEXIST ||
		rte_errno == ENOTSUP ? 0 : -rte_errno;
}

int
mlx5x_mp_ask_usage(uint16_t port_id, struct mlx5x_mr_usage *usage)
{
	const struct question question = {.port_id = port_id};
	struct answer answer;
	int ret;

	*usage = (struct mlx5x_mr_usage){0};
	ret = dmamap_exchange_ask(CHANNEL, &question, sizeof(question), -1, &answer,
		sizeof(answer), PATIENCE_S);
	if (ret != 0)
		return ret;
	if (answer.result == 0)
		*usage = answer.usage;
	return answer.result;
}
