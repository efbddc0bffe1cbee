/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_async.c - reading and acknowledging asynchronous events.
 */
#include <unistd.h>

#include "common/export.h"
#include "device/events.h"
#include "verbs/verbs_async.h"

/* The counts of the event's object; NULL: it is of the port or of the device. */
static struct soft_told *
async_of(const struct ibv_async_event *event)
{
	switch (event->event_type) {
	case IBV_EVENT_CQ_ERR:
		return &soft_cq(event->element.cq)->async;
	case IBV_EVENT_SRQ_LIMIT_REACHED:
		return &((struct soft_srq *)event->element.srq)->async;
	default:
		return NULL;
	}
}

EXPORT int
ibv_get_async_event(struct ibv_context *ibv, struct ibv_async_event *event)
{
	struct soft_told *async;
	struct hca_event got;

	if (read(ibv->async_fd, &got, sizeof(got)) != sizeof(got))
		return -1;
	event->event_type = got.type;
	if (got.element == NULL)
		event->element.port_num = 1;
	else
		event->element.qp = got.element;
	async = async_of(event);
	if (async != NULL)
		__atomic_add_fetch(&async->events, 1, __ATOMIC_RELAXED);
	return 0;
}

EXPORT void
ibv_ack_async_event(struct ibv_async_event *event)
{
	struct soft_told *async = async_of(event);

	if (async != NULL)
		__atomic_add_fetch(&async->acked, 1, __ATOMIC_RELAXED);
}

void
soft_told_end(const struct soft_told *told, enum hca_check check, const struct hca_place *place)
{
	unsigned int events = __atomic_load_n(&told->events, __ATOMIC_RELAXED);
	unsigned int acked = __atomic_load_n(&told->acked, __ATOMIC_RELAXED);

	if (events != acked)
		hca_violation(check, place, "%u events, %u acknowledged", events, acked);
}
