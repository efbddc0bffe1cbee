/* SPDX-License-Identifier: BSD-3-Clause */
#include <unistd.h>

#include "checks.h"
#include "device.h"
#include "events.h"

void
hca_events_send(struct hca_device *dev, const struct hca_event *event)
{
	struct hca_events *listener;
	ssize_t n;

	TAILQ_FOREACH(listener, &dev->listeners, next) {
		/* Who does not read loses events, as with the kernel. */
		n = write(listener->fd, event, sizeof(*event));
		(void)n;
	}
}

void
hca_events_port(struct hca_device *dev, bool up)
{
	struct hca_event event = {up ? IBV_EVENT_PORT_ACTIVE : IBV_EVENT_PORT_ERR, NULL};

	if (__atomic_exchange_n(&dev->link_down, !up, __ATOMIC_RELAXED) == !up)
		return;
	hca_trace("%s: port %s", dev->ibv.name, up ? "up" : "down");
	hca_events_send(dev, &event);
}

void
hca_events_fatal(struct hca_device *dev)
{
	struct hca_event event = {IBV_EVENT_DEVICE_FATAL, NULL};
	struct hca_sq *sq;
	struct hca_rq *rq;

	hca_trace("%s: fatal error", dev->ibv.name);
	__atomic_store_n(&dev->fatal, true, __ATOMIC_RELAXED);
	TAILQ_FOREACH(sq, &dev->sqs, next)
		hca_sq_set_state(sq, HCA_ERROR);
	TAILQ_FOREACH(rq, &dev->rqs, next)
		hca_rq_set_state(rq, HCA_ERROR);
	hca_events_send(dev, &event);
}
