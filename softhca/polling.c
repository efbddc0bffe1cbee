/* SPDX-License-Identifier: BSD-3-Clause */
#include "polling.h"
#include "unmodelled.h"

static int
start_poll(struct ibv_cq_ex *cq, struct ibv_poll_cq_attr *attr)
{
	static bool told;

	return soft_unmodelled("ibv_start_poll", &told);
}

static int
next_poll(struct ibv_cq_ex *cq)
{
	static bool told;

	return soft_unmodelled("ibv_next_poll", &told);
}

static void
end_poll(struct ibv_cq_ex *cq)
{
	static bool told;

	soft_unmodelled("ibv_end_poll", &told);
}

void
soft_polling_fill(struct ibv_cq_ex *cq)
{
	cq->start_poll = start_poll;
	cq->next_poll = next_poll;
	cq->end_poll = end_poll;
}
