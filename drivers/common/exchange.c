/* SPDX-License-Identifier: BSD-3-Clause */
/* exchange.c: see exchange.h. Owns no state. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "exchange.h"

static struct rte_mp_msg
message(const char *name, const void *param, size_t len)
{
	struct rte_mp_msg msg = {.len_param = (int)len};

	snprintf(msg.name, sizeof(msg.name), "%s", name);
	memcpy(msg.param, param, len);
	return msg;
}

int
dmamap_exchange_ask(const char *name, const void *question, size_t question_len, int fd,
	void *answer, size_t answer_len, unsigned int seconds)
{
	const struct timespec patience = {.tv_sec = seconds};
	struct rte_mp_msg msg = message(name, question, question_len);
	struct rte_mp_reply replies = {0};
	int ret = -EIO;

	msg.num_fds = fd >= 0;
	msg.fds[0] = fd;
	if (rte_mp_request_sync(&msg, &replies, &patience) != 0)
		return -rte_errno;
	if (replies.nb_received == 1 && replies.msgs[0].len_param == (int)answer_len) {
		memcpy(answer, replies.msgs[0].param, answer_len);
		ret = 0;
	}
	free(replies.msgs);
	return ret;
}

int
dmamap_exchange_answer(const char *name, const void *answer, size_t len, const char *peer)
{
	struct rte_mp_msg msg = message(name, answer, len);

	return rte_mp_reply(&msg, peer) == 0 ? 0 : -rte_errno;
}
